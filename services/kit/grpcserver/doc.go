// Package grpcserver owns how every service answers gRPC: mutual TLS, the limits
// of security.md §5.1, and the interceptors in the one order that chain.go
// declares. A handler behind it may take for granted that the caller is known
// and allowed, that the request is well formed, and that there is a deadline.
//
// It must not know any service, nor the database: what an object's owner is, is
// decided inside the transaction (package pg) and by the domain.
//
// A stream passes the same chain with its first message as the request; what follows is
// looked at message by message, and nobody is waited for longer than stream.go says. A
// server with a method that declares no policy is refused at New.
package grpcserver
