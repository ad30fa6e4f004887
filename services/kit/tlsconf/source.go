package tlsconf

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// Source gives TLS configurations from the files of a Config. It is safe for
// concurrent use.
type Source struct {
	files *watched[*material]
}

// material is what the files held when they were last read together.
type material struct {
	cert   tls.Certificate
	roots  *x509.CertPool
	server *tls.Config
}

// New reads the files. onError hears of files that changed and cannot be used;
// the last good ones stay in force.
func New(cfg Config, onError func(error)) (*Source, error) {
	if errs := cfg.Validate(); len(errs) > 0 {
		return nil, fmt.Errorf("tlsconf: %w", errors.Join(errs...))
	}
	if onError == nil {
		return nil, errors.New("tlsconf: nobody hears of errors")
	}
	files, err := watch([]string{cfg.CertFile, cfg.KeyFile, cfg.CAFile},
		func() (*material, error) { return read(cfg) }, onError)
	if err != nil {
		return nil, err
	}
	return &Source{files}, nil
}

func read(cfg Config) (*material, error) {
	cert, err := tls.LoadX509KeyPair(cfg.CertFile, cfg.KeyFile)
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", cfg.CAFile)
	}
	return &material{cert: cert, roots: roots, server: serverConfig(cert, roots)}, nil
}

func serverConfig(cert tls.Certificate, roots *x509.CertPool) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		NextProtos:   []string{"h2"},
		Certificates: []tls.Certificate{cert},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    roots,
		// A resumed session would outlive the roots that it was checked against.
		SessionTicketsDisabled: true,
	}
}

// Server gives the configuration of a server that asks every client for a
// certificate.
func (s *Source) Server() *tls.Config {
	c := s.files.get().server.Clone()
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return s.files.get().server, nil
	}
	return c
}

// Client gives the configuration of a client that calls the server of this name.
func (s *Source) Client(serverName string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"h2"},
		ServerName: serverName,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &s.files.get().cert, nil
		},
		// The built-in check cannot change its roots after a reload. It is off
		// because VerifyConnection below does the same against the present roots.
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			return verifyServer(state, s.files.get().roots, serverName)
		},
	}
}

// verifyServer does what crypto/tls does by itself: the chain, the dates, the
// purpose and the name.
func verifyServer(state tls.ConnectionState, roots *x509.CertPool, name string) error {
	if len(state.PeerCertificates) == 0 || name == "" {
		return errors.New("tlsconf: the server has no certificate or no name to check")
	}
	intermediates := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		intermediates.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{
		DNSName:       name,
		Roots:         roots,
		Intermediates: intermediates,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return err
}
