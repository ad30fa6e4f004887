// Package servertest makes the certificates that a set of services needs to talk
// to each other on one machine: a private authority and what it issues, as PEM
// files. Tests and the devstack use it; production brings its own certificates.
//
// It must not be imported by a service or by the packages that a service is
// built from.
package servertest
