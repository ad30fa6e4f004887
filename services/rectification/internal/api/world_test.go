package api_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/receipt/receipttest"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification"
)

// The bodies of the tests, written as tokens: party, area, person.
const (
	sichuan = "provinces/51"
	office  = "INSPECTION_OFFICE provinces/51 office"
	leading = "LEADING_GROUP provinces/51 chair"
)

// bearer takes a token at its word.
type bearer struct{}

// Verify implements grpcserver.Verifier.
func (bearer) Verify(_ context.Context, token string) (principal.Principal, error) {
	parts := strings.Split(token, " ")
	if len(parts) != 3 {
		return principal.Principal{}, fault.New(fault.Unauthenticated, fault.ReasonCredentialsInvalid).
			Wrap(errors.New("not a token of the tests"))
	}
	p, _ := principal.From(pgtest.As(context.Background(), principal.Party(parts[0]), parts[1], parts[2]))
	return p, nil
}

// world is the service as a process runs it: database, server, certificates, and
// peers that behave.
type world struct {
	t      *testing.T
	db     *pgtest.Database
	made   *pgtest.Statements // of the last server
	clock  *clocktest.Manual
	peers  *peers
	ca     *servertest.CA
	addr   string
	people *grpc.ClientConn // the gateway's
	peer   *grpc.ClientConn // scheduling's

	feedbacks  rectificationv1.FeedbackServiceClient
	matters    rectificationv1.ImmediateRectificationServiceClient
	deliveries rectificationv1.DeliveryServiceClient
	cases      rectificationv1.RectificationServiceClient
	plans      rectificationv1.RectificationPlanServiceClient
	versions   rectificationv1.RectificationPlanVersionServiceClient
	lists      rectificationv1.RectificationListsServiceClient
	reports    rectificationv1.RectificationReportServiceClient
	items      rectificationv1.RectificationItemServiceClient
	guidances  rectificationv1.CityGuidanceServiceClient
	registers  rectificationv1.CityMeasureServiceClient
	flags      rectificationv1.RectificationFlagServiceClient
	events     eventv1.EventServiceClient
	dates      obligationv1.ObligationServiceClient
	moves      obligationv1.ObligationDecisionServiceClient
	notices    obligationv1.NotificationServiceClient
	reviews    rectificationv1.RectificationReviewServiceClient

	reportVersions rectificationv1.RectificationReportVersionServiceClient

	service *rectification.Service // of the last server
	content document.Config        // where documents are
}

// newWorld starts the service on the given day.
func newWorld(t *testing.T, today string) *world {
	t.Helper()
	ca, err := servertest.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, ca: ca, clock: clocktest.Fixed(noon(t, today)), peers: newPeers(t),
		db:      pgtest.New(t, pgtest.Service{Name: rectification.Name, Migrations: rectification.Program().Migrations}),
		content: newContent(t),
	}
	w.addr = w.serve()
	w.connect()
	return w
}

