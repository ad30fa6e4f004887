package tlsconf

import (
	"crypto/tls"
	"errors"
)

// Public gives the configuration of a server that asks its clients for no
// certificate, as portals and browsers have none: the edge. The files are read
// again when they change; onError is that of New.
func Public(certFile, keyFile string, onError func(error)) (*tls.Config, error) {
	if onError == nil {
		return nil, errors.New("tlsconf: nobody hears of errors")
	}
	pair, err := watch([]string{certFile, keyFile}, func() (*tls.Certificate, error) {
		cert, err := tls.LoadX509KeyPair(certFile, keyFile)
		return &cert, err
	}, onError)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return pair.get(), nil
		},
	}, nil
}
