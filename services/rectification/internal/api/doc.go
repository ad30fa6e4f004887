// Package api answers the gRPC methods of rectification: decode, load, decide by
// the domain, save, encode. It also takes the events of scheduling and asks the
// peers whose word a gate rests on, always before the transaction.
//
// It must not decide what the law says, nor hold SQL. A handler may take for
// granted what kit/grpcserver checks: who calls, that the method is granted, and
// the shape of the request.
package api
