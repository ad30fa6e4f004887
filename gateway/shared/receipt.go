package shared

import (
	"cmp"
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
)

// receipts are the clients of the three services.
type receipts [count]auditv1.ReceiptServiceClient

func (r receipts) GetReceipt(ctx context.Context, in *auditv1.GetReceiptRequest, opts ...grpc.CallOption) (*auditv1.Receipt, error) {
	return r[owner(in.GetName())].GetReceipt(ctx, in, opts...)
}

// ListReceipts merges by the time of the submission.
func (r receipts) ListReceipts(ctx context.Context, in *auditv1.ListReceiptsRequest, _ ...grpc.CallOption) (*auditv1.ListReceiptsResponse, error) {
	rows, next, err := paged(in.GetPageToken(), in.GetPageSize(), bySubmitTime, func(service int, token string) (*list[*auditv1.Receipt], error) {
		one := proto.CloneOf(in)
		one.PageToken = token
		p, err := r[service].ListReceipts(ctx, one)
		return &list[*auditv1.Receipt]{rows: p.GetReceipts(), tokens: p.GetContinueTokens(), next: p.GetNextPageToken()}, err
	})
	if err != nil {
		return nil, err
	}
	return &auditv1.ListReceiptsResponse{Receipts: rows, NextPageToken: next}, nil
}

func bySubmitTime(a, b *auditv1.Receipt) int {
	return cmp.Or(
		a.GetSubmitTime().AsTime().Compare(b.GetSubmitTime().AsTime()),
		cmp.Compare(a.GetName(), b.GetName()),
	)
}
