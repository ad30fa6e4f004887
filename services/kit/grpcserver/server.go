package grpcserver

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/grpcserver/internal/drill"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/receipt"
)

// Verifier tells who a bearer token stands for (package authn).
type Verifier interface {
	// Verify gives the caller, or a fault such as CREDENTIALS_INVALID.
	Verify(ctx context.Context, rawToken string) (principal.Principal, error)
}

// Deps are what a server needs; all but Receipts and Never are required.
type Deps struct {
	Logger    *slog.Logger
	Tracer    trace.TracerProvider
	Registry  prometheus.Registerer
	TLS       *tls.Config // mutual TLS (package tlsconf)
	Verifier  Verifier
	Catalogue *faultstatus.Catalogue
	// Ready says why the service cannot serve now; the health service asks it.
	Ready func(context.Context) error
	// Receipts signs the receipts of submissions; a server with a method that gives them
	// does not start without it.
	Receipts *receipt.Issuer
	// Never are parties that this server refuses on every method, whatever the
	// protos of its services grant.
	Never []principal.Party
}

func (d Deps) check() error {
	if d.Logger == nil || d.Tracer == nil || d.Registry == nil || d.TLS == nil ||
		d.Verifier == nil || d.Catalogue == nil || d.Ready == nil {
		return errors.New("grpcserver: a dependency is missing")
	}
	return nil
}

// Option changes a server for a test; see package grpcservertest.
type Option = drill.Option

// Server answers the methods of the services registered at New.
type Server struct {
	cfg      Config
	deps     Deps
	grpc     *grpc.Server
	rules    *policy.Table
	admitted *admission // single calls
	lasting  *admission // streams, which last and would keep single calls out
	headers  conditional
	shape    *shape
	metrics  *metrics
	streams  streamed
	stall    time.Duration
	// machine is the machine's clock: deadlines and durations are never measured by the
	// business clock, which a devstack may set.
	machine   clock.Clock
	stopping  atomic.Bool
	policyOff bool
}

// New builds a server. It fails if a registered method has no policy.
func New(cfg Config, deps Deps, register func(grpc.ServiceRegistrar), opts ...Option) (*Server, error) {
	if err := errors.Join(append(cfg.Validate(), deps.check())...); err != nil {
		return nil, fmt.Errorf("grpcserver: %w", err)
	}
	var settings drill.Settings
	for _, opt := range opts {
		opt(&settings)
	}
	s := &Server{cfg: cfg, deps: deps, machine: clock.System(), policyOff: settings.PolicyOff, stall: cmp.Or(settings.Stall, stall)}
	var services registrations
	register(&services)
	if err := s.prepare(services); err != nil {
		return nil, fmt.Errorf("grpcserver: %w", err)
	}
	s.grpc = grpc.NewServer(append(limits(),
		grpc.Creds(credentials.NewTLS(deps.TLS)),
		grpc.StatsHandler(s.tracing()),
		grpc.ChainUnaryInterceptor(s.chain()...),
		grpc.StreamInterceptor(s.stream),
	)...)
	for _, r := range services.list {
		s.grpc.RegisterService(r.desc, r.impl)
	}
	s.registerHealth()
	return s, nil
}

// prepare builds what the interceptors look up by method.
func (s *Server) prepare(services registrations) error {
	descriptors, err := services.descriptors()
	if err != nil {
		return err
	}
	rules, err := policy.Load(descriptors...)
	if err != nil {
		return err
	}
	if s.deps.Receipts == nil && rules.AnyReceipt() {
		return errors.New("a method gives receipts, and nobody signs them")
	}
	s.rules = rules.Without(s.deps.Never...)
	if s.shape, err = newShape(descriptors); err != nil {
		return err
	}
	s.headers = newConditional(descriptors)
	s.streams = newStreamed(descriptors)
	s.admitted = newAdmission(s.cfg.Admission)
	s.lasting = newAdmission(Admission{Running: maxStreams})
	s.metrics, err = newMetrics(s.deps.Registry, s.admitted)
	return err
}

// Serve answers on lis until ctx ends, then lets the running calls finish for at
// most the stop timeout. A server serves once.
func (s *Server) Serve(ctx context.Context, lis net.Listener) error {
	done := make(chan error, 1)
	go func() { done <- s.grpc.Serve(lis) }()
	select {
	case err := <-done:
		return fmt.Errorf("grpcserver: %w", err)
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	giveUp := time.AfterFunc(s.cfg.StopTimeout, s.grpc.Stop)
	s.grpc.GracefulStop()
	giveUp.Stop()
	if err := <-done; err != nil {
		return fmt.Errorf("grpcserver: %w", err)
	}
	return nil
}
