package api_test

import (
	"testing"

	"google.golang.org/grpc/codes"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
)

// Art. 8: nothing is gathered before entry (进驻).
func TestNothingIsGatheredBeforeEntryArt8(t *testing.T) {
	w := newWorld(t)
	k := w.authorize(sichuan, "510104", theGroup()...)
	_, err := w.register(member, k, "反映……")
	refused(t, err, codes.FailedPrecondition, "STAY_NOT_BEGUN", "8")
	_, err = w.draft(member, k)
	refused(t, err, codes.FailedPrecondition, "STAY_NOT_BEGUN", "8")
	passed := w.passed(w.onSite())
	_, err = w.find(member, k, passed)
	refused(t, err, codes.FailedPrecondition, "STAY_NOT_BEGUN", "8")
	w.enter(k)
	if p := must[*casefilev1.Petition](t)(w.register(member, k, "反映……")); p.GetNumber() != 1 {
		t.Errorf("a refused registration took number 1: %v", p)
	}
}

// Art. 10: papers and findings end with the submitted report, and are open again
// when it comes back; letters end with the agreed one.
func TestWhatIsGatheredEndsWithTheReportArt10(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	passed := w.passed(k)
	r := w.reported(k)
	w.leave(k)
	report := must[*casefilev1.InspectionReport](t)
	closed := func() {
		t.Helper()
		_, err := w.draft(member, k)
		refused(t, err, codes.FailedPrecondition, "REPORT_STATE_INVALID", "10")
		_, err = w.find(member, k, passed)
		refused(t, err, codes.FailedPrecondition, "REPORT_STATE_INVALID", "10")
	}
	r = report(w.submitReport(leader, r))
	closed()
	must[*casefilev1.Petition](t)(w.register(member, k, "反映……"))
	r = report(w.returnReport(office, r, "补充"))
	must[*casefilev1.Finding](t)(w.find(member, k, passed))
	w.passed(k)
	r = report(w.submitReport(leader, r))
	report(w.agree(chair, r, w.covering(r)))
	closed()
	_, err := w.register(member, k, "反映……")
	refused(t, err, codes.FailedPrecondition, "REPORT_STATE_INVALID", "10")
}

// Arts 8, 10: a paper whose author left the group does not hold up the report.
func TestAbandonedPaperIsWithdrawnArts8And10(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	r := w.reported(k)
	paper := must[*casefilev1.WorkingPaper](t)
	abandoned := paper(w.draft(member, k))
	withOffice := paper(w.review(leader, paper(w.submitPaper(member, paper(w.draft(member, k)))), passVerdict, ""))
	own := paper(w.draft(colleague, k))
	w.leave(k)
	ok(t, w.deliver(k.inspection, &eventv1.TaskMembershipChanged{Inspection: k.inspection, Members: theGroup()[1:]}))

	_, err := w.submitReport(leader, r)
	refused(t, err, codes.FailedPrecondition, "WORKING_PAPERS_OPEN", "10")
	_, err = w.withdraw(member, abandoned, "不再需要")
	refused(t, err, codes.NotFound, "NOT_FOUND", "")
	_, err = w.withdraw(colleague, abandoned, "不再需要")
	refused(t, err, codes.FailedPrecondition, "AUTHOR_OR_LEADER_REQUIRED", "8")
	_, err = w.withdraw(leader, abandoned, "")
	refused(t, err, codes.InvalidArgument, "FIELD_INVALID", "")
	_, err = w.withdraw(office, abandoned, "不再需要")
	refused(t, err, codes.PermissionDenied, "METHOD_NOT_GRANTED", "8")

	gone := paper(w.withdraw(leader, abandoned, "撰写人已调离"))
	if gone.GetState() != casefilev1.WorkingPaper_STATE_WITHDRAWN || gone.GetWithdrawReason() != "撰写人已调离" {
		t.Errorf("withdrawn: %v", gone)
	}
	_, err = w.withdraw(leader, gone, "再次")
	refused(t, err, codes.FailedPrecondition, "WORKING_PAPER_STATE_INVALID", "8")
	_, err = w.find(colleague, k, gone)
	refused(t, err, codes.FailedPrecondition, "WORKING_PAPER_NOT_PASSED", "10")
	paper(w.withdraw(leader, withOffice, "证据不足"))
	paper(w.withdraw(colleague, own, "重复"))
	must[*casefilev1.InspectionReport](t)(w.submitReport(leader, r))
}

// Art. 8: an author who became the leader does not review what he wrote.
func TestAuthorWhoBecameLeaderDoesNotReviewArt8(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	paper := must[*casefilev1.WorkingPaper](t)
	own := paper(w.submitPaper(member, paper(w.draft(member, k))))
	ok(t, w.deliver(k.inspection, &eventv1.TaskMembershipChanged{Inspection: k.inspection, Members: []*eventv1.TaskMember{
		{Subject: "wang", DisplayName: "王某", Leader: true}, {Subject: "li", DisplayName: "李某"},
	}}))
	_, err := w.review(member, own, passVerdict, "")
	refused(t, err, codes.FailedPrecondition, "REVIEWER_IS_AUTHOR", "8")
	paper(w.withdraw(member, own, "另行撰写"))
}
