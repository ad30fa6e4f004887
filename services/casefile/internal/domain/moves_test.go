package domain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

var (
	start = time.Date(2026, 9, 3, 4, 0, 0, 0, time.UTC)
	later = start.Add(time.Hour)
)

func file(ended bool) *domain.CaseFile {
	c := domain.OpenCaseFile(domain.Task{
		Province: "51", Inspection: "i", County: "510104", RuleSet: "CN-COUNTY-2012",
		Members: []domain.Member{{Subject: "wang"}, {Subject: "li", Leader: true}},
	}, start)
	if ended {
		c.EndStay(workday.Date{Year: 2026, Month: 9, Day: 2}, start)
	}
	return c
}

// The people of the tests; each is told apart by what he is in this task.
func author() domain.Actor { return file(false).Member("wang") }
func leader() domain.Actor { return file(false).Member("li") }
func office() domain.Actor { return domain.Office("zhou") }

func wantRefusal(t *testing.T, err error, reason, article string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Reason != reason || f.Meta[fault.MetaArticle] != article {
		t.Fatalf("got %v, want %s of art. %s", err, reason, article)
	}
}

// Art. 8, three-level review (三级审核): every step in every state.
func TestPaperMovesArt8(t *testing.T) {
	review := func(by domain.Actor, v domain.Verdict) func(*domain.Paper) error {
		return func(p *domain.Paper) error { return p.Review(by, v, "说明理由", later) }
	}
	withAuthor := []domain.PaperState{domain.PaperDraft, domain.PaperReturnedToMember}
	withLeader := []domain.PaperState{domain.PaperLeaderReview, domain.PaperReturnedToLeader}
	withOffice := []domain.PaperState{domain.PaperOfficeReview}
	withdraw := func(by domain.Actor) func(*domain.Paper) error {
		return func(p *domain.Paper) error { return p.Withdraw(by, "重复", later) }
	}
	open := slices.Concat(withAuthor, withLeader, withOffice)
	tests := []struct {
		verb string
		do   func(*domain.Paper) error
		from []domain.PaperState
		to   domain.PaperState // "": stays
	}{
		{"update", func(p *domain.Paper) error { return p.Update(author(), "t2", "f2", later) }, withAuthor, ""},
		{"submit", func(p *domain.Paper) error { return p.Submit(author(), later) }, withAuthor, domain.PaperLeaderReview},
		{"leader passes", review(leader(), domain.Pass), withLeader, domain.PaperOfficeReview},
		{"leader returns", review(leader(), domain.Return), withLeader, domain.PaperReturnedToMember},
		{"office passes", review(office(), domain.Pass), withOffice, domain.PaperPassed},
		{"office returns", review(office(), domain.Return), withOffice, domain.PaperReturnedToLeader},
		{"author withdraws", withdraw(author()), open, domain.PaperWithdrawn},
		{"leader withdraws", withdraw(leader()), open, domain.PaperWithdrawn},
	}
	for _, tt := range tests {
		for _, s := range domain.PaperStates() {
			t.Run(tt.verb+"/"+string(s), func(t *testing.T) {
				p := domain.RehydratePaper(domain.PaperRecord{State: s, Author: "wang", UpdateTime: start})
				before := p.Record()
				err := tt.do(p)
				if !slices.Contains(tt.from, s) {
					wantRefusal(t, err, domain.ReasonPaperState, "8")
					if diff := cmp.Diff(before, p.Record()); diff != "" {
						t.Errorf("a refused step changed the paper:\n%s", diff)
					}
					return
				}
				want := tt.to
				if want == "" {
					want = s
				}
				if err != nil || p.Record().State != want || !p.Record().UpdateTime.Equal(later) {
					t.Errorf("error %v, state %s, want %s", err, p.Record().State, want)
				}
			})
		}
	}
}

// Arts 5, 10: every step in every state; nothing leads out of AGREED.
func TestReportMovesArts5And10(t *testing.T) {
	withGroup := []domain.ReportState{domain.ReportDraft, domain.ReportReturned}
	withLeadingGroup := []domain.ReportState{domain.ReportSubmitted}
	tests := []struct {
		verb    string
		do      func(*domain.Report) error
		from    []domain.ReportState
		to      domain.ReportState
		article string
	}{
		{"update", func(r *domain.Report) error { return r.Update("c2", []string{"f2"}, later) }, withGroup, "", "10"},
		{"submit", func(r *domain.Report) error { return r.Submit(leader(), file(true), 0, later) }, withGroup, domain.ReportSubmitted, "10"},
		{"return", func(r *domain.Report) error { return r.Return("补充", later) }, withLeadingGroup, domain.ReportReturned, "5"},
		{"agree", func(r *domain.Report) error {
			return r.Agree(domain.Agreement{Decision: "d", Covers: true}, later)
		}, withLeadingGroup, domain.ReportAgreed, "10"},
	}
	for _, tt := range tests {
		for _, s := range domain.ReportStates() {
			t.Run(tt.verb+"/"+string(s), func(t *testing.T) {
				r := domain.RehydrateReport(domain.ReportRecord{State: s, UpdateTime: start})
				before := r.Record()
				err := tt.do(r)
				if !slices.Contains(tt.from, s) {
					wantRefusal(t, err, domain.ReasonReportState, tt.article)
					if diff := cmp.Diff(before, r.Record()); diff != "" {
						t.Errorf("a refused step changed the report:\n%s", diff)
					}
					return
				}
				want := tt.to
				if want == "" {
					want = s
				}
				if err != nil || r.Record().State != want || !r.Record().UpdateTime.Equal(later) {
					t.Errorf("error %v, state %s, want %s", err, r.Record().State, want)
				}
			})
		}
	}
}

// Art. 8: a petition is concluded once.
func TestPetitionMovesArt8(t *testing.T) {
	for _, s := range domain.PetitionStates() {
		p := domain.RehydratePetition(domain.PetitionRecord{State: s, Outcome: domain.NoAction})
		err := p.Conclude(domain.Forwarded)
		if s == domain.PetitionRegistered {
			if err != nil || p.Record().State != domain.PetitionConcluded || p.Record().Outcome != domain.Forwarded {
				t.Errorf("error %v, %+v", err, p.Record())
			}
			continue
		}
		wantRefusal(t, err, domain.ReasonPetitionState, "8")
		if p.Record().Outcome != domain.NoAction {
			t.Errorf("a refused step changed the outcome to %s", p.Record().Outcome)
		}
	}
}
