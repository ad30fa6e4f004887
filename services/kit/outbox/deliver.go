package outbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
)

// deliverer is the River worker of a Sender.
type deliverer struct {
	river.WorkerDefaults[deliverArgs]
	sender *Sender
}

// Work delivers an event and then those that waited for it, so that a long
// outage does not leave each of them to find out by itself that its turn came.
// It never fails a job: River would give up in the end, and the outbox does not.
func (d *deliverer) Work(ctx context.Context, job *river.Job[deliverArgs]) error {
	chain, cancel := context.WithTimeout(ctx, d.sender.cfg.CallTimeout)
	defer cancel()
	id, more, wait := job.Args.ID, true, time.Duration(0)
	for more && chain.Err() == nil {
		id, more, wait = d.sender.deliver(ctx, id)
	}
	if wait > 0 && id == job.Args.ID {
		return river.JobSnooze(wait)
	}
	return nil // a follower that has to wait has a job of its own
}

// deliver makes one attempt. It gives the next event to deliver, or how long to
// wait before this one is tried again.
func (s *Sender) deliver(ctx context.Context, id uuid.UUID) (next uuid.UUID, more bool, wait time.Duration) {
	ev, err := s.rows.load(ctx, id)
	switch {
	case err != nil:
		s.log.ErrorContext(ctx, "outbox not readable", "event_id", id, "error", err)
		return id, false, maxWait
	case ev.settled:
		return id, false, 0
	case ev.waits:
		return id, false, backoff(ev.age)
	}
	answer := s.call(ctx, ev)
	v := judge(answer)
	s.metrics.deliveries.WithLabelValues(ev.destination, v.String()).Inc()
	if v == delivered {
		next, more, err = s.rows.done(ctx, id)
		if err != nil {
			s.log.ErrorContext(ctx, "event delivered but not marked", "event_id", id, "error", err)
			return id, false, backoff(ev.age)
		}
		return next, more, 0
	}
	if s.fail(ctx, ev, v, answer) {
		return id, false, 0
	}
	return id, false, backoff(ev.age)
}

// call delivers the event by gRPC. No transaction is open meanwhile.
func (s *Sender) call(ctx context.Context, ev row) error {
	client, ok := s.clients[ev.destination]
	if !ok {
		return status.Error(codes.Unimplemented, "no such destination is configured")
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
	defer cancel()
	_, err := client.DeliverEvent(ctx, &eventv1.DeliverEventRequest{
		EventId:   ev.id.String(),
		Aggregate: ev.aggregate,
		Sequence:  ev.sequence,
		OccurTime: timestamppb.New(ev.occurTime),
		Payload:   &anypb.Any{TypeUrl: ev.typeURL, Value: ev.payload},
	})
	return err
}

// fail notes the failed attempt and reports whether it parked the event.
func (s *Sender) fail(ctx context.Context, ev row, v verdict, answer error) (parked bool) {
	counted := v != outage
	parked = v == refused || counted && ev.attempts+1 >= s.cfg.MaxAttempts
	reason := reasonOf(answer)
	attrs := []any{
		slog.String("event_id", ev.id.String()),
		slog.String("destination", ev.destination),
		slog.String("aggregate", ev.aggregate),
		slog.Int64("sequence", ev.sequence),
		slog.String("type", ev.typeURL),
		slog.String("reason", reason),
	}
	if err := s.rows.failed(ctx, ev.id, reason, counted, parked); err != nil {
		s.log.ErrorContext(ctx, "event failed but not marked", append(attrs, slog.Any("error", err))...)
		return false
	}
	if parked {
		s.metrics.parkings.WithLabelValues(ev.destination).Inc()
		s.log.ErrorContext(ctx, "event parked: an operator must look at it", attrs...)
	} else {
		s.log.WarnContext(ctx, "event not delivered yet", attrs...)
	}
	return parked
}
