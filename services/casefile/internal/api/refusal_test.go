package api_test

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

const (
	passVerdict   = casefilev1.Verdict_VERDICT_PASS
	returnVerdict = casefilev1.Verdict_VERDICT_RETURN
)

func mask(paths ...string) *fieldmaskpb.FieldMask { return &fieldmaskpb.FieldMask{Paths: paths} }

func (w *world) updatePaper(who string, p *casefilev1.WorkingPaper, facts string, paths ...string) (*casefilev1.WorkingPaper, error) {
	return w.papers().UpdateWorkingPaper(w.as(who), &casefilev1.UpdateWorkingPaperRequest{
		WorkingPaper: &casefilev1.WorkingPaper{Name: p.GetName(), Facts: facts},
		UpdateMask:   mask(paths...), Etag: p.GetEtag(), RequestId: requestID(),
	})
}

func TestPetitionIsConcludedOnceArt8(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	p := must[*casefilev1.Petition](t)(w.register(member, k, "反映……"))
	conclude := func(etag string) (*casefilev1.Petition, error) {
		return w.petitions().ConcludePetition(w.as(member), &casefilev1.ConcludePetitionRequest{
			Name: p.GetName(), Outcome: casefilev1.Petition_OUTCOME_NO_ACTION, Etag: etag, RequestId: requestID(),
		})
	}
	_, err := conclude(`"7"`)
	refused(t, err, codes.Aborted, "ETAG_MISMATCH", "")
	concluded := must[*casefilev1.Petition](t)(conclude(p.GetEtag()))
	_, err = conclude(concluded.GetEtag())
	refused(t, err, codes.FailedPrecondition, "PETITION_STATE_INVALID", "8")
}

func TestWorkingPaperRefusalsArt8(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	paper := must[*casefilev1.WorkingPaper](t)
	p := paper(w.draft(member, k))

	_, err := w.updatePaper(colleague, p, "改", "facts")
	refused(t, err, codes.FailedPrecondition, "AUTHOR_REQUIRED", "8")
	_, err = w.updatePaper(member, p, "改", "state")
	refused(t, err, codes.InvalidArgument, "FIELD_INVALID", "")
	_, err = w.updatePaper(member, p, "", "facts")
	refused(t, err, codes.InvalidArgument, "FIELD_INVALID", "")
	_, err = w.updatePaper(member, p, "改", "name", "etag")
	refused(t, err, codes.InvalidArgument, "FIELD_INVALID", "")
	_, err = w.submitPaper(colleague, p)
	refused(t, err, codes.FailedPrecondition, "AUTHOR_REQUIRED", "8")
	_, err = w.review(leader, p, passVerdict, "")
	refused(t, err, codes.FailedPrecondition, "WORKING_PAPER_STATE_INVALID", "8")

	before := p
	p = paper(w.updatePaper(member, p, "经查，改", "name", "facts"))
	if p.GetFacts() != "经查，改" || p.GetTitle() != before.GetTitle() || p.GetState() != casefilev1.WorkingPaper_STATE_DRAFT {
		t.Errorf("updated: %v", p)
	}
	_, err = w.submitPaper(member, before)
	refused(t, err, codes.Aborted, "ETAG_MISMATCH", "")
	p = paper(w.submitPaper(member, p))

	_, err = w.updatePaper(member, p, "再改", "facts")
	refused(t, err, codes.FailedPrecondition, "WORKING_PAPER_STATE_INVALID", "8")
	_, err = w.review(colleague, p, passVerdict, "")
	refused(t, err, codes.FailedPrecondition, "LEADER_SIGNATURE_REQUIRED", "8")
	_, err = w.review(office, p, passVerdict, "")
	refused(t, err, codes.FailedPrecondition, "WORKING_PAPER_STATE_INVALID", "8")
	_, err = w.review(leader, p, returnVerdict, "")
	refused(t, err, codes.InvalidArgument, "OPINION_REQUIRED", "8")

	_, err = w.draft(leader, k)
	refused(t, err, codes.FailedPrecondition, "LEADER_REVIEWS", "8")
}

// Art. 8: a changed paper is signed again at every level.
func TestReturnedPaperGoesThroughAllLevelsAgainArt8(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	paper := must[*casefilev1.WorkingPaper](t)
	p := paper(w.submitPaper(member, paper(w.draft(member, k))))
	p = paper(w.review(leader, p, passVerdict, "同意"))
	p = paper(w.review(office, p, returnVerdict, "证据不足"))
	p = paper(w.review(leader, p, returnVerdict, "补充证据"))
	p = paper(w.updatePaper(member, p, "补充后", "facts"))
	if p.GetState() != casefilev1.WorkingPaper_STATE_RETURNED_TO_MEMBER || p.GetReviewOpinion() != "补充证据" {
		t.Errorf("changed: %v", p)
	}
	p = paper(w.submitPaper(member, p))
	_, err := w.review(office, p, passVerdict, "")
	refused(t, err, codes.FailedPrecondition, "WORKING_PAPER_STATE_INVALID", "8")
	p = paper(w.review(office, paper(w.review(leader, p, passVerdict, "")), passVerdict, ""))
	if p.GetState() != casefilev1.WorkingPaper_STATE_PASSED {
		t.Errorf("state %v", p.GetState())
	}
}

