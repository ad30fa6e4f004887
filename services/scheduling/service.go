package scheduling

import (
	"context"
	"fmt"
	"io/fs"
	"maps"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/docketserver"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/api"
	"github.com/xunshi/xunshi/services/scheduling/migrations"
)

// Name is the name of the service: of its database roles and of its certificate.
const Name = "scheduling"

// Program is the service as a process runs it. Its peers are the services that
// are told what happens here.
func Program() daemon.Program {
	return daemon.Program{Name: Name, Migrations: Migrations(), Peers: api.Destinations(), New: compose}
}

func compose(_ context.Context, rt *daemon.Runtime) (daemon.Service, error) {
	ask := make(map[string]obligationv1.RecomputationServiceClient)
	for _, name := range api.Destinations() {
		ask[name] = obligationv1.NewRecomputationServiceClient(rt.Peers[name])
	}
	s, err := New(Deps{DB: rt.DB, Clock: rt.Clock, PageKey: rt.PageKey, Recomputations: ask})
	if err != nil {
		return daemon.Service{}, err
	}
	worker := docket.NewWorker(rt.DB, s.docket, rt.Logger, rt.SweepInterval)
	return daemon.Service{
		Register: s.Register, Reasons: []protoreflect.EnumDescriptor{Reasons()},
		Background: []func(context.Context) error{worker.Run},
	}, nil
}

// Migrations are the tables of the service.
func Migrations() fs.FS { return migrations.Files() }

// Reasons is the enum of the service's own reasons of refusal.
func Reasons() protoreflect.EnumDescriptor { return schedulingv1.ErrorReason(0).Descriptor() }

// Deps are what the service needs from its process; all are required.
type Deps struct {
	DB      *pg.DB
	Clock   clock.Clock // of the business: it says which legal day it is
	PageKey []byte      // signs page tokens; shared by all replicas
	// Recomputations are whom else to ask what a holiday notice would move, by the name
	// of the service.
	Recomputations map[string]obligationv1.RecomputationServiceClient
}

// Service is the scheduling service, ready to be registered.
type Service struct {
	servers     *api.Servers
	events      *inbox.Server
	docket      *docket.Docket
	obligations docketserver.Deps
}

// New puts the service together.
func New(d Deps) (*Service, error) {
	book, err := regulation.Load()
	if err != nil {
		return nil, fmt.Errorf("rule sets: %w", err)
	}
	calendar, err := workday.National()
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	pager, err := page.New(d.PageKey, d.Clock)
	if err != nil {
		return nil, err
	}
	all := calendars.New(calendar)
	own := docket.New(Name, book, all, d.Clock)
	obligations := docketserver.Deps{
		DB: d.DB, Docket: own, Book: book, Pager: pager, Clock: d.Clock, MovedBy: api.MovedBy(),
	}
	ask := map[string]obligationv1.RecomputationServiceClient{
		Name: api.InProcess(Name, docketserver.NewRecomputation(obligations)),
	}
	maps.Copy(ask, d.Recomputations)
	servers, err := api.New(api.Deps{
		DB: d.DB, Clock: d.Clock, Pager: pager, Book: book, Calendars: all, Docket: own,
		Previewer: api.NewPreviewer(ask),
	})
	if err != nil {
		return nil, err
	}
	obligations.Decisions = servers.Decided
	return &Service{
		servers: servers, events: inbox.New(d.DB, servers.Handlers()), docket: own, obligations: obligations,
	}, nil
}

// InProcess makes one of Deps.Recomputations of the service's own server.
func InProcess(own obligationv1.RecomputationServiceServer) obligationv1.RecomputationServiceClient {
	return api.InProcess(Name, own)
}

// Register adds all that the service answers to a gRPC server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	s.servers.Register(r)
	_ = docketserver.Register(r, s.obligations) // it refuses nothing but a missing part, and New has put in all
	eventv1.RegisterEventServiceServer(r, s.events)
}
