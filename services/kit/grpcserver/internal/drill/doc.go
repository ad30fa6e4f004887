// Package drill holds what a test may switch off in a server, to show that the
// layer behind holds alone. It is internal: only package grpcservertest can
// make such an option, so that no production code can.
package drill
