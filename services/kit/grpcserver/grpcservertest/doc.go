// Package grpcservertest makes the options of a server that only a test may use.
// Production code must not import it; an archtest sees to that.
package grpcservertest
