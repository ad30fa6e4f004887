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

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/receipt/receipttest"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling"
)

const (
	sichuan  = "provinces/51"
	chengdu  = sichuan + "/cities/510100"
	jinjiang = sichuan + "/counties/510104"
)

// The bodies of the tests, written as tokens: party, area, person.
const (
	office   = "INSPECTION_OFFICE provinces/51 office"
	leading  = "LEADING_GROUP provinces/51 chair"
	province = "PROVINCIAL_COMMITTEE provinces/51 secretary"
	leader   = "INSPECTION_GROUP provinces/51 li"
	member   = "INSPECTION_GROUP provinces/51 wang"
	stranger = "INSPECTION_GROUP provinces/51 zhao"
	city     = "CITY_COMMITTEE provinces/51/cities/510100 city"
	county   = "COUNTY_COMMITTEE provinces/51/counties/510104 county"
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

// world is the service as a process runs it: database, server, certificates.
type world struct {
	t     *testing.T
	db    *pgtest.Database
	clock *clocktest.Manual
	ca    *servertest.CA
	addr  string
	conns map[string]*grpc.ClientConn
	// peers are the services that are asked what a holiday notice would move.
	peers map[string]*peer
}

// newWorld starts the service on the given day.
func newWorld(t *testing.T, today string, opts ...grpcserver.Option) *world {
	t.Helper()
	ca, err := servertest.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, ca: ca, clock: clocktest.Fixed(noon(t, today)), conns: map[string]*grpc.ClientConn{},
		peers: map[string]*peer{"casefile": {}, "rectification": {}},
		db:    pgtest.New(t, pgtest.Service{Name: scheduling.Name, Migrations: scheduling.Migrations()}),
	}
	w.serve(opts)
	return w
}

func (w *world) serve(opts []grpcserver.Option) {
	w.t.Helper()
	service, err := scheduling.New(scheduling.Deps{
		DB: w.db.Open(w.t), Clock: w.clock, PageKey: []byte(strings.Repeat("k", 32)),
		Recomputations: w.asked(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	catalogue, err := faultstatus.NewCatalogue("scheduling.xunshi", scheduling.Reasons())
	if err != nil {
		w.t.Fatal(err)
	}
	cfg := grpcserver.DefaultConfig()
	cfg.Callers = grpcserver.Callers{People: []string{"gateway"}, Services: []string{"casefile", "rectification"}}
	cfg.StopTimeout = time.Second
	srv, err := grpcserver.New(cfg, grpcserver.Deps{
		Logger: slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Tracer: noop.NewTracerProvider(), Registry: prometheus.NewRegistry(),
		TLS: w.tls(scheduling.Name, (servertest.Files).Server), Verifier: bearer{}, Catalogue: catalogue,
		Ready:    func(context.Context) error { return nil },
		Receipts: receipttest.Issuer(w.t, scheduling.Name, w.clock),
	}, service.Register, opts...)
	if err != nil {
		w.t.Fatal(err)
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.addr = lis.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- srv.Serve(ctx, lis) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-stopped; err != nil {
			w.t.Errorf("serve: %v", err)
		}
	})
	for _, name := range []string{"gateway", "casefile", "rectification"} {
		w.dial(name)
	}
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

func (w *world) dial(name string) {
	w.t.Helper()
	cfg := w.tls(name, func(f servertest.Files) (*tls.Config, error) { return f.Client(scheduling.Name) })
	conn, err := grpc.NewClient(w.addr, grpc.WithTransportCredentials(credentials.NewTLS(cfg)))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	w.conns[name] = conn
}

// at sets the clock to noon of a day.
func (w *world) at(day string) { w.clock.Set(noon(w.t, day)) }

func noon(t *testing.T, day string) time.Time {
	t.Helper()
	d, err := workday.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d.Time().Add(12 * time.Hour)
}

// as gives a context in which the body with this token calls.
func (w *world) as(token string) context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	w.t.Cleanup(cancel)
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

func (w *world) edge() *grpc.ClientConn { return w.conns["gateway"] }

func (w *world) registry() schedulingv1.RegistryServiceClient {
	return schedulingv1.NewRegistryServiceClient(w.edge())
}
func (w *world) terms() schedulingv1.TermServiceClient {
	return schedulingv1.NewTermServiceClient(w.edge())
}
func (w *world) groups() schedulingv1.InspectionGroupServiceClient {
	return schedulingv1.NewInspectionGroupServiceClient(w.edge())
}
func (w *world) decisions() schedulingv1.DecisionServiceClient {
	return schedulingv1.NewDecisionServiceClient(w.edge())
}
func (w *world) batches() schedulingv1.BatchServiceClient {
	return schedulingv1.NewBatchServiceClient(w.edge())
}
func (w *world) inspections() schedulingv1.InspectionServiceClient {
	return schedulingv1.NewInspectionServiceClient(w.edge())
}
func (w *world) notices() schedulingv1.EntryNoticeServiceClient {
	return schedulingv1.NewEntryNoticeServiceClient(w.edge())
}
func (w *world) briefings() schedulingv1.BriefingServiceClient {
	return schedulingv1.NewBriefingServiceClient(w.edge())
}

// events speaks as another service.
func (w *world) events(service string) eventv1.EventServiceClient {
	return eventv1.NewEventServiceClient(w.conns[service])
}

func requestID() string { return uuid.NewString() }

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

// refused tests that a call was refused with the reason, and gives the fault.
func refused(t *testing.T, err error, reason string) *fault.Error {
	t.Helper()
	f, ok := fault.As(faultstatus.FromStatus(err))
	if !ok || f.Reason != reason {
		t.Fatalf("got %v, want the reason %s", err, reason)
	}
	return f
}

// plain gives a context without a person: a service calls in its own name.
func (w *world) plain() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	w.t.Cleanup(cancel)
	return ctx
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func lines(fields []fault.Field) []string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Path+" "+f.Reason)
	}
	return out
}
