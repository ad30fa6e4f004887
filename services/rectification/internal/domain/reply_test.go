package domain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// TestArt17WhoReplies: the group while it stands; then the office, with the countersignature
// of the last leader; and never the person who submitted.
func TestArt17WhoReplies(t *testing.T) {
	office := domain.Replier{Subject: "office", Office: true, Leader: "组长", Submitter: "clerk"}
	stands, unknown, self := office, office, ofGroup()
	stands.GroupStands, unknown.Leader, self.Subject = true, "", "clerk"
	signed := domain.Countersignature{Leader: "组长", Date: day(t, today)}
	for name, tt := range map[string]struct {
		by     domain.Replier
		signed domain.Countersignature
		reason string
	}{
		"the group":                        {ofGroup(), domain.Countersignature{}, ""},
		"the group, as who submitted":      {self, domain.Countersignature{}, "SAME_PERSON"},
		"the office while the group is":    {stands, signed, "GROUP_STANDS"},
		"the office alone":                 {office, domain.Countersignature{}, "COUNTERSIGNATURE_REQUIRED"},
		"the office with another leader":   {office, domain.Countersignature{Leader: "赵", Date: day(t, today)}, "COUNTERSIGNATURE_REQUIRED"},
		"the office with tomorrow's":       {office, domain.Countersignature{Leader: "组长", Date: day(t, "2024-02-27")}, "DATE_OUT_OF_ORDER"},
		"the office with the leader":       {office, signed, ""},
		"the office, the leader not known": {unknown, domain.Countersignature{Leader: "钱", Date: day(t, today)}, ""},
	} {
		for _, v := range []domain.Verdict{domain.Pass, domain.Return} {
			r := report(domain.SubmissionSubmitted)
			before := r.Record()
			said := &domain.Reply{Verdict: v, Opinion: "意见", Countersignature: tt.signed}
			err := r.Review(said, tt.by, noon(t, today))
			if tt.reason != "" {
				refused(t, err, tt.reason, "17")
				if cmp.Diff(before, r.Record()) != "" {
					t.Errorf("%s: a refusal changed it", name)
				}
				continue
			}
			ok(t, err)
			if said.Number != 1 || !said.Time.Equal(noon(t, today)) || said.Countersignature != tt.signed {
				t.Errorf("%s: replied %+v", name, said)
			}
		}
	}
	astray := &domain.Reply{Verdict: domain.Pass, Items: []domain.ItemOpinion{{Number: 2, Text: "好"}, {Number: 9, Text: "无"}}}
	err := report(domain.SubmissionSubmitted).Review(astray, ofGroup(), noon(t, today))
	if got := refused(t, err, "OPINION_ASTRAY", "17").Meta["items"]; got != "9" {
		t.Errorf("names %q", got)
	}
}

// TestArt17ForwardedByAnotherPerson than the one who replied, plan and report.
func TestArt17ForwardedByAnotherPerson(t *testing.T) {
	refused(t, plan(domain.SubmissionGroupPassed).Forward("office", "office", noon(t, today)), "SAME_PERSON", "17")
	refused(t, report(domain.SubmissionGroupPassed).Forward("office", "office", noon(t, today)), "SAME_PERSON", "17")
	ok(t, plan(domain.SubmissionGroupPassed).Forward("office", "", noon(t, today)))
}

// TestArt17InvitedInEveryState: only what awaits its reply is reviewed, by eligible bodies.
func TestArt17InvitedInEveryState(t *testing.T) {
	for _, s := range domain.SubmissionStates() {
		in := domain.Invitation{ID: "r1", Body: domain.ReviewerDiscipline, OfCity: true, Copied: true, Inviter: "li"}
		ofPlan, planErr := plan(s).Invite(in, problems(3), noon(t, today))
		ofReport, reportErr := report(s).Invite(in, problems(3), noon(t, today))
		if s != domain.SubmissionSubmitted {
			refused(t, planErr, "PLAN_STATE_INVALID", "17")
			refused(t, reportErr, "REPORT_STATE_INVALID", "17")
			continue
		}
		ok(t, planErr)
		ok(t, reportErr)
		if p, r := ofPlan.Record(), ofReport.Record(); len(p.Content.Measures) != 2 || len(r.Content.Accounts) != 2 || p.Content.Submission != 1 ||
			len(p.Content.Problems) != 3 || p.State != domain.ReviewInvited || !p.OfCity {
			t.Errorf("reviews %+v, %+v", p, r)
		}
	}
	for _, body := range domain.Reviewers() {
		organ := body == domain.ReviewerDiscipline || body == domain.ReviewerOrganization
		_, err := plan(domain.SubmissionSubmitted).Invite(domain.Invitation{Body: body, OfCity: true, Copied: true}, nil, noon(t, today))
		if organ {
			ok(t, err)
			continue
		}
		refused(t, err, "REVIEWER_NOT_ELIGIBLE", "17")
	}
	_, err := plan(domain.SubmissionSubmitted).Invite(domain.Invitation{Body: domain.ReviewerDiscipline, OfCity: true}, nil, noon(t, today))
	refused(t, err, "FEEDBACK_NOT_COPIED", "11")
	s := submission(domain.SubmissionSubmitted)
	s.Place = withoutCity()
	p := domain.RehydratePlan(domain.PlanRecord{Submission: s})
	_, err = p.Invite(domain.Invitation{Body: domain.ReviewerDiscipline, OfCity: true}, nil, noon(t, today))
	refused(t, err, "REVIEWER_NOT_ELIGIBLE", "17")
}

// TestArt17ReviewGivenInEveryState: once, by the body that was invited, on what was submitted.
func TestArt17ReviewGivenInEveryState(t *testing.T) {
	items := []domain.ItemOpinion{{Number: 1, Text: "标准不明"}}
	for _, s := range domain.ReviewStates() {
		r := domain.RehydrateReview(domain.ReviewRecord{
			Reviewer: domain.ReviewerDiscipline, State: s, Content: domain.Content{Measures: measures([]int32{1})},
		})
		refused(t, r.Give(domain.ReviewerOffice, "x", "好", nil, noon(t, today)), "REVIEWER_NOT_ELIGIBLE", "17")
		err := r.Give(domain.ReviewerDiscipline, "x", "好", items, noon(t, today))
		if s != domain.ReviewInvited {
			refused(t, err, "REVIEW_STATE_INVALID", "17")
			continue
		}
		ok(t, err)
		if got := r.Record(); got.State != domain.ReviewGiven || got.Author != "x" || len(got.Items) != 1 || !got.GiveTime.Equal(noon(t, today)) {
			t.Errorf("given %+v", got)
		}
	}
	r := domain.RehydrateReview(domain.ReviewRecord{
		Reviewer: domain.ReviewerGroup, State: domain.ReviewInvited, Content: domain.Content{Accounts: accounts(1, 2)},
	})
	refused(t, r.Give(domain.ReviewerGroup, "li", "好", []domain.ItemOpinion{{Number: 3, Text: "无"}}, noon(t, today)), "OPINION_ASTRAY", "17")
}
