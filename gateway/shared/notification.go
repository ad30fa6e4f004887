package shared

import (
	"cmp"
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
)

// notifications are the clients of the three services.
type notifications [count]obligationv1.NotificationServiceClient

func (n notifications) GetNotification(ctx context.Context, in *obligationv1.GetNotificationRequest, opts ...grpc.CallOption) (*obligationv1.Notification, error) {
	return n[owner(in.GetName())].GetNotification(ctx, in, opts...)
}

func (n notifications) AcknowledgeNotification(ctx context.Context, in *obligationv1.AcknowledgeNotificationRequest, opts ...grpc.CallOption) (*obligationv1.Notification, error) {
	return n[owner(in.GetName())].AcknowledgeNotification(ctx, in, opts...)
}

// ListNotifications merges by time of making. The options are those by which the
// mux collects metadata: three calls must not share them, and the edge passes none on.
func (n notifications) ListNotifications(ctx context.Context, in *obligationv1.ListNotificationsRequest, _ ...grpc.CallOption) (*obligationv1.ListNotificationsResponse, error) {
	rows, next, err := paged(in.GetPageToken(), in.GetPageSize(), byCreateTime, func(service int, token string) (*list[*obligationv1.Notification], error) {
		one := proto.CloneOf(in)
		one.PageToken = token
		p, err := n[service].ListNotifications(ctx, one)
		return &list[*obligationv1.Notification]{
			rows: p.GetNotifications(), tokens: p.GetContinueTokens(), next: p.GetNextPageToken(),
		}, err
	})
	if err != nil {
		return nil, err
	}
	return &obligationv1.ListNotificationsResponse{Notifications: rows, NextPageToken: next}, nil
}

func byCreateTime(a, b *obligationv1.Notification) int {
	return cmp.Or(
		a.GetCreateTime().AsTime().Compare(b.GetCreateTime().AsTime()),
		cmp.Compare(a.GetName(), b.GetName()),
	)
}
