package obligation_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// known is the moment with the calendar as known on that day.
func (l law) known(t *testing.T, s string) obligation.Moment {
	t.Helper()
	m := l.on(t, s)
	m.Calendar = l.calendar.KnownAt(m.Today())
	return m
}

func told(o *obligation.Obligation) []string {
	var out []string
	for _, n := range o.Notices() {
		out = append(out, string(n.Kind)+" "+string(n.To)+" "+n.Due.String())
	}
	return out
}

// 2015-05-13 made 3 September a day off: the date moves on by itself.
func TestRecomputedLaterStandsByItself(t *testing.T) {
	l := load(t)
	early, err := obligation.New(l.known(t, "2015-05-12"), opening(regulation.DutyPlan, day(t, "2015-07-23")))
	must(t, err)
	early.Saved(1)
	announced := early.Record().Due
	moved, err := early.Recompute(l.known(t, "2015-05-13"))
	must(t, err)
	r := early.Record()
	if !moved || !r.Due.After(announced) || r.Due != r.Computed {
		t.Errorf("moved %t, due %s, computed %s", moved, r.Due, r.Computed)
	}
	want(t, "told", told(early), []string{
		"DATE_MOVED county_leading_body " + r.Due.String(), "DATE_MOVED city_committee " + r.Due.String(), "DATE_MOVED office " + r.Due.String(),
	})
	if c := early.Changes(); len(c) != 1 || c[0].Kind != obligation.Recomputed || c[0].Cause != r.Calendar || !cmp.Equal(c[0].After, r) {
		t.Errorf("history %+v", c)
	}
	early.Saved(2)
	if moved, err := early.Recompute(l.known(t, "2015-05-13")); moved || err != nil || len(early.Changes()) != 0 || len(early.Notices()) != 0 {
		t.Errorf("recomputed again: moved %t (%v), %v, %v", moved, err, early.Changes(), early.Notices())
	}
}

// 2019-03-22 gave 2 and 3 May off for two worked Sundays: some dates would come
// earlier. What was announced stands until the leading group decides.
func TestRecomputedEarlierWaitsForADecision(t *testing.T) {
	l := load(t)
	m := l.known(t, "2019-03-21")
	o, err := obligation.New(m, opening(regulation.DutyPlan, day(t, "2019-03-18")))
	must(t, err)
	o.Saved(1)
	announced := o.Record().Due
	l.due(t, o, "2019-04-30")
	moved, err := o.Recompute(l.known(t, "2019-03-22"))
	must(t, err)
	r := o.Record()
	if !moved || r.Due != announced || r.Computed.String() != "2019-04-29" {
		t.Fatalf("moved %t, announced %s, stands %s, computed %s", moved, announced, r.Due, r.Computed)
	}
	want(t, "told", told(o), []string{"DATE_COULD_SHORTEN office 2019-04-30", "DATE_COULD_SHORTEN leading_group 2019-04-30"})
	o.Saved(2)

	must(t, o.Shorten(l.known(t, "2019-03-25"), decision, "document"))
	l.due(t, o, "2019-04-29")
	want(t, "told of the decision", told(o), []string{
		"DATE_MOVED county_leading_body 2019-04-29", "DATE_MOVED city_committee 2019-04-29", "DATE_MOVED office 2019-04-29",
	})
	if c := o.Changes(); len(c) != 1 || c[0].Cause != decision+" document" || o.Record().Series != 2 {
		t.Errorf("history %+v, series %d", c, o.Record().Series)
	}
	o.Saved(3)
	err = o.Shorten(l.known(t, "2019-03-25"), decision, "document")
	if f, ok := fault.As(err); !ok || f.Reason != obligation.ReasonNotShorter || f.Meta[fault.MetaArticle] != "17" || len(o.Changes()) != 0 {
		t.Errorf("shortened twice: %v", err)
	}
}

// The ten working days before the entry are those of county and city: a notice that
// takes one of them away makes the office's day earlier at once (art. 12(2)).
func TestArt12CountedBackFollowsTheCalendar(t *testing.T) {
	l := load(t)
	o, err := obligation.New(l.known(t, "2019-03-21"), opening(regulation.DutyEntryNotice, day(t, "2019-05-05")))
	must(t, err)
	o.Saved(1)
	l.due(t, o, "2019-04-19")
	after := l.known(t, "2019-03-22")
	latest, err := l.rules.LatestNotice(after.Calendar, "51", day(t, "2019-05-05"))
	must(t, err)
	if moved, err := o.Recompute(after); !moved || err != nil || o.Record().Due != latest.Date {
		t.Errorf("moved %t (%v), due %s; notice at the latest on %s", moved, err, o.Record().Due, latest.Date)
	}
	want(t, "told", told(o), []string{"DATE_MOVED office 2019-04-18", "DATE_MOVED city_committee 2019-04-18"})
}

func TestRuleSetMayFollowTheCalendar(t *testing.T) {
	l := load(t)
	rules := *l.rules
	rules.Parameters = append([]regulation.Parameter(nil), rules.Parameters...)
	for i, p := range rules.Parameters {
		if p.Name == regulation.CountShorterLater {
			rules.Parameters[i].Value = regulation.FollowCalendar
		}
	}
	l.rules = &rules
	o, err := obligation.New(l.known(t, "2019-03-21"), opening(regulation.DutyPlan, day(t, "2019-03-18")))
	must(t, err)
	moved, err := o.Recompute(l.known(t, "2019-03-22"))
	must(t, err)
	if l.due(t, o, "2019-04-29"); !moved {
		t.Error("it did not move")
	}
}

// A decision for more days takes none away, even if it is the first step after a
// notice that would shorten: the announced day is the least.
func TestDecisionForMoreDaysTakesNoneAway(t *testing.T) {
	l := load(t)
	after := l.known(t, "2019-03-22")
	for name, do := range map[string]func(o *obligation.Obligation) error{
		"extension of nothing": func(o *obligation.Obligation) error { return o.Extend(after, 0, decision) },
		"suspension within a day": func(o *obligation.Obligation) error {
			must(t, o.Suspend(after, decision))
			return o.Resume(after, decision)
		},
	} {
		o, err := obligation.New(l.known(t, "2019-03-21"), opening(regulation.DutyPlan, day(t, "2019-03-18")))
		must(t, err)
		if err := do(o); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r := o.Record(); r.Due.String() != "2019-04-30" || r.Computed.String() != "2019-04-29" {
			t.Errorf("%s: due %s, computed %s", name, r.Due, r.Computed)
		}
	}
}

// A month that rolls over unpublished days is provisional until their notice comes.
func TestProvisionalBecomesFinal(t *testing.T) {
	l := load(t)
	o, err := obligation.New(l.known(t, "2012-12-03"), opening(regulation.DutyPlan, day(t, "2012-12-03")))
	must(t, err)
	o.Saved(1)
	if r := o.Record(); !r.Provisional || r.Due.String() != "2013-01-14" {
		t.Errorf("due %s, provisional %t", r.Due, r.Provisional)
	}
	_, err = o.Recompute(l.known(t, "2012-12-31"))
	must(t, err)
	if r := o.Record(); r.Provisional || r.Due.Before(day(t, "2013-01-14")) || len(o.Changes()) != 1 {
		t.Errorf("due %s, provisional %t, %d changes", r.Due, r.Provisional, len(o.Changes()))
	}
}
