package grpcserver_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/telemetry"
)

const (
	submitPlan = "/grpcservertest.v1.PlanService/SubmitPlan"
	updatePlan = "/grpcservertest.v1.PlanService/UpdatePlan"
	ownPlan    = "provinces/51/plans/1"
)

// verifier knows tokens by heart.
type verifier map[string]principal.Principal

func (v verifier) Verify(_ context.Context, token string) (principal.Principal, error) {
	p, ok := v[token]
	if !ok {
		return p, fault.New(fault.Unauthenticated, fault.ReasonCredentialsInvalid).Wrap(errors.New("unknown token"))
	}
	return p, nil
}

func tokens() verifier {
	county := principal.Principal{Subject: "li", Party: principal.CountyCommittee, Province: "51", County: "510104"}
	zhejiang := principal.Principal{Subject: "wu", Party: principal.CountyCommittee, Province: "33", County: "330106"}
	return verifier{
		"county":   county,
		"zhejiang": zhejiang,
		"city":     {Subject: "he", Party: principal.CityCommittee, Province: "51", City: "510100"},
		"service":  {Subject: "casefile", Party: principal.Service},
		"unknown":  {Subject: "x", Party: "EMPEROR", Province: "51"},
	}
}

// world is one running server with its authority.
type world struct {
	ca       *servertest.CA
	addr     string
	log      *buffer
	registry *prometheus.Registry
	handle   atomic.Pointer[handler]
	stop     context.CancelFunc
	stopped  chan error
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func config() grpcserver.Config {
	cfg := grpcserver.DefaultConfig()
	cfg.Callers = grpcserver.Callers{People: []string{"gateway"}, Services: []string{"casefile"}}
	cfg.StopTimeout = 5 * time.Second
	return cfg
}

func start(t *testing.T, cfg grpcserver.Config, opts ...grpcserver.Option) *world {
	t.Helper()
	return startWithout(t, cfg, nil, opts...)
}

// startWithout starts a server that some parties may never call.
func startWithout(t *testing.T, cfg grpcserver.Config, never []principal.Party, opts ...grpcserver.Option) *world {
	t.Helper()
	ca, err := servertest.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{ca: ca, log: &buffer{}, registry: prometheus.NewRegistry(), stopped: make(chan error, 1)}
	w.serve(func(_ context.Context, _ string, req *dynamicpb.Message) (proto.Message, error) {
		return message(t, "Plan", ""), nil
	})
	plans := serviceDesc(descriptors(t).Services().ByName("PlanService"),
		func(ctx context.Context, method string, req *dynamicpb.Message) (proto.Message, error) {
			return (*w.handle.Load())(ctx, method, req)
		})
	deps := w.deps(t)
	deps.Never = never
	streams := serviceDesc(descriptors(t).Services().ByName("StreamService"),
		func(ctx context.Context, method string, req *dynamicpb.Message) (proto.Message, error) {
			return (*w.handle.Load())(ctx, method, req)
		})
	srv, err := grpcserver.New(cfg, deps, func(r grpc.ServiceRegistrar) {
		r.RegisterService(plans, nil)
		r.RegisterService(streams, nil)
	}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.addr = lis.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	go func() { w.stopped <- srv.Serve(ctx, lis) }()
	t.Cleanup(func() {
		cancel()
		if err := <-w.stopped; err != nil {
			t.Errorf("serve: %v", err)
		}
		w.stopped <- nil
	})
	return w
}

func (w *world) serve(h handler) { w.handle.Store(&h) }

func (w *world) deps(t *testing.T) grpcserver.Deps {
	t.Helper()
	catalogue, err := faultstatus.NewCatalogue("plan.xunshi")
	if err != nil {
		t.Fatal(err)
	}
	files, err := w.ca.Issue("plan")
	if err != nil {
		t.Fatal(err)
	}
	serverTLS, err := files.Server()
	if err != nil {
		t.Fatal(err)
	}
	return grpcserver.Deps{
		Logger:    telemetry.NewLogger(w.log, slog.LevelDebug, "plan"),
		Tracer:    noop.NewTracerProvider(),
		Registry:  w.registry,
		TLS:       serverTLS,
		Verifier:  tokens(),
		Catalogue: catalogue,
		Ready:     func(context.Context) error { return nil },
	}
}

// dial connects with a certificate of this name; change may spoil the TLS.
func (w *world) dial(t *testing.T, name string, change ...func(*tls.Config)) *grpc.ClientConn {
	t.Helper()
	files, err := w.ca.Issue(name)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := files.Client("plan")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(cfg)
	}
	conn, err := grpc.NewClient(w.addr, grpc.WithTransportCredentials(credentials.NewTLS(cfg)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// as gives a context with a deadline, the person's token and further metadata.
func as(t *testing.T, token string, kv ...string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	if token != "" {
		kv = append(kv, "authorization", "Bearer "+token)
	}
	return metadata.AppendToOutgoingContext(ctx, kv...)
}

// submit calls SubmitPlan with a request in text form.
func submit(t *testing.T, ctx context.Context, conn *grpc.ClientConn, text string, opts ...grpc.CallOption) error {
	t.Helper()
	return conn.Invoke(ctx, submitPlan, message(t, "SubmitPlanRequest", text), message(t, "Plan", ""), opts...)
}
