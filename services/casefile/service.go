package casefile

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/api"
	"github.com/xunshi/xunshi/services/casefile/migrations"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/docketserver"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Name is the name of the service: of its database roles and of its certificate.
const Name = "casefile"

// scheduling is the peer that is asked for the leading group's decisions.
const scheduling = "scheduling"

// Program is the service as a process runs it.
func Program() daemon.Program {
	return daemon.Program{
		Name: Name, Migrations: Migrations(), Peers: []string{scheduling}, Never: Never(), New: compose,
	}
}

// Never are those of whom nobody may call this service at all: the inspected county
// and its city (domain.md §8). Some of what it registers is answered by the other
// services too, and granted to them there.
func Never() []principal.Party {
	return []principal.Party{principal.CityCommittee, principal.CityLiaisonBody, principal.CountyCommittee}
}

func compose(_ context.Context, rt *daemon.Runtime) (daemon.Service, error) {
	s, err := New(Deps{
		DB: rt.DB, Clock: rt.Clock, PageKey: rt.PageKey, Log: rt.Logger, Sweep: rt.SweepInterval,
		Decisions: schedulingv1.NewDecisionServiceClient(rt.Peers[scheduling]),
	})
	if err != nil {
		return daemon.Service{}, err
	}
	return daemon.Service{
		Register: s.Register, Reasons: []protoreflect.EnumDescriptor{Reasons()},
		Background: []func(context.Context) error{s.Worker().Run},
	}, nil
}

// Migrations are the tables of the service.
func Migrations() fs.FS { return migrations.Files() }

// Reasons is the enum of the service's own reasons of refusal.
func Reasons() protoreflect.EnumDescriptor { return casefilev1.ErrorReason(0).Descriptor() }

// Decisions is what is asked of scheduling; its DecisionServiceClient is one.
type Decisions = api.Decisions

// Deps are what the service needs from its process; all are required.
type Deps struct {
	DB        *pg.DB
	Clock     clock.Clock // of the business: it says which legal day it is
	PageKey   []byte      // signs page tokens; shared by all replicas
	Log       *slog.Logger
	Sweep     time.Duration // how often its worker looks for dates that are due or to be counted again
	Decisions Decisions
}

// Service is the casefile service, ready to be registered.
type Service struct {
	servers     *api.Servers
	events      *inbox.Server
	obligations docketserver.Deps
	worker      *docket.Worker
}

// New puts the service together.
func New(d Deps) (*Service, error) {
	rules, err := regulation.Load()
	if err != nil {
		return nil, fmt.Errorf("rule sets: %w", err)
	}
	pager, err := page.New(d.PageKey, d.Clock)
	if err != nil {
		return nil, err
	}
	calendar, err := workday.National()
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	own := docket.New(Name, rules, calendars.New(calendar), d.Clock)
	servers, err := api.New(api.Deps{
		DB: d.DB, Clock: d.Clock, Pager: pager, Rules: rules, Docket: own, Decisions: d.Decisions,
	})
	if err != nil {
		return nil, err
	}
	return &Service{
		servers: servers, events: inbox.New(d.DB, servers.Handlers()),
		obligations: docketserver.Deps{
			DB: d.DB, Docket: own, Book: rules, Pager: pager, Clock: d.Clock, Decisions: servers.Decided,
		},
		worker: docket.NewWorker(d.DB, own, d.Log, d.Sweep),
	}, nil
}

// Worker reminds of dates, and counts them again when a holiday notice moved them.
func (s *Service) Worker() *docket.Worker { return s.worker }

// Register adds all that the service answers to a gRPC server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	s.servers.Register(r)
	_ = docketserver.Register(r, s.obligations) // it refuses nothing but a missing part, and New has put in all
	eventv1.RegisterEventServiceServer(r, s.events)
}
