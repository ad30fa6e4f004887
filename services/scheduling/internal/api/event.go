package api

import (
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/outbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

// The services that are told what happens here.
const (
	casefile      = "casefile"
	rectification = "rectification"
)

// Destinations are the services that are told what happens here, by name.
func Destinations() []string { return []string{casefile, rectification} }

// announce tells the services of what happened to a task; it leaves with the
// commit. Events of one task keep their order.
func announce(tx *pg.Tx, task string, payload proto.Message, now time.Time, to ...string) error {
	return outbox.Add(tx, outbox.Event{Destinations: to, Aggregate: task, Payload: payload, OccurTime: now})
}

// Handlers are the events that this service takes.
func (s *Servers) Handlers() inbox.Handlers {
	return inbox.Handlers{rectification: {
		proto.MessageName(&eventv1.FeedbackReceived{}):    s.feedbackReceived,
		proto.MessageName(&eventv1.RectificationClosed{}): s.rectificationClosed,
	}}
}

// feedbackReceived makes the county covered (arts 2, 11).
func (s *Servers) feedbackReceived(tx *pg.Tx, ev inbox.Event) error {
	told, ok := ev.Payload.(*eventv1.FeedbackReceived)
	if !ok {
		return fmt.Errorf("feedback received: a %T came", ev.Payload)
	}
	inspection, err := s.moveTask(tx, told.GetInspection(), "payload.receive_date", told.GetReceiveDate(),
		(*domain.Inspection).ReceiveFeedback)
	if err != nil {
		return err
	}
	running, err := s.runningFor(tx, regulation.DutyCoverage, inspection.Record().County)
	if err != nil {
		return err
	}
	return s.keepRunning(tx, running, inspection.DutiesOfFeedback(running))
}

// rectificationClosed ends the task (art. 17), and with it the membership, here
// and in the other services (domain.md §8(b)).
func (s *Servers) rectificationClosed(tx *pg.Tx, ev inbox.Event) error {
	told, ok := ev.Payload.(*eventv1.RectificationClosed)
	if !ok {
		return fmt.Errorf("rectification closed: a %T came", ev.Payload)
	}
	closed, err := s.moveTask(tx, told.GetInspection(), "payload.close_date", told.GetCloseDate(), (*domain.Inspection).Close)
	if err != nil {
		return err
	}
	r := closed.Record()
	if err := store.EndMembership(tx, r.Province, r.ID); err != nil {
		return err
	}
	nobody := &eventv1.TaskMembershipChanged{Inspection: r.Name()}
	return announce(tx, r.Name(), nobody, r.UpdateTime, casefile, rectification)
}

// moveTask makes the move that another service announced with its day.
func (s *Servers) moveTask(tx *pg.Tx, task, field string, on *date.Date,
	move func(*domain.Inspection, workday.Date, time.Time) error,
) (*domain.Inspection, error) {
	name, err := s.names.inspection.parseIn(tx.Principal().Province, "payload.inspection", task)
	if err != nil {
		return nil, err
	}
	day, err := wire.Day(field, on)
	if err != nil {
		return nil, err
	}
	inspection, err := store.InspectionForUpdate(tx, name.province, name.id)
	if err != nil {
		return nil, err
	}
	if err := move(inspection, day, s.now()); err != nil {
		return nil, err
	}
	return inspection, store.SaveInspection(tx, inspection)
}
