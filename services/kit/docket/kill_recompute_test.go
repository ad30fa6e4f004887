package docket_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// TestCountedAgainOnceUnderKills: notice after notice is activated over three batches
// of obligations, while two worker processes count them again and are killed. Each is
// counted again once for each notice, told of once, and entered in the audit log once.
func TestCountedAgainOnceUnderKills(t *testing.T) {
	const runs, running = 15, 450
	w := newWorld(t, "2026-06-01")
	clock := fileClock(filepath.Join(t.TempDir(), "now"))
	s := newSlow(t)
	starts, due := map[string]time.Time{}, map[string]time.Time{}
	w.do(office(), func(tx *pg.Tx, at obligation.Moment) error {
		for n := range running {
			in := obligation.Opening{
				ID: uuid.NewString(), Duty: regulation.DutyPlan, Subject: fmt.Sprintf("provinces/51/x/%d", n), Place: jinjiang(),
				Start: at.Today().AddDays(-n % 8),
			}
			starts[in.ID], due[in.ID] = utc(in.Start), s.due(in.Duty, utc(in.Start))
			if err := w.docket.Open(tx, at, in); err != nil {
				return err
			}
		}
		return nil
	})
	moved, midway := 0, 0
	for seed := range uint64(runs) {
		rng := rand.New(rand.NewPCG(seed, 7))
		clock.set(t, w.clock.Advance(time.Minute))
		n := w.anotherNotice(rng, s, int(seed))
		w.do(leading(), func(tx *pg.Tx, _ obligation.Moment) error { return calendars.Activate(tx, n) })
		pair := []*process{w.process(clock), w.process(clock)}
		for _, p := range pair {
			p.work(t)
		}
		for range pair { // the first is dead while the second goes on
			time.Sleep(time.Duration(rng.IntN(500)) * time.Millisecond)
			pair[0].kill()
			pair = pair[1:]
		}
		if done := w.counted(int(seed) + 2); done > 0 && done < running {
			midway++
		}
		for deadline := time.Now().Add(20 * time.Second); w.counted(int(seed)+2) < running; {
			if err := w.worker().Round(context.Background()); err != nil || time.Now().After(deadline) {
				t.Fatalf("seed %d: left over, %v", seed, err)
			}
		}
		for id, start := range starts {
			if later := s.due(regulation.DutyPlan, start); later.After(due[id]) {
				due[id] = later
				moved++
			}
		}
		w.checkCountedAgain(seed, s, starts, due, moved, running*(int(seed)+1))
	}
	t.Logf("%d runs, %d of them killed in the midst of the work, %d dates moved", runs, midway, moved)
}

// anotherNotice makes a working day of the period off, or a day off worked, and tells
// the slow counter.
func (w *world) anotherNotice(rng *rand.Rand, s slow, number int) calendars.Notice {
	day := utc(date("2026-06-02")).AddDate(0, 0, rng.IntN(25))
	n := calendars.Notice{
		Notice:       workday.Notice{ID: fmt.Sprintf("X-%02d", number), Published: date("2026-05-01").AddDays(number), Source: "文号"},
		ActivateTime: w.clock.Now(),
	}
	n.Facts = []workday.Fact{{Notice: n.ID, Date: legal(day), Working: !s.worked(day), Name: "节"}}
	s[day.Format(time.DateOnly)] = !s.worked(day)
	return n
}

// counted is how many have so long a history.
func (w *world) counted(changes int) int {
	return w.number("SELECT count(*) FROM obligation WHERE change_count = $1", changes)
}

func (w *world) checkCountedAgain(seed uint64, s slow, starts, due map[string]time.Time, moved, examined int) {
	w.t.Helper()
	rows, err := w.admin.Query("SELECT id, due_date, computed_date FROM obligation")
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var stands, computed time.Time
		if err := rows.Scan(&id, &stands, &computed); err != nil {
			w.t.Fatal(err)
		}
		if want := s.due(regulation.DutyPlan, starts[id]); !computed.Equal(want) || !stands.Equal(due[id]) {
			w.t.Fatalf("seed %d: %s stands at %s, computed %s, want %s and %s", seed, id, stands, computed, due[id], want)
		}
	}
	for query, want := range map[string]int{
		"SELECT count(*) FROM notification WHERE kind = 'DATE_MOVED' AND recipient_party = 'INSPECTION_OFFICE'": moved,
		"SELECT count(*) FROM obligation_change WHERE kind = 'RECOMPUTED'":                                      examined,
		"SELECT sum((detail->>'examined')::int) FROM audit_entry WHERE method = 'docket.Recompute'":             examined,
		"SELECT coalesce(sum((detail->>'later')::int), 0) FROM audit_entry WHERE method = 'docket.Recompute'":   moved,
	} {
		if n := w.number(query); n != want {
			w.t.Fatalf("seed %d: %s: %d, want %d", seed, query, n, want)
		}
	}
}
