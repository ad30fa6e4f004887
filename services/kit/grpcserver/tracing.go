package grpcserver

import (
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc/stats"
)

// tracing opens a span for every call but health probes. Spans carry no payload.
// Metrics are Prometheus' alone (accesslog.go).
func (s *Server) tracing() stats.Handler {
	return otelgrpc.NewServerHandler(
		otelgrpc.WithTracerProvider(s.deps.Tracer),
		otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelgrpc.WithPropagators(propagation.TraceContext{}),
		otelgrpc.WithFilter(func(info *stats.RPCTagInfo) bool { return !isHealth(info.FullMethodName) }),
	)
}
