package obligation_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Every move from every state: the lawful ones move, all others refuse by an
// article and change nothing.
func TestMovesInEveryState(t *testing.T) {
	l := load(t)
	today := l.on(t, "2012-09-10")
	late := l.on(t, "2015-08-20") // the amendment of 2015 moved this autumn's days
	type verb struct {
		name    string
		do      func(o *obligation.Obligation) error
		to      map[obligation.State]obligation.State
		article string
		kind    obligation.ChangeKind
	}
	stay := func(states ...obligation.State) map[obligation.State]obligation.State {
		to := map[obligation.State]obligation.State{}
		for _, s := range states {
			to[s] = s
		}
		return to
	}
	ends := func(to obligation.State) map[obligation.State]obligation.State {
		return map[obligation.State]obligation.State{obligation.Open: to, obligation.Suspended: to}
	}
	for _, v := range []verb{
		{"meet", func(o *obligation.Obligation) error { return o.Meet(today, workday.Date{}) },
			ends(obligation.Satisfied), "17", obligation.Met},
		{"cancel", func(o *obligation.Obligation) error { return o.Cancel(today, "gone") },
			ends(obligation.Cancelled), "17", obligation.FellAway},
		{"restart", func(o *obligation.Obligation) error { return o.Restart(today, today.Today(), workday.Date{}) },
			stay(obligation.Open, obligation.Suspended), "17", obligation.Restarted},
		{"recompute", func(o *obligation.Obligation) error { _, err := o.Recompute(late); return err },
			stay(obligation.Open), "17", obligation.Recomputed},
		{"extend", func(o *obligation.Obligation) error { return o.Extend(today, 3, decision) },
			stay(obligation.Open), "5", obligation.Extended},
		{"suspend", func(o *obligation.Obligation) error { return o.Suspend(today, decision) },
			map[obligation.State]obligation.State{obligation.Open: obligation.Suspended}, "5", obligation.SuspendedBy},
		{"resume", func(o *obligation.Obligation) error { return o.Resume(today, decision) },
			map[obligation.State]obligation.State{obligation.Suspended: obligation.Open}, "5", obligation.ResumedBy},
		{"shorten", func(o *obligation.Obligation) error { return o.Shorten(today, decision, "document") },
			stay(obligation.Open), "5", obligation.ShortenedBy},
		{"extendTo", func(o *obligation.Obligation) error { return o.ExtendTo(today, day(t, "2012-11-20"), decision) },
			stay(obligation.Open), "3", obligation.Extended},
		{"show", func(o *obligation.Obligation) error { return o.ShowToCity(today) },
			stay(obligation.States()...), "", obligation.ShownToCity},
	} {
		for _, from := range obligation.States() {
			t.Run(v.name+"/"+string(from), func(t *testing.T) {
				o := l.in(t, from)
				if v.name == "extendTo" { // of a planned day only
					o = l.inPlanned(t, from)
				}
				before := o.Record()
				err := v.do(o)
				after := o.Record()
				want, lawful := v.to[from]
				if !lawful {
					f, ok := fault.As(err)
					if !ok || f.Reason != obligation.ReasonState || f.Meta[fault.MetaArticle] != v.article || f.Meta["state"] != string(from) {
						t.Errorf("refused with %v, want %s of art. %s", err, obligation.ReasonState, v.article)
					}
					if diff := cmp.Diff(before, after); diff != "" || len(o.Changes()) != 0 || len(o.Notices()) != 0 {
						t.Errorf("a refused move changed (-before +after):\n%s%v%v", diff, o.Changes(), o.Notices())
					}
					return
				}
				if err != nil || after.State != want {
					t.Fatalf("%v, state %s, want %s", err, after.State, want)
				}
				changes := o.Changes()
				if len(changes) != 1 || changes[0].Kind != v.kind || changes[0].Sequence != before.Changes+1 || !cmp.Equal(changes[0].After, after) {
					t.Errorf("history %+v, want one entry %s that has all there is", changes, v.kind)
				}
				if running := after.State == obligation.Open; running == after.RungDate.IsZero() {
					t.Errorf("in state %s the next rung is on %s", after.State, after.RungDate)
				}
			})
		}
	}
}

