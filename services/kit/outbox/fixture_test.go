package outbox_test

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/outbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

var (
	source = pgtest.Service{Name: "outboxsource"}
	// target keeps the sequence of each event in the order in which they took effect.
	target = pgtest.Service{Name: "outboxtarget", Migrations: fstest.MapFS{
		"00001_effect.sql": {Data: []byte(`-- +goose Up
CREATE TABLE effect (province text NOT NULL, position bigserial, aggregate text NOT NULL, sequence bigint NOT NULL,
  CONSTRAINT effect_pkey PRIMARY KEY (province, position));
ALTER TABLE effect ENABLE ROW LEVEL SECURITY;
ALTER TABLE effect FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON effect TO outboxtarget_inside
  USING (province = (SELECT authz.province())) WITH CHECK (province = (SELECT authz.province()));
GRANT SELECT, INSERT ON effect TO outboxtarget_inside;
GRANT USAGE ON SEQUENCE effect_position_seq TO outboxtarget_inside;
-- +goose Down
DROP TABLE effect;
`)}}}
)

const (
	destination = "casefile"
	aggregate   = "provinces/51/inspections/1"
)

// receiver is the other service with all of its behaviour but the network:
// the real inbox on a database of its own, and a fault that a test may inject
// before or after the event took effect.
type receiver struct {
	inbox     *inbox.Server
	admin     *sql.DB
	catalogue *faultstatus.Catalogue

	mu     sync.Mutex
	before func(req *eventv1.DeliverEventRequest) error
	after  func(req *eventv1.DeliverEventRequest) error
}

func newReceiver(t *testing.T) *receiver {
	d := pgtest.New(t, target)
	catalogue, err := faultstatus.NewCatalogue("casefile.xunshi")
	if err != nil {
		t.Fatal(err)
	}
	keep := func(tx *pg.Tx, ev inbox.Event) error {
		_, err := tx.SQL().ExecContext(tx.Context(), "INSERT INTO effect (province, aggregate, sequence) VALUES ($1, $2, $3)",
			tx.Principal().Province, ev.Aggregate, ev.Sequence)
		return err
	}
	return &receiver{
		inbox:     inbox.New(d.Open(t), inbox.Handlers{"scheduling": {"xunshi.event.v1.InspectionEntered": keep}}),
		admin:     d.Admin(t),
		catalogue: catalogue,
	}
}

func (r *receiver) inject(before, after func(*eventv1.DeliverEventRequest) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.before, r.after = before, after
}

func (r *receiver) DeliverEvent(ctx context.Context, req *eventv1.DeliverEventRequest, _ ...grpc.CallOption) (*eventv1.DeliverEventResponse, error) {
	r.mu.Lock()
	before, after := r.before, r.after
	r.mu.Unlock()
	if before != nil {
		if err := before(req); err != nil {
			return nil, err
		}
	}
	ctx = principal.With(ctx, principal.Principal{Subject: "scheduling", Party: principal.Service, Province: "51"})
	answer, err := r.inbox.DeliverEvent(ctx, req)
	if err != nil {
		st, _ := r.catalogue.Status(err, "", "")
		return nil, st.Err()
	}
	if after != nil {
		if err := after(req); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// effects gives the sequences of the events of an aggregate that took effect,
// in the order in which they did.
func (r *receiver) effects(t *testing.T, aggregate string) []int64 {
	t.Helper()
	rows, err := r.admin.Query("SELECT sequence FROM effect WHERE aggregate = $1 ORDER BY position", aggregate)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		got = append(got, n)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return got
}

// fixture is the sending service.
type fixture struct {
	d       *pgtest.Database
	db      *pg.DB
	admin   *sql.DB
	to      *receiver
	metrics *prometheus.Registry
}

func newFixture(t *testing.T) *fixture {
	d := pgtest.New(t, source)
	return &fixture{d: d, db: d.Open(t), admin: d.Admin(t), to: newReceiver(t), metrics: prometheus.NewRegistry()}
}

func office() context.Context {
	return pgtest.As(context.Background(), principal.InspectionOffice, "provinces/51", "clerk")
}

func event(aggregate string) outbox.Event {
	return outbox.Event{
		Destinations: []string{destination},
		Aggregate:    aggregate,
		Payload:      &eventv1.InspectionEntered{Inspection: aggregate},
		OccurTime:    time.Date(2026, 9, 3, 1, 0, 0, 0, time.UTC),
	}
}

func (f *fixture) announce(t *testing.T, ctx context.Context, events ...outbox.Event) {
	t.Helper()
	for _, ev := range events {
		if err := f.db.Write(ctx, func(tx *pg.Tx) error { return outbox.Add(tx, ev) }); err != nil {
			t.Fatal(err)
		}
	}
}

// start runs a sender until the test ends or stop is called.
func (f *fixture) start(t *testing.T, cfg outbox.Config) (sender *outbox.Sender, stop func()) {
	t.Helper()
	cfg.DSN = f.d.DSNs.Job
	cfg.PollInterval = 20 * time.Millisecond
	if cfg.SweepInterval == 0 {
		cfg.SweepInterval = 50 * time.Millisecond
	}
	sender, err := outbox.NewSender(context.Background(), cfg, outbox.Deps{
		Clients: map[string]eventv1.EventServiceClient{destination: f.to},
		Log:     slog.New(slog.DiscardHandler),
		Metrics: f.metrics,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := sender.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	t.Cleanup(stop)
	return sender, stop
}

func (f *fixture) count(t *testing.T, query string) int {
	t.Helper()
	var n int
	if err := f.admin.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const (
	waiting = "SELECT count(*) FROM outbox WHERE done_time IS NULL AND parked_time IS NULL"
	parked  = "SELECT count(*) FROM outbox WHERE done_time IS NULL AND parked_time IS NOT NULL"
)

// eventually waits until what holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	end := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-end:
			t.Fatalf("not within 30 s: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (f *fixture) drained(t *testing.T) {
	t.Helper()
	eventually(t, "the outbox is empty", func() bool { return f.count(t, waiting) == 0 })
}

func upTo(n int64) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = int64(i) + 1
	}
	return all
}
