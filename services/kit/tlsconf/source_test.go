package tlsconf_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/tlsconf"
)

func newSource(t *testing.T, cfg tlsconf.Config) *tlsconf.Source {
	t.Helper()
	s, err := tlsconf.New(cfg, func(err error) { t.Errorf("unexpected: %v", err) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shake does a handshake and gives the state at the server, or the first error.
func shake(t *testing.T, server, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	a, b := connect(t)
	s, c := tls.Server(a, server), tls.Client(b, client)
	failed := make(chan error, 1)
	go func() {
		err := c.Handshake()
		if err == nil {
			_, err = c.Read(make([]byte, 1)) // an alert of a TLS 1.3 server comes after the handshake
		}
		if err != nil {
			_ = b.Close()
		}
		failed <- err
	}()
	err := s.Handshake()
	if err == nil {
		_, err = s.Write([]byte("x"))
	}
	_ = a.Close()
	if clientErr := <-failed; clientErr != nil {
		err = clientErr
	}
	return s.ConnectionState(), err
}

// connect gives the two ends of a connection; a pipe in memory has no buffer, and
// two ends that both send an alert would wait for each other.
func connect(t *testing.T) (net.Conn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	deadline := clock.System().Now().Add(10 * time.Second)
	for _, c := range []net.Conn{a, b} {
		t.Cleanup(func() { _ = c.Close() })
		if err := c.SetDeadline(deadline); err != nil {
			t.Fatal(err)
		}
	}
	return a, b
}

func TestHandshake(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	good := newSource(t, ca.issue(t, t.TempDir(), "scheduling"))
	issued := func(a authority, change ...func(*x509.Certificate)) *tlsconf.Source {
		cfg := a.issue(t, t.TempDir(), "casefile", change...)
		write(t, cfg.CAFile, ca.pem) // it trusts our root, whoever issued it
		return newSource(t, cfg)
	}
	expired := func(c *x509.Certificate) { c.NotAfter = clock.System().Now().Add(-time.Minute) }
	serverOnly := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }
	clientOnly := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }
	tls12 := good.Client("scheduling")
	tls12.MinVersion, tls12.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	nobody := good.Client("scheduling")
	nobody.GetClientCertificate = nil
	tests := []struct {
		name           string
		server, client *tls.Config
		ok             bool
	}{
		{"both good", good.Server(), issued(ca).Client("scheduling"), true},
		{"wrong server name", good.Server(), good.Client("rectification"), false},
		{"no server name", good.Server(), good.Client(""), false},
		{"common name is no name", good.Server(), good.Client("cn-scheduling"), false},
		{"server of another root", issued(other).Server(), good.Client("casefile"), false},
		{"expired server", issued(ca, expired).Server(), good.Client("casefile"), false},
		{"server with a client's certificate", issued(ca, clientOnly).Server(), good.Client("casefile"), false},
		{"client of another root", good.Server(), issued(other).Client("scheduling"), false},
		{"expired client", good.Server(), issued(ca, expired).Client("scheduling"), false},
		{"client with a server's certificate", good.Server(), issued(ca, serverOnly).Client("scheduling"), false},
		{"client without certificate", good.Server(), nobody, false},
		{"TLS 1.2", good.Server(), tls12, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			state, err := shake(t, tt.server, tt.client)
			if (err == nil) != tt.ok {
				t.Fatalf("got %v", err)
			}
			if tt.ok && (state.Version != tls.VersionTLS13 || state.NegotiatedProtocol != "h2" || state.DidResume) {
				t.Errorf("version %x, protocol %q, resumed %v", state.Version, state.NegotiatedProtocol, state.DidResume)
			}
		})
	}
}

