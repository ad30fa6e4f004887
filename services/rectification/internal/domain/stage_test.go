package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// The days of the tests. 2024-02-26 is a Monday.
const today = "2024-02-26"

func day(t *testing.T, s string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func noon(t *testing.T, s string) time.Time {
	t.Helper()
	return day(t, s).Time().Add(12 * time.Hour)
}

// moment gives a day with the calendar as known on it; change, if any, alters a
// copy of the rule set.
func moment(t *testing.T, s string, change ...func(*regulation.RuleSet)) obligation.Moment {
	t.Helper()
	calendar, err := workday.National()
	if err != nil {
		t.Fatal(err)
	}
	book, err := regulation.Load()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := book.Get(regulation.County2012)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(rules) // of a book that only this test has
	}
	return obligation.Moment{Now: noon(t, s), Calendar: calendar.KnownAt(day(t, s)), Rules: rules}
}

func place() domain.Place {
	return domain.Place{Province: "51", City: "510100", County: "510104", Inspection: "i1"}
}

func withoutCity() domain.Place {
	p := place()
	p.City = ""
	return p
}

func problems(n int32) []domain.Problem {
	var out []domain.Problem
	for i := int32(1); i <= n; i++ {
		out = append(out, domain.Problem{Number: i, Description: "问题", Suggestion: "意见"})
	}
	return out
}

func text(n int32) domain.FeedbackText {
	return domain.FeedbackText{Summary: "意见", Problems: problems(n)}
}

// lexicon is that of the law, with the names of other counties.
func lexicon(t *testing.T, counties ...string) domain.Lexicon {
	t.Helper()
	l, err := domain.NewLexicon(moment(t, today).Rules, counties)
	ok(t, err)
	return l
}

func measures(answers ...[]int32) []domain.Measure {
	var out []domain.Measure
	for i, problems := range answers {
		out = append(out, domain.Measure{
			Number: int32(i + 1), Problems: problems, Description: "措施", Owner: "李", OwnerPost: "副县长",
			Due: workday.Date{Year: 2024, Month: 6, Day: 28}, AcceptanceTest: "制度出台并公开",
		})
	}
	return out
}

func reply(v domain.Verdict, opinion string) *domain.Reply {
	return &domain.Reply{Verdict: v, Opinion: opinion}
}

func ofGroup() domain.Replier {
	return domain.Replier{Subject: "li", GroupStands: true, Leader: "组长", Submitter: "clerk"}
}

func signed() domain.Signature {
	return domain.Signature{Name: "王", Post: "县委书记", Truthful: true}
}

func accounts(numbers ...int32) []domain.Account {
	var out []domain.Account
	for _, n := range numbers {
		out = append(out, domain.Account{Number: n, State: domain.ItemDone, Evidence: "文件"})
	}
	return out
}

// refused tests the reason and the article of a refusal, and gives the fault.
func refused(t *testing.T, err error, reason, article string) *fault.Error {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Reason != reason || f.Meta[fault.MetaArticle] != article {
		t.Fatalf("got %v, want %s by art. %q", err, reason, article)
	}
	return f
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
