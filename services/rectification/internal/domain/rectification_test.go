package domain_test

import (
	"testing"

	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// TestCaseInEveryState: what depends on the state of the case (arts 5, 17).
func TestCaseInEveryState(t *testing.T) {
	for _, tt := range []struct {
		verb   string
		from   domain.RectificationState
		to     domain.RectificationState
		do     func(*testing.T, *domain.Rectification) error
		reason map[domain.RectificationState]string
	}{
		{"receive plan", domain.RectificationPlanning, domain.RectificationRectifying, func(t *testing.T, r *domain.Rectification) error {
			_, err := r.ReceivePlan(plan(domain.SubmissionForwarded), copied(), newID, moment(t, today))
			return err
		}, nil},
		{"receive report", domain.RectificationRectifying, domain.RectificationReported, func(t *testing.T, r *domain.Rectification) error {
			return r.ReceiveReport(report(domain.SubmissionForwarded), noon(t, today))
		}, nil},
		{"close", domain.RectificationReported, domain.RectificationClosed, func(t *testing.T, r *domain.Rectification) error {
			return r.Close("d1", true, copied(), noon(t, today))
		}, nil},
	} {
		for _, s := range domain.RectificationStates() {
			t.Run(tt.verb+"/"+string(s), func(t *testing.T) {
				r := rectification(t, s)
				err := tt.do(t, r)
				want := tt.to
				if s == tt.from {
					ok(t, err)
				} else {
					want = s
					refused(t, err, "RECTIFICATION_STATE_INVALID", "17")
				}
				if r.Record().State != want {
					t.Errorf("state %s, want %s", r.Record().State, want)
				}
			})
		}
	}
}

// copied is a feedback that the city has.
func copied() *domain.Feedback {
	return domain.RehydrateFeedback(domain.FeedbackRecord{State: domain.FeedbackCopied})
}

// TestArt11NoCaseGoesOnBeforeTheCopy: neither is the plan received nor the case
// closed while the city has no copy of the feedback.
func TestArt11NoCaseGoesOnBeforeTheCopy(t *testing.T) {
	for _, s := range domain.FeedbackStates() {
		if s == domain.FeedbackCopied {
			continue
		}
		f := domain.RehydrateFeedback(domain.FeedbackRecord{State: s})
		planning, p := rectification(t, domain.RectificationPlanning), plan(domain.SubmissionForwarded)
		_, err := planning.ReceivePlan(p, f, newID, moment(t, today))
		refused(t, err, "FEEDBACK_NOT_COPIED", "11")
		reported := rectification(t, domain.RectificationReported)
		refused(t, reported.Close("d1", true, f, noon(t, today)), "FEEDBACK_NOT_COPIED", "11")
		if planning.Record().State != domain.RectificationPlanning || p.Record().State != domain.SubmissionForwarded ||
			reported.Record().State != domain.RectificationReported {
			t.Errorf("with a feedback in %s the case went on", s)
		}
	}
}

// TestArt5ClosingNeedsTheDecision of the leading group.
func TestArt5ClosingNeedsTheDecision(t *testing.T) {
	r := rectification(t, domain.RectificationReported)
	refused(t, r.Close("d1", false, copied(), noon(t, today)), "DECISION_DOES_NOT_COVER", "5")
	ok(t, r.Close("d1", true, copied(), noon(t, today)))
	if got := r.Record(); got.CloseDate != day(t, today) || got.Decision != "d1" {
		t.Errorf("closed as %+v", got)
	}
}

// TestArt17OneReceipt: a second signature must not move the clock, and a copy
// opens no case.
func TestArt17OneReceipt(t *testing.T) {
	for _, kind := range domain.DeliveryKinds() {
		d := domain.RehydrateDelivery(domain.DeliveryRecord{ID: "v1", Place: place(), Kind: kind})
		ok(t, d.Acknowledge("赵", noon(t, today)))
		article := "11"
		if kind == domain.DeliverImmediate {
			article = "9"
		}
		refused(t, d.Acknowledge("钱", noon(t, "2024-03-01")), "DELIVERY_ALREADY_RECEIVED", article)
		if d.Record().Receiver != "赵" || d.OpensCase() != (kind == domain.DeliverFeedback) {
			t.Errorf("%s: %+v, opens a case: %v", kind, d.Record(), d.OpensCase())
		}
	}
}

// TestArt17PlanCoversEveryProblem and no other.
func TestArt17PlanCoversEveryProblem(t *testing.T) {
	for _, tt := range []struct {
		name             string
		measures         []domain.Measure
		reason, problems string
	}{
		{"each by its own", measures([]int32{1}, []int32{2}, []int32{3}), "", ""},
		{"one for all", measures([]int32{1, 2, 3}), "", ""},
		{"two for one", measures([]int32{1, 2}, []int32{2, 3}), "", ""},
		{"nothing", nil, "PLAN_INCOMPLETE", "1, 2, 3"},
		{"the last left out", measures([]int32{1, 2}), "PLAN_INCOMPLETE", "3"},
		{"one that was not fed back", measures([]int32{1, 2, 3, 9, 7}), "PROBLEM_UNKNOWN", "7, 9"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, p := rectification(t, domain.RectificationPlanning), plan(domain.SubmissionDraft)
			ok(t, p.Write(tt.measures, noon(t, today)))
			_, _, err := r.SubmitPlan(p, signed(), "v1", moment(t, today))
			if tt.reason == "" {
				ok(t, err)
				return
			}
			if got := refused(t, err, tt.reason, "17").Meta["problems"]; got != tt.problems {
				t.Errorf("names %q, want %q", got, tt.problems)
			}
			if !r.Record().PlanSubmitDate.IsZero() || p.Record().State != domain.SubmissionDraft {
				t.Error("an incomplete plan started the clock")
			}
		})
	}
	gap := measures([]int32{1})
	gap[0].Number = 2
	refused(t, plan(domain.SubmissionDraft).Write(gap, noon(t, today)), "NUMBERING_INVALID", "17")
}

