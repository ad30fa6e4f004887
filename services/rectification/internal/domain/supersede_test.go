package domain_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// superseding is a feedback in the state that is to take the place of another.
func superseding(t *testing.T, s domain.FeedbackState) *domain.Feedback {
	t.Helper()
	r := feedback(t, s, place()).Record()
	r.ID, r.Supersedes, r.SupersedeReason = "f2", "f1", "一项问题不实"
	return domain.RehydrateFeedback(r)
}

// TestArt11SupersedeInEveryState: of the feedback and of the plan; a second draft is as any
// first, on the same report, and changes nothing of the one that stands.
func TestArt11SupersedeInEveryState(t *testing.T) {
	drafted := []domain.SubmissionState{domain.SubmissionDraft, domain.SubmissionSubmitted, domain.SubmissionReturned, domain.SubmissionWithdrawn}
	for _, s := range domain.FeedbackStates() {
		for _, plan := range domain.SubmissionStates() {
			f := feedback(t, s, place())
			before := f.Record()
			next, err := f.Supersede("f2", "一项问题不实", text(2), plan, lexicon(t), noon(t, today))
			switch {
			case s != domain.FeedbackCopied:
				refused(t, err, "FEEDBACK_STATE_INVALID", "11")
			case !slices.Contains(drafted, plan):
				if got := refused(t, err, "FEEDBACK_PLAN_UNDER_WAY", "17").Meta["state"]; got != string(plan) {
					t.Errorf("tells %q", got)
				}
			default:
				ok(t, err)
				if r := next.Record(); r.State != domain.FeedbackDraft || r.Supersedes != "f1" || r.Report != "r1" || len(r.Problems) != 2 {
					t.Errorf("drafted %+v", r)
				}
			}
			if diff := cmp.Diff(before, f.Record()); diff != "" {
				t.Errorf("%s, %s: it changed the one that stands (-before +after):\n%s", s, plan, diff)
			}
		}
	}
}

// TestArt11ReplaceInEveryState: the one before ends when the next is given, while the plan is
// with the county, and in no other state of either.
func TestArt11ReplaceInEveryState(t *testing.T) {
	withCounty := []domain.SubmissionState{domain.SubmissionDraft, domain.SubmissionReturned, domain.SubmissionWithdrawn}
	for _, mine := range domain.FeedbackStates() {
		for _, its := range domain.FeedbackStates() {
			for _, plan := range domain.SubmissionStates() {
				old := feedback(t, its, place())
				before := old.Record()
				err := superseding(t, mine).Replace(old, plan, noon(t, today))
				if mine == domain.FeedbackCityConsulted && its == domain.FeedbackCopied && slices.Contains(withCounty, plan) {
					ok(t, err)
					if got := old.Record().State; got != domain.FeedbackSuperseded {
						t.Errorf("became %s", got)
					}
					continue
				}
				if err == nil {
					t.Errorf("%s replaces %s while the plan is %s", mine, its, plan)
				}
				if diff := cmp.Diff(before, old.Record()); diff != "" {
					t.Errorf("a refusal changed it (-before +after):\n%s", diff)
				}
			}
		}
	}
}

// TestArt17FeedbackSupersededKeepsTheClock: by default the plan stays due from the first
// receipt; where the rule set says so, from that of the superseding feedback.
func TestArt17FeedbackSupersededKeepsTheClock(t *testing.T) {
	anew := func(rs *regulation.RuleSet) {
		for i, p := range rs.Parameters {
			if p.Name == regulation.FeedbackSupersededClock {
				rs.Parameters[i].Value = regulation.NewReceipt
			}
		}
	}
	copied, err := superseding(t, domain.FeedbackReceived).CopyToCity("v2", domain.Applies, moment(t, today))
	ok(t, err)
	if len(copied.CaseDues.Counted) != 0 {
		t.Errorf("moves %+v", copied.CaseDues)
	}
	copied, err = superseding(t, domain.FeedbackReceived).CopyToCity("v2", domain.Applies, moment(t, today, anew))
	ok(t, err)
	if c := copied.CaseDues.Counted; len(c) != 1 || c[0].Duty != regulation.DutyPlan || c[0].Start != day(t, today) {
		t.Errorf("counts %+v", c)
	}
	copied, err = feedback(t, domain.FeedbackReceived, place()).CopyToCity("v2", domain.Applies, moment(t, today, anew))
	ok(t, err)
	if len(copied.CaseDues.Counted) != 0 {
		t.Errorf("a first feedback moves %+v", copied.CaseDues)
	}
}

// TestArt17CaseFollowsInEveryState: the problems of the case are those of the feedback that
// stands, as long as the leading group has no plan; the city keeps those that it has.
func TestArt17CaseFollowsInEveryState(t *testing.T) {
	for _, s := range domain.RectificationStates() {
		r := rectification(t, s)
		before := r.Record()
		d := domain.RehydrateDelivery(domain.DeliveryRecord{
			ID: "v2", Place: place(), Kind: domain.DeliverFeedback, Supersedes: "v1", Feedback: "f2",
			Content: domain.Content{Problems: problems(1)}, ReceiveTime: noon(t, today),
		})
		dues, err := r.Follow(d)
		if s != domain.RectificationPlanning {
			refused(t, err, "RECTIFICATION_STATE_INVALID", "17")
			if diff := cmp.Diff(before, r.Record()); diff != "" {
				t.Errorf("a refusal changed it (-before +after):\n%s", diff)
			}
			continue
		}
		ok(t, err)
		got := r.Record()
		if len(got.Problems) != 1 || !cmp.Equal(got.CityProblems, before.Problems) || got.ReceiveDate != before.ReceiveDate ||
			d.Record().Rectification != got.ID || len(dues.Counted) != 1 || dues.Counted[0].Duty != regulation.DutyFeedbackCopy {
			t.Errorf("follows as %+v, dues %+v", got, dues)
		}
		_, err = r.Follow(d)
		if ok(t, err); !cmp.Equal(r.Record().CityProblems, before.Problems) {
			t.Errorf("the city loses what it has: %+v", r.Record().CityProblems)
		}
	}
}

// TestArt17NoPlanBeforeTheSignature of the feedback that stands.
func TestArt17NoPlanBeforeTheSignature(t *testing.T) {
	ok(t, domain.CheckStands(false))
	refused(t, domain.CheckStands(true), "SUPERSEDING_NOT_RECEIVED", "17")
}
