package api_test

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"github.com/xunshi/xunshi/services/casefile"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const sichuan = "provinces/51"

// The bodies of the tests, written as tokens: party, area, person.
const (
	office     = "INSPECTION_OFFICE provinces/51 office"
	chair      = "LEADING_GROUP provinces/51 chair"
	leader     = "INSPECTION_GROUP provinces/51 li"
	member     = "INSPECTION_GROUP provinces/51 wang"
	colleague  = "INSPECTION_GROUP provinces/51 chen"
	otherGroup = "INSPECTION_GROUP provinces/51 zhao" // leads the other task
	elsewhere  = "INSPECTION_GROUP provinces/44 li"   // the leader's name in another province
	county     = "COUNTY_COMMITTEE provinces/51/counties/510104 county"
	city       = "CITY_COMMITTEE provinces/51/cities/510100 city"
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
// the scheduling service that it asks.
type world struct {
	t         *testing.T
	db        *pgtest.Database
	admin     *sql.DB
	clock     *clocktest.Manual
	decisions *schedulingFake
	ca        *servertest.CA
	addr      string
	conns     map[string]*grpc.ClientConn
	sequence  map[string]int64 // of the last event about an inspection
	service   *casefile.Service
}

func newWorld(t *testing.T, opts ...grpcserver.Option) *world {
	t.Helper()
	ca, err := servertest.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, ca: ca, clock: clocktest.Fixed(time.Date(2026, 9, 3, 4, 0, 0, 123456789, time.UTC)),
		decisions: newSchedulingFake(), conns: map[string]*grpc.ClientConn{}, sequence: map[string]int64{},
		db: pgtest.New(t, pgtest.Service{Name: casefile.Name, Migrations: casefile.Migrations()}),
	}
	w.admin = w.db.Admin(t)
	w.serve(opts)
	return w
}

func (w *world) serve(opts []grpcserver.Option) {
	w.t.Helper()
	logger := slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	service, err := casefile.New(casefile.Deps{
		DB: w.db.Open(w.t), Clock: w.clock, PageKey: []byte(strings.Repeat("k", 32)), Log: logger, Decisions: w.decisions,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.service = service
	catalogue, err := faultstatus.NewCatalogue("casefile.xunshi", casefile.Reasons())
	if err != nil {
		w.t.Fatal(err)
	}
	cfg := grpcserver.DefaultConfig()
	cfg.Callers = grpcserver.Callers{People: []string{"gateway"}, Services: []string{"scheduling", "rectification"}}
	cfg.StopTimeout = time.Second
	srv, err := grpcserver.New(cfg, grpcserver.Deps{
		Logger: logger,
		Tracer: noop.NewTracerProvider(), Registry: prometheus.NewRegistry(),
		TLS: w.tls(casefile.Name, (servertest.Files).Server), Verifier: bearer{}, Catalogue: catalogue,
		Ready: func(context.Context) error { return nil },
		Never: casefile.Program().Never,
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
	for _, name := range []string{"gateway", "scheduling", "rectification"} {
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
	cfg := w.tls(name, func(f servertest.Files) (*tls.Config, error) { return f.Client(casefile.Name) })
	conn, err := grpc.NewClient(w.addr, grpc.WithTransportCredentials(credentials.NewTLS(cfg)))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	w.conns[name] = conn
}

// as gives a context in which the body with this token calls.
func (w *world) as(token string) context.Context {
	return metadata.AppendToOutgoingContext(w.limited(), "authorization", "Bearer "+token)
}

// limited gives a context with a deadline, as every call needs one.
func (w *world) limited() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	w.t.Cleanup(cancel)
	return ctx
}

// count asks the database, past row-level security.
func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.admin.QueryRowContext(w.t.Context(), query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// text asks it for a text.
func (w *world) text(query string, args ...any) string {
	w.t.Helper()
	var text string
	if err := w.admin.QueryRowContext(w.t.Context(), query, args...).Scan(&text); err != nil {
		w.t.Fatal(err)
	}
	return text
}
