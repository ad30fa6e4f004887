package outbox_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/outbox"
)

func TestProcessKilledBetweenCommitAndDelivery(t *testing.T) {
	f := newFixture(t)
	f.announce(t, office(), event(aggregate), event(aggregate)) // committed; nobody sends
	f.start(t, outbox.Config{PollOnly: true})
	f.drained(t)
	if diff := cmp.Diff(upTo(2), f.to.effects(t, aggregate)); diff != "" {
		t.Error(diff)
	}
}

func TestAcknowledgementThatIsLostDoublesNothing(t *testing.T) {
	f := newFixture(t)
	var mu sync.Mutex
	lost := 0
	f.to.inject(nil, func(*eventv1.DeliverEventRequest) error {
		mu.Lock()
		defer mu.Unlock()
		if lost++; lost <= 2 {
			return status.Error(codes.Unavailable, "connection lost")
		}
		return nil
	})
	f.announce(t, office(), event(aggregate))
	f.start(t, outbox.Config{})
	f.drained(t)
	mu.Lock()
	defer mu.Unlock()
	if lost != 3 {
		t.Errorf("delivered %d times, want 3", lost)
	}
	if diff := cmp.Diff(upTo(1), f.to.effects(t, aggregate)); diff != "" {
		t.Error(diff)
	}
}

