package obligation_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// walk lets the worker come by on each day after from, up to until, and tells
// what it told: day, kind, rung and bodies.
func (l law) walk(t *testing.T, o *obligation.Obligation, from, until string) []string {
	t.Helper()
	var told []string
	for d := day(t, from); !d.After(day(t, until)); d = d.AddDays(1) {
		o.Saved(1)
		must(t, o.Climb(l.at(d)))
		told = append(told, lines(d, o.Notices())...)
	}
	return told
}

// lines writes notices, those of one rung in one line.
func lines(on workday.Date, notices []obligation.Notice) []string {
	var out []string
	last := obligation.Notice{Kind: "none"}
	for _, n := range notices {
		if n.Kind == last.Kind && n.Rung == last.Rung && n.Series == last.Series {
			out[len(out)-1] += "," + string(n.To)
		} else {
			out = append(out, fmt.Sprintf("%s %s %d.%+d: %s", on, n.Kind, n.Series, n.Rung, n.To))
		}
		last = n
	}
	return out
}

func want(t *testing.T, what string, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const everybody = "county_leading_body,city_committee,office,leading_group"

func TestUsualLadder(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyPlan, "2012-09-03")
	want(t, "told of a plan", l.walk(t, o, "2012-09-03", "2012-11-05"), []string{
		"2012-09-17 REMINDER 1.-20: county_leading_body",
		"2012-09-29 REMINDER 1.-10: county_leading_body", // a worked Saturday
		"2012-10-12 REMINDER 1.-5: county_leading_body,city_committee",
		"2012-10-19 DUE 1.+0: county_leading_body,city_committee,office",
		"2012-10-26 OVERDUE 1.+5: " + everybody,
		"2012-11-02 OVERDUE 1.+10: " + everybody,
	})
}

// A worker that slept climbs every rung that it missed, each once, and again none.
func TestLadderAfterALongSleep(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyPlan, "2012-09-03")
	o.Saved(1)
	must(t, o.Climb(l.on(t, "2013-05-20")))
	told := map[string]int{}
	for _, n := range o.Notices() {
		told[fmt.Sprint(n.Kind, n.Series, n.Rung, n.To)]++
	}
	rungs := map[int]bool{}
	for _, n := range o.Notices() {
		rungs[n.Rung] = true
	}
	for key, n := range told {
		if n != 1 {
			t.Errorf("%s was told %d times", key, n)
		}
	}
	for rung := -5; rung <= 135; rung += 5 {
		if !rungs[rung] {
			t.Errorf("rung %d was left out", rung)
		}
	}
	o.Saved(2)
	must(t, o.Climb(l.on(t, "2013-05-20")))
	if len(o.Notices()) != 0 {
		t.Errorf("told again: %v", o.Notices())
	}
}

func TestLadderStillClimbs200DaysLate(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyPlan, "2012-09-03")
	must(t, o.Climb(l.on(t, "2013-05-07"))) // 200 days after 19 October
	o.Saved(1)
	next := o.Record().RungDate
	if next.DaysSince(day(t, "2013-05-07")) > 7 {
		t.Errorf("the next rung is on %s", next)
	}
	must(t, o.Climb(l.at(next)))
	if len(o.Notices()) != 4 {
		t.Errorf("told %v", o.Notices())
	}
}

// What lay before the opening is not told afterwards.
func TestNoRungBeforeTheOpening(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyFeedback, "2012-09-03") // 15 working days: no rung -20
	want(t, "told of a feedback", l.walk(t, o, "2012-09-03", "2012-09-24"), []string{
		"2012-09-10 REMINDER 1.-10: inspection_group",
		"2012-09-17 REMINDER 1.-5: inspection_group,city_committee",
		"2012-09-24 DUE 1.+0: inspection_group,city_committee,office",
	})
	late, err := obligation.New(l.on(t, "2013-05-20"), opening(regulation.DutyReport, day(t, "2012-10-19")))
	must(t, err)
	l.due(t, late, "2013-04-19")
	want(t, "told of what was overdue when it was opened", l.walk(t, late, "2013-05-20", "2013-05-27"), []string{
		"2013-05-20 OVERDUE 1.+20: " + everybody, // 27 and 28 April are worked, 29 April to 1 May are off
		"2013-05-27 OVERDUE 1.+25: " + everybody,
	})
}

// What is recorded years after its day starts at the rung that is next, wherever in
// the working days behind it that is.
func TestLadderOfWhatIsLongOverdue(t *testing.T) {
	l := load(t)
	in := opening(regulation.DutyCoverage, day(t, "1993-06-01"))
	in.Planned = day(t, "1998-05-31")
	for today := day(t, "1998-05-30"); today.Before(day(t, "1998-07-20")); today = today.AddDays(1) {
		o, err := obligation.New(l.at(today), in)
		must(t, err)
		passed, next := l.calendar.WorkingDaysBetween("51", in.Planned, today.AddDays(-1), workday.CivilCode()).Count, in.Planned
		if today.After(next) {
			next = l.calendar.AddWorkingDays("51", in.Planned, passed/5*5+5, workday.CivilCode()).Date
		}
		if r := o.Record(); r.RungDate != next {
			t.Errorf("recorded on %s: the next rung is on %s, want %s", today, r.RungDate, next)
		}
	}
}

