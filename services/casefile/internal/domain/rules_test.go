package domain_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Art. 8: who signs at which level.
func TestWhoSignsAPaperArt8(t *testing.T) {
	tests := []struct {
		name   string
		state  domain.PaperState
		do     func(*domain.Paper) error
		reason string
	}{
		{"another member changes", domain.PaperDraft, func(p *domain.Paper) error { return p.Update(leader(), "", "", later) }, domain.ReasonAuthorRequired},
		{"another member submits", domain.PaperReturnedToMember, func(p *domain.Paper) error { return p.Submit(leader(), later) }, domain.ReasonAuthorRequired},
		{"the office submits under the author's name", domain.PaperDraft, func(p *domain.Paper) error { return p.Submit(domain.Office("wang"), later) }, domain.ReasonAuthorRequired},
		{"a member reviews", domain.PaperLeaderReview, func(p *domain.Paper) error {
			return p.Review(file(false).Member("chen"), domain.Pass, "", later)
		}, domain.ReasonLeaderRequired},
		{"the author reviews as a member", domain.PaperLeaderReview, func(p *domain.Paper) error { return p.Review(author(), domain.Pass, "", later) }, domain.ReasonLeaderRequired},
		{"a member reviews what came back", domain.PaperReturnedToLeader, func(p *domain.Paper) error {
			return p.Review(file(false).Member("chen"), domain.Return, "", later)
		}, domain.ReasonLeaderRequired},
		{"the author reviews at the office", domain.PaperOfficeReview, func(p *domain.Paper) error { return p.Review(domain.Office("wang"), domain.Pass, "", later) }, domain.ReasonReviewerAuthor},
		{"the leader returns without a reason", domain.PaperLeaderReview, func(p *domain.Paper) error { return p.Review(leader(), domain.Return, " \n　", later) }, domain.ReasonOpinionRequired},
		{"another member withdraws", domain.PaperDraft, func(p *domain.Paper) error {
			return p.Withdraw(file(false).Member("chen"), "r", later)
		}, domain.ReasonWithdrawer},
		{"the office withdraws under the author's name", domain.PaperOfficeReview, func(p *domain.Paper) error {
			return p.Withdraw(domain.Office("wang"), "r", later)
		}, domain.ReasonWithdrawer},
		{"the author withdraws without a reason", domain.PaperDraft, func(p *domain.Paper) error { return p.Withdraw(author(), " \n　", later) }, domain.ReasonOpinionRequired},
		{"the office returns without a reason", domain.PaperOfficeReview, func(p *domain.Paper) error { return p.Review(office(), domain.Return, "", later) }, domain.ReasonOpinionRequired},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := domain.RehydratePaper(domain.PaperRecord{State: tt.state, Author: "wang"})
			before := p.Record()
			wantRefusal(t, tt.do(p), tt.reason, "8")
			if diff := cmp.Diff(before, p.Record()); diff != "" {
				t.Errorf("a refused step changed the paper:\n%s", diff)
			}
		})
	}
	own := domain.RehydratePaper(domain.PaperRecord{State: domain.PaperLeaderReview, Author: "li"})
	wantRefusal(t, own.Review(leader(), domain.Pass, "", later), domain.ReasonReviewerAuthor, "8")
}

// Arts 8, 10: a paper that goes back loses the signatures of what it said, so a
// changed paper is signed again by all three.
func TestSignaturesStandOnlyForWhatWasSignedArt8(t *testing.T) {
	p, err := domain.DraftPaper(domain.Key{}, author(), "t", "f", start)
	if err != nil {
		t.Fatal(err)
	}
	sig := func(subject string, hours int) domain.Signature {
		return domain.Signature{Subject: subject, Time: start.Add(time.Duration(hours) * time.Hour)}
	}
	at := func(hours int) time.Time { return sig("", hours).Time }
	steps := []struct {
		name string
		do   func() error
		want domain.Signatures
	}{
		{"submit", func() error { return p.Submit(author(), at(1)) }, domain.Signatures{Author: at(1)}},
		{"leader passes", func() error { return p.Review(leader(), domain.Pass, "", at(2)) }, domain.Signatures{Author: at(1), Leader: sig("li", 2)}},
		{"office returns", func() error { return p.Review(office(), domain.Return, "r", at(3)) }, domain.Signatures{Author: at(1)}},
		{"leader returns", func() error { return p.Review(leader(), domain.Return, "r", at(4)) }, domain.Signatures{}},
		{"author changes", func() error { return p.Update(author(), "t2", "f2", at(5)) }, domain.Signatures{}},
		{"submit again", func() error { return p.Submit(author(), at(6)) }, domain.Signatures{Author: at(6)}},
		{"leader passes again", func() error { return p.Review(leader(), domain.Pass, "", at(7)) }, domain.Signatures{Author: at(6), Leader: sig("li", 7)}},
		{"office passes", func() error { return p.Review(office(), domain.Pass, "ok", at(8)) },
			domain.Signatures{Author: at(6), Leader: sig("li", 7), Office: sig("zhou", 8)}},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if diff := cmp.Diff(s.want, p.Record().Signed); diff != "" {
			t.Fatalf("after %s (-want +got):\n%s", s.name, diff)
		}
	}
	if !p.Passed() || p.Record().ReviewOpinion != "ok" || p.Record().Title != "t2" {
		t.Errorf("got %+v", p.Record())
	}
}

