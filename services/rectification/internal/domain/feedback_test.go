package domain_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// feedback is one in the state, with what it has by then.
func feedback(t *testing.T, s domain.FeedbackState, p domain.Place) *domain.Feedback {
	t.Helper()
	r := domain.FeedbackRecord{
		ID: "f1", Place: p, Report: "r1", FeedbackText: text(3), State: s, Version: 4,
		Consultation: domain.Consultation{Date: day(t, "2024-02-20"), Opinion: "同意"},
	}
	if s == domain.FeedbackReceived || s == domain.FeedbackCopied {
		r.Receipt = domain.Receipt{Time: noon(t, today), Rectification: "c1"}
	}
	if s == domain.FeedbackReceived {
		r.State = domain.FeedbackGiven // as it is stored
	}
	return domain.RehydrateFeedback(r)
}

// TestArt11EveryMoveInEveryState: only the gate that is next opens.
func TestArt11EveryMoveInEveryState(t *testing.T) {
	agreement := domain.Agreement{Inspection: "i1", Agreed: true, Decision: "d1", Date: day(t, today), Covered: true}
	for _, tt := range []struct {
		verb   string
		from   domain.FeedbackState
		to     domain.FeedbackState
		do     func(*testing.T, *domain.Feedback) error
		reason map[domain.FeedbackState]string // where it is not the usual one
	}{
		{"revise", domain.FeedbackDraft, domain.FeedbackDraft, func(t *testing.T, f *domain.Feedback) error {
			return f.Revise(text(2), lexicon(t), noon(t, today))
		}, nil},
		{"confirm", domain.FeedbackDraft, domain.FeedbackAgreed, func(t *testing.T, f *domain.Feedback) error {
			_, err := f.ConfirmAgreement(agreement, lexicon(t), moment(t, today))
			return err
		}, nil},
		{"confirm warnings", domain.FeedbackDraft, domain.FeedbackDraft, func(t *testing.T, f *domain.Feedback) error {
			return f.ConfirmWarnings(lexicon(t, "问题"), "li", "不是县名", noon(t, today))
		}, nil},
		{"consult", domain.FeedbackAgreed, domain.FeedbackCityConsulted, func(t *testing.T, f *domain.Feedback) error {
			return f.RecordCityConsultation(domain.Consultation{Date: day(t, today), Opinion: "同意"}, noon(t, today))
		}, nil},
		{"give", domain.FeedbackCityConsulted, domain.FeedbackGiven, func(t *testing.T, f *domain.Feedback) error {
			_, _, err := f.Give("v1", "1号", meeting(day(t, today), true), moment(t, today))
			return err
		}, map[domain.FeedbackState]string{
			domain.FeedbackDraft: "FEEDBACK_CITY_NOT_CONSULTED", domain.FeedbackAgreed: "FEEDBACK_CITY_NOT_CONSULTED",
		}},
		{"copy", domain.FeedbackReceived, domain.FeedbackCopied, func(t *testing.T, f *domain.Feedback) error {
			_, err := f.CopyToCity("v2", domain.Applies, moment(t, today))
			return err
		}, nil},
	} {
		for _, s := range domain.FeedbackStates() {
			t.Run(tt.verb+"/"+string(s), func(t *testing.T) {
				f := feedback(t, s, place())
				before := f.Record()
				err := tt.do(t, f)
				if s == tt.from {
					ok(t, err)
					if f.Record().State != tt.to {
						t.Errorf("became %s, want %s", f.Record().State, tt.to)
					}
					return
				}
				reason := "FEEDBACK_STATE_INVALID"
				if r, special := tt.reason[s]; special {
					reason = r
				}
				if got := refused(t, err, reason, "11").Meta["state"]; got != string(s) {
					t.Errorf("tells the state %q", got)
				}
				if diff := cmp.Diff(before, f.Record()); diff != "" {
					t.Errorf("a refusal changed it (-before +after):\n%s", diff)
				}
			})
		}
	}
}

// TestArt11AgreementOfTheReport: agreed, by a decision that says so, of this task.
func TestArt11AgreementOfTheReport(t *testing.T) {
	for _, tt := range []struct {
		name   string
		a      domain.Agreement
		reason string
	}{
		{"not agreed", domain.Agreement{Inspection: "i1"}, "REPORT_NOT_AGREED"},
		{"decision without it", domain.Agreement{Inspection: "i1", Agreed: true, Decision: "d1"}, "REPORT_NOT_AGREED"},
		{"another task", domain.Agreement{Inspection: "i2", Agreed: true, Decision: "d1", Covered: true}, "INSPECTION_MISMATCH"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := feedback(t, domain.FeedbackDraft, place())
			dues, err := f.ConfirmAgreement(tt.a, lexicon(t), moment(t, today))
			refused(t, err, tt.reason, "11")
			if f.Record().State != domain.FeedbackDraft || len(dues.Counted) != 0 {
				t.Errorf("state %s, opened %v", f.Record().State, dues.Counted)
			}
		})
	}
}

// TestArt11CopyToCity: the reason belongs exactly where there is no city.
func TestArt11CopyToCity(t *testing.T) {
	f := feedback(t, domain.FeedbackReceived, place())
	_, err := f.CopyToCity("v2", domain.NoCityCommittee, moment(t, today))
	refused(t, err, "CITY_CONSULTATION_REQUIRED", "11")
	copied, err := f.CopyToCity("v2", domain.Applies, moment(t, today))
	if err != nil || copied.Delivery.Record().Rectification != "c1" {
		t.Fatalf("copy %+v, %v", copied, err)
	}
	f = feedback(t, domain.FeedbackReceived, withoutCity())
	_, err = f.CopyToCity("v2", domain.Applies, moment(t, today))
	refused(t, err, "CITY_NOT_APPLICABLE", "11")
	if copied, err = f.CopyToCity("v2", domain.NoCityCommittee, moment(t, today)); err != nil || copied.Delivery != nil {
		t.Fatalf("without a city there is nobody to copy to: %+v, %v", copied, err)
	}
}

// TestArt11ReceiptIsAChange: callers see another edition after the county signed,
// and another one after each move.
func TestArt11ReceiptIsAChange(t *testing.T) {
	given, received := feedback(t, domain.FeedbackGiven, place()), feedback(t, domain.FeedbackReceived, place())
	if given.Edition() != 4 || received.Edition() != 5 {
		t.Errorf("editions %d and %d", given.Edition(), received.Edition())
	}
}

// TestProblemsRunFromOne: plans refer to problems by number (art. 17).
func TestProblemsRunFromOne(t *testing.T) {
	for _, numbers := range [][]int32{{2}, {1, 3}, {1, 1}, {2, 1}, {0, 1}} {
		var list []domain.Problem
		for _, n := range numbers {
			list = append(list, domain.Problem{Number: n})
		}
		wrong := domain.FeedbackText{Summary: "意见", Problems: list}
		_, err := domain.NewFeedback("f1", domain.Task{Place: place()}, "r1", wrong, lexicon(t), noon(t, today))
		refused(t, err, "NUMBERING_INVALID", "11")
		refused(t, feedback(t, domain.FeedbackDraft, place()).Revise(wrong, lexicon(t), noon(t, today)), "NUMBERING_INVALID", "11")
	}
	if !slices.Contains(domain.DeliveryKinds(), domain.DeliverFeedback) || domain.DeliverFeedbackCopy.ToCounty() {
		t.Error("only the feedback itself goes to the county")
	}
}
