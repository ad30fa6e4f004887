package gateway

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
)

// listening serves the edge on a real port and gives the address. change may
// shorten a limit. No request here reaches a service.
func listening(t *testing.T, cfg Config, change func(*http.Server)) string {
	t.Helper()
	ca := must(servertest.NewCA(t.TempDir()))(t)
	conn, log := dial(t, ca, "127.0.0.1:1"), (&logFile{}).logger("gateway")
	handler := must(Handler(t.Context(), Backends{conn, conn, conn}, log, prometheus.NewRegistry()))(t)
	server := must(newServer(handler, cfg, log))(t)
	if change != nil {
		change(server)
	}
	lis := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- serve(ctx, lis, server) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return lis.Addr().String()
}

// talk sends text as it stands. What is read from the connection must come soon.
func talk(t *testing.T, address, text string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c := must(net.Dial("tcp", address))(t)
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(clock.System().Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// The server may have answered and closed before it has read everything.
	_, _ = io.WriteString(c, text)
	return c, bufio.NewReader(c)
}

// answerTo gives the status of the answer, and its text.
func answerTo(t *testing.T, address, text string) (*http.Response, string) {
	t.Helper()
	_, r := talk(t, address, text)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

const post = "POST /v1/provinces/51/terms HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\n"

// TestHeaderLimit is row 36 of security.md §5.2.
func TestHeaderLimit(t *testing.T) {
	address := listening(t, DefaultConfig(), nil)
	get := func(size int) string {
		return "GET /openapi.json HTTP/1.1\r\nHost: edge\r\nConnection: close\r\nX-Filler: " + strings.Repeat("a", size) + "\r\n\r\n"
	}
	for size, code := range map[int]int{maxHeader - 200: 200, maxHeader: 431, 1 << 20: 431} {
		if resp, _ := answerTo(t, address, get(size)); resp.StatusCode != code {
			t.Errorf("headers of %d bytes: %d, want %d", size, resp.StatusCode, code)
		}
	}
}

// TestEndlessBody is row 28: the answer comes without the end of the body.
func TestEndlessBody(t *testing.T) {
	address := listening(t, DefaultConfig(), nil)
	chunk := "10000\r\n" + strings.Repeat(" ", 1<<16) + "\r\n"
	for name, tt := range map[string]struct {
		text   string
		code   int
		reason string
	}{
		"beyond the limit": {post + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunk, 17), 413, "TOO_LARGE"},
		"not a chunk":      {post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "BODY_INVALID"},
		"wrong type": {
			strings.Replace(post, "json", "xml", 1) + "Transfer-Encoding: chunked\r\n\r\n" + chunk, 415, "MEDIA_TYPE_UNSUPPORTED",
		},
	} {
		t.Run(name, func(t *testing.T) {
			resp, text := answerTo(t, address, tt.text)
			if resp.StatusCode != tt.code || reasonIn(t, []byte(text)) != tt.reason || !resp.Close {
				t.Errorf("%d, closed %t: %s", resp.StatusCode, resp.Close, text)
			}
		})
	}
}

// TestSlowClients: neither a header nor a body is waited for without end, and what
// was not read whole was not tried either: the reason is not OUTCOME_UNKNOWN.
func TestSlowClients(t *testing.T) {
	address := listening(t, DefaultConfig(), func(s *http.Server) {
		if s.ReadHeaderTimeout != 5*time.Second || s.ReadTimeout != 30*time.Second || s.WriteTimeout != time.Minute || s.IdleTimeout != time.Minute {
			t.Errorf("limits differ from security.md §5.1: %+v", s)
		}
		s.ReadHeaderTimeout, s.ReadTimeout = 100*time.Millisecond, 300*time.Millisecond
	})
	t.Run("header", func(t *testing.T) {
		_, r := talk(t, address, "GET /openapi.json HTTP/1.1\r\nHost: ed")
		if _, err := io.ReadAll(r); err != nil {
			t.Errorf("the connection was not closed: %v", err)
		}
	})
	t.Run("body", func(t *testing.T) {
		resp, text := answerTo(t, address, post+"Content-Length: 100\r\n\r\n{")
		if resp.StatusCode != http.StatusRequestTimeout || reasonIn(t, []byte(text)) != "BODY_INVALID" {
			t.Errorf("%d %s", resp.StatusCode, text)
		}
	})
}

// TestOptionsOfTheServer: it takes the way of every other request.
func TestOptionsOfTheServer(t *testing.T) {
	address := listening(t, DefaultConfig(), nil)
	resp, _ := answerTo(t, address, "OPTIONS * HTTP/1.1\r\nHost: edge\r\n\r\n")
	if resp.StatusCode != http.StatusBadRequest || resp.Header.Get("X-Request-Id") == "" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
}

// TestConnectionsPerAddress: one more than the limit is closed at once, and there
// is room again when another has gone.
func TestConnectionsPerAddress(t *testing.T) {
	cfg := DefaultConfig()
	cfg.ConnectionsPerAddress = 3
	address := listening(t, cfg, nil)
	const get = "GET /openapi.json HTTP/1.1\r\nHost: edge\r\n\r\n"
	served := func() (net.Conn, bool) {
		c, r := talk(t, address, get)
		_, err := http.ReadResponse(r, nil)
		return c, err == nil
	}
	var first net.Conn
	for i := range cfg.ConnectionsPerAddress {
		c, ok := served()
		if !ok {
			t.Fatalf("connection %d was refused", i+1)
		}
		first = c
	}
	if _, ok := served(); ok {
		t.Error("a connection beyond the limit was served")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for range 100 { // until the server has seen it
		if _, ok := served(); ok {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the place of a closed connection is not given away")
}

// TestEdgeTLS: version 1.3 only, HTTP/2 offered, and a renewed certificate in
// force without a restart.
func TestEdgeTLS(t *testing.T) {
	ca := must(servertest.NewCA(t.TempDir()))(t)
	files := must(ca.Issue("edge"))(t)
	cfg := DefaultConfig()
	cfg.TLS.Cert, cfg.TLS.Key = files.Cert, files.Key
	address := listening(t, cfg, nil)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(must(os.ReadFile(files.CA))(t))
	shake := func(version uint16) (tls.ConnectionState, error) {
		c, err := tls.Dial("tcp", address, &tls.Config{
			RootCAs: roots, ServerName: "edge", NextProtos: []string{"h2", "http/1.1"}, MinVersion: version, MaxVersion: version,
		})
		if err != nil {
			return tls.ConnectionState{}, err
		}
		return c.ConnectionState(), c.Close()
	}
	if _, err := shake(tls.VersionTLS12); err == nil {
		t.Error("TLS 1.2 was accepted")
	}
	before, err := shake(tls.VersionTLS13)
	if err != nil || before.NegotiatedProtocol != "h2" {
		t.Fatalf("%q, %v", before.NegotiatedProtocol, err)
	}
	must(ca.Issue("edge"))(t) // the same files, another certificate
	after, err := shake(tls.VersionTLS13)
	if err != nil || after.PeerCertificates[0].Equal(before.PeerCertificates[0]) {
		t.Errorf("still the old certificate, or %v", err)
	}
	cfg.TLS.Key = files.CA
	if _, err := newServer(nil, cfg, (&logFile{}).logger("gateway")); err == nil {
		t.Error("started without a key")
	}
}
