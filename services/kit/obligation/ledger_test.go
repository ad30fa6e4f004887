package obligation_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Through any extensions, suspensions and resumptions: on every day consumed and
// remaining make up the budget, nothing is consumed twice, the day that stands
// never comes earlier, and the count has exactly its n days.
func TestLedgerBalancesOnEveryDay(t *testing.T) {
	l := load(t)
	duties := []regulation.DutyName{
		regulation.DutyPlan, regulation.DutyFeedback, regulation.DutyHearing, // working days
		regulation.DutyReport,                                // months
		regulation.DutyOnSitePeriod, regulation.DutyCoverage, // planned days
	}
	rapid.Check(t, func(t *rapid.T) {
		in := opening(rapid.SampledFrom(duties).Draw(t, "duty"), workday.NewDate(2012, 1, 1).AddDays(rapid.IntRange(0, 2000).Draw(t, "start")))
		in.Planned = in.Start.AddDays(rapid.IntRange(0, 90).Draw(t, "planned"))
		o := l.openBy(t, in)
		before, today := l.ledger(t, o, in.Start), in.Start
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			days := rapid.IntRange(0, 40).Draw(t, "days")
			for range days {
				today = today.AddDays(1)
				now := l.ledger(t, o, today)
				if now.Consumed < before.Consumed || now.Consumed > before.Consumed+1 {
					t.Fatalf("%s: %d consumed, the day before %d", today, now.Consumed, before.Consumed)
				}
				if o.Record().State == obligation.Suspended && now.Consumed != before.Consumed {
					t.Fatalf("%s: a suspended day was consumed", today)
				}
				before = now
			}
			l.step(t, o, today)
			before = l.ledger(t, o, today)
		}
	})
}

func (l law) step(t *rapid.T, o *obligation.Obligation, today workday.Date) {
	at, due, extension := l.at(today), o.Record().Due, o.Record().Extension
	verbs := []string{"extend", "suspend"}
	if o.Record().State == obligation.Suspended {
		verbs = []string{"resume"}
	}
	switch verb := rapid.SampledFrom(verbs).Draw(t, "verb"); verb {
	case "extend":
		n := rapid.IntRange(1, 30).Draw(t, "extension")
		must(t, o.Extend(at, n, decision))
		if r := o.Record(); r.Extension != extension+n || !r.Due.After(due) && r.Clock != regulation.ReportClock {
			t.Fatalf("%s: extended by %d from %s to %s", today, n, due, r.Due)
		}
	case "suspend":
		must(t, o.Suspend(at, decision))
	case "resume":
		must(t, o.Resume(at, decision))
		if r := o.Record(); len(r.Suspensions) > 0 && !due.Before(r.Suspensions[len(r.Suspensions)-1].From) && r.Due.Before(today) {
			t.Fatalf("%s: resumed in time and due %s, before it", today, r.Due)
		}
	}
	if r := o.Record(); r.Due.Before(due) {
		t.Fatalf("%s: the date that stood went from %s back to %s", today, due, r.Due)
	}
	l.counts(t, o)
}

func (l law) ledger(t tester, o *obligation.Obligation, today workday.Date) obligation.Ledger {
	t.Helper()
	ledger, err := o.Ledger(l.at(today), today)
	must(t, err)
	if ledger.Consumed < 0 || ledger.Remaining < 0 || ledger.Consumed+ledger.Remaining != ledger.Budget {
		t.Fatalf("%s: %d consumed and %d remaining do not make %d", today, ledger.Consumed, ledger.Remaining, ledger.Budget)
	}
	r := o.Record()
	if r.State == obligation.Open && ledger.Remaining > 0 && today.After(r.Computed) {
		t.Fatalf("%s: overdue since %s and %d days remain", today, r.Computed, ledger.Remaining)
	}
	return ledger
}

