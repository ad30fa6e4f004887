package inbox

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// Event is an event as a handler gets it.
type Event struct {
	ID         uuid.UUID
	Source     string // the sending service, by its certificate
	Aggregate  string
	Sequence   int64
	OccurTime  time.Time
	Payload    proto.Message
	typeOfBody protoreflect.FullName
}

// Handler applies an event. It may run again after a serialization failure, so
// it must touch nothing but tx. A fault that it returns for good (e.g.
// Precondition) makes the sender park the event.
type Handler = func(tx *pg.Tx, ev Event) error

// Handlers are what a service does with the events that it takes: by the sending
// service, then by type, e.g. "xunshi.event.v1.TaskAuthorized".
type Handlers map[string]map[protoreflect.FullName]Handler

// find gives the handler of a type from a source. A type that is taken from
// another source only is not this one's to tell.
func (h Handlers) find(source string, name protoreflect.FullName) (Handler, error) {
	if handle, ok := h[source][name]; ok {
		return handle, nil
	}
	for _, taken := range h {
		if _, ok := taken[name]; ok {
			return nil, denied().With("type", string(name))
		}
	}
	return nil, unknownType(name)
}

// Server is the EventService of one service.
type Server struct {
	eventv1.UnimplementedEventServiceServer
	db       *pg.DB
	handlers Handlers
}

// New makes a server that takes the events of handlers and no others.
func New(db *pg.DB, handlers Handlers) *Server {
	return &Server{db: db, handlers: handlers}
}

// DeliverEvent applies an event once. A repeat answers OK and changes nothing.
func (s *Server) DeliverEvent(ctx context.Context, req *eventv1.DeliverEventRequest) (*eventv1.DeliverEventResponse, error) {
	p, ok := principal.From(ctx)
	if !ok || p.Party != principal.Service {
		return nil, denied()
	}
	ev, err := decode(p.Subject, req)
	if err != nil {
		return nil, err
	}
	handle, err := s.handlers.find(ev.Source, ev.typeOfBody)
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(tx *pg.Tx) error {
		seen, err := register(tx, ev)
		if err != nil || seen {
			return err
		}
		if err := handle(tx, ev); err != nil {
			return err
		}
		return audit.Stage(tx, entry(ctx, ev))
	})
	if err != nil {
		return nil, err
	}
	return &eventv1.DeliverEventResponse{}, nil
}

func decode(source string, req *eventv1.DeliverEventRequest) (Event, error) {
	id, err := uuid.Parse(req.GetEventId())
	if err != nil {
		return Event{}, fault.InvalidField("event_id", "UUID_INVALID", "event_id must be a UUID").Wrap(err)
	}
	if req.GetAggregate() == "" || req.GetSequence() < 1 {
		return Event{}, fault.InvalidField("sequence", "SEQUENCE_INVALID", "an event has an aggregate and a sequence from 1")
	}
	payload, err := req.GetPayload().UnmarshalNew()
	if err != nil {
		return Event{}, unknownType(req.GetPayload().MessageName()).Wrap(err)
	}
	return Event{
		ID:         id,
		Source:     source,
		Aggregate:  req.GetAggregate(),
		Sequence:   req.GetSequence(),
		OccurTime:  req.GetOccurTime().AsTime(),
		Payload:    payload,
		typeOfBody: proto.MessageName(payload),
	}, nil
}

func denied() *fault.Error { return fault.New(fault.Denied, fault.ReasonMethodNotGranted) }

func unknownType(name protoreflect.FullName) *fault.Error {
	return fault.InvalidField("payload", "TYPE_UNKNOWN",
		fmt.Sprintf("this service does not take events of type %q", name))
}

func entry(ctx context.Context, ev Event) audit.Entry {
	grant, ok := policy.GrantFrom(ctx)
	if !ok {
		grant.Method = eventv1.EventService_DeliverEvent_FullMethodName
	}
	return audit.Entry{
		Method:    grant.Method,
		Object:    ev.Aggregate,
		Outcome:   audit.OutcomeOK,
		RequestID: ev.ID.String(),
		Articles:  grant.Articles,
		Detail: map[string]string{
			"type":     string(ev.typeOfBody),
			"sequence": strconv.FormatInt(ev.Sequence, 10),
		},
	}
}
