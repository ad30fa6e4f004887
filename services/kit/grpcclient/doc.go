// Package grpcclient owns how one service calls another: mutual TLS, round robin
// over replicas, a deadline on every call, repeats of UNAVAILABLE only, and the
// request id passed on.
//
// It must not know any service, and it must not be used inside a database
// transaction: a rollback cannot take back a call.
package grpcclient
