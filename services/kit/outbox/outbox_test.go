package outbox_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/outbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

func TestRolledBackTransactionAnnouncesNothing(t *testing.T) {
	f := newFixture(t)
	boom := errors.New("boom")
	err := f.db.Write(office(), func(tx *pg.Tx) error {
		if err := outbox.Add(tx, event(aggregate)); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	for _, table := range []string{"outbox", "outbox_sequence", "river.river_job"} {
		if n := f.count(t, "SELECT count(*) FROM "+table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
}

func TestRefusedWriteAnnouncesNothing_Art12_2(t *testing.T) {
	f := newFixture(t)
	req := &schedulingv1.CreateBriefingRequest{RequestId: uuid.NewString()}
	_, err := idempotency.Write(office(), f.db, req, func(tx *pg.Tx) (*schedulingv1.Briefing, error) {
		if err := outbox.Add(tx, event(aggregate)); err != nil {
			return nil, err
		}
		return nil, fault.Refuse("12(2)", "NOTICE_TOO_LATE")
	})
	if !fault.Is(err, "NOTICE_TOO_LATE") {
		t.Fatalf("got %v", err)
	}
	for table, want := range map[string]int{"outbox": 0, "outbox_sequence": 0, "river.river_job": 0, "audit_entry": 1} {
		if n := f.count(t, "SELECT count(*) FROM "+table); n != want {
			t.Errorf("%s has %d rows, want %d", table, n, want)
		}
	}
	req.RequestId = uuid.NewString()
	_, err = idempotency.Write(office(), f.db, req, func(tx *pg.Tx) (*schedulingv1.Briefing, error) {
		return &schedulingv1.Briefing{Name: "provinces/51/briefings/1"}, outbox.Add(tx, event(aggregate))
	})
	if err != nil {
		t.Fatal(err)
	}
	f.start(t, outbox.Config{})
	f.drained(t)
	if diff := cmp.Diff(upTo(1), f.to.effects(t, aggregate)); diff != "" {
		t.Error(diff)
	}
}

func TestEveryDestinationHasItsOwnUnbrokenSequence(t *testing.T) {
	f := newFixture(t)
	both := event(aggregate)
	both.Destinations = []string{"rectification", destination, "rectification"}
	f.announce(t, office(), event(aggregate), both, both)
	for destination, want := range map[string]string{"casefile": "{1,2,3}", "rectification": "{1,2}"} {
		var got string
		err := f.admin.QueryRow("SELECT array_agg(sequence ORDER BY id)::text FROM outbox WHERE destination = $1", destination).Scan(&got)
		if err != nil || got != want {
			t.Errorf("%s: %s, want %s (%v)", destination, got, want, err)
		}
	}
}

func TestConcurrentWritersLeaveNoGap(t *testing.T) {
	f := newFixture(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	added := 0
	for range 8 {
		wg.Go(func() {
			err := f.db.Write(office(), func(tx *pg.Tx) error { return outbox.Add(tx, event(aggregate)) })
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				added++ // the others lost against concurrent writers too often
			}
		})
	}
	wg.Wait()
	if added == 0 {
		t.Fatal("nobody could write")
	}
	got := f.count(t, "SELECT max(sequence) FROM outbox")
	if n := f.count(t, "SELECT count(DISTINCT sequence) FROM outbox"); got != added || n != added {
		t.Errorf("%d events, last %d, %d places", added, got, n)
	}
}

func TestCountyMayAnnounce_Art17(t *testing.T) {
	f := newFixture(t)
	county := pgtest.As(t.Context(), principal.CountyCommittee, "provinces/51/counties/510104", "secretary")
	f.announce(t, county, event(aggregate))
	f.start(t, outbox.Config{})
	f.drained(t)
	if diff := cmp.Diff(upTo(1), f.to.effects(t, aggregate)); diff != "" {
		t.Error(diff)
	}
}

func TestIncompleteEventIsRefused(t *testing.T) {
	f := newFixture(t)
	incomplete := map[string]func(ev *outbox.Event){
		"no destination": func(ev *outbox.Event) { ev.Destinations = nil },
		"no aggregate":   func(ev *outbox.Event) { ev.Aggregate = "" },
		"no payload":     func(ev *outbox.Event) { ev.Payload = nil },
		"no time":        func(ev *outbox.Event) { ev.OccurTime = time.Time{} },
	}
	for name, strip := range incomplete {
		ev := event(aggregate)
		strip(&ev)
		if err := f.db.Write(office(), func(tx *pg.Tx) error { return outbox.Add(tx, ev) }); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAppRolesCannotReadOrSettleEvents(t *testing.T) {
	f := newFixture(t)
	f.announce(t, office(), event(aggregate))
	for _, dsn := range []string{f.d.DSNs.Inside, f.d.DSNs.Outside} {
		conn := f.d.Connect(t, dsn)
		for _, statement := range []string{
			"SELECT payload FROM outbox",
			"UPDATE outbox SET done_time = now()",
			"DELETE FROM outbox",
			"DELETE FROM river.river_job",
			"SELECT args FROM river.river_job",
		} {
			if _, err := conn.Exec(statement); err == nil {
				t.Errorf("%s: allowed", statement)
			}
		}
	}
}

// BenchmarkAdd measures what an announcement adds to a transaction.
func BenchmarkAdd(b *testing.B) {
	db := pgtest.New(b, source).Open(b)
	for i := 0; b.Loop(); i++ {
		ev := event(fmt.Sprintf("provinces/51/inspections/%d", i))
		ev.Payload = &eventv1.InspectionEntered{Inspection: ev.Aggregate}
		if err := db.Write(office(), func(tx *pg.Tx) error { return outbox.Add(tx, ev) }); err != nil {
			b.Fatal(err)
		}
	}
}
