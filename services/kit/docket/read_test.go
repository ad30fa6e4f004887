package docket_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// list reads all pages of two.
func (w *world) list(q docket.Query) (out []obligation.Record) {
	w.t.Helper()
	q.Size = 2
	for more := true; more; {
		w.do(office(), func(tx *pg.Tx, _ obligation.Moment) error {
			found, err := w.docket.List(tx, q)
			if err != nil {
				return err
			}
			var rows []*obligation.Obligation
			rows, more = page.Cut(found, q.Size)
			for _, o := range rows {
				out = append(out, o.Record())
			}
			if len(out) > 0 {
				last := out[len(out)-1]
				q.Cursor = page.Cursor{Keys: []string{docket.SortKey(last)}, ID: last.ID}
			}
			return nil
		})
	}
	return out
}

// TestListIsByDueDate, page after page, and only what the filter lets through.
func TestListIsByDueDate(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	for _, start := range []string{"2026-03-09", "2026-02-02", "2026-03-02", "2026-03-02", "2026-01-05"} {
		w.open(office(), obligation.Opening{
			Duty: regulation.DutyPlan, Subject: "provinces/51/x/" + uuid.NewString(), Place: jinjiang(), Start: date(start),
		})
	}
	w.open(office(), obligation.Opening{
		Duty: regulation.DutyReport, Subject: subject, Place: jinjiang(), Start: date("2026-03-02"),
	})
	all := w.list(docket.Query{})
	if len(all) != 6 || !slices.IsSortedFunc(all, func(a, b obligation.Record) int { return a.Due.Compare(b.Due) }) {
		t.Errorf("listed %+v", all)
	}
	plans := w.list(docket.Query{Filter: filter.Condition{
		SQL: "(duty = ? AND due_date <= ?)", Args: []any{string(regulation.DutyPlan), all[2].Due.Time()},
	}})
	if diff := cmp.Diff(all[:len(plans)], plans); diff != "" || len(plans) < 2 || len(plans) > 4 {
		t.Errorf("filtered (-want +got):\n%s", diff)
	}
}

// TestAsOfKnowsNothingLater: before a notice was activated the old date is shown and
// nothing of the new one, in every way to read; nor is there anything before the opening.
func TestAsOfKnowsNothingLater(t *testing.T) {
	w := newWorld(t, "2020-01-20", "SC-2020-A")
	start := w.clock.Now()
	r := w.plan()
	w.on(date("2020-01-27"))
	n := calendars.Notice{Facts: must(workday.National())(t).Facts("SC-2020-A"), ActivateTime: w.clock.Now()}
	n.Notice, _ = must(workday.National())(t).Notice("SC-2020-A")
	w.do(leading(), func(tx *pg.Tx, _ obligation.Moment) error { return calendars.Activate(tx, n) })
	w.clock.Advance(time.Hour)
	w.sweep()
	swept := w.clock.Now()
	w.on(date("2020-02-03"))
	w.do(office(), func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Meet(tx, at, planKey(), workday.Date{}) })

	is := func(name string, at time.Time, due, computed string, state obligation.State, changes int) {
		t.Helper()
		w.do(office(), func(tx *pg.Tx, _ obligation.Moment) error {
			o, err := w.docket.GetAsOf(tx, r.ID, at)
			if err != nil {
				return err
			}
			listed, err := w.docket.List(tx, docket.Query{AsOf: &at, Size: 5, Filter: filter.Condition{
				SQL: "(due_date = ? AND state = ?)", Args: []any{date(due).Time(), string(state)},
			}})
			if err != nil {
				return err
			}
			history, err := w.docket.Changes(tx, r.ID, &at)
			if err != nil {
				return err
			}
			got := o.Record()
			if got.Due != date(due) || got.Computed != date(computed) || got.State != state || len(history) != changes {
				t.Errorf("%s: due %s, computed %s, %s, %d changes", name, got.Due, got.Computed, got.State, len(history))
			}
			if len(listed) != 1 {
				t.Fatalf("%s: %d are listed", name, len(listed))
			}
			if diff := cmp.Diff(got, listed[0].Record()); diff != "" {
				t.Errorf("%s: listed otherwise (-got +listed):\n%s", name, diff)
			}
			counted, _, err := w.docket.CalendarOf(tx, got.Calendar)
			if err != nil {
				return err
			}
			if again := counted.AddWorkingDays("51", got.Start, 30, workday.CivilCode()); again.Date != got.Computed {
				t.Errorf("%s: its calendar %s gives %s", name, got.Calendar, again.Date)
			}
			return nil
		})
	}
	is("at the opening", start, "2020-03-06", "2020-03-06", obligation.Open, 1)
	is("before the activation", swept.Add(-time.Hour-time.Microsecond), "2020-03-06", "2020-03-06", obligation.Open, 1)
	is("at the sweep", swept, "2020-03-10", "2020-03-10", obligation.Open, 2)
	is("now", w.clock.Now(), "2020-03-10", "2020-03-10", obligation.Satisfied, 3)

	before := start.Add(-time.Microsecond)
	w.do(office(), func(tx *pg.Tx, _ obligation.Moment) error {
		_, err := w.docket.GetAsOf(tx, r.ID, before)
		w.is(err, fault.ReasonNotFound)
		_, err = w.docket.Changes(tx, r.ID, &before)
		w.is(err, fault.ReasonNotFound)
		listed, err := w.docket.List(tx, docket.Query{AsOf: &before, Size: 5})
		if len(listed) != 0 {
			t.Errorf("before the opening %d are listed", len(listed))
		}
		return err
	})
}

