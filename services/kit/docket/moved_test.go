package docket_test

import (
	"testing"

	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// TestMovedWhenItWasDueAlready: a holiday notice that comes when bodies were told that
// it is due, or overdue, moves the day on by two. The new day, and the fifth working day
// after it, do not pass in silence.
func TestMovedWhenItWasDueAlready(t *testing.T) {
	for name, tt := range map[string]struct {
		told int // working days after the due day
		want string
	}{"due": {0, "DUE"}, "overdue": {5, "OVERDUE"}} {
		t.Run(name, func(t *testing.T) {
			w, s := newWorld(t, "2026-03-02"), newSlow(t)
			r := w.plan()
			w.on(legal(s.days(utc(r.Due), tt.told))).sweep()
			off := calendars.Notice{ActivateTime: w.clock.Now()}
			off.Notice = workday.Notice{ID: "SC-LATE", Province: "51", Published: r.Due, Source: "test"}
			for _, day := range []workday.Date{r.Due, r.Due.AddDays(-1)} {
				off.Facts = append(off.Facts, workday.Fact{Notice: "SC-LATE", Date: day, Name: "停"})
			}
			w.do(leading(), func(tx *pg.Tx, _ obligation.Moment) error { return calendars.Activate(tx, off) })
			w.sweep()
			moved := w.of(office(), subject)[0]
			if !moved.Due.After(r.Due) {
				t.Fatalf("due %s, then %s", r.Due, moved.Due)
			}
			w.on(legal(s.days(utc(moved.Due), tt.told))).sweep()
			if n := w.number("SELECT count(*) FROM notification WHERE kind = $1 AND due_date = $2 AND recipient_party = 'COUNTY_COMMITTEE'",
				tt.want, moved.Due.String()); n != 1 {
				t.Errorf("the county was told %d times that it is %s by the new day: %v", n, tt.want, w.told("true"))
			}
		})
	}
}
