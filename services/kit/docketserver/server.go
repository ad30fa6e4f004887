package docketserver

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/resourcename"
)

// Action is what a decision does to an obligation, named like the kinds of
// decision items of scheduling.
type Action string

// The actions.
const (
	Extend  Action = "EXTEND_OBLIGATION"
	Suspend Action = "SUSPEND_OBLIGATION"
	Resume  Action = "RESUME_OBLIGATION"
	Shorten Action = "SHORTEN_OBLIGATION"
)

// Decisions tells whether a decision of the leading group has an item of the action
// for the obligation. It is asked before the transaction of the step. A decision
// that is not there, or not there for the caller, is fault.Missing.
type Decisions func(ctx context.Context, decision string, action Action, obligation string) (bool, error)

// Deps are what the servers need; all are required but MovedBy.
type Deps struct {
	DB        *pg.DB
	Docket    *docket.Docket
	Book      *regulation.Book
	Pager     *page.Pager
	Clock     clock.Clock // of the business
	Decisions Decisions
	// MovedBy are the duties whose date moves with what they are about: of each the
	// method that moves both. No decision moves such an obligation alone.
	MovedBy map[regulation.DutyName]string
}

// Register adds the servers to a gRPC server.
func Register(r grpc.ServiceRegistrar, d Deps) error {
	if d.DB == nil || d.Docket == nil || d.Book == nil || d.Pager == nil || d.Clock == nil || d.Decisions == nil {
		return errors.New("docketserver: a dependency is missing")
	}
	obligationv1.RegisterObligationServiceServer(r, &obligations{Deps: d})
	obligationv1.RegisterObligationDecisionServiceServer(r, &decisions{Deps: d})
	obligationv1.RegisterNotificationServiceServer(r, &notifications{Deps: d})
	obligationv1.RegisterRecomputationServiceServer(r, &recomputation{Deps: d})
	return nil
}

// ref is an object as a request names it.
type ref struct{ province, id string }

// parse reads a name whose last segment begins with this service's name. Another
// service's obligation is not here.
func (d Deps) parse(pattern *resourcename.Pattern, variable, name string) (ref, error) {
	values, err := pattern.ParseField("name", name)
	if err != nil {
		return ref{}, err
	}
	id, ok := d.Docket.ID(values[variable])
	if !ok {
		return ref{}, fault.Missing(name)
	}
	return ref{values["province"], id}, nil
}

func (d Deps) parseObligation(name string) (ref, error) {
	return d.parse(resourcename.Must("provinces/{province}/obligations/{obligation}"), "obligation", name)
}

func (d Deps) parseNotification(name string) (ref, error) {
	return d.parse(resourcename.Must("provinces/{province}/notifications/{notification}"), "notification", name)
}

func parseProvince(name string) (string, error) {
	values, err := resourcename.Must("provinces/{province}").ParseField("parent", name)
	return values["province"], err
}

// named tells what was asked for where the docket found nothing.
func named(err error, name string) error {
	if fault.Is(err, fault.ReasonNotFound) {
		return fault.Missing(name)
	}
	return err
}

// instant reads as_of_time: nil for now. The future is not known.
func (d Deps) instant(t *timestamppb.Timestamp) (*time.Time, error) {
	if t == nil {
		return nil, nil
	}
	at := t.AsTime()
	if t.CheckValid() != nil || at.After(d.Clock.Now()) {
		return nil, fault.InvalidField("as_of_time", "TIME_INVALID", "must be an instant that is not in the future")
	}
	return &at, nil
}
