package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/grpcclient"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/telemetry"
	"github.com/xunshi/xunshi/services/kit/tlsconf"
)

// logFile is written by a server and read by a test.
type logFile struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logFile) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// lines gives the log lines with this message.
func (l *logFile) lines(t *testing.T, message string) []map[string]any {
	t.Helper()
	var found []map[string]any
	for line := range strings.Lines(l.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if entry["msg"] == message {
			found = append(found, entry)
		}
	}
	return found
}

func (l *logFile) logger(service string) *slog.Logger {
	return telemetry.NewLogger(l, slog.LevelDebug, service)
}

// house is an edge in front of a service as both run in production: TLS with
// certificates, the kit's client and server.
type house struct {
	url           string
	edge, service *logFile
	registry      *prometheus.Registry
	traces        chan trace.TraceID // of the calls that reached the service
}

type office struct {
	schedulingv1.UnimplementedTermServiceServer
	traces chan trace.TraceID
}

func (o office) ListTerms(ctx context.Context, _ *schedulingv1.ListTermsRequest) (*schedulingv1.ListTermsResponse, error) {
	o.traces <- trace.SpanContextFromContext(ctx).TraceID()
	return &schedulingv1.ListTermsResponse{}, nil
}

func (o office) GetTerm(context.Context, *schedulingv1.GetTermRequest) (*schedulingv1.Term, error) {
	return nil, fault.New(fault.NotFound, fault.ReasonNotFound)
}

// everybody takes any token for one of the office's.
type everybody struct{}

func (everybody) Verify(context.Context, string) (principal.Principal, error) {
	return principal.Principal{Subject: "wang", Party: principal.InspectionOffice, Province: "51"}, nil
}

func newHouse(t *testing.T) *house {
	t.Helper()
	ca, err := servertest.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{edge: &logFile{}, service: &logFile{}, registry: prometheus.NewRegistry(), traces: make(chan trace.TraceID, 8)}
	conn := dial(t, ca, h.serve(t, ca))
	handler, err := Handler(t.Context(), Backends{conn, conn, conn}, h.edge.logger("gateway"), h.registry)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

// serve starts the service and gives its address.
func (h *house) serve(t *testing.T, ca *servertest.CA) string {
	t.Helper()
	files := must(ca.Issue("scheduling"))(t)
	cfg := grpcserver.DefaultConfig()
	cfg.Callers.People = []string{"gateway"}
	server, err := grpcserver.New(cfg, grpcserver.Deps{
		Logger: h.service.logger("scheduling"), Tracer: noop.NewTracerProvider(), Registry: prometheus.NewRegistry(),
		TLS: must(files.Server())(t), Verifier: everybody{}, Catalogue: must(faultstatus.NewCatalogue("scheduling.xunshi"))(t),
		Ready: func(context.Context) error { return nil },
	}, func(r grpc.ServiceRegistrar) { schedulingv1.RegisterTermServiceServer(r, office{traces: h.traces}) })
	if err != nil {
		t.Fatal(err)
	}
	lis := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, lis) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("service: %v", err)
		}
	})
	return lis.Addr().String()
}