// serve starts a server over the world's database and gives its address.
func (w *world) serve(opts ...grpcserver.Option) string {
	w.t.Helper()
	logger := slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	w.made = &pgtest.Statements{}
	cfg := w.db.Config()
	cfg.Tracer = w.made
	service, err := rectification.New(rectification.Deps{
		DB: w.db.OpenWith(w.t, cfg), Clock: w.clock, PageKey: []byte(strings.Repeat("k", 32)), Log: logger,
		Reports: w.peers, Decisions: w.peers, Vault: w.openVault(), Documents: w.content,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.service = service
	catalogue, err := faultstatus.NewCatalogue("rectification.xunshi", rectification.Reasons())
	if err != nil {
		w.t.Fatal(err)
	}
	server := grpcserver.DefaultConfig()
	server.Callers = grpcserver.Callers{People: []string{"gateway"}, Services: []string{"scheduling"}}
	server.StopTimeout = time.Second
	srv, err := grpcserver.New(server, grpcserver.Deps{
		Logger: logger,
		Tracer: noop.NewTracerProvider(), Registry: prometheus.NewRegistry(),
		TLS: w.tls(rectification.Name, servertest.Files.Server), Verifier: bearer{}, Catalogue: catalogue,
		Ready:    func(context.Context) error { return nil },
		Receipts: receipttest.Issuer(w.t, rectification.Name, w.clock),
	}, service.Register, opts...)
	if err != nil {
		w.t.Fatal(err)
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- srv.Serve(ctx, lis) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-stopped; err != nil {
			w.t.Errorf("serve: %v", err)
		}
	})
	return lis.Addr().String()
}

func (w *world) tls(name string, use func(servertest.Files) (*tls.Config, error)) *tls.Config {
	w.t.Helper()
	files, err := w.ca.Issue(name)
	if err != nil {
		w.t.Fatal(err)
	}
	cfg, err := use(files)
	if err != nil {
		w.t.Fatal(err)
	}
	return cfg
}

func (w *world) dial(addr, name string) *grpc.ClientConn {
	w.t.Helper()
	cfg := w.tls(name, func(f servertest.Files) (*tls.Config, error) { return f.Client(rectification.Name) })
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(credentials.NewTLS(cfg)))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// connect makes the clients of the server at w.addr.
func (w *world) connect() {
	w.t.Helper()
	w.people, w.peer = w.dial(w.addr, "gateway"), w.dial(w.addr, "scheduling")
	w.feedbacks = rectificationv1.NewFeedbackServiceClient(w.people)
	w.matters = rectificationv1.NewImmediateRectificationServiceClient(w.people)
	w.deliveries = rectificationv1.NewDeliveryServiceClient(w.people)
	w.cases = rectificationv1.NewRectificationServiceClient(w.people)
	w.plans = rectificationv1.NewRectificationPlanServiceClient(w.people)
	w.versions = rectificationv1.NewRectificationPlanVersionServiceClient(w.people)
	w.lists = rectificationv1.NewRectificationListsServiceClient(w.people)
	w.reportVersions = rectificationv1.NewRectificationReportVersionServiceClient(w.people)
	w.reviews = rectificationv1.NewRectificationReviewServiceClient(w.people)
	w.reports = rectificationv1.NewRectificationReportServiceClient(w.people)
	w.items = rectificationv1.NewRectificationItemServiceClient(w.people)
	w.guidances = rectificationv1.NewCityGuidanceServiceClient(w.people)
	w.registers = rectificationv1.NewCityMeasureServiceClient(w.people)
	w.flags = rectificationv1.NewRectificationFlagServiceClient(w.people)
	w.events = eventv1.NewEventServiceClient(w.peer)
	w.dates = obligationv1.NewObligationServiceClient(w.people)
	w.moves = obligationv1.NewObligationDecisionServiceClient(w.people)
	w.notices = obligationv1.NewNotificationServiceClient(w.people)
}

// at sets the clock to noon of a day.
func (w *world) at(day string) { w.clock.Set(noon(w.t, day)) }

// as gives a context in which the body with this token calls.
func (w *world) as(token string) context.Context {
	return metadata.AppendToOutgoingContext(w.plain(), "authorization", "Bearer "+token)
}

// plain gives a context without a person: a service calls in its own name.
func (w *world) plain() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	w.t.Cleanup(cancel)
	return ctx
}

func requestID() string { return uuid.NewString() }

func noon(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d.Time().Add(12 * time.Hour)
}

func day(t *testing.T, s string) *date.Date {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return &date.Date{Year: int32(d.Year), Month: int32(d.Month), Day: int32(d.Day)}
}

func text(d *date.Date) string {
	if d == nil {
		return ""
	}
	return workday.Date{Year: int(d.GetYear()), Month: time.Month(d.GetMonth()), Day: int(d.GetDay())}.String()
}

// do gives the answer of a call that has to succeed: do(call(…))(t).
func do[M any](m M, err error) func(*testing.T) M {
	return func(t *testing.T) M {
		t.Helper()
		if err != nil {
			t.Fatalf("%v", faultstatus.FromStatus(err))
		}
		return m
	}
}

// refused tests that a call was refused with the reason and the article, if any.
func refused(t *testing.T, err error, reason, article string) *fault.Error {
	t.Helper()
	f, ok := fault.As(faultstatus.FromStatus(err))
	if !ok || f.Reason != reason || f.Meta[fault.MetaArticle] != article {
		t.Fatalf("got %v, want %s by art. %q", faultstatus.FromStatus(err), reason, article)
	}
	return f
}
