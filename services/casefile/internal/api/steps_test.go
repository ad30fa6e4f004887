package api_test

import (
	"github.com/google/uuid"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// The steps that the tests take over and over.

func (w *world) register(who string, k task, content string) (*casefilev1.Petition, error) {
	return w.petitions().CreatePetition(w.as(who), &casefilev1.CreatePetitionRequest{
		Parent: k.file, RequestId: requestID(),
		Petition: &casefilev1.Petition{
			Channel: casefilev1.Petition_CHANNEL_LETTER, RealName: true, Content: content,
			AccusedPosts: []string{"县委书记", `"局长", {副}\`},
		},
	})
}

func (w *world) draft(who string, k task) (*casefilev1.WorkingPaper, error) {
	return w.papers().CreateWorkingPaper(w.as(who), &casefilev1.CreateWorkingPaperRequest{
		Parent: k.file, RequestId: requestID(),
		WorkingPaper: &casefilev1.WorkingPaper{Title: "干部选拔任用", Facts: "经查，……"},
	})
}

func (w *world) submitPaper(who string, p *casefilev1.WorkingPaper) (*casefilev1.WorkingPaper, error) {
	return w.papers().SubmitWorkingPaper(w.as(who), &casefilev1.SubmitWorkingPaperRequest{
		Name: p.GetName(), Etag: p.GetEtag(), RequestId: requestID(),
	})
}

func (w *world) review(who string, p *casefilev1.WorkingPaper, v casefilev1.Verdict, opinion string) (*casefilev1.WorkingPaper, error) {
	return w.papers().ReviewWorkingPaper(w.as(who), &casefilev1.ReviewWorkingPaperRequest{
		Name: p.GetName(), Etag: p.GetEtag(), Verdict: v, Opinion: opinion, RequestId: requestID(),
	})
}

func (w *world) withdraw(who string, p *casefilev1.WorkingPaper, reason string) (*casefilev1.WorkingPaper, error) {
	return w.papers().WithdrawWorkingPaper(w.as(who), &casefilev1.WithdrawWorkingPaperRequest{
		Name: p.GetName(), Etag: p.GetEtag(), Reason: reason, RequestId: requestID(),
	})
}

// passed brings a paper through its three signatures.
func (w *world) passed(k task) *casefilev1.WorkingPaper {
	w.t.Helper()
	paper := must[*casefilev1.WorkingPaper](w.t)
	p := paper(w.draft(member, k))
	p = paper(w.submitPaper(member, p))
	p = paper(w.review(leader, p, casefilev1.Verdict_VERDICT_PASS, ""))
	return paper(w.review(office, p, casefilev1.Verdict_VERDICT_PASS, ""))
}

func (w *world) find(who string, k task, p *casefilev1.WorkingPaper) (*casefilev1.Finding, error) {
	return w.findings().CreateFinding(w.as(who), &casefilev1.CreateFindingRequest{
		Parent: k.file, RequestId: requestID(),
		Finding: &casefilev1.Finding{WorkingPaper: p.GetName(), Description: "违规提拔干部", ContentCodes: []string{"C5", "C1"}},
	})
}

func (w *world) draftReport(who string, k task, findings ...string) (*casefilev1.InspectionReport, error) {
	return w.reports().CreateInspectionReport(w.as(who), &casefilev1.CreateInspectionReportRequest{
		Parent: sichuan, RequestId: requestID(),
		InspectionReport: &casefilev1.InspectionReport{CaseFile: k.file, Content: "关于锦江区的巡视报告", Findings: findings},
	})
}

// reported brings a case file to a draft report with one finding.
func (w *world) reported(k task) *casefilev1.InspectionReport {
	w.t.Helper()
	f := must[*casefilev1.Finding](w.t)(w.find(member, k, w.passed(k)))
	return must[*casefilev1.InspectionReport](w.t)(w.draftReport(member, k, f.GetName()))
}

func (w *world) submitReport(who string, r *casefilev1.InspectionReport) (*casefilev1.InspectionReport, error) {
	return w.reports().SubmitInspectionReport(w.as(who), &casefilev1.SubmitInspectionReportRequest{
		Name: r.GetName(), Etag: r.GetEtag(), RequestId: requestID(),
	})
}

func (w *world) returnReport(who string, r *casefilev1.InspectionReport, opinion string) (*casefilev1.InspectionReport, error) {
	return w.reports().ReturnInspectionReport(w.as(who), &casefilev1.ReturnInspectionReportRequest{
		Name: r.GetName(), Etag: r.GetEtag(), Opinion: opinion, RequestId: requestID(),
	})
}

func (w *world) agree(who string, r *casefilev1.InspectionReport, decision string) (*casefilev1.InspectionReport, error) {
	return w.reports().AgreeInspectionReport(w.as(who), &casefilev1.AgreeInspectionReportRequest{
		Name: r.GetName(), Etag: r.GetEtag(), Decision: decision, RequestId: requestID(),
	})
}

// covering decides that the leading group agrees to the report.
func (w *world) covering(r *casefilev1.InspectionReport) string {
	return w.decisions.decide(sichuan, schedulingv1.DecisionItem_KIND_AGREE_REPORT, r.GetName())
}

// asRectification asks the gate of feedback as the service rectification.
func (w *world) asRectification(report string) (*casefilev1.CheckReportAgreementResponse, error) {
	return casefilev1.NewInspectionReportServiceClient(w.conns["rectification"]).CheckReportAgreement(w.limited(),
		&casefilev1.CheckReportAgreementRequest{Name: report})
}

// nobodys is a name of the same form for a thing that never existed.
func nobodys(name string) string { return name[:len(name)-36] + uuid.NewString() }
