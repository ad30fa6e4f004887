package grpcserver

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/xunshi/xunshi/services/kit/receipt"
)

// giveReceipt lets a submission give a receipt, and sends it with the answer.
func (s *Server) giveReceipt(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	rule, _ := s.rules.Rule(info.FullMethod)
	if !rule.Receipt() {
		return handler(ctx, req)
	}
	call := &receipt.Call{Issuer: s.deps.Receipts}
	answer, err := handler(receipt.WithCall(ctx, call), req)
	if err == nil && call.Text != "" {
		if err := grpc.SetHeader(ctx, metadata.Pairs(receipt.Header, call.Text)); err != nil {
			return nil, fmt.Errorf("send receipt: %w", err)
		}
	}
	return answer, err
}
