package grpcserver

import (
	"context"

	"google.golang.org/grpc"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/requestid"
)

// mapFaults is where an error becomes an answer, and the only place where it is
// logged. What a caller did wrong is not: the code in the access log is enough.
func (s *Server) mapFaults(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	resp, err := handler(ctx, req)
	if err == nil {
		return resp, nil
	}
	id := requestid.From(ctx)
	answer, internal := s.deps.Catalogue.Status(err, header(ctx, "accept-language"), id)
	switch e, isFault := fault.As(err); {
	case internal != nil:
		s.deps.Logger.ErrorContext(ctx, "internal error", "method", info.FullMethod, "request_id", id, "error", internal)
	case isFault && (e.Kind == fault.Unavailable || e.Kind == fault.Timeout) && e.Unwrap() != nil:
		s.deps.Logger.WarnContext(ctx, "dependency failed", "method", info.FullMethod, "request_id", id, "error", err)
	}
	return nil, answer.Err()
}