func TestOrderHoldsUnderFourWorkersAndFailures(t *testing.T) {
	const aggregates, events = 5, 10
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 1))
	sometimes := func(*eventv1.DeliverEventRequest) error {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(5) > 0 {
			return nil
		}
		shuffled := []codes.Code{codes.Unavailable, codes.Internal, codes.DeadlineExceeded, codes.Aborted}
		return status.Error(shuffled[random.IntN(len(shuffled))], "injected")
	}
	f := newFixture(t)
	f.to.inject(sometimes, sometimes)
	names := make([]string, aggregates)
	for i := range names {
		names[i] = fmt.Sprintf("%s%d", aggregate, i)
	}
	f.start(t, outbox.Config{Workers: 4, MaxAttempts: 1000})
	for range events {
		for _, name := range names {
			f.announce(t, office(), event(name))
		}
	}
	f.drained(t)
	for _, name := range names {
		if diff := cmp.Diff(upTo(events), f.to.effects(t, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPoisonIsParkedVisibleAndRetried(t *testing.T) {
	f := newFixture(t)
	const other = "provinces/51/inspections/2"
	var early atomic.Int64
	f.to.inject(func(req *eventv1.DeliverEventRequest) error {
		if req.GetAggregate() == aggregate {
			early.Add(req.GetSequence() - 1)
			return status.Error(codes.FailedPrecondition, "poison")
		}
		return nil
	}, nil)
	f.announce(t, office(), event(aggregate), event(aggregate), event(other))
	sender, _ := f.start(t, outbox.Config{})
	eventually(t, "the poison is parked", func() bool { return f.count(t, parked) == 1 })
	eventually(t, "the other aggregate goes on", func() bool { return len(f.to.effects(t, other)) == 1 })

	events, err := sender.Parked(t.Context())
	if err != nil || len(events) != 1 {
		t.Fatalf("parked: %v, %v", events, err)
	}
	got := events[0]
	if got.Aggregate != aggregate || got.Sequence != 1 || got.Destination != destination || got.LastError != "FailedPrecondition" ||
		got.Type != "type.googleapis.com/xunshi.event.v1.InspectionEntered" || got.Attempts != 1 || got.ParkedTime.IsZero() {
		t.Errorf("parked %+v", got)
	}
	eventually(t, "the gauges tell", func() bool {
		return f.metric(t, "xunshi_outbox_parked") == 1 && f.metric(t, "xunshi_outbox_pending") == 1
	})
	if n := f.metric(t, "xunshi_outbox_parkings_total"); n != 1 {
		t.Errorf("%v parkings counted", n)
	}

	if err := sender.Retry(t.Context(), uuid.New()); !fault.Is(err, fault.ReasonNotFound) {
		t.Errorf("retry of an unknown event: %v", err)
	}
	if early.Load() != 0 {
		t.Error("an event was delivered before the one that it follows")
	}
	f.to.inject(nil, nil) // the cause is mended
	if err := sender.Retry(t.Context(), got.ID); err != nil {
		t.Fatal(err)
	}
	f.drained(t)
	if diff := cmp.Diff(upTo(2), f.to.effects(t, aggregate)); diff != "" {
		t.Error(diff)
	}
	if err := sender.Retry(t.Context(), got.ID); !fault.Is(err, fault.ReasonNotFound) {
		t.Errorf("retry of a delivered event: %v", err)
	}
	eventually(t, "the gauge falls back", func() bool { return f.metric(t, "xunshi_outbox_parked") == 0 })
}

func (f *fixture) metric(t *testing.T, name string) float64 {
	t.Helper()
	families, err := f.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			m := family.GetMetric()[0]
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return -1
}

func TestFailureIsTriedANumberOfTimes(t *testing.T) {
	f := newFixture(t)
	f.to.inject(func(*eventv1.DeliverEventRequest) error { return status.Error(codes.Internal, "bug") }, nil)
	f.announce(t, office(), event(aggregate))
	sender, _ := f.start(t, outbox.Config{MaxAttempts: 3})
	eventually(t, "the event is parked", func() bool { return f.count(t, parked) == 1 })
	if events, err := sender.Parked(t.Context()); err != nil || events[0].Attempts != 3 {
		t.Errorf("got %+v, %v", events, err)
	}
}

func TestOutageParksNothing(t *testing.T) {
	f := newFixture(t)
	var mu sync.Mutex
	calls := 0
	f.to.inject(func(*eventv1.DeliverEventRequest) error {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls <= 4 {
			return status.Error(codes.Unavailable, "down")
		}
		return nil
	}, nil)
	f.announce(t, office(), event(aggregate))
	f.start(t, outbox.Config{MaxAttempts: 1})
	f.drained(t)
	if diff := cmp.Diff(upTo(1), f.to.effects(t, aggregate)); diff != "" || f.count(t, parked) != 0 {
		t.Error("an outage parked the event", diff)
	}
}

func TestUnknownDestinationIsParked(t *testing.T) {
	f := newFixture(t)
	ev := event(aggregate)
	ev.Destinations = []string{"nowhere"}
	f.announce(t, office(), ev)
	f.start(t, outbox.Config{})
	eventually(t, "the event is parked", func() bool { return f.count(t, parked) == 1 })
}

func TestLostJobsAreReplaced(t *testing.T) {
	tests := map[string]struct {
		lose string
		jobs int // after the sweep
	}{
		"the job table was cleared": {"DELETE FROM river.river_job", 2},
		"River gave the job up":     {"UPDATE river.river_job SET state = 'discarded', finalized_at = now()", 4},
		"the worker was killed": {`UPDATE river.river_job SET state = 'running', attempt = 1,
			attempted_at = now() - interval '1 hour', attempted_by = '{gone}'`, 4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.announce(t, office(), event(aggregate), event(aggregate))
			if _, err := f.admin.Exec(tt.lose); err != nil {
				t.Fatal(err)
			}
			f.start(t, outbox.Config{SweepInterval: time.Hour}) // the sweep at the start has to do
			if n := f.count(t, "SELECT count(*) FROM river.river_job"); n != tt.jobs {
				t.Errorf("%d jobs, want %d", n, tt.jobs)
			}
			f.drained(t)
			if diff := cmp.Diff(upTo(2), f.to.effects(t, aggregate)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSecondJobOfAnEventDoesNothing(t *testing.T) {
	f := newFixture(t)
	var calls atomic.Int64
	f.to.inject(func(*eventv1.DeliverEventRequest) error { calls.Add(1); return nil }, nil)
	f.announce(t, office(), event(aggregate))
	if _, err := f.admin.Exec("INSERT INTO river.river_job (args, kind, max_attempts) SELECT args, kind, max_attempts FROM river.river_job"); err != nil {
		t.Fatal(err)
	}
	f.start(t, outbox.Config{Workers: 1})
	eventually(t, "both jobs are worked", func() bool {
		return f.count(t, "SELECT count(*) FROM river.river_job WHERE state = 'completed'") == 2
	})
	if n := calls.Load(); n != 1 {
		t.Errorf("delivered %d times", n)
	}
}

func TestJobsLostWhileRunningAreReplaced(t *testing.T) {
	f := newFixture(t)
	f.start(t, outbox.Config{})
	f.to.inject(func(*eventv1.DeliverEventRequest) error { return status.Error(codes.Unavailable, "down") }, nil)
	f.announce(t, office(), event(aggregate))
	eventually(t, "a delivery was tried", func() bool {
		return f.count(t, "SELECT count(*) FROM outbox WHERE last_error = 'Unavailable'") == 1
	})
	if _, err := f.admin.Exec("DELETE FROM river.river_job"); err != nil {
		t.Fatal(err)
	}
	f.to.inject(nil, nil)
	f.drained(t)
}

func TestOperatorNeedsNoRunningSender(t *testing.T) {
	f := newFixture(t)
	f.announce(t, office(), event(aggregate))
	if _, err := f.admin.Exec("UPDATE outbox SET parked_time = now()"); err != nil {
		t.Fatal(err)
	}
	operator, err := outbox.NewSender(t.Context(), outbox.Config{DSN: f.d.DSNs.Job}, outbox.Deps{
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	events, err := operator.Parked(t.Context())
	if err != nil || len(events) != 1 {
		t.Fatalf("parked: %v, %v", events, err)
	}
	if err := operator.Retry(t.Context(), events[0].ID); err != nil {
		t.Error(err)
	}
	if err := operator.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if n := f.count(t, waiting); n != 1 {
		t.Errorf("%d events wait for delivery", n)
	}
}

func TestTwoSendersDeliverOnce(t *testing.T) {
	f := newFixture(t)
	f.start(t, outbox.Config{})
	f.metrics = prometheus.NewRegistry() // another process
	f.start(t, outbox.Config{})
	for range 10 {
		f.announce(t, office(), event(aggregate))
	}
	f.drained(t)
	if diff := cmp.Diff(upTo(10), f.to.effects(t, aggregate)); diff != "" {
		t.Error(diff)
	}
}