// TestArt17ReportCoversEveryItem and no other, and only after the plan.
func TestArt17ReportCoversEveryItem(t *testing.T) {
	for _, tt := range []struct {
		accounts []domain.Account
		items    string
	}{
		{accounts(1, 2), ""},
		{accounts(2, 1), ""},
		{accounts(1), "2"},
		{accounts(1, 2, 7), "7"},
		{accounts(3), "1, 2, 3"},
	} {
		r, c := report(domain.SubmissionDraft), rectification(t, domain.RectificationRectifying)
		ok(t, c.WriteReport(r, tt.accounts, noon(t, today)))
		_, _, err := c.SubmitReport(r, []int32{1, 2}, signed(), "v1", moment(t, today))
		if tt.items == "" {
			ok(t, err)
			if c.Record().ReportSubmitDate != day(t, today) {
				t.Errorf("submitted %v", c.Record().ReportSubmitDate)
			}
			continue
		}
		if got := refused(t, err, "REPORT_INCOMPLETE", "17").Meta["items"]; got != tt.items {
			t.Errorf("names %q, want %q", got, tt.items)
		}
	}
	c := rectification(t, domain.RectificationPlanning)
	refused(t, c.WriteReport(report(domain.SubmissionDraft), accounts(1), noon(t, today)), "REPORT_BEFORE_PLAN", "17")
	_, _, err := c.SubmitReport(report(domain.SubmissionDraft), nil, signed(), "v1", moment(t, today))
	refused(t, err, "REPORT_BEFORE_PLAN", "17")
	for _, s := range []domain.RectificationState{domain.RectificationReported, domain.RectificationClosed} {
		c := rectification(t, s)
		refused(t, c.WriteReport(report(domain.SubmissionReturned), accounts(1), noon(t, today)), "RECTIFICATION_STATE_INVALID", "17")
		_, _, err := c.SubmitReport(report(domain.SubmissionReturned), nil, signed(), "v1", moment(t, today))
		refused(t, err, "RECTIFICATION_STATE_INVALID", "17")
	}
	twice := rectification(t, domain.RectificationRectifying).WriteReport(report(domain.SubmissionDraft), accounts(1, 1), noon(t, today))
	refused(t, twice, "NUMBERING_INVALID", "17")
}

// TestArt17MeasuresBecomeItems with their numbers, seen by the city as the case is.
func TestArt17MeasuresBecomeItems(t *testing.T) {
	r := domain.RehydrateRectification(domain.RectificationRecord{
		ID: "c1", Place: place(), State: domain.RectificationPlanning, CityMaySee: true,
	})
	items, err := r.ReceivePlan(plan(domain.SubmissionForwarded), copied(), newID, moment(t, today))
	ok(t, err)
	if len(items) != 2 {
		t.Fatalf("%d items", len(items))
	}
	for n, i := range items {
		got := i.Record()
		if got.Measure.Number != int32(n+1) || got.State != domain.ItemOpen || got.Percent != 0 || !got.CityMaySee || got.Rectification != "c1" {
			t.Errorf("item %+v", got)
		}
	}
}