func TestExtensionBeginsANewSeries(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyPlan, "2012-09-03")
	l.walk(t, o, "2012-09-03", "2012-10-12") // up to rung -5
	o.Saved(1)
	must(t, o.Extend(l.on(t, "2012-10-12"), 10, decision))
	l.due(t, o, "2012-11-02")
	if got := o.Notices(); len(got) != 2 || got[0].Kind != obligation.DateMoved || got[0].Due.String() != "2012-11-02" ||
		got[0].To != regulation.CountyBody || got[1].To != regulation.CityCommittee || got[0].Change != o.Record().Changes {
		t.Errorf("told of the extension: %+v", got)
	}
	want(t, "told after the extension", l.walk(t, o, "2012-10-12", "2012-11-02"), []string{
		"2012-10-19 REMINDER 2.-10: county_leading_body",
		"2012-10-26 REMINDER 2.-5: county_leading_body,city_committee",
		"2012-11-02 DUE 2.+0: county_leading_body,city_committee,office",
	})
}

func TestNobodyIsRemindedWhileSuspended(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyPlan, "2012-09-03")
	must(t, o.Suspend(l.on(t, "2012-09-17"), decision))
	want(t, "told while suspended", l.walk(t, o, "2012-09-17", "2014-01-05"), nil)
	if c := o.Color(day(t, "2014-01-05")); c != "" {
		t.Errorf("its colour is %s", c)
	}
	must(t, o.Resume(l.on(t, "2014-01-06"), decision))
	l.due(t, o, "2014-02-07") // 9 days were gone, 21 remain; Spring Festival is in between
	want(t, "told after", l.walk(t, o, "2014-01-06", "2014-01-20"), []string{
		"2014-01-06 REMINDER 2.-20: county_leading_body",
		"2014-01-20 REMINDER 2.-10: county_leading_body",
	})
	must(t, o.Meet(l.on(t, "2014-01-21"), workday.Date{}))
	want(t, "told when met", l.walk(t, o, "2014-01-21", "2014-06-01"), nil)
}

func TestArt5HearingLadder(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyHearing, "2012-09-03")
	want(t, "at the 20th, 25th and 30th working day and after", l.walk(t, o, "2012-09-03", "2012-10-26"), []string{
		"2012-09-29 REMINDER 1.-10: office",
		"2012-10-12 REMINDER 1.-5: leading_group,office",
		"2012-10-19 DUE 1.+0: leading_group,office",
		"2012-10-26 OVERDUE 1.+5: leading_group,office",
	})
}

func TestArt2CoverageLadder(t *testing.T) {
	l := load(t)
	in := opening(regulation.DutyCoverage, day(t, "2012-05-31"))
	in.Planned = day(t, "2017-05-31")
	o := l.openBy(t, in)
	want(t, "in months before the term ends", l.walk(t, o, "2012-05-31", "2017-06-07"), []string{
		"2015-11-30 REMINDER 1.-18: office", // November has no 31st
		"2016-05-31 REMINDER 1.-12: office",
		"2016-11-30 REMINDER 1.-6: office",
		"2017-05-31 DUE 1.+0: office,leading_group",
		"2017-06-07 OVERDUE 1.+5: office,leading_group",
	})
}

func TestBodiesThatMayNotKnowAreNotTold(t *testing.T) {
	l := load(t)
	for _, tt := range []struct {
		county, city bool
		inCity       string
		want         string
	}{
		{true, true, "510100", everybody},
		{true, false, "510100", "county_leading_body,office,leading_group"},
		{true, true, "", "county_leading_body,office,leading_group"}, // no city supervises it
		{false, true, "510100", "city_committee,office,leading_group"},
		{false, false, "510100", "office,leading_group"},
	} {
		in := opening(regulation.DutyPlan, day(t, "2012-09-03"))
		in.CountySees, in.CitySees, in.Place.City = tt.county, tt.city, tt.inCity
		o := l.openBy(t, in)
		got := l.walk(t, o, "2012-10-20", "2012-10-26")
		want(t, fmt.Sprintf("%+v", tt), got[len(got)-1:], []string{"2012-10-26 OVERDUE 1.+5: " + tt.want})
	}
	in := opening(regulation.DutyCityBriefing, day(t, "2012-10-15"))
	in.CitySees = false
	o, err := obligation.New(l.on(t, "2012-09-03"), in)
	must(t, err)
	want(t, "an obligor that does not know yet", l.walk(t, o, "2012-09-03", "2012-10-12"), []string{
		"2012-10-12 DUE 1.+0: office",
	})
}

func TestColors(t *testing.T) {
	l := load(t)
	o := l.open(t, regulation.DutyPlan, "2012-09-03")
	for on, want := range map[string]obligation.Color{
		"2012-09-03": obligation.Green, "2012-09-28": obligation.Green, "2012-09-29": obligation.Yellow,
		"2012-10-19": obligation.Yellow, "2012-10-20": obligation.Red, "2015-01-01": obligation.Red,
	} {
		if got := o.Color(day(t, on)); got != want || o.Overdue(day(t, on)) != (want == obligation.Red) {
			t.Errorf("on %s it is %s, want %s", on, got, want)
		}
	}
	must(t, o.Meet(l.on(t, "2012-10-22"), workday.Date{}))
	if c := o.Color(day(t, "2012-10-22")); c != "" || o.Overdue(day(t, "2012-10-23")) {
		t.Errorf("met, it is %s", c)
	}
}
