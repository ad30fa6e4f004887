package grpcclient_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/grpcclient"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/requestid"
)

// receiver fails with the errors in turn and then answers; it keeps what it saw.
type receiver struct {
	eventv1.UnimplementedEventServiceServer
	mu     sync.Mutex
	errs   []error
	calls  int
	id     string
	left   time.Duration
	caller principal.Principal
}

func (r *receiver) DeliverEvent(ctx context.Context, _ *eventv1.DeliverEventRequest) (*eventv1.DeliverEventResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	r.id = requestid.From(ctx)
	r.caller, _ = principal.From(ctx)
	deadline, _ := ctx.Deadline()
	r.left = deadline.Sub(clock.System().Now())
	if len(r.errs) == 0 {
		return &eventv1.DeliverEventResponse{}, nil
	}
	err := r.errs[0]
	r.errs = r.errs[1:]
	return nil, err
}

type nobody struct{}

func (nobody) Verify(context.Context, string) (principal.Principal, error) {
	return principal.Principal{}, errors.New("no tokens here")
}

// connect starts a server with the receiver and gives a client of it.
func connect(t *testing.T, r *receiver, timeout time.Duration) eventv1.EventServiceClient {
	t.Helper()
	ca, err := servertest.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, ca, r, lis)
	files, err := ca.Issue("scheduling")
	if err != nil {
		t.Fatal(err)
	}
	tlsFor := func(serverName string) *tls.Config {
		cfg, err := files.Client(serverName)
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	conn, err := grpcclient.New(grpcclient.Config{
		Target: lis.Addr().String(), ServerName: "casefile", Timeout: timeout,
	}, tlsFor, noop.NewTracerProvider())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return eventv1.NewEventServiceClient(conn)
}

func serve(t *testing.T, ca *servertest.CA, r *receiver, lis net.Listener) {
	t.Helper()
	files, err := ca.Issue("casefile")
	if err != nil {
		t.Fatal(err)
	}
	serverTLS, err := files.Server()
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := faultstatus.NewCatalogue("casefile.xunshi")
	if err != nil {
		t.Fatal(err)
	}
	cfg := grpcserver.DefaultConfig()
	cfg.Callers.Services = []string{"scheduling"}
	srv, err := grpcserver.New(cfg, grpcserver.Deps{
		Logger:    slog.New(slog.DiscardHandler),
		Tracer:    noop.NewTracerProvider(),
		Registry:  prometheus.NewRegistry(),
		TLS:       serverTLS,
		Verifier:  nobody{},
		Catalogue: catalogue,
		Ready:     func(context.Context) error { return nil },
	}, func(s grpc.ServiceRegistrar) { eventv1.RegisterEventServiceServer(s, r) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, lis) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func event(t *testing.T) *eventv1.DeliverEventRequest {
	t.Helper()
	payload, err := anypb.New(&eventv1.TaskAuthorized{Inspection: "provinces/51/inspections/1"})
	if err != nil {
		t.Fatal(err)
	}
	return &eventv1.DeliverEventRequest{
		EventId:   uuid.NewString(),
		Aggregate: "provinces/51/inspections/1",
		Sequence:  1,
		OccurTime: timestamppb.New(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)),
		Payload:   payload,
	}
}

func TestCallBringsIdentityDeadlineAndRequestID(t *testing.T) {
	r := &receiver{}
	client := connect(t, r, 0)
	id := uuid.NewString()
	if _, err := client.DeliverEvent(requestid.With(t.Context(), id), event(t)); err != nil {
		t.Fatal(err)
	}
	if (r.caller != principal.Principal{Subject: "scheduling", Party: principal.Service, Province: "51"}) {
		t.Errorf("caller = %v", r.caller)
	}
	if r.id != id {
		t.Errorf("request id = %q, want %q", r.id, id)
	}
	if r.left > 10*time.Second-50*time.Millisecond || r.left < 8*time.Second {
		t.Errorf("%v left, want the default less the shaving", r.left)
	}
}

func TestDeadlineEndsBeforeTheCallers(t *testing.T) {
	r := &receiver{}
	client := connect(t, r, 0)
	for _, tt := range []struct{ given, most, least time.Duration }{
		{5 * time.Second, 5*time.Second - 50*time.Millisecond, 4 * time.Second},
		{time.Hour, 60*time.Second - 50*time.Millisecond, 58 * time.Second},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), tt.given)
		_, err := client.DeliverEvent(ctx, event(t))
		cancel()
		if err != nil || r.left > tt.most || r.left < tt.least {
			t.Errorf("given %v: %v left, %v", tt.given, r.left, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Millisecond)
	defer cancel()
	if _, err := client.DeliverEvent(ctx, event(t)); status.Code(err) != codes.DeadlineExceeded || r.calls != 2 {
		t.Errorf("a call with no time left: %v, %d calls", err, r.calls)
	}
}

func TestOnlyUnavailableIsRepeated(t *testing.T) {
	unavailable := fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable)
	stale := fault.New(fault.Stale, fault.ReasonEventOutOfOrder)
	for name, tt := range map[string]struct {
		errs  []error
		code  codes.Code
		calls int
	}{
		"once unavailable":   {[]error{unavailable}, codes.OK, 2},
		"always unavailable": {[]error{unavailable, unavailable, unavailable, unavailable}, codes.Unavailable, 3},
		"out of order":       {[]error{stale}, codes.Aborted, 1},
		"internal":           {[]error{errors.New("x")}, codes.Internal, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := &receiver{errs: tt.errs}
			_, err := connect(t, r, 0).DeliverEvent(t.Context(), event(t))
			if status.Code(err) != tt.code || r.calls != tt.calls {
				t.Errorf("code = %v after %d calls, want %v after %d", status.Code(err), r.calls, tt.code, tt.calls)
			}
		})
	}
}

func TestConfigReportsEveryFault(t *testing.T) {
	if got := (grpcclient.Config{Timeout: time.Hour}).Validate(); len(got) != 3 {
		t.Errorf("faults = %v, want 3", got)
	}
	if _, err := grpcclient.New(grpcclient.Config{Target: "a", ServerName: "b"}, nil, nil); err == nil {
		t.Error("a client without TLS was made")
	}
}
