package tlsconf

import (
	"crypto/tls"
	"slices"
)

// PeerName gives the name on the list by which the client of a connection is
// known: a DNS name of its certificate, compared as a whole. The common name and
// wildcards do not count, nor does a certificate that was not verified.
func PeerName(state tls.ConnectionState, allowed []string) (string, bool) {
	if len(state.VerifiedChains) == 0 || len(state.PeerCertificates) == 0 {
		return "", false
	}
	for _, name := range allowed {
		if name != "" && slices.Contains(state.PeerCertificates[0].DNSNames, name) {
			return name, true
		}
	}
	return "", false
}
