package api_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/testing/protocmp"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
)

// From the opened case file to the report that rectification may feed back.
func TestFromEntryToAgreedReportArts5To11(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	r := w.reported(k)
	w.leave(k)

	file := must[*casefilev1.CaseFile](t)(w.files().GetCaseFile(w.as(office), &casefilev1.GetCaseFileRequest{Name: k.file}))
	want := &casefilev1.CaseFile{
		Name: k.file, Inspection: k.inspection, County: sichuan + "/counties/510104", CountyDisplayName: "锦江区",
		RuleSet: "CN-COUNTY-2012",
		Members: []*casefilev1.CaseFileMember{
			{Subject: "li", DisplayName: "李某", Leader: true}, {Subject: "chen", DisplayName: "陈某"}, {Subject: "wang", DisplayName: "王某"},
		},
		EntryDate: &date.Date{Year: 2026, Month: 9, Day: 1}, OnSiteEndDate: &date.Date{Year: 2026, Month: 9, Day: 30},
		Etag: `"3"`,
	}
	ignoreTimes := protocmp.IgnoreFields(&casefilev1.CaseFile{}, "create_time", "update_time")
	if diff := cmp.Diff(want, file, protocmp.Transform(), ignoreTimes); diff != "" {
		t.Errorf("case file (-want +got):\n%s", diff)
	}

	gate := must[*casefilev1.CheckReportAgreementResponse](t)
	if g := gate(w.asRectification(r.GetName())); g.GetAgreed() || g.GetDecision() != "" || g.GetInspection() != k.inspection {
		t.Errorf("before the decision: %v", g)
	}
	report := must[*casefilev1.InspectionReport](t)
	r = report(w.submitReport(leader, r))
	decision := w.covering(r)
	r = report(w.agree(chair, r, decision))
	if r.GetState() != casefilev1.InspectionReport_STATE_AGREED || r.GetDecision() != decision {
		t.Errorf("agreed: %v", r)
	}
	g := gate(w.asRectification(r.GetName()))
	if !g.GetAgreed() || g.GetDecision() != decision || g.GetInspection() != k.inspection || !slices.Equal(g.GetFindings(), r.GetFindings()) {
		t.Errorf("after the decision: %v, of %v", g, r.GetFindings())
	}
	read := report(w.reports().GetInspectionReport(w.as(leader), &casefilev1.GetInspectionReportRequest{Name: r.GetName()}))
	if diff := cmp.Diff(r, read, protocmp.Transform()); diff != "" {
		t.Errorf("what was answered is not what is kept (-answered +kept):\n%s", diff)
	}
}

func TestWhatIsAnsweredIsWhatIsKept(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	same := func(what string, answered, kept any) {
		t.Helper()
		if diff := cmp.Diff(answered, kept, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-answered +kept):\n%s", what, diff)
		}
	}
	p := must[*casefilev1.Petition](t)(w.register(member, k, "反映……"))
	same("petition", p, must[*casefilev1.Petition](t)(w.petitions().GetPetition(w.as(leader), &casefilev1.GetPetitionRequest{Name: p.GetName()})))
	p = must[*casefilev1.Petition](t)(w.petitions().ConcludePetition(w.as(leader), &casefilev1.ConcludePetitionRequest{
		Name: p.GetName(), Outcome: casefilev1.Petition_OUTCOME_FORWARDED, Etag: p.GetEtag(), RequestId: requestID(),
	}))
	same("concluded petition", p, must[*casefilev1.Petition](t)(w.petitions().GetPetition(w.as(leader), &casefilev1.GetPetitionRequest{Name: p.GetName()})))
	if p.GetOutcome() != casefilev1.Petition_OUTCOME_FORWARDED || p.GetState() != casefilev1.Petition_STATE_CONCLUDED {
		t.Errorf("concluded: %v", p)
	}
	paper := w.passed(k)
	same("paper", paper, must[*casefilev1.WorkingPaper](t)(w.papers().GetWorkingPaper(w.as(chair), &casefilev1.GetWorkingPaperRequest{Name: paper.GetName()})))
	f := must[*casefilev1.Finding](t)(w.find(member, k, paper))
	same("finding", f, must[*casefilev1.Finding](t)(w.findings().GetFinding(w.as(office), &casefilev1.GetFindingRequest{Name: f.GetName()})))
}
