package shared

import (
	"context"
	"strings"

	"google.golang.org/grpc"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
)

// auditLogs are the clients of the three services. Each has a log of its own, whose
// name tells whose it is; no question goes to more than one.
type auditLogs [count]auditv1.AuditLogServiceClient

// logOwner tells which service keeps the log in a name. Any other name goes to
// scheduling, which misses it.
func logOwner(name string) int {
	_, of, _ := strings.Cut(name, "/auditLogs/")
	of, _, _ = strings.Cut(of, "/")
	return owner(of + "-")
}

func (a auditLogs) GetAuditLog(ctx context.Context, in *auditv1.GetAuditLogRequest, opts ...grpc.CallOption) (*auditv1.AuditLog, error) {
	return a[logOwner(in.GetName())].GetAuditLog(ctx, in, opts...)
}

func (a auditLogs) ListAuditEntries(ctx context.Context, in *auditv1.ListAuditEntriesRequest, opts ...grpc.CallOption) (*auditv1.ListAuditEntriesResponse, error) {
	return a[logOwner(in.GetParent())].ListAuditEntries(ctx, in, opts...)
}

func (a auditLogs) ProveInclusion(ctx context.Context, in *auditv1.ProveInclusionRequest, opts ...grpc.CallOption) (*auditv1.InclusionProof, error) {
	return a[logOwner(in.GetName())].ProveInclusion(ctx, in, opts...)
}

func (a auditLogs) ProveConsistency(ctx context.Context, in *auditv1.ProveConsistencyRequest, opts ...grpc.CallOption) (*auditv1.ConsistencyProof, error) {
	return a[logOwner(in.GetName())].ProveConsistency(ctx, in, opts...)
}

func (a auditLogs) CosignCheckpoint(ctx context.Context, in *auditv1.CosignCheckpointRequest, opts ...grpc.CallOption) (*auditv1.Cosignature, error) {
	return a[logOwner(in.GetName())].CosignCheckpoint(ctx, in, opts...)
}
