package telemetry

import (
	"context"
	"io"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/trace"
)

// Telemetry is what one process of a service reports through.
type Telemetry struct {
	Logger   *slog.Logger
	Tracer   trace.TracerProvider
	Registry *prometheus.Registry
	flush    func(context.Context) error
}

// New builds the telemetry of a service; log lines go to w.
func New(ctx context.Context, cfg Config, service, version string, w io.Writer) (*Telemetry, error) {
	level, err := cfg.level()
	if err != nil {
		return nil, err
	}
	tracer, flush, err := newTracer(ctx, cfg, service, version)
	if err != nil {
		return nil, err
	}
	return &Telemetry{
		Logger:   NewLogger(w, level, service),
		Tracer:   tracer,
		Registry: newRegistry(service, version),
		flush:    flush,
	}, nil
}

// Close sends the spans that wait. Call it last.
func (t *Telemetry) Close(ctx context.Context) error {
	return t.flush(ctx)
}

// newRegistry holds the figures of the Go runtime, of the process, and which
// build this is.
func newRegistry(service, version string) *prometheus.Registry {
	r := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "xunshi_build_info",
		Help:        "Always 1; the labels say which service and version runs.",
		ConstLabels: prometheus.Labels{"service": service, "version": version},
	})
	build.Set(1)
	r.MustRegister(
		build,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return r
}
