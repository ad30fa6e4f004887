package obligation_test

import (
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

func day(t tester, s string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return d
}

// law is the default rule set and the calendar as known for ever.
type law struct {
	rules    *regulation.RuleSet
	calendar *workday.Calendar
}

func load(t tester) law {
	t.Helper()
	book, err := regulation.Load()
	if err != nil {
		t.Fatalf("%v", err)
	}
	rules, err := book.Get(regulation.County2012)
	if err != nil {
		t.Fatalf("%v", err)
	}
	calendar, err := workday.National()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return law{rules, calendar}
}

// at is noon of a day.
func (l law) at(d workday.Date) obligation.Moment {
	return obligation.Moment{Now: d.Time().Add(12 * time.Hour), Calendar: l.calendar, Rules: l.rules}
}

func (l law) on(t tester, s string) obligation.Moment { return l.at(day(t, s)) }

const decision = "provinces/51/decisions/d"

func place() obligation.Place {
	return obligation.Place{Province: "51", City: "510100", County: "510104", Inspection: "i"}
}

func opening(duty regulation.DutyName, start workday.Date) obligation.Opening {
	return obligation.Opening{
		ID: "o", Duty: duty, Subject: "provinces/51/rectifications/r", Place: place(), Start: start,
		CountySees: true, CitySees: true,
	}
}

// open opens a duty at noon of its start.
func (l law) open(t tester, duty regulation.DutyName, start string) *obligation.Obligation {
	t.Helper()
	return l.openBy(t, opening(duty, day(t, start)))
}

func (l law) openBy(t tester, in obligation.Opening) *obligation.Obligation {
	t.Helper()
	o, err := obligation.New(l.at(in.Start), in)
	if err != nil {
		t.Fatalf("open %s: %v", in.Duty, err)
	}
	return o
}

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

func (l law) due(t *testing.T, o *obligation.Obligation, want string) {
	t.Helper()
	if got := o.Record().Due.String(); got != want {
		t.Errorf("%s is due %s, want %s", o.Record().Duty, got, want)
	}
}
