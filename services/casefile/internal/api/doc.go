// Package api owns the gRPC servers of the casefile service: decode, load, ask
// the domain, save, encode. A write is one transaction with its request_id, its
// audit entry and its answer; a read of source material is entered in the audit
// log before it leaves.
//
// It decides nothing about the business, and it must not call another service
// inside a transaction. It is the only package here that knows protobuf.
package api