func TestFindingRefusalsArts7And10(t *testing.T) {
	w := newWorld(t)
	k, other := w.onSite(), w.enter(w.authorize(sichuan, "510105", theGroup()...))
	draft := must[*casefilev1.WorkingPaper](t)(w.draft(member, k))
	_, err := w.find(member, k, draft)
	refused(t, err, codes.FailedPrecondition, "WORKING_PAPER_NOT_PASSED", "10")
	passed := w.passed(k)
	_, err = w.find(member, other, passed)
	refused(t, err, codes.NotFound, "NOT_FOUND", "")
	_, err = w.find(member, k, &casefilev1.WorkingPaper{Name: nobodys(passed.GetName())})
	refused(t, err, codes.NotFound, "NOT_FOUND", "")
	_, err = w.find(member, k, &casefilev1.WorkingPaper{Name: "workingPapers/1"})
	refused(t, err, codes.InvalidArgument, "NAME_INVALID", "")
}

func TestReportRefusalsArt10(t *testing.T) {
	w := newWorld(t)
	k, other := w.onSite(), w.enter(w.authorize(sichuan, "510105", theGroup()...))
	f := must[*casefilev1.Finding](t)(w.find(member, k, w.passed(k)))
	foreign := must[*casefilev1.Finding](t)(w.find(member, other, w.passed(other)))

	_, err := w.draftReport(member, k, f.GetName(), foreign.GetName())
	refused(t, err, codes.FailedPrecondition, "FINDING_UNKNOWN", "10")
	_, err = w.draftReport(member, k, nobodys(f.GetName()))
	refused(t, err, codes.FailedPrecondition, "FINDING_UNKNOWN", "10")
	r := must[*casefilev1.InspectionReport](t)(w.draftReport(member, k, f.GetName()))
	_, err = w.draftReport(colleague, k, f.GetName())
	refused(t, err, codes.AlreadyExists, "ALREADY_EXISTS", "10")

	_, err = w.submitReport(leader, r)
	refused(t, err, codes.FailedPrecondition, "STAY_NOT_ENDED", "10")
	w.leave(k)
	_, err = w.submitReport(member, r)
	refused(t, err, codes.FailedPrecondition, "LEADER_SIGNATURE_REQUIRED", "10")
	must[*casefilev1.WorkingPaper](t)(w.draft(member, k))
	_, err = w.submitReport(leader, r)
	refused(t, err, codes.FailedPrecondition, "WORKING_PAPERS_OPEN", "10")
	_, err = w.returnReport(office, r, "补充")
	refused(t, err, codes.FailedPrecondition, "REPORT_STATE_INVALID", "5")
}

func (w *world) updateReport(who string, r *casefilev1.InspectionReport, paths ...string) (*casefilev1.InspectionReport, error) {
	return w.reports().UpdateInspectionReport(w.as(who), &casefilev1.UpdateInspectionReportRequest{
		InspectionReport: &casefilev1.InspectionReport{
			Name: r.GetName(), Content: "修改稿", Findings: r.GetFindings(), CaseFile: nobodys(r.GetCaseFile()),
		},
		UpdateMask: mask(paths...), Etag: r.GetEtag(), RequestId: requestID(),
	})
}

// Arts 5, 10: returned, changed, signed again, agreed, and then final.
func TestReportAgreementArts5And10(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	r := w.reported(k)
	w.leave(k)
	report := must[*casefilev1.InspectionReport](t)
	_, err := w.agree(chair, r, w.covering(r))
	refused(t, err, codes.FailedPrecondition, "REPORT_STATE_INVALID", "10")
	r = report(w.submitReport(leader, r))
	_, err = w.returnReport(office, r, "")
	refused(t, err, codes.InvalidArgument, "FIELD_INVALID", "")
	r = report(w.returnReport(office, r, "补充证据"))
	_, err = w.updateReport(member, r, "content", "case_file")
	refused(t, err, codes.InvalidArgument, "FIELD_INVALID", "")
	r = report(w.updateReport(member, r, "content", "findings"))
	if r.GetContent() != "修改稿" || len(r.GetFindings()) != 1 || r.GetCaseFile() != k.file || r.GetReturnOpinion() != "补充证据" {
		t.Errorf("changed: %v", r)
	}
	r = report(w.submitReport(leader, r))

	otherKind := w.decisions.decide(sichuan, schedulingv1.DecisionItem_KIND_CLOSE_RECTIFICATION, r.GetName())
	otherReport := w.decisions.decide(sichuan, schedulingv1.DecisionItem_KIND_AGREE_REPORT, nobodys(r.GetName()))
	for _, decision := range []string{otherKind, otherReport} {
		_, err = w.agree(chair, r, decision)
		refused(t, err, codes.FailedPrecondition, "DECISION_DOES_NOT_COVER", "10")
	}
	abroad := w.decisions.decide("provinces/44", schedulingv1.DecisionItem_KIND_AGREE_REPORT, r.GetName())
	for _, decision := range []string{nobodys(otherKind), abroad} {
		_, err = w.agree(chair, r, decision)
		refused(t, err, codes.NotFound, "NOT_FOUND", "")
	}
	w.decisions.setDown(true)
	_, err = w.agree(chair, r, w.covering(r))
	refused(t, err, codes.Unavailable, "DEPENDENCY_UNAVAILABLE", "")
	w.decisions.setDown(false)

	r = report(w.agree(chair, r, w.covering(r)))
	_, err = w.updateReport(member, r, "content")
	refused(t, err, codes.FailedPrecondition, "REPORT_STATE_INVALID", "10")
	_, err = w.submitReport(leader, r)
	refused(t, err, codes.FailedPrecondition, "REPORT_STATE_INVALID", "10")
	_, err = w.returnReport(chair, r, "补充")
	refused(t, err, codes.FailedPrecondition, "REPORT_STATE_INVALID", "5")
	_, err = w.agree(chair, r, w.covering(r))
	refused(t, err, codes.FailedPrecondition, "REPORT_STATE_INVALID", "10")
}
