// Package daemon is what the mains of the services share: the command line, the
// configuration, and the wiring of telemetry, TLS, database, peers, outbox and
// gRPC server around one service. The devstack runs the same code in its own
// process, so that development and production cannot drift.
//
// It must not know any service: a service hands in a Program. It must not
// migrate when it serves, and nothing in a configuration or the environment can
// set the business clock; only the devstack passes WithClock.
package daemon