// in gives a plan of 2012 whose announced date is later than the computed one, so
// that it can be shortened, hidden from the city, in the state and saved.
func (l law) in(t *testing.T, s obligation.State) *obligation.Obligation {
	t.Helper()
	in := opening(regulation.DutyPlan, day(t, "2012-09-03"))
	in.CitySees = false
	o := l.openBy(t, in)
	switch s {
	case obligation.Open:
	case obligation.Suspended:
		must(t, o.Suspend(l.on(t, "2012-09-05"), decision))
	case obligation.Satisfied:
		must(t, o.Meet(l.on(t, "2012-09-05"), workday.Date{}))
	case obligation.Cancelled:
		must(t, o.Cancel(l.on(t, "2012-09-05"), "gone"))
	}
	r := o.Record()
	r.Due, r.Calendar = r.Due.AddDays(3), "older"
	return obligation.Rehydrate(r)
}

// inPlanned gives a stay of autumn 2012 in the state and saved.
func (l law) inPlanned(t *testing.T, s obligation.State) *obligation.Obligation {
	t.Helper()
	in := opening(regulation.DutyOnSitePeriod, day(t, "2012-09-03"))
	in.Planned = day(t, "2012-10-02")
	o := l.openBy(t, in)
	switch s {
	case obligation.Open:
	case obligation.Suspended:
		must(t, o.Suspend(l.on(t, "2012-09-05"), decision))
	case obligation.Satisfied:
		must(t, o.Meet(l.on(t, "2012-09-05"), workday.Date{}))
	case obligation.Cancelled:
		must(t, o.Cancel(l.on(t, "2012-09-05"), "gone"))
	}
	return obligation.Rehydrate(o.Record())
}

// TestArt3ExtendTo: the planned day moves to the one decided; where decisions have moved
// it past that, no day is added and the entry in the history is there all the same. A
// counted period has no such day.
func TestArt3ExtendTo(t *testing.T) {
	l := load(t)
	today := l.on(t, "2012-09-10")
	o := l.inPlanned(t, obligation.Open)
	must(t, o.ExtendTo(today, day(t, "2012-10-12"), decision))
	l.due(t, o, "2012-10-12")
	if r := o.Record(); r.Extension != 10 || r.Planned != day(t, "2012-10-02") || r.Computed != r.Due {
		t.Errorf("extended to %+v", r)
	}
	ledger, err := o.Ledger(today, today.Today())
	must(t, err)
	if ledger.Budget != 39 || ledger.Extension != 10 || ledger.Consumed+ledger.Remaining != 39 {
		t.Errorf("ledger %+v", ledger)
	}
	must(t, o.ExtendTo(today, day(t, "2012-10-05"), decision))
	l.due(t, o, "2012-10-12")
	changes := o.Changes()
	if len(changes) != 2 || changes[1].Kind != obligation.Extended || changes[1].Cause != decision {
		t.Errorf("history %+v", changes)
	}
	if f, ok := fault.As(l.open(t, regulation.DutyPlan, "2012-09-03").ExtendTo(today, day(t, "2012-12-31"), decision)); !ok ||
		f.Kind != fault.Internal {
		t.Errorf("a counted period: %v", f)
	}
}

