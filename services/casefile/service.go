package casefile

import (
	"context"
	"fmt"
	"io/fs"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/api"
	"github.com/xunshi/xunshi/services/casefile/migrations"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// Name is the name of the service: of its database roles and of its certificate.
const Name = "casefile"

// scheduling is the peer that is asked for the leading group's decisions.
const scheduling = "scheduling"

// Program is the service as a process runs it.
func Program() daemon.Program {
	return daemon.Program{Name: Name, Migrations: Migrations(), Peers: []string{scheduling}, New: compose}
}

func compose(_ context.Context, rt *daemon.Runtime) (daemon.Service, error) {
	s, err := New(Deps{
		DB: rt.DB, Clock: rt.Clock, PageKey: rt.PageKey,
		Decisions: schedulingv1.NewDecisionServiceClient(rt.Peers[scheduling]),
	})
	if err != nil {
		return daemon.Service{}, err
	}
	return daemon.Service{Register: s.Register, Reasons: []protoreflect.EnumDescriptor{Reasons()}}, nil
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
	Decisions Decisions
}

// Service is the casefile service, ready to be registered.
type Service struct {
	servers *api.Servers
	events  *inbox.Server
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
	servers, err := api.New(api.Deps{DB: d.DB, Clock: d.Clock, Pager: pager, Rules: rules, Decisions: d.Decisions})
	if err != nil {
		return nil, err
	}
	return &Service{servers: servers, events: inbox.New(d.DB, servers.Handlers())}, nil
}

// Register adds all that the service answers to a gRPC server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	s.servers.Register(r)
	eventv1.RegisterEventServiceServer(r, s.events)
}
