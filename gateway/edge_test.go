package gateway

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/xunshi/xunshi/gen/go/xunshi/event/v1" // TestEventServiceIsNotPublic looks at it
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// terms answers what it was asked, and remembers the metadata.
type terms struct {
	schedulingv1.UnimplementedTermServiceServer
	seen metadata.MD
}

func (s *terms) CreateTerm(ctx context.Context, req *schedulingv1.CreateTermRequest) (*schedulingv1.Term, error) {
	s.seen, _ = metadata.FromIncomingContext(ctx)
	req.Term.Name, req.Term.Etag = req.Parent+"/terms/1", `"1"`
	return req.Term, nil
}

func (s *terms) ListTerms(context.Context, *schedulingv1.ListTermsRequest) (*schedulingv1.ListTermsResponse, error) {
	return &schedulingv1.ListTermsResponse{}, nil
}

func newEdge(t *testing.T) (*httptest.Server, *terms) {
	t.Helper()
	lis := bufconn.Listen(1 << 16)
	backend, fake := grpc.NewServer(), &terms{}
	schedulingv1.RegisterTermServiceServer(backend, fake)
	go func() { _ = backend.Serve(lis) }()
	t.Cleanup(backend.Stop)
	conn, err := grpc.NewClient("passthrough:///backend", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	handler, err := Handler(t.Context(), Backends{conn, conn, conn}, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server, fake
}

const goodTerm = `{"displayName":"届","startDate":{"year":2012,"month":6,"day":1},"endDate":{"year":2017,"month":5,"day":31}}`

// TestBadInputs is the HTTP side of security.md §5.2: what never reaches a
// service, and how it is answered.
func TestBadInputs(t *testing.T) {
	server, _ := newEdge(t)
	for _, tt := range []struct {
		name, verb, path, body string
		header                 map[string]string
		code                   int
		reason                 string
	}{
		{name: "1 empty body", body: "", code: 400, reason: "BODY_INVALID"},
		{name: "2 truncated", body: `{"displayName":"`, code: 400, reason: "BODY_INVALID"},
		{name: "3 trailing garbage", body: goodTerm + "x", code: 400, reason: "BODY_INVALID"},
		{name: "4 two values", body: goodTerm + goodTerm, code: 400, reason: "BODY_INVALID"},
		{name: "5 array", body: `[]`, code: 400, reason: "BODY_INVALID"},
		{name: "6 unknown field", body: `{"display":"x"}`, code: 400, reason: "BODY_INVALID"},
		{name: "7 duplicate key", body: `{"displayName":"a","displayName":"b"}`, code: 400, reason: "BODY_INVALID"},
		{name: "7 snake and camel", body: `{"displayName":"a","display_name":"b"}`, code: 400, reason: "BODY_INVALID"},
		{name: "8 not an integer", body: `{"startDate":{"year":1.5}}`, code: 400, reason: "BODY_INVALID"},
		{name: "8 overflow", body: `{"startDate":{"year":99999999999}}`, code: 400, reason: "BODY_INVALID"},
		{name: "12 NUL byte", body: "{\"displayName\":\"a\x00\"}", code: 400, reason: "BODY_INVALID"},
		{name: "15 lone surrogate", body: `{"displayName":"\ud800"}`, code: 400, reason: "BODY_INVALID"},
		{name: "16 invalid UTF-8", body: "{\"displayName\":\"\xff\"}", code: 400, reason: "BODY_INVALID"},
		{name: "25 deep", body: strings.Repeat(`{"a":`, 9000), code: 400, reason: "BODY_INVALID"},
		{name: "27 too large", body: `"` + strings.Repeat("a", maxBody) + `"`, code: 413, reason: "TOO_LARGE"},
		{name: "29 gzip", body: "x", header: map[string]string{"Content-Encoding": "gzip"}, code: 415, reason: "MEDIA_TYPE_UNSUPPORTED"},
		{name: "30 form", body: "a=b", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, code: 415, reason: "MEDIA_TYPE_UNSUPPORTED"},
		{name: "31 charset", body: goodTerm, header: map[string]string{"Content-Type": "application/json; charset=gbk"}, code: 415, reason: "MEDIA_TYPE_UNSUPPORTED"},
		{name: "32 method override", body: goodTerm, header: map[string]string{"X-HTTP-Method-Override": "GET"}, code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "34 wrong verb", verb: "DELETE", body: "", code: 405, reason: "ROUTE_UNKNOWN"},
		{name: "35 unknown route", path: "/v1/provinces/51/nothing", body: goodTerm, code: 404, reason: "NOT_FOUND"},
		{name: "35 no such path", verb: "GET", path: "/admin", code: 404, reason: "NOT_FOUND"},
		{name: "36 long token", verb: "GET", header: map[string]string{"Authorization": "Bearer " + strings.Repeat("a", maxPassed)}, code: 431, reason: "TOO_LARGE"},
		{name: "36 long tag", verb: "GET", header: map[string]string{"If-Match": strings.Repeat("a", maxPassed+1)}, code: 431, reason: "TOO_LARGE"},
		{name: "37 long URL", verb: "GET", path: "/v1/provinces/51/terms?pageToken=" + strings.Repeat("a", maxURL), code: 414, reason: "TOO_LARGE"},
		{name: "39 garbage timeout", verb: "GET", header: map[string]string{"Grpc-Timeout": "soon"}, code: 400, reason: "BODY_INVALID"},
		{name: "39 negative timeout", verb: "GET", header: map[string]string{"Grpc-Timeout": "-1S"}, code: 400, reason: "BODY_INVALID"},
		{name: "39 no timeout", verb: "GET", header: map[string]string{"Grpc-Timeout": "0S"}, code: 200},
		{name: "39 long timeout", verb: "GET", header: map[string]string{"Grpc-Timeout": "99999H"}, code: 200},
		{name: "42 unknown parameter", verb: "GET", path: "/v1/provinces/51/terms?pagesize=1", code: 400, reason: "BODY_INVALID"},
		{name: "43 repeated scalar", verb: "GET", path: "/v1/provinces/51/terms?pageSize=1&pageSize=2", code: 400, reason: "BODY_INVALID"},
		{name: "44 path field in query", verb: "GET", path: "/v1/provinces/51/terms?parent=provinces/52", code: 400, reason: "BODY_INVALID"},
		{name: "45 dots and slash", verb: "GET", path: "/v1/provinces/51/terms/..%2f..%2f52", code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "45 dots", verb: "GET", path: "/v1/provinces/51/../52/terms", code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "45 dots at the end", verb: "GET", path: "/v1/provinces/51/terms/..", code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "45 one dot", verb: "GET", path: "/v1/./provinces/51/terms", code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "45 escaped dots", verb: "GET", path: "/v1/provinces/%2e%2e/terms", code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "45 twice escaped", verb: "GET", path: "/v1/provinces/51/terms/%252e%252e", code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "45 NUL", verb: "GET", path: "/v1/provinces/51/terms/a%00", code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "45 line break", verb: "GET", path: "/v1/provinces/51/terms/a%0d%0ab", code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "45 two slashes", verb: "GET", path: "/v1//provinces/51/terms", code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "45 backslash", verb: "GET", path: `/v1/provinces/51/terms/..%5c`, code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "45 semicolon", verb: "GET", path: "/v1/provinces/51;a=b/terms", code: 400, reason: "ROUTE_UNKNOWN"},
		{name: "45 no name", verb: "GET", path: "/v1", code: 404, reason: "NOT_FOUND"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			verb, path := tt.verb, tt.path
			if verb == "" {
				verb = "POST"
			}
			if path == "" {
				path = "/v1/provinces/51/terms"
			}
			header := map[string]string{"Content-Type": "application/json"}
			for k, v := range tt.header {
				header[k] = v
			}
			resp, text := ask(t, verb, server.URL+path, tt.body, header)
			if resp.StatusCode != tt.code {
				t.Fatalf("HTTP %d, want %d: %s", resp.StatusCode, tt.code, text)
			}
			if got := reasonIn(t, text); got != tt.reason {
				t.Errorf("reason %s, want %s", got, tt.reason)
			}
			if tt.code == http.StatusMethodNotAllowed && resp.Header.Get("Allow") != "GET, POST" {
				t.Errorf("Allow: %q", resp.Header.Get("Allow"))
			}
		})
	}
}

func TestPassedHeaders(t *testing.T) {
	server, fake := newEdge(t)
	resp, text := ask(t, "POST", server.URL+"/v1/provinces/51/terms", goodTerm, map[string]string{
		"Content-Type": "application/json", "Authorization": "Bearer t", "Idempotency-Key": "k", "If-Match": `"7"`,
		"Grpc-Metadata-X-Party": "LEADING_GROUP", "X-Forwarded-User": "somebody", "X-Forwarded-For": "10.0.0.1",
	})
	if resp.StatusCode != http.StatusOK || resp.Header.Get("ETag") != `"1"` {
		t.Fatalf("%d %q %s", resp.StatusCode, resp.Header.Get("ETag"), text)
	}
	for key, want := range map[string]string{"authorization": "Bearer t", "idempotency-key": "k", "if-match": `"7"`} {
		if got := fake.seen.Get(key); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	for _, key := range []string{"x-party", "grpc-metadata-x-party", "x-forwarded-user", "x-forwarded-for", "x-forwarded-host"} {
		if got := fake.seen.Get(key); len(got) > 0 {
			t.Errorf("%s reached the service: %q", key, got)
		}
	}
	if resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("CORS is on")
	}
}

// TestEveryPublicServiceIsRegistered fails when a service with HTTP rules is
// missing in register: its paths would answer 404.
func TestEveryPublicServiceIsRegistered(t *testing.T) {
	server, _ := newEdge(t)
	routes, err := publicRoutes()
	if err != nil || len(routes) == 0 {
		t.Fatal(err)
	}
	for _, r := range routes {
		path := strings.ReplaceAll(namedSegment.ReplaceAllString(r.pattern, "$2"), "*", "1")
		resp, text := ask(t, r.verb, server.URL+path, `{}`, map[string]string{"Content-Type": "application/json"})
		if resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusMethodNotAllowed {
			t.Errorf("%s: %s %s answers %d %s", r.method, r.verb, path, resp.StatusCode, text)
		}
	}
}

// TestEventServiceIsNotPublic keeps what is between services off the edge.
func TestEventServiceIsNotPublic(t *testing.T) {
	routes, err := publicRoutes()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []protoreflect.FullName{"xunshi.event.v1.EventService", "xunshi.casefile.v1.InspectionReportService.CheckReportAgreement"} {
		if _, err := protoregistry.GlobalFiles.FindDescriptorByName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, r := range routes {
			if strings.HasPrefix(string(r.method), string(name)) {
				t.Errorf("%s has the HTTP rule %s", r.method, r.pattern)
			}
		}
	}
}

func TestExplorerIsWholeAndOffline(t *testing.T) {
	server, _ := newEdge(t)
	resp, page := ask(t, "GET", server.URL+"/docs/", "", nil)
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%d", resp.StatusCode)
	}
	for _, source := range regexp.MustCompile(`(?:src|href)="(https?:)?//[^"]*"`).FindAllString(string(page), -1) {
		t.Errorf("the page fetches %s from elsewhere", source)
	}
	resp, text := ask(t, "GET", server.URL+"/openapi.json", "", nil)
	var document struct{ Paths map[string]any }
	if err := json.Unmarshal(text, &document); err != nil || resp.StatusCode != http.StatusOK || len(document.Paths) < 30 {
		t.Errorf("%d, %d paths, %v", resp.StatusCode, len(document.Paths), err)
	}
}

func ask(t *testing.T, verb, url, body string, header map[string]string) (*http.Response, []byte) {
	t.Helper()
	var content io.Reader
	if verb != http.MethodGet {
		content = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), verb, url, content)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, text
}

func reasonIn(t *testing.T, text []byte) string {
	t.Helper()
	var problem struct {
		Error struct {
			Details []struct {
				Reason string `json:"reason"`
			}
		}
	}
	if err := json.Unmarshal(text, &problem); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, d := range problem.Error.Details {
		if d.Reason != "" {
			return d.Reason
		}
	}
	return ""
}
