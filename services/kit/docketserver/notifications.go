package docketserver

import (
	"context"
	"time"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// notifications answers NotificationService.
type notifications struct {
	obligationv1.UnimplementedNotificationServiceServer
	Deps
}

// GetNotification reads a notification to the caller's body.
func (s *notifications) GetNotification(ctx context.Context, req *obligationv1.GetNotificationRequest) (*obligationv1.Notification, error) {
	name, err := s.parseNotification(req.GetName())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*obligationv1.Notification, error) {
		n, err := s.Docket.GetNotification(tx, name.id)
		if err != nil {
			return nil, named(err, req.GetName())
		}
		return s.encodeNotification(n), nil
	})
}

// ListNotifications lists the notifications to the caller's body, oldest first.
func (s *notifications) ListNotifications(ctx context.Context, req *obligationv1.ListNotificationsRequest) (*obligationv1.ListNotificationsResponse, error) {
	if _, err := parseProvince(req.GetParent()); err != nil {
		return nil, err
	}
	condition, err := notificationFilters().Compile(req.GetFilter())
	if err != nil {
		return nil, err
	}
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	cursor, err := s.Pager.Parse(ctx, req)
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*obligationv1.ListNotificationsResponse, error) {
		found, err := s.Docket.ListNotifications(tx, docket.NotificationQuery{Filter: condition, Cursor: cursor, Size: size})
		if err != nil {
			return nil, err
		}
		found, more := page.Cut(found, size)
		answer := &obligationv1.ListNotificationsResponse{}
		for _, n := range found {
			token, err := s.Pager.Next(ctx, req, n.ID, n.CreateTime.UTC().Format(time.RFC3339Nano))
			if err != nil {
				return nil, err
			}
			answer.Notifications = append(answer.Notifications, s.encodeNotification(n))
			answer.ContinueTokens = append(answer.ContinueTokens, token)
		}
		if more {
			answer.NextPageToken = answer.ContinueTokens[len(found)-1]
		}
		return answer, nil
	})
}

// AcknowledgeNotification records, once, that the body has taken note.
func (s *notifications) AcknowledgeNotification(ctx context.Context, req *obligationv1.AcknowledgeNotificationRequest) (*obligationv1.Notification, error) {
	name, err := s.parseNotification(req.GetName())
	if err != nil {
		return nil, err
	}
	version, err := etag.Parse(req.GetEtag())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*obligationv1.Notification, error) {
		n, err := s.Docket.Acknowledge(tx, name.id, version)
		if err != nil {
			return nil, named(err, req.GetName())
		}
		return s.encodeNotification(n), nil
	})
}
