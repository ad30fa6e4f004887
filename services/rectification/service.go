package rectification

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/docketserver"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/documentserver"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/vault"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/api"
	"github.com/xunshi/xunshi/services/rectification/migrations"
)

// Name is the name of the service: of its database roles and of its certificate.
const Name = "rectification"

// The peers: scheduling is asked for decisions and told what happened, casefile
// is asked for the agreement to a report.
const (
	scheduling = "scheduling"
	casefile   = "casefile"
)

// Program describes the service to its process.
func Program() daemon.Program {
	return daemon.Program{
		Name:       Name,
		Migrations: migrations.FS,
		Peers:      []string{scheduling, casefile},
		Documents:  true,
		New: func(ctx context.Context, rt *daemon.Runtime) (daemon.Service, error) {
			content, err := vault.Open(ctx, Name, rt.Documents)
			if err != nil {
				return daemon.Service{}, err
			}
			s, err := New(Deps{
				DB:        rt.DB,
				Clock:     rt.Clock,
				PageKey:   rt.PageKey,
				Log:       rt.Logger,
				Sweep:     rt.SweepInterval,
				Vault:     content,
				Documents: rt.Documents,
				Reports:   casefilev1.NewInspectionReportServiceClient(rt.Peers[casefile]),
				Decisions: schedulingv1.NewDecisionServiceClient(rt.Peers[scheduling]),
			})
			if err != nil {
				return daemon.Service{}, err
			}
			return daemon.Service{
				Register: s.Register, Reasons: []protoreflect.EnumDescriptor{Reasons()},
				Background: []func(context.Context) error{s.Worker().Run, s.Sweeper().Run},
			}, nil
		},
	}
}

// Reasons is the enum of the service's own reasons of refusal.
func Reasons() protoreflect.EnumDescriptor { return rectificationv1.ErrorReason(0).Descriptor() }

// What is asked of the peers; their generated clients implement it.
type (
	Reports   = api.Reports
	Decisions = api.Decisions
)

// Deps are what the service needs from its process; all are required.
type Deps struct {
	DB        *pg.DB
	Clock     clock.Clock // of the business: it says which legal day it is
	PageKey   []byte      // signs page tokens; shared by all replicas
	Log       *slog.Logger
	Sweep     time.Duration // how often its worker looks for dates that are due or to be counted again
	Vault     *vault.Vault  // the content of documents
	Documents document.Config
	Reports   Reports
	Decisions Decisions
}

// Service is the rectification service, ready to be registered.
type Service struct {
	deps        api.Deps
	obligations docketserver.Deps
	documents   documentserver.Deps
	worker      *docket.Worker
	sweeper     *documentserver.Sweeper
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
	own := docket.New(Name, book, calendars.New(calendar), d.Clock)
	s := &Service{
		deps: api.Deps{
			DB: d.DB, Clock: d.Clock, Docket: own, Rules: book, Pager: pager,
			Reports: d.Reports, Decisions: d.Decisions,
		},
		worker: docket.NewWorker(d.DB, own, d.Log, d.Sweep),
	}
	s.obligations = docketserver.Deps{
		DB: d.DB, Docket: own, Book: book, Pager: pager, Clock: d.Clock, Decisions: s.deps.Decided,
	}
	s.documents = documentserver.Deps{
		DB: d.DB, Vault: d.Vault, Parents: api.Cases(), Pager: pager, Clock: d.Clock, Log: d.Log, MaxBytes: d.Documents.MaxBytes,
	}
	s.sweeper = &documentserver.Sweeper{
		Service: Name, DB: d.DB, Vault: d.Vault, Log: d.Log, Machine: clock.System(),
		Interval: d.Documents.SweepInterval, Age: d.Documents.SweepAge,
	}
	s.worker.OnOverdue = s.deps.Overdue()
	return s, nil
}

// Worker reminds of dates, and counts them again when a holiday notice moved them.
func (s *Service) Worker() *docket.Worker { return s.worker }

// Sweeper removes content that a crash left without a document.
func (s *Service) Sweeper() *documentserver.Sweeper { return s.sweeper }

// Register adds all that the service answers to a gRPC server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	rectificationv1.RegisterFeedbackServiceServer(r, &api.FeedbackServer{Deps: s.deps})
	rectificationv1.RegisterDeliveryServiceServer(r, &api.DeliveryServer{Deps: s.deps})
	rectificationv1.RegisterImmediateRectificationServiceServer(r, &api.ImmediateServer{Deps: s.deps})
	rectificationv1.RegisterRectificationServiceServer(r, &api.RectificationServer{Deps: s.deps})
	rectificationv1.RegisterRectificationPlanServiceServer(r, &api.PlanServer{Deps: s.deps})
	rectificationv1.RegisterRectificationPlanVersionServiceServer(r, &api.PlanVersionServer{Deps: s.deps})
	rectificationv1.RegisterRectificationReportVersionServiceServer(r, &api.ReportVersionServer{Deps: s.deps})
	rectificationv1.RegisterRectificationReviewServiceServer(r, &api.ReviewServer{Deps: s.deps})
	rectificationv1.RegisterRectificationListsServiceServer(r, &api.ListsServer{Deps: s.deps})
	rectificationv1.RegisterRectificationReportServiceServer(r, &api.ReportServer{Deps: s.deps})
	rectificationv1.RegisterRectificationFlagServiceServer(r, &api.FlagServer{Deps: s.deps})
	rectificationv1.RegisterRectificationItemServiceServer(r, &api.ItemServer{Deps: s.deps})
	rectificationv1.RegisterCityGuidanceServiceServer(r, &api.GuidanceServer{Deps: s.deps})
	rectificationv1.RegisterCityMeasureServiceServer(r, &api.CityMeasureServer{Deps: s.deps})
	// They refuse nothing but a missing part, and New has put in all.
	_ = docketserver.Register(r, s.obligations)
	_ = documentserver.Register(r, s.documents)
	eventv1.RegisterEventServiceServer(r, inbox.New(s.deps.DB, s.deps.Handlers()))
}