func TestMeetAtTheLastStroke(t *testing.T) {
	l := load(t)
	for now, want := range map[string]struct {
		on   string
		late bool
	}{
		"2012-09-03T12:00:00+08:00":           {"2012-09-03", false},
		"2012-10-19T23:59:59.999999999+08:00": {"2012-10-19", false},
		"2012-10-20T00:00:00+08:00":           {"2012-10-19", false}, // 24:00 of the last day
		"2012-10-20T00:00:00.000001+08:00":    {"2012-10-20", true},
		"2013-03-01T08:00:00Z":                {"2013-03-01", true},
	} {
		o := l.open(t, regulation.DutyPlan, "2012-09-03")
		instant, err := time.Parse(time.RFC3339Nano, now)
		must(t, err)
		must(t, o.Meet(obligation.Moment{Now: instant, Calendar: l.calendar, Rules: l.rules}, workday.Date{}))
		if r := o.Record(); r.SatisfyDate.String() != want.on || r.Late != want.late || r.State != obligation.Satisfied {
			t.Errorf("at %s: %s on %s, late %t, want %+v", now, r.State, r.SatisfyDate, r.Late, want)
		}
	}
}

// With another cut-off, what comes after it is of the next day (count.cut_off).
func TestMeetAfterTheCutOff(t *testing.T) {
	l := load(t)
	rules := *l.rules
	rules.Parameters = slices.Clone(rules.Parameters)
	for i, p := range rules.Parameters {
		if p.Name == regulation.CountCutOff {
			rules.Parameters[i].Value = regulation.Number(17)
		}
	}
	l.rules = &rules
	for now, want := range map[string]string{
		"2012-10-18T18:00:00+08:00":        "2012-10-19 false",
		"2012-10-19T17:00:00+08:00":        "2012-10-19 false",
		"2012-10-19T17:00:00.000001+08:00": "2012-10-20 true",
	} {
		o := l.open(t, regulation.DutyPlan, "2012-09-03")
		instant, err := time.Parse(time.RFC3339Nano, now)
		must(t, err)
		must(t, o.Meet(obligation.Moment{Now: instant, Calendar: l.calendar, Rules: l.rules}, workday.Date{}))
		r := o.Record()
		if got := fmt.Sprint(r.SatisfyDate, r.Late); got != want {
			t.Errorf("at %s: met on %s, want %s", now, got, want)
		}
	}
}

func TestMeetOnTheDayOfTheDocument(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyPlan, "2012-09-03")
	must(t, o.Meet(l.on(t, "2012-11-01"), day(t, "2012-10-19")))
	if r := o.Record(); r.Late || r.SatisfyDate.String() != "2012-10-19" {
		t.Errorf("met on %s, late %t", r.SatisfyDate, r.Late)
	}
}

