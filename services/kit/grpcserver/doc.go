// Package grpcserver owns how every service answers gRPC: mutual TLS, the limits
// of security.md §5.1, and the interceptors in the one order that chain.go
// declares. A handler behind it may take for granted that the caller is known
// and allowed, that the request is well formed, and that there is a deadline.
//
// It must not know any service, nor the database: what an object's owner is, is
// decided inside the transaction (package pg) and by the domain.
//
// Two servers are refused at New: one with a method that declares no policy, and
// one with a streaming method, because no interceptor here guards a stream.
package grpcserver
