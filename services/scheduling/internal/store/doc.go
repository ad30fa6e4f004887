// Package store owns the rows and queries of the scheduling service. Each
// function works inside a transaction of kit/pg; it adds the caller's scope as a
// condition to what row-level security already enforces, and turns the
// violation of a named constraint into the refusal that the law has for it.
//
// It decides nothing: what may change is asked of the domain. It must not know
// protobuf, nor leave a row that the domain did not make.
package store