func TestMetWithTheLastAddressee(t *testing.T) {
	l := load(t)
	in := opening(regulation.DutyEntryNotice, day(t, "2012-10-15"))
	in.Addressees = 2
	o, err := obligation.New(l.on(t, "2012-09-03"), in)
	must(t, err)
	l.due(t, o, "2012-09-25")
	must(t, o.Meet(l.on(t, "2012-09-10"), workday.Date{}))
	if r := o.Record(); r.State != obligation.Open || r.Awaiting != 1 {
		t.Errorf("after the first: %s, %d wanted", r.State, r.Awaiting)
	}
	must(t, o.Meet(l.on(t, "2012-09-25"), workday.Date{}))
	if r := o.Record(); r.State != obligation.Satisfied || r.Late || r.Awaiting != 0 {
		t.Errorf("after the second: %s, late %t, %d wanted", r.State, r.Late, r.Awaiting)
	}
	kinds := []obligation.ChangeKind{}
	for _, c := range o.Changes() {
		kinds = append(kinds, c.Kind)
	}
	if diff := cmp.Diff([]obligation.ChangeKind{obligation.Opened, obligation.PartlyMet, obligation.Met}, kinds); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

// What is met while the period stands still is not late, however long it stood.
func TestMetWhileSuspendedIsInTime(t *testing.T) {
	l := load(t)
	for _, duty := range []regulation.DutyName{regulation.DutyPlan, regulation.DutyReport} {
		o := l.open(t, duty, "2012-09-03")
		must(t, o.Suspend(l.on(t, "2012-09-10"), decision))
		must(t, o.Meet(l.on(t, "2014-05-12"), workday.Date{}))
		if r := o.Record(); r.Late || r.Due.Before(r.SatisfyDate) {
			t.Errorf("%s: met on %s, due %s, late %t", duty, r.SatisfyDate, r.Due, r.Late)
		}
		late := l.open(t, duty, "2012-09-03")
		must(t, late.Suspend(l.on(t, "2013-07-01"), decision)) // overdue already
		must(t, late.Meet(l.on(t, "2014-05-12"), workday.Date{}))
		if !late.Record().Late {
			t.Errorf("%s: a suspension that came after the end made it in time", duty)
		}
	}
}

func TestBackwardCountIsNotExtended(t *testing.T) {
	l := load(t)
	for verb, do := range map[string]func(o *obligation.Obligation, at obligation.Moment) error{
		"extend":  func(o *obligation.Obligation, at obligation.Moment) error { return o.Extend(at, 1, decision) },
		"suspend": func(o *obligation.Obligation, at obligation.Moment) error { return o.Suspend(at, decision) },
	} {
		o, err := obligation.New(l.on(t, "2012-09-03"), opening(regulation.DutyEntryNotice, day(t, "2012-10-15")))
		must(t, err)
		if err := do(o, l.on(t, "2012-09-10")); !fault.Is(err, regulation.ReasonNotExtendable) {
			t.Errorf("%s: %v", verb, err)
		}
	}
}

func TestRestartTakesTheNewStart(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyReport, "2012-10-19")
	l.due(t, o, "2013-04-19")
	must(t, o.Restart(l.on(t, "2012-11-05"), day(t, "2012-10-19"), workday.Date{}))
	if len(o.Changes()) != 1 {
		t.Errorf("the same start was entered again: %+v", o.Changes())
	}
	must(t, o.Restart(l.on(t, "2012-11-05"), day(t, "2012-11-05"), workday.Date{}))
	l.due(t, o, "2013-05-06") // 5 May is a Sunday
	if r := o.Record(); r.Start.String() != "2012-11-05" || r.Series != 2 {
		t.Errorf("it starts on %s, series %d", r.Start, r.Series)
	}
}

func TestRestartWhileSuspendedCountsOnceItRunsAgain(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyReport, "2012-10-19")
	must(t, o.Suspend(l.on(t, "2012-10-22"), decision))
	must(t, o.Restart(l.on(t, "2012-11-05"), day(t, "2012-11-05"), workday.Date{}))
	if r := o.Record(); r.State != obligation.Suspended || !r.RungDate.IsZero() {
		t.Errorf("state %s, next rung on %s", r.State, r.RungDate)
	}
	must(t, o.Resume(l.on(t, "2012-11-15"), decision)) // 6 to 14 November did not count
	l.due(t, o, "2013-05-14")
}

func TestShowToCity(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyPlan, "2012-09-03")
	must(t, o.ShowToCity(l.on(t, "2012-09-05")))
	if len(o.Changes()) != 1 {
		t.Error("it was shown to a city that saw it already")
	}
	in := opening(regulation.DutyPlan, day(t, "2012-09-03"))
	in.Place.City, in.CitySees = "", false
	o = l.openBy(t, in)
	must(t, o.ShowToCity(l.on(t, "2012-09-05")))
	if o.Record().CitySees {
		t.Error("it was shown where there is no city")
	}
}

// What is handed out is a copy.
func TestRecordIsACopy(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyPlan, "2012-09-03")
	must(t, o.Suspend(l.on(t, "2012-09-10"), decision))
	r := o.Record()
	r.Suspensions[0].From = workday.Date{}
	if slices.Contains(o.Record().Suspensions, workday.Span{}) {
		t.Error("the record gave the obligation away")
	}
	o.Saved(2)
	if len(o.Changes()) != 0 || len(o.Notices()) != 0 || o.Record().Version != 2 {
		t.Error("what was saved is kept to be saved again")
	}
}
