package domain_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

func rectification(t *testing.T, s domain.RectificationState) *domain.Rectification {
	t.Helper()
	r := domain.RectificationRecord{ID: "c1", Place: place(), Problems: problems(3), State: s, Version: 2}
	if s != domain.RectificationPlanning {
		r.PlanSubmitDate = day(t, "2024-02-01")
	}
	return domain.RehydrateRectification(r)
}

func plan(s domain.SubmissionState) *domain.Plan {
	r := domain.PlanRecord{Measures: measures([]int32{1, 2}, []int32{3})}
	r.Submission = submission(s)
	return domain.RehydratePlan(r)
}

func report(s domain.SubmissionState) *domain.Report {
	r := domain.ReportRecord{Accounts: accounts(1, 2)}
	r.Submission = submission(s)
	return domain.RehydrateReport(r)
}

func submission(s domain.SubmissionState) domain.Submission {
	count := int32(1)
	if s == domain.SubmissionDraft {
		count = 0
	}
	return domain.Submission{Rectification: "c1", Place: place(), State: s, Count: count, Version: 3}
}

func newID() (string, error) { return "n1", nil }

// move is a step of the chain that plan and report have in common.
type chainMove struct {
	verb   string
	from   []domain.SubmissionState
	to     domain.SubmissionState
	plan   func(*testing.T, *domain.Plan) error
	report func(*testing.T, *domain.Report) error
}

func chainMoves() []chainMove {
	withCounty := []domain.SubmissionState{domain.SubmissionDraft, domain.SubmissionReturned, domain.SubmissionWithdrawn}
	withGroup := []domain.SubmissionState{domain.SubmissionSubmitted}
	return []chainMove{
		{"submit", withCounty, domain.SubmissionSubmitted,
			func(t *testing.T, p *domain.Plan) error {
				_, _, err := rectification(t, domain.RectificationPlanning).SubmitPlan(p, signed(), "v1", moment(t, today))
				return err
			},
			func(t *testing.T, r *domain.Report) error {
				_, _, err := rectification(t, domain.RectificationRectifying).SubmitReport(r, []int32{1, 2}, signed(), "v1", moment(t, today))
				return err
			}},
		{"pass", withGroup, domain.SubmissionGroupPassed,
			func(t *testing.T, p *domain.Plan) error {
				_, err := rectification(t, domain.RectificationPlanning).ReviewPlan(p, reply(domain.Pass, ""), ofGroup(), moment(t, today))
				return err
			},
			func(t *testing.T, r *domain.Report) error {
				return r.Review(reply(domain.Pass, ""), ofGroup(), noon(t, today))
			}},
		{"return", withGroup, domain.SubmissionReturned,
			func(t *testing.T, p *domain.Plan) error {
				_, err := rectification(t, domain.RectificationPlanning).ReviewPlan(p, reply(domain.Return, "不实"), ofGroup(), moment(t, today))
				return err
			},
			func(t *testing.T, r *domain.Report) error {
				return r.Review(reply(domain.Return, "不实"), ofGroup(), noon(t, today))
			}},
		{"forward", []domain.SubmissionState{domain.SubmissionGroupPassed}, domain.SubmissionForwarded,
			func(t *testing.T, p *domain.Plan) error { return p.Forward("office", "li", noon(t, today)) },
			func(t *testing.T, r *domain.Report) error { return r.Forward("office", "li", noon(t, today)) }},
		{"receive", []domain.SubmissionState{domain.SubmissionForwarded}, domain.SubmissionReceived,
			func(t *testing.T, p *domain.Plan) error {
				_, err := rectification(t, domain.RectificationPlanning).ReceivePlan(p, copied(), newID, moment(t, today))
				return err
			},
			func(t *testing.T, r *domain.Report) error {
				return rectification(t, domain.RectificationRectifying).ReceiveReport(r, noon(t, today))
			}},
	}
}

// TestArt17ChainInEveryState: group, office, leading group, in this order only,
// for the plan and for the report.
func TestArt17ChainInEveryState(t *testing.T) {
	for _, m := range chainMoves() {
		for _, s := range domain.SubmissionStates() {
			t.Run("plan/"+m.verb+"/"+string(s), func(t *testing.T) {
				p := plan(s)
				before := p.Record()
				err := m.plan(t, p)
				m.check(t, s, p.Record().State, err, "PLAN_STATE_INVALID")
				if err != nil && cmp.Diff(before, p.Record()) != "" {
					t.Errorf("a refusal changed it:\n%s", cmp.Diff(before, p.Record()))
				}
			})
			t.Run("report/"+m.verb+"/"+string(s), func(t *testing.T) {
				r := report(s)
				before := r.Record()
				err := m.report(t, r)
				m.check(t, s, r.Record().State, err, "REPORT_STATE_INVALID")
				if err != nil && cmp.Diff(before, r.Record()) != "" {
					t.Errorf("a refusal changed it:\n%s", cmp.Diff(before, r.Record()))
				}
			})
		}
	}
}

func (m chainMove) check(t *testing.T, s, got domain.SubmissionState, err error, reason string) {
	t.Helper()
	if !slices.Contains(m.from, s) {
		refused(t, err, reason, "17")
		return
	}
	ok(t, err)
	if got != m.to {
		t.Errorf("became %s, want %s", got, m.to)
	}
}

// TestArt17WritingInEveryState: only what is with the county can be written.
func TestArt17WritingInEveryState(t *testing.T) {
	for _, s := range domain.SubmissionStates() {
		t.Run(string(s), func(t *testing.T) {
			lawful := s == domain.SubmissionDraft || s == domain.SubmissionReturned || s == domain.SubmissionWithdrawn
			p, r := plan(s), report(s)
			planErr := p.Write(measures([]int32{1}), noon(t, today))
			reportErr := rectification(t, domain.RectificationRectifying).WriteReport(r, accounts(1), noon(t, today))
			if !lawful {
				refused(t, planErr, "PLAN_STATE_INVALID", "17")
				refused(t, reportErr, "REPORT_STATE_INVALID", "17")
				return
			}
			ok(t, planErr)
			ok(t, reportErr)
			if len(p.Record().Measures) != 1 || len(r.Record().Accounts) != 1 || p.Record().State != s {
				t.Errorf("wrote %+v, %+v", p.Record(), r.Record())
			}
		})
	}
}

// TestArt17ReturnNeedsAReason, for the plan and for the report.
func TestArt17ReturnNeedsAReason(t *testing.T) {
	for _, opinion := range []string{"", " \n"} {
		p := plan(domain.SubmissionSubmitted)
		_, err := rectification(t, domain.RectificationPlanning).ReviewPlan(p, reply(domain.Return, opinion), ofGroup(), moment(t, today))
		refused(t, err, "OPINION_REQUIRED", "17")
		refused(t, report(domain.SubmissionSubmitted).Review(reply(domain.Return, opinion), ofGroup(), noon(t, today)), "OPINION_REQUIRED", "17")
		if p.Record().State != domain.SubmissionSubmitted {
			t.Errorf("state %s", p.Record().State)
		}
	}
}
