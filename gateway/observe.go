package gateway

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/propagation"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/requestid"
)

// other stands for what is in no closed set: a label or a log line never holds
// what a client made up.
const other = "other"

func newDurations(registry prometheus.Registerer) (*prometheus.HistogramVec, error) {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "xunshi_http_server_duration_seconds",
		Help:    "Duration of requests by route, verb and HTTP status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60},
	}, []string{"route", "verb", "code"})
	if err := registry.Register(h); err != nil {
		return nil, fmt.Errorf("gateway: metrics: %w", err)
	}
	return h, nil
}

// observe gives the request its id and the trace of its caller, and leaves one
// log line and one measurement of it, whatever becomes of it. Neither holds a
// path, which names objects, nor the address of the client: sources are
// protected (art. 10).
func (e *edge) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := e.machine.Now()
		id, err := requestid.Adopt(r.Header.Get("X-Request-Id"))
		if err != nil {
			e.log.ErrorContext(r.Context(), "internal error", "error", err)
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		w.Header().Set("X-Request-Id", id)
		ctx := requestid.With(r.Context(), id)
		r = r.WithContext(propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header)))
		// Taken now: the mux may change the request.
		route, verb := e.routeLabel(r), verbLabel(r.Method)
		answer := &recorder{ResponseWriter: w}
		defer func() {
			p := recover()
			if p != nil && p != http.ErrAbortHandler {
				e.panicked(answer, r, p)
			}
			e.report(r, route, verb, answer.code(), e.machine.Now().Sub(start))
			if p == http.ErrAbortHandler {
				panic(p) // net/http's own way to break off an answer
			}
		}()
		next.ServeHTTP(answer, r)
	})
}

func (e *edge) report(r *http.Request, route, verb string, code int, took time.Duration) {
	e.durations.WithLabelValues(route, verb, strconv.Itoa(code)).Observe(took.Seconds())
	e.log.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("route", route),
		slog.String("verb", verb),
		slog.Int("code", code),
		slog.Duration("duration", took),
		slog.String("request_id", requestid.From(r.Context())),
	)
}

// panicked answers in place of a handler that failed. The value of a panic may
// quote content, so only the runtime's own are written out.
func (e *edge) panicked(w *recorder, r *http.Request, p any) {
	what := fmt.Sprintf("panic: %T", p)
	if err, ok := p.(runtime.Error); ok {
		what = "panic: " + err.Error()
	}
	e.log.ErrorContext(r.Context(), "internal error",
		"request_id", requestid.From(r.Context()), "error", what, "stack", string(debug.Stack()))
	if w.status == 0 {
		e.refuse(w, r, 0, fault.New(fault.Internal, fault.ReasonInternal))
	}
}

// routeLabel gives the pattern that the request is for. A path that exists only
// with another verb keeps its pattern: the code 405 tells the rest.
func (e *edge) routeLabel(r *http.Request) string {
	switch {
	case r.URL.Path == documentPath:
		return documentPath
	case strings.HasPrefix(r.URL.Path, explorerPath):
		return explorerPath
	}
	label := other
	for candidate := range e.onPath(r.URL.Path) {
		if candidate.verb == r.Method {
			return candidate.pattern
		}
		label = candidate.pattern
	}
	return label
}

func verbLabel(method string) string {
	if slices.Contains([]string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace,
	}, method) {
		return method
	}
	return other
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(code int) {
	if w.status == 0 && code >= http.StatusOK { // 1xx come before the answer
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// code is the status that went out; net/http sends 200 when nothing was said.
func (w *recorder) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
