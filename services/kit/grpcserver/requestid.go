package grpcserver

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/xunshi/xunshi/services/kit/requestid"
)

// identify gives the call its id and tells the caller: in the header of an
// answer, in the trailer of a failure. A failure must have no header, for gRPC
// repeats no call that has begun to answer.
func (s *Server) identify(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	id, err := requestid.Adopt(header(ctx, requestid.Metadata))
	if err != nil {
		return nil, err
	}
	resp, err := handler(requestid.With(ctx, id), req)
	told := metadata.Pairs(requestid.Metadata, id)
	// The header of a stream has gone out with its first message. Beyond that, telling
	// fails only outside a call; the answer counts all the same.
	if err != nil || grpc.SetHeader(ctx, told) != nil {
		_ = grpc.SetTrailer(ctx, told)
	}
	return resp, err
}

// header gives the only value of a metadata key; a key that comes twice counts
// as absent.
func header(ctx context.Context, key string) string {
	if values := metadata.ValueFromIncomingContext(ctx, key); len(values) == 1 {
		return values[0]
	}
	return ""
}