// counts holds the explanation of the date against its number of days.
func (l law) counts(t tester, o *obligation.Obligation) {
	t.Helper()
	due, err := o.Count(l.at(o.Record().Start))
	must(t, err)
	if due.Unit != regulation.WorkingDays {
		return
	}
	period := map[regulation.DutyName]int{regulation.DutyPlan: 30, regulation.DutyFeedback: 15, regulation.DutyHearing: 30}
	numbered := 0
	for _, d := range due.Days {
		if d.Counted > 0 {
			numbered++
			if d.Counted != numbered || !d.Working || d.Suspended {
				t.Fatalf("%s has number %d, is the %d-th, worked %t, suspended %t", d.Date, d.Counted, numbered, d.Working, d.Suspended)
			}
		}
	}
	r := o.Record()
	if want := period[r.Duty] + r.Extension; numbered != want || due.Count != want {
		t.Fatalf("%d days are numbered, the count says %d, want %d", numbered, due.Count, want)
	}
	if last := due.Days[len(due.Days)-1]; last.Date != due.Date || due.Date != r.Computed || last.Counted == 0 {
		t.Fatalf("the count ends on %s, the date is %s", last.Date, due.Date)
	}
}

func TestLedgerOfAPlan(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyPlan, "2012-09-03")
	check := func(on string, want obligation.Ledger) {
		t.Helper()
		want.Unit = regulation.WorkingDays
		if got := l.ledger(t, o, day(t, on)); got != want {
			t.Errorf("on %s: %+v, want %+v", on, got, want)
		}
	}
	check("2012-09-03", obligation.Ledger{Budget: 30, Remaining: 30})
	check("2012-09-07", obligation.Ledger{Budget: 30, Consumed: 4, Remaining: 26})
	must(t, o.Extend(l.on(t, "2012-09-07"), 5, decision))
	check("2012-09-07", obligation.Ledger{Budget: 35, Consumed: 4, Remaining: 31, Extension: 5})
	must(t, o.Suspend(l.on(t, "2012-09-10"), decision))
	check("2012-09-16", obligation.Ledger{Budget: 35, Consumed: 4, Remaining: 31, Extension: 5, SuspendedDays: 7})
	must(t, o.Resume(l.on(t, "2012-09-17"), decision))
	check("2012-09-17", obligation.Ledger{Budget: 35, Consumed: 5, Remaining: 30, Extension: 5, SuspendedDays: 7})
	l.due(t, o, "2012-11-02")
	must(t, o.Meet(l.on(t, "2012-09-20"), workday.Date{}))
	check("2012-12-31", obligation.Ledger{Budget: 35, Consumed: 8, Remaining: 27, Extension: 5, SuspendedDays: 7})
}

func TestLedgerOfAReport(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyReport, "2012-10-19")
	must(t, o.Extend(l.on(t, "2012-10-19"), 3, decision)) // 22 April, a Monday
	must(t, o.Suspend(l.on(t, "2012-12-01"), decision))
	must(t, o.Resume(l.on(t, "2012-12-11"), decision))
	l.due(t, o, "2013-05-02") // 2 May, 10 days after 22 April
	for on, want := range map[string]int{"2012-10-19": 0, "2012-11-30": 42, "2012-12-10": 42, "2012-12-11": 43, "2013-05-02": 185, "2014-01-01": 185} {
		if got := l.ledger(t, o, day(t, on)); got.Consumed != want || got.Unit != regulation.CalendarDays || got.Budget != 185 {
			t.Errorf("on %s: %+v, want %d consumed", on, got, want)
		}
	}
}

// A notice that is counted back uses its time from the opening to its day.
func TestLedgerCountedBack(t *testing.T) {
	l := load(t)
	o, err := obligation.New(l.on(t, "2012-09-03"), opening(regulation.DutyEntryNotice, day(t, "2012-10-15")))
	must(t, err)
	var got []int
	for _, on := range []string{"2012-09-03", "2012-09-10", "2012-09-25", "2012-10-15"} {
		got = append(got, l.ledger(t, o, day(t, on)).Consumed)
	}
	if !slices.Equal(got, []int{0, 7, 22, 22}) {
		t.Errorf("consumed %v", got)
	}
}
