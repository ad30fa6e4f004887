package shared

import (
	"context"
	"errors"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// Register serves the HTTP rules of what all three services answer.
func Register(ctx context.Context, mux *runtime.ServeMux, scheduling, casefile, rectification grpc.ClientConnInterface) error {
	var o obligations
	var d decisions
	var n notifications
	var a auditLogs
	var r receipts
	for service, conn := range [count]grpc.ClientConnInterface{scheduling, casefile, rectification} {
		o[service] = obligationv1.NewObligationServiceClient(conn)
		d[service] = obligationv1.NewObligationDecisionServiceClient(conn)
		r[service] = auditv1.NewReceiptServiceClient(conn)
		a[service] = auditv1.NewAuditLogServiceClient(conn)
		n[service] = obligationv1.NewNotificationServiceClient(conn)
	}
	return errors.Join(
		auditv1.RegisterAuditLogServiceHandlerClient(ctx, mux, a),
		auditv1.RegisterReceiptServiceHandlerClient(ctx, mux, r),
		obligationv1.RegisterObligationServiceHandlerClient(ctx, mux, byTerm{o, schedulingv1.NewTermServiceClient(scheduling)}),
		obligationv1.RegisterObligationDecisionServiceHandlerClient(ctx, mux, d),
		obligationv1.RegisterNotificationServiceHandlerClient(ctx, mux, n),
	)
}
