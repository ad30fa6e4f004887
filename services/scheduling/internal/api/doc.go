// Package api owns the gRPC servers of the scheduling service, one type for each
// service of the proto, and the handlers of the events that other services
// announce. A handler decodes, loads, lets the domain decide, saves, announces
// and encodes; it holds no rule of its own.
//
// It is the only package here that knows protobuf. It must not call another
// service inside a transaction.
package api
