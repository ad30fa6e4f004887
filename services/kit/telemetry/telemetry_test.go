package telemetry

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestValidateReportsEveryFault(t *testing.T) {
	bad := Config{LogLevel: "loud", OTLPEndpoint: "collector:4317", SampleRatio: math.NaN()}
	if got := bad.Validate(); len(got) != 3 {
		t.Errorf("faults = %v, want 3", got)
	}
	if got := DefaultConfig().Validate(); len(got) != 0 {
		t.Errorf("the default has faults: %v", got)
	}
}

func TestNewWithoutCollectorRecordsNothing(t *testing.T) {
	tel, err := New(t.Context(), DefaultConfig(), "scheduling", "v1", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	_, span := tel.Tracer.Tracer("t").Start(t.Context(), "s")
	if span.IsRecording() {
		t.Error("a span is recorded without a collector")
	}
	if err := tel.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNewWithCollectorRecords(t *testing.T) {
	cfg := Config{OTLPEndpoint: "http://127.0.0.1:1", SampleRatio: 1}
	tel, err := New(t.Context(), cfg, "scheduling", "v1", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	_, span := tel.Tracer.Tracer("t").Start(t.Context(), "s")
	if !span.IsRecording() {
		t.Error("no span is recorded at ratio 1")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	// The span never ended, so there is nothing to send to the dead address.
	if err := tel.Close(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestAdminAnswers(t *testing.T) {
	tel, err := New(t.Context(), DefaultConfig(), "scheduling", "v1", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	notReady := errors.New("migration 3 is missing")
	ready := func(context.Context) error { return notReady }
	h := AdminHandler(tel.Registry, func(ctx context.Context) error { return ready(ctx) }, slog.New(slog.DiscardHandler))

	check := func(path string, code int, contains, lacks string) {
		t.Helper()
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		body := rec.Body.String()
		if rec.Code != code || !strings.Contains(body, contains) || (lacks != "" && strings.Contains(body, lacks)) {
			t.Errorf("%s = %d %q", path, rec.Code, body)
		}
	}
	check("/livez", http.StatusOK, "alive", "")
	check("/readyz", http.StatusServiceUnavailable, "not ready", "migration")
	ready = func(context.Context) error { return nil }
	check("/readyz", http.StatusOK, "ready", "not")
	check("/metrics", http.StatusOK, `xunshi_build_info{service="scheduling",version="v1"} 1`, "")
	check("/debug/pprof/", http.StatusNotFound, "", "goroutine")
}

func TestServeAdminEndsWithItsContext(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- ServeAdmin(ctx, lis, http.NotFoundHandler()) }()

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + lis.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("status = %d", resp.StatusCode)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", lis.Addr().String()); err == nil {
		t.Error("the port is still open")
	}
}
