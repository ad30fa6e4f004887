// Package tlsconf owns TLS between the processes of the system: version 1.3,
// certificates on both sides, all from files that are read again when they
// change, so that a certificate is renewed without a restart. Public is the same
// for the edge, whose clients have no certificates.
//
// It says by which name a peer is known (PeerName); what that name may do is for
// others. It must not fall back to anything weaker: without files there is no
// connection.
package tlsconf
