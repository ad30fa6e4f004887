package docket

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Notification is what one body was told of an obligation.
type Notification struct {
	ID              string
	Obligation      string // id
	Duty            regulation.DutyName
	Article         string
	Subject         string
	Place           obligation.Place
	Kind            obligation.NoticeKind
	Series          int
	Rung            int
	Change          int
	Recipient       principal.Party
	Jurisdiction    string // of the recipient
	Due             workday.Date
	CreateTime      time.Time
	AcknowledgeTime time.Time // zero while it is not
	Acknowledger    string
	Version         int64
}

// NotificationQuery asks for a page of what the caller's body was told.
type NotificationQuery struct {
	// Filter is over the columns acknowledge_time, kind, duty, article, obligation_id,
	// county_code, city_code, inspection_id and create_time.
	Filter         filter.Condition
	Unacknowledged bool
	Cursor         page.Cursor // Keys: create_time in RFC 3339 with nanoseconds
	Size           int
}

// GetNotification reads one that the caller's body was sent.
func (d *Docket) GetNotification(tx *pg.Tx, id string) (Notification, error) {
	return Notification{}, nil
}

// ListNotifications gives a page, latest first, with one more than its size if
// another follows.
func (d *Docket) ListNotifications(tx *pg.Tx, q NotificationQuery) ([]Notification, error) {
	return nil, nil
}

// Acknowledge records that the body knows. version 0 stands for any. One that is
// acknowledged stays as it is.
func (d *Docket) Acknowledge(tx *pg.Tx, id string, version int64) (Notification, error) {
	return Notification{}, nil
}
