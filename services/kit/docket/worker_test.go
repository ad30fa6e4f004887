package docket_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// TestNeverFallsSilent: 200 working days after its due day an obligation is still
// reminded of, every five working days and once each, whether the worker runs every
// day or comes back after all that time.
func TestNeverFallsSilent(t *testing.T) {
	for name, everyDay := range map[string]bool{"every day": true, "at the end": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "2024-03-01")
			r := w.plan()
			s := newSlow(t)
			last := s.days(utc(r.Due), 200)
			for day := utc(date("2024-03-01")); !day.After(last); day = day.AddDate(0, 0, 1) {
				if everyDay || day.Equal(last) {
					w.on(legal(day)).sweep()
				}
			}
			want := s.tell(obligation.Opening{ID: r.ID, Duty: r.Duty, CountySees: true}, utc(r.Due), utc(r.Start), last)
			slices.Sort(want)
			if diff := cmp.Diff(want, w.told("true")); diff != "" {
				t.Errorf("told (-slow +stored):\n%s", diff)
			}
			// 200 days of the calendar are 27 rungs, 200 working days are 40; each tells
			// the county, the office and the leading group.
			calendar := "rung > 0 AND create_time <= '" + r.Due.AddDays(200).End().Format("2006-01-02T15:04:05Z07:00") + "'"
			if n := w.number("SELECT count(DISTINCT rung) FROM notification WHERE " + calendar); everyDay && n != 27 {
				t.Errorf("%d rungs within 200 days of the calendar", n)
			}
			if n := w.number("SELECT count(*) FROM notification WHERE rung > 0"); n != 3*40 {
				t.Errorf("%d notices of 40 rungs", n)
			}
			next := s.days(last, 5)
			w.on(legal(next)).sweep()
			if n := w.number("SELECT count(*) FROM notification WHERE rung = 205"); n != 3 {
				t.Errorf("the rung after 200 working days told %d bodies", n)
			}
		})
	}
}

// TestSweepDoesNothingTwice, and nothing at all to what has ended or is suspended.
func TestSweepDoesNothingTwice(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	r := w.plan()
	w.on(r.Due).sweep()
	before, version := w.told("true"), w.of(office(), subject)[0].Version
	w.sweep()
	if diff := cmp.Diff(before, w.told("true")); diff != "" || w.of(office(), subject)[0].Version != version {
		t.Errorf("a second sweep of the day did something:\n%s", diff)
	}
	w.do(office(), func(tx *pg.Tx, at obligation.Moment) error {
		_, err := w.docket.Decide(tx, r.ID, version, func(at obligation.Moment, o *obligation.Obligation) error {
			return o.Suspend(at, "decision")
		})
		return err
	})
	w.on(r.Due.AddDays(100)).sweep()
	if diff := cmp.Diff(before, w.told("true")); diff != "" {
		t.Errorf("a suspended one was reminded of:\n%s", diff)
	}
	w.do(office(), func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Meet(tx, at, planKey(), workday.Date{}) })
	w.on(r.Due.AddDays(200)).sweep()
	if diff := cmp.Diff(before, w.told("true")); diff != "" {
		t.Errorf("one that was met was reminded of:\n%s", diff)
	}
}