func dial(t *testing.T, ca *servertest.CA, address string) *grpc.ClientConn {
	t.Helper()
	files := must(ca.Issue("gateway"))(t)
	source, err := tlsconf.New(tlsconf.Config{CertFile: files.Cert, KeyFile: files.Key, CAFile: files.CA},
		func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpcclient.New(grpcclient.Config{Target: "dns:///" + address, ServerName: "scheduling"},
		source.Client, noop.NewTracerProvider())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestEveryRequestLeavesATrail: whatever is refused at the door, too, is seen by
// the operator, and no line or label holds what a client made up.
func TestEveryRequestLeavesATrail(t *testing.T) {
	h := newHouse(t)
	const list = "/v1/{parent=provinces/*}/terms"
	for _, tt := range []struct {
		verb, path, body, kind string
		route, label           string
		code                   int
	}{
		{"GET", "/v1/provinces/51/terms", "", "", list, "GET", 200},
		{"GET", "/v1/provinces/51/terms/canary", "", "", "/v1/{name=provinces/*/terms/*}", "GET", 404},
		{"POST", "/v1/provinces/canary/terms", "{", "application/json", list, "POST", 400},
		{"POST", "/v1/provinces/canary/terms", strings.Repeat(" ", maxBody+1), "application/json", list, "POST", 413},
		{"GET", "/v1/provinces/canary/terms?pageToken=" + strings.Repeat("a", maxURL), "", "", list, "GET", 414},
		{"POST", "/v1/provinces/canary/terms", "canary", "text/canary", list, "POST", 415},
		{"DELETE", "/v1/provinces/canary/terms", "", "", list, "DELETE", 405},
		{"CANARY", "/v1/provinces/51/terms", "", "", list, other, 405},
		{"GET", "/v1/canary", "", "", other, "GET", 404},
		{"GET", "/canary", "", "", other, "GET", 404},
		{"GET", "/docs/canary", "", "", "/docs/", "GET", 404},
		{"GET", "/openapi.json", "", "", "/openapi.json", "GET", 200},
	} {
		seen := len(h.edge.lines(t, "request"))
		resp, text := ask(t, tt.verb, h.url+tt.path, tt.body, map[string]string{
			"Content-Type": tt.kind, "Authorization": "Bearer canary", "User-Agent": "canary", "X-Request-Id": "canary",
		})
		if resp.StatusCode != tt.code {
			t.Errorf("%s %.40s: %d, want %d: %.200s", tt.verb, tt.path, resp.StatusCode, tt.code, text)
		}
		lines := h.edge.lines(t, "request")[seen:]
		if len(lines) != 1 {
			t.Fatalf("%s %.40s left %d lines", tt.verb, tt.path, len(lines))
		}
		line := lines[0]
		if line["route"] != tt.route || line["verb"] != tt.label || line["code"] != float64(tt.code) || line["duration"] == nil {
			t.Errorf("%s %.40s left %v", tt.verb, tt.path, line)
		}
		if id := resp.Header.Values("X-Request-Id"); len(id) != 1 || line["request_id"] != id[0] {
			t.Errorf("%s %.40s: answered the ids %q, logged %v", tt.verb, tt.path, id, line["request_id"])
		}
		if !slices.Contains(measured(t, h.registry), tt.route+" "+tt.label+" "+resp.Status[:3]) {
			t.Errorf("%s %.40s left no measurement", tt.verb, tt.path)
		}
	}
	if log := h.edge.String() + h.service.String(); strings.Contains(strings.ToLower(log), "canary") {
		t.Errorf("a log holds what a client sent: %s", log)
	}
	if labels := strings.Join(measured(t, h.registry), "\n"); strings.Contains(strings.ToLower(labels), "canary") {
		t.Errorf("a label holds what a client sent: %s", labels)
	}
}

// measured gives route, verb and code of every series.
func measured(t *testing.T, registry prometheus.Gatherer) []string {
	t.Helper()
	var series []string
	for _, family := range must(registry.Gather())(t) {
		if family.GetName() != "xunshi_http_server_duration_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			label := map[string]string{}
			for _, pair := range m.GetLabel() {
				label[pair.GetName()] = pair.GetValue()
			}
			series = append(series, label["route"]+" "+label["verb"]+" "+label["code"])
		}
	}
	return series
}

// TestOneRequestIDEverywhere: what the client is told is what both log, for a
// success and for a failure, for an id of the client's and for a fresh one.
func TestOneRequestIDEverywhere(t *testing.T) {
	h := newHouse(t)
	const sent = "0198C0DE-0000-7000-8000-000000000001"
	for _, path := range []string{"/v1/provinces/51/terms", "/v1/provinces/51/terms/1"} {
		for _, id := range []string{"", "not an id", sent} {
			resp, _ := ask(t, "GET", h.url+path, "", map[string]string{
				"Authorization": "Bearer t", "X-Request-Id": id, "Grpc-Metadata-X-Request-Id": "00000000-0000-0000-0000-000000000000",
			})
			told := resp.Header.Values("X-Request-Id")
			if len(told) != 1 || !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f-]{27}$`).MatchString(told[0]) {
				t.Fatalf("%s told the ids %q", path, told)
			}
			if id == sent && told[0] != strings.ToLower(sent) {
				t.Errorf("%s: sent %s, told %s", path, sent, told[0])
			}
			for who, line := range map[string]map[string]any{
				"edge": last(h.edge.lines(t, "request")), "service": last(h.service.lines(t, "call")),
			} {
				if line["request_id"] != told[0] {
					t.Errorf("%s: told %s, but the %s logged %v", path, told[0], who, line)
				}
			}
		}
	}
}

func last(lines []map[string]any) map[string]any {
	if len(lines) == 0 {
		return nil
	}
	return lines[len(lines)-1]
}

// TestTraceGoesOn: the caller's trace reaches the service, once and well formed.
func TestTraceGoesOn(t *testing.T) {
	h := newHouse(t)
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	for traceparent, want := range map[string]string{
		"00-" + id + "-00f067aa0ba902b7-01": id,
		"garbage":                           trace.TraceID{}.String(),
	} {
		resp, text := ask(t, "GET", h.url+"/v1/provinces/51/terms", "", map[string]string{"Authorization": "Bearer t", "Traceparent": traceparent})
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", resp.StatusCode, text)
		}
		if got := <-h.traces; got.String() != want {
			t.Errorf("%s: the service was in the trace %s", traceparent, got)
		}
	}
}

// TestPanicIsAnswered is row 92 of security.md §5.2: INTERNAL, no text, the id in
// the log.
func TestPanicIsAnswered(t *testing.T) {
	logs := &logFile{}
	e := &edge{
		log: logs.logger("gateway"), durations: must(newDurations(prometheus.NewRegistry()))(t),
		catalogue: must(faultstatus.NewCatalogue(Domain))(t), machine: clock.System(),
	}
	server := httptest.NewServer(e.observe(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("canary") })))
	defer server.Close()
	resp, text := ask(t, "GET", server.URL, "", nil)
	if resp.StatusCode != http.StatusInternalServerError || reasonIn(t, text) != "INTERNAL" {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	id := resp.Header.Get("X-Request-Id")
	if last(logs.lines(t, "internal error"))["request_id"] != id || last(logs.lines(t, "request"))["code"] != float64(500) {
		t.Errorf("logged %s", logs)
	}
	if strings.Contains(string(text)+logs.String(), "canary") {
		t.Errorf("the value of the panic came out: %s %s", text, logs)
	}
}
