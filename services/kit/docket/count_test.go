package docket_test

import (
	"testing"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// An event that comes again counts anew while the duty runs; what is met is not owed
// again, and what fell away is.
func TestCount(t *testing.T) {
	w := newWorld(t, "2012-09-03")
	report := obligation.Opening{Duty: regulation.DutyReport, Subject: subject, Place: jinjiang()}
	count := func(day string) {
		t.Helper()
		w.on(date(day)).do(office(), func(tx *pg.Tx, at obligation.Moment) error {
			in := report
			in.Start = date(day)
			return w.docket.Count(tx, at, in)
		})
	}
	want := func(n int, due, state string) {
		t.Helper()
		all := w.of(office(), subject)
		if last := all[len(all)-1]; len(all) != n || last.Due.String() != due || string(last.State) != state {
			t.Errorf("%d obligations, the last %s due %s; want %d, %s due %s", len(all), last.State, last.Due, n, state, due)
		}
	}
	step := func(f func(tx *pg.Tx, at obligation.Moment) error) { t.Helper(); w.do(office(), f) }
	count("2012-10-19")
	want(1, "2013-04-19", "OPEN")
	count("2012-12-03")
	want(1, "2013-06-03", "OPEN")
	count("2012-12-03")
	if n := w.of(office(), subject)[0].Changes; n != 2 {
		t.Errorf("the same start makes %d changes", n)
	}
	key := planKey()
	key.Duty = regulation.DutyReport
	step(func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Cancel(tx, at, key, "gone") })
	count("2012-12-10")
	want(2, "2013-06-13", "OPEN") // 10 to 12 June are off
	step(func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Meet(tx, at, key, workday.Date{}) })
	count("2013-01-07")
	want(2, "2013-06-13", "SATISFIED")
}
