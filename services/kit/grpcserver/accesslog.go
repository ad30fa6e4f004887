package grpcserver

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/requestid"
)

// call is filled by the inner interceptors for the log line that an outer one
// writes.
type call struct {
	party        principal.Party
	jurisdiction string
}

type callKey struct{}

// note says in the log line on whose behalf the call came.
func note(ctx context.Context, p principal.Principal) {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		c.party, c.jurisdiction = p.Party, p.Jurisdiction()
	}
}

// observe writes one line and counts one call. Neither holds the person, the
// name of an object, or content: who did what to what is the audit log's matter.
func (s *Server) observe(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	start := s.machine.Now()
	c := &call{}
	resp, err := handler(context.WithValue(ctx, callKey{}, c), req)
	code, took := status.Code(err), s.machine.Now().Sub(start)

	s.metrics.observe(info.FullMethod, code, took)
	level := slog.LevelInfo
	if isHealth(info.FullMethod) {
		level = slog.LevelDebug // every few seconds, and nobody's act
	}
	s.deps.Logger.LogAttrs(ctx, level, "call",
		slog.String("method", info.FullMethod),
		slog.String("code", code.String()),
		slog.Duration("duration", took),
		slog.String("request_id", requestid.From(ctx)),
		slog.String("party", string(c.party)),
		slog.String("jurisdiction", c.jurisdiction),
	)
	return resp, err
}

type metrics struct {
	duration *prometheus.HistogramVec
}

func newMetrics(registry prometheus.Registerer, a *admission) (*metrics, error) {
	m := &metrics{duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "xunshi_grpc_server_duration_seconds",
		Help:    "Duration of calls by method and status code.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60},
	}, []string{"method", "code"})}
	for _, c := range []prometheus.Collector{
		m.duration,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "xunshi_grpc_server_running", Help: "Calls admitted and not finished.",
		}, func() float64 { return float64(len(a.running)) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "xunshi_grpc_server_waiting", Help: "Calls that wait to be admitted.",
		}, func() float64 { return float64(len(a.waiting)) }),
	} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	return m, nil
}

// observe counts a call. Both labels come from closed sets: only registered
// methods reach an interceptor.
func (m *metrics) observe(method string, code codes.Code, took time.Duration) {
	m.duration.WithLabelValues(method, code.String()).Observe(took.Seconds())
}
