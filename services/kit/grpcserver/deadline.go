package grpcserver

import (
	"context"

	"google.golang.org/grpc"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// requireDeadline refuses a call that could hold resources for ever, and one
// whose caller will be gone before the answer.
func (s *Server) requireDeadline(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return nil, fault.New(fault.Invalid, fault.ReasonDeadlineInvalid)
	}
	switch left := deadline.Sub(s.machine.Now()); {
	case left > maxDeadline:
		return nil, fault.New(fault.Invalid, fault.ReasonDeadlineInvalid)
	case left < minDeadline:
		return nil, fault.New(fault.Timeout, fault.ReasonDeadlineInvalid)
	}
	return handler(ctx, req)
}