// TestCompliance counts by duty what was kept, late, open and overdue, and the same
// again for a past instant, whatever happened since.
func TestCompliance(t *testing.T) {
	w := newWorld(t, "2026-01-05")
	for i, duty := range []regulation.DutyName{
		regulation.DutyPlan, regulation.DutyPlan, regulation.DutyPlan, regulation.DutyPlan, regulation.DutyReport, regulation.DutyFeedbackCopy,
	} {
		place := jinjiang()
		if i == 3 {
			place.City, place.County = "510700", "510703"
		}
		w.open(office(), obligation.Opening{
			Duty: duty, Subject: subject + string(rune('0'+i)), Place: place, Start: date("2026-01-05"),
		})
	}
	key := func(i int) docket.Key {
		return docket.Key{Subject: subject + string(rune('0'+i)), Duty: regulation.DutyPlan}
	}
	meet := func(i int, on string) {
		w.on(date(on)).do(office(), func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Meet(tx, at, key(i), workday.Date{}) })
	}
	meet(0, "2026-02-02")
	spring := w.on(date("2026-03-31")).clock.Now()
	meet(1, "2026-04-01")
	w.on(date("2026-04-02")).do(office(), func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Cancel(tx, at, key(2), "void") })
	copied := docket.Key{Subject: subject + "5", Duty: regulation.DutyFeedbackCopy}
	w.do(office(), func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Meet(tx, at, copied, date("2026-01-06")) })

	is := func(name string, q docket.ComplianceQuery, want ...docket.Compliance) {
		t.Helper()
		w.do(office(), func(tx *pg.Tx, _ obligation.Moment) error {
			got, err := w.docket.Compliance(tx, q)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			return err
		})
	}
	copies := docket.Compliance{Article: "11", Duty: regulation.DutyFeedbackCopy, Due: 1, Kept: 1}
	report := docket.Compliance{Article: "17", Duty: regulation.DutyReport, Due: 1, Open: 1}
	plans := docket.Compliance{Article: "17", Duty: regulation.DutyPlan, Due: 3, Kept: 1, Late: 1, Overdue: 1}
	is("now", docket.ComplianceQuery{}, copies, plans, report)
	is("of a period", docket.ComplianceQuery{From: date("2026-01-31"), To: date("2026-06-30")}, plans)
	is("of a county", docket.ComplianceQuery{County: "510703"},
		docket.Compliance{Article: "17", Duty: regulation.DutyPlan, Due: 1, Overdue: 1})
	is("of a city", docket.ComplianceQuery{City: "510700"},
		docket.Compliance{Article: "17", Duty: regulation.DutyPlan, Due: 1, Overdue: 1})
	is("as of the spring", docket.ComplianceQuery{AsOf: &spring},
		docket.Compliance{Article: "11", Duty: regulation.DutyFeedbackCopy, Due: 1, Overdue: 1},
		docket.Compliance{Article: "17", Duty: regulation.DutyPlan, Due: 4, Kept: 1, Overdue: 3}, report)
	start := noon(date("2026-01-05"))
	is("as of the opening", docket.ComplianceQuery{AsOf: &start},
		docket.Compliance{Article: "11", Duty: regulation.DutyFeedbackCopy, Due: 1, Open: 1},
		docket.Compliance{Article: "17", Duty: regulation.DutyPlan, Due: 4, Open: 4}, report)
}

// TestNotifications are listed, paged, filtered and acknowledged once.
func TestNotifications(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	r := w.plan()
	w.on(r.Due.AddDays(30)).sweep()
	var all []docket.Notification
	read := func(q docket.NotificationQuery) (out []docket.Notification) {
		w.do(county(), func(tx *pg.Tx, _ obligation.Moment) (err error) {
			out, err = w.docket.ListNotifications(tx, q)
			return err
		})
		return out
	}
	all = read(docket.NotificationQuery{Size: 50})
	if len(all) < 8 || all[0].Recipient != "COUNTY_COMMITTEE" || all[0].Jurisdiction != "provinces/51/counties/510104" {
		t.Fatalf("%d notifications: %+v", len(all), all)
	}
	cursor := page.Cursor{Keys: []string{docket.NotificationKey(all[2])}, ID: all[2].ID}
	if diff := cmp.Diff(all[3:6], read(docket.NotificationQuery{Size: 2, Cursor: cursor})); diff != "" {
		t.Errorf("next page (-want +got):\n%s", diff)
	}
	acknowledge := func(version int64) (n docket.Notification, err error) {
		err = w.try(county(), func(tx *pg.Tx, _ obligation.Moment) error {
			n, err = w.docket.Acknowledge(tx, all[0].ID, version)
			return err
		})
		return n, err
	}
	_, err := acknowledge(7)
	w.is(err, fault.ReasonETagMismatch)
	n, err := acknowledge(1)
	if err != nil || n.Acknowledger != "clerk" || n.Version != 2 || !n.AcknowledgeTime.Equal(w.clock.Now()) {
		t.Errorf("acknowledged: %+v, %v", n, err)
	}
	_, err = acknowledge(2)
	w.is(err, docket.ReasonAcknowledged)
	if got := read(docket.NotificationQuery{Size: 50, Unacknowledged: true}); len(got) != len(all)-1 || got[0].ID == all[0].ID {
		t.Errorf("%d of %d are not acknowledged", len(got), len(all))
	}
	w.do(county(), func(tx *pg.Tx, _ obligation.Moment) error {
		_, err := w.docket.GetNotification(tx, uuid.NewString())
		w.is(err, fault.ReasonNotFound)
		n, err := w.docket.GetNotification(tx, all[1].ID)
		if diff := cmp.Diff(all[1], n); diff != "" {
			t.Error(diff)
		}
		return err
	})
}
