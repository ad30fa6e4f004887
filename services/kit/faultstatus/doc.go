// Package faultstatus owns the one place where a fault becomes an answer: the
// gRPC status with its details and the text for people, in Chinese or English.
// It also turns the status of another service back into a fault.
//
// It must not log: it hands the cause of an internal failure back, for the
// interceptor to log. What the caller is told never holds that cause.
package faultstatus
