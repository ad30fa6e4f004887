package grpcserver

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/xunshi/xunshi/services/kit/requestid"
)

// identify gives the call its id and tells the caller.
func (s *Server) identify(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	id, err := requestid.Adopt(header(ctx, requestid.Metadata))
	if err != nil {
		return nil, err
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs(requestid.Metadata, id)); err != nil {
		return nil, fmt.Errorf("request id: %w", err)
	}
	return handler(requestid.With(ctx, id), req)
}

// header gives the only value of a metadata key; a key that comes twice counts
// as absent.
func header(ctx context.Context, key string) string {
	if values := metadata.ValueFromIncomingContext(ctx, key); len(values) == 1 {
		return values[0]
	}
	return ""
}
