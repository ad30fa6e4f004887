package grpcserver

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"google.golang.org/grpc"
)

// recoverPanic turns a panic into an error, so that one bad call does not end
// the calls of everybody else.
func (s *Server) recoverPanic(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
	defer func() {
		if p := recover(); p != nil {
			resp, err = nil, panicError(p)
		}
	}()
	return handler(ctx, req)
}

// panicError tells the log where it happened. The value of a panic may quote
// content, so only the runtime's own are written out.
func panicError(p any) error {
	if e, ok := p.(runtime.Error); ok {
		return fmt.Errorf("panic: %w\n%s", e, debug.Stack())
	}
	return fmt.Errorf("panic: %T\n%s", p, debug.Stack())
}