func TestPeerName(t *testing.T) {
	ca := newAuthority(t)
	server := newSource(t, ca.issue(t, t.TempDir(), "scheduling"))
	twoNames := func(c *x509.Certificate) { c.DNSNames = []string{"spare", "casefile"} }
	wildcard := func(c *x509.Certificate) { c.DNSNames = []string{"*.xunshi"} }
	noName := func(c *x509.Certificate) { c.DNSNames = nil }
	tests := []struct {
		name    string
		change  func(*x509.Certificate)
		allowed []string
		want    string
	}{
		{"on the list", func(*x509.Certificate) {}, []string{"gateway", "casefile"}, "casefile"},
		{"not on the list", func(*x509.Certificate) {}, []string{"gateway"}, ""},
		{"empty list", func(*x509.Certificate) {}, nil, ""},
		{"second name", twoNames, []string{"casefile"}, "casefile"},
		{"part of a name", func(*x509.Certificate) {}, []string{"case", "casefile.xunshi"}, ""},
		{"wildcard in the certificate", wildcard, []string{"casefile.xunshi"}, ""},
		{"wildcard on the list", func(*x509.Certificate) {}, []string{"*"}, ""},
		{"common name only", noName, []string{"cn-casefile", ""}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := newSource(t, ca.issue(t, t.TempDir(), "casefile", tt.change))
			state, err := shake(t, server.Server(), client.Client("scheduling"))
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := tlsconf.PeerName(state, tt.allowed); got != tt.want || ok != (tt.want != "") {
				t.Errorf("got %q, %v, want %q", got, ok, tt.want)
			}
			state.VerifiedChains = nil
			if got, ok := tlsconf.PeerName(state, tt.allowed); ok {
				t.Errorf("a certificate that was not verified is known as %q", got)
			}
		})
	}
}

func TestReloadWithoutRestart(t *testing.T) {
	oldCA, newCA := newAuthority(t), newAuthority(t)
	serverDir, clientDir := t.TempDir(), t.TempDir()
	server := newSource(t, oldCA.issue(t, serverDir, "scheduling")).Server()
	client := newSource(t, oldCA.issue(t, clientDir, "casefile")).Client("scheduling")
	if _, err := shake(t, server, client); err != nil {
		t.Fatalf("before: %v", err)
	}
	touch(t, newCA.issue(t, serverDir, "scheduling"))
	if _, err := shake(t, server, client); err == nil {
		t.Fatal("the server still trusts the old root, or the client a new one")
	}
	touch(t, newCA.issue(t, clientDir, "casefile"))
	if _, err := shake(t, server, client); err != nil {
		t.Fatalf("after both changed: %v", err)
	}
}

// touch moves the times of the files on, as a coarse clock of a file system may not.
func touch(t *testing.T, cfg tlsconf.Config) {
	t.Helper()
	later := clock.System().Now().Add(time.Minute)
	for _, path := range []string{cfg.CertFile, cfg.KeyFile, cfg.CAFile} {
		if err := os.Chtimes(path, later, later); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABrokenRenewalKeepsTheLastGoodFiles(t *testing.T) {
	ca := newAuthority(t)
	dir := t.TempDir()
	cfg := ca.issue(t, dir, "scheduling")
	var heard []error
	source, err := tlsconf.New(cfg, func(err error) { heard = append(heard, err) })
	if err != nil {
		t.Fatal(err)
	}
	server, client := source.Server(), newSource(t, ca.issue(t, t.TempDir(), "casefile")).Client("scheduling")
	key, err := os.ReadFile(cfg.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	write(t, cfg.KeyFile, []byte("half written"))
	if _, err := shake(t, server, client); err != nil || len(heard) == 0 || !strings.Contains(heard[0].Error(), "reload") {
		t.Errorf("handshake %v, heard %v", err, heard)
	}
	if err := os.Remove(cfg.KeyFile); err != nil {
		t.Fatal(err)
	}
	before := len(heard)
	if _, err := shake(t, server, client); err != nil || len(heard) == before {
		t.Errorf("without a key file: handshake %v, heard %v", err, heard)
	}
	write(t, cfg.KeyFile, key)
	before = len(heard)
	if _, err := shake(t, server, client); err != nil || len(heard) != before {
		t.Errorf("after the repair: handshake %v, heard %v", err, heard[before:])
	}
}

func TestNewRefuses(t *testing.T) {
	ca := newAuthority(t)
	good := ca.issue(t, t.TempDir(), "x")
	_, err := tlsconf.New(tlsconf.Config{}, func(error) {})
	for _, want := range []string{"cert_file", "key_file", "ca_file"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	foreign := good
	foreign.KeyFile = ca.issue(t, t.TempDir(), "y").KeyFile
	noRoot := good
	noRoot.CAFile = good.KeyFile
	missing := good
	missing.CAFile += ".missing"
	for name, cfg := range map[string]tlsconf.Config{"foreign key": foreign, "no root": noRoot, "missing file": missing} {
		if _, err := tlsconf.New(cfg, func(error) {}); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := tlsconf.New(good, nil); err == nil {
		t.Error("nobody hears of errors, and New accepts it")
	}
}
