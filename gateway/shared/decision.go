package shared

import (
	"context"

	"google.golang.org/grpc"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
)

// decisions are the clients of the three services.
type decisions [count]obligationv1.ObligationDecisionServiceClient

func (d decisions) ExtendObligation(ctx context.Context, in *obligationv1.ExtendObligationRequest, opts ...grpc.CallOption) (*obligationv1.Obligation, error) {
	return d[owner(in.GetName())].ExtendObligation(ctx, in, opts...)
}

func (d decisions) SuspendObligation(ctx context.Context, in *obligationv1.SuspendObligationRequest, opts ...grpc.CallOption) (*obligationv1.Obligation, error) {
	return d[owner(in.GetName())].SuspendObligation(ctx, in, opts...)
}

func (d decisions) ResumeObligation(ctx context.Context, in *obligationv1.ResumeObligationRequest, opts ...grpc.CallOption) (*obligationv1.Obligation, error) {
	return d[owner(in.GetName())].ResumeObligation(ctx, in, opts...)
}

func (d decisions) ShortenObligation(ctx context.Context, in *obligationv1.ShortenObligationRequest, opts ...grpc.CallOption) (*obligationv1.Obligation, error) {
	return d[owner(in.GetName())].ShortenObligation(ctx, in, opts...)
}
