// Package fault owns the one error type of the system: a kind, a reason that
// clients can switch on, and the values that the text of the reason needs.
// Raise a fault where most is known about it; wrap it with %w on the way up.
//
// Domain packages import it, so it uses the standard library only. It must not
// know gRPC, HTTP, languages or log: package faultstatus turns a fault into an
// answer.
package fault