// TestOverdueOnce: the report's clock is opened when the plan is first found overdue,
// in the transaction that finds it so (art. 17), and not by a later rung; a plan that
// was given another day and missed it moves it.
func TestOverdueOnce(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	r := w.plan()
	worker := w.worker()
	var calls int
	var refuse bool
	worker.OnOverdue = map[regulation.DutyName]docket.Overdue{
		regulation.DutyPlan: func(tx *pg.Tx, at obligation.Moment, o obligation.Record) error {
			calls++
			if refuse {
				return fault.Refuse("17", "REFUSED")
			}
			return w.docket.Count(tx, at, obligation.Opening{
				Duty: regulation.DutyReport, Subject: o.Subject, Place: o.Place, Start: o.Due, CountySees: true,
			})
		},
	}
	round := func(day workday.Date) {
		t.Helper()
		if err := worker.Round(w.on(day).ctx()); err != nil {
			t.Fatal(err)
		}
	}
	round(r.Due)
	round(r.Due.AddDays(1))
	if calls != 0 {
		t.Fatal("overdue before the first rung behind the day")
	}
	refuse = true
	round(r.Due.AddDays(10))
	if n := w.number("SELECT count(*) FROM notification WHERE rung > 0"); n != 0 || calls != 1 {
		t.Fatalf("refused, and yet %d were told", n)
	}
	refuse = false
	round(r.Due.AddDays(10))
	round(r.Due.AddDays(60))
	of := w.of(office(), subject)
	if calls != 2 || len(of) != 2 || of[1].Duty != regulation.DutyReport || of[1].Start != r.Due {
		t.Fatalf("%d calls, %+v", calls, of)
	}
	w.do(office(), func(tx *pg.Tx, _ obligation.Moment) error {
		_, err := w.docket.Decide(tx, r.ID, of[0].Version, func(at obligation.Moment, o *obligation.Obligation) error {
			return o.Extend(at, 60, "decision")
		})
		return err
	})
	round(r.Due.AddDays(300))
	round(r.Due.AddDays(320))
	of = w.of(office(), subject)
	if calls != 3 || len(of) != 2 || of[1].Start != of[0].Due || of[1].Start == r.Due {
		t.Errorf("%d calls, %+v", calls, of)
	}
}

func (w *world) ctx() context.Context { return w.t.Context() }

// TestProvincesAreApart: each is swept by its own scope, and one that fails does not
// hold up another.
func TestProvincesAreApart(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	w.plan()
	zhejiang := obligation.Place{Province: "33", City: "330100", County: "330102"}
	in := obligation.Opening{
		Duty: regulation.DutyFeedbackCopy, Subject: "provinces/33/feedbacks/a", Place: zhejiang, Start: date("2026-03-02"),
	}
	w.open(as("INSPECTION_OFFICE", "provinces/33", "office"), in)
	if _, err := w.admin.Exec("UPDATE obligation SET version = version + 1, next_rung = 0, rung_date = '2026-03-02'"); err != nil {
		t.Fatal(err)
	}
	// The notice of the first province is there already: the last guard refuses it.
	if _, err := w.admin.Exec(`INSERT INTO notification SELECT province, gen_random_uuid(), id, duty, article, subject,
		county_code, city_code, inspection_id, 'REMINDER', 1, -20, 0, 'COUNTY_COMMITTEE', 'x', due_date, now(), NULL, '', 1
		FROM obligation WHERE province = '51'`); err != nil {
		t.Fatal(err)
	}
	err := w.worker().Round(w.ctx())
	w.is(err, fault.ReasonAlreadyExists)
	if n := w.number("SELECT count(*) FROM notification WHERE province = '33'"); n == 0 {
		t.Error("the other province was held up")
	}
	if n := w.number("SELECT count(*) FROM notification WHERE province = '51'"); n != 1 {
		t.Errorf("%d notices in the province that failed", n)
	}
}

// TestWhoKnowsLessTakesNothingBack: a worker whose clock stands behind an activation,
// or whose release does not have a notice yet, leaves what another has counted.
func TestWhoKnowsLessTakesNothingBack(t *testing.T) {
	w := newWorld(t, "2020-01-20", "SC-2020-A")
	r := w.plan()
	w.on(date("2020-01-27"))
	n := calendars.Notice{Facts: must(workday.National())(t).Facts("SC-2020-A"), ActivateTime: w.clock.Now()}
	n.Notice, _ = must(workday.National())(t).Notice("SC-2020-A")
	w.do(leading(), func(tx *pg.Tx, _ obligation.Moment) error { return calendars.Activate(tx, n) })
	w.sweep()
	after := w.of(office(), subject)[0]
	if after.Due != date("2020-03-10") || after.Due == r.Due {
		t.Fatalf("due %s", after.Due)
	}
	w.clock.Advance(-time.Second)
	w.sweep()
	if diff := cmp.Diff(after, w.of(office(), subject)[0]); diff != "" {
		t.Errorf("a clock that stands behind took it back:\n%s", diff)
	}
	w.on(date("2020-01-28"))
	w.docket = docket.New("docketprobe", must(regulation.Load())(t),
		calendars.New(must(workday.National())(t).Without("SC-2020-A", "SC-2020")), w.clock)
	w.sweep()
	if diff := cmp.Diff(after, w.of(office(), subject)[0]); diff != "" {
		t.Errorf("an older release took it back:\n%s", diff)
	}
}
