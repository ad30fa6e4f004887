package grpcserver

import (
	"context"

	"google.golang.org/grpc"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// requireDeadline refuses a call that could hold resources for ever, and one
// whose caller will be gone before the answer.
func (s *Server) requireDeadline(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return nil, fault.New(fault.Invalid, fault.ReasonDeadlineInvalid)
	}
	longest := maxDeadline
	if s.streams[info.FullMethod] != nil {
		longest = maxStreamDeadline
	}
	switch left := deadline.Sub(s.machine.Now()); {
	case left > longest:
		return nil, fault.New(fault.Invalid, fault.ReasonDeadlineInvalid)
	case left < minDeadline:
		return nil, fault.New(fault.Timeout, fault.ReasonDeadlineInvalid)
	}
	return handler(ctx, req)
}
