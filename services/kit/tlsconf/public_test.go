package tlsconf_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/xunshi/xunshi/services/kit/tlsconf"
)

// TestPublicIsRenewed: a new certificate is in force with the next handshake; a
// broken file is told of, and the last good certificate stays.
func TestPublicIsRenewed(t *testing.T) {
	ca, dir := newAuthority(t), t.TempDir()
	files := ca.issue(t, dir, "first")
	var faults int
	server, err := tlsconf.Public(files.CertFile, files.KeyFile, func(error) { faults++ })
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	answersAs := func(name string) {
		t.Helper()
		if _, err := shake(t, server, &tls.Config{RootCAs: roots, ServerName: name}); err != nil {
			t.Errorf("as %s: %v", name, err)
		}
	}
	answersAs("first")
	ca.issue(t, dir, "the-second")
	answersAs("the-second")
	write(t, files.KeyFile, []byte("half writ"))
	answersAs("the-second")
	if faults == 0 {
		t.Error("nobody was told of the broken key")
	}
	old := &tls.Config{RootCAs: roots, ServerName: "the-second", MaxVersion: tls.VersionTLS12}
	if _, err := shake(t, server, old); err == nil {
		t.Error("TLS 1.2 was accepted")
	}
}

func TestPublicNeedsItsFiles(t *testing.T) {
	files := newAuthority(t).issue(t, t.TempDir(), "edge")
	missing := filepath.Join(t.TempDir(), "missing")
	ignore := func(error) {}
	if _, err := tlsconf.Public(missing, files.KeyFile, ignore); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a certificate: %v", err)
	}
	if _, err := tlsconf.Public(files.CertFile, files.CAFile, ignore); err == nil {
		t.Error("a certificate was taken for a key")
	}
	if _, err := tlsconf.Public(files.CertFile, files.KeyFile, nil); err == nil {
		t.Error("faults would be told to nobody")
	}
}