// Arts 7, 10: a finding rests on a passed paper and on a content of inspection.
func TestFindingRestsOnAPassedPaperArts7And10(t *testing.T) {
	problem := domain.Problem{Description: "d", ContentCodes: []string{"C1", "C7"}}
	for _, s := range domain.PaperStates() {
		p := domain.RehydratePaper(domain.PaperRecord{Key: domain.Key{ID: "p"}, State: s})
		f, err := domain.RecordFinding(domain.Key{ID: "f"}, p, problem, []string{"C1", "C7"}, later)
		if s != domain.PaperPassed {
			wantRefusal(t, err, domain.ReasonPaperNotPassed, "10")
			continue
		}
		if err != nil || f.Record().Paper != "p" {
			t.Errorf("error %v, finding %+v", err, f)
		}
		if _, err := domain.RecordFinding(domain.Key{}, p, problem, []string{"C1"}, later); err == nil {
			t.Error("a code that the rule set does not have was taken")
		}
	}
}

// Art. 10: the leader signs, after the stay, when no paper is open.
func TestSubmitReportArt10(t *testing.T) {
	tests := []struct {
		name   string
		by     domain.Actor
		ended  bool
		open   int
		reason string
	}{
		{"a member", author(), true, 0, domain.ReasonLeaderRequired},
		{"the office", office(), true, 0, domain.ReasonLeaderRequired},
		{"during the stay", leader(), false, 0, domain.ReasonStayNotEnded},
		{"with open papers", leader(), true, 2, domain.ReasonPapersOpen},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := domain.DraftReport("r", file(true), "c", []string{"f"}, start)
			wantRefusal(t, r.Submit(tt.by, file(tt.ended), tt.open, later), tt.reason, "10")
			if r.Record().State != domain.ReportDraft {
				t.Errorf("state %s", r.Record().State)
			}
		})
	}
}

// Arts 5, 10: agreement is a decision for this report; a return needs a reason and
// takes the leader's signature back.
func TestReturnAndAgreeReportArts5And10(t *testing.T) {
	r := domain.DraftReport("r", file(true), "c", []string{"f"}, start)
	if err := r.Submit(leader(), file(true), 0, start); err != nil {
		t.Fatal(err)
	}
	if got := r.Record().Signed; got != (domain.Signature{Subject: "li", Time: start}) {
		t.Errorf("signed by %+v", got)
	}
	wantRefusal(t, r.Return(" ", later), domain.ReasonOpinionRequired, "5")
	wantRefusal(t, r.Agree(domain.Agreement{Decision: "d"}, later), domain.ReasonNotCovered, "10")
	if decision, agreed := r.Agreed(); agreed || decision != "" {
		t.Errorf("agreed by %q", decision)
	}
	if err := r.Return("补充证据", later); err != nil {
		t.Fatal(err)
	}
	if got := r.Record(); got.Signed != (domain.Signature{}) || got.ReturnOpinion != "补充证据" {
		t.Errorf("returned: %+v", got)
	}
}

// Art. 12(6): membership is what the last event said, and the same twice is no change.
func TestFactsOfATask(t *testing.T) {
	c := file(false)
	day := workday.Date{Year: 2026, Month: 9, Day: 1}
	if !c.Enter(day, later) || c.Enter(day, later) || !c.EndStay(day, later) || c.EndStay(day, later) {
		t.Error("a date told twice is one change")
	}
	if c.ReplaceMembers([]domain.Member{{Subject: "li", Leader: true}, {Subject: "wang"}}, later) {
		t.Error("the same people in another order are no change")
	}
	if !c.ReplaceMembers([]domain.Member{{Subject: "chen", Leader: true}}, later) {
		t.Error("other people are a change")
	}
	p := domain.RehydratePaper(domain.PaperRecord{State: domain.PaperLeaderReview, Author: "wang"})
	wantRefusal(t, p.Review(c.Member("li"), domain.Pass, "", later), domain.ReasonLeaderRequired, "8")
	if err := p.Review(c.Member("chen"), domain.Pass, "", later); err != nil {
		t.Error(err)
	}
}
