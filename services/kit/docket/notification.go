package docket

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/row"
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

type notificationRow struct {
	Province              string
	ID                    string
	ObligationID          string
	Duty                  string
	Article               string
	Subject               string
	CountyCode            string
	CityCode              string
	InspectionID          row.Text
	Kind                  string
	Series                int
	Rung                  int
	Change                int
	RecipientParty        string
	RecipientJurisdiction string
	DueDate               row.Day
	CreateTime            time.Time
	AcknowledgeTime       row.Instant
	Acknowledger          string
	Version               int64
}

func (notificationRow) TableName() string { return "notification" }

func toNotificationRow(id string, now time.Time, of obligation.Record, n obligation.Notice) notificationRow {
	to, area := Recipient(n.To, of.Place)
	return notificationRow{
		Province: of.Place.Province, ID: id, ObligationID: of.ID, Duty: string(of.Duty), Article: of.Article,
		Subject: of.Subject, CountyCode: of.Place.County, CityCode: of.Place.City, InspectionID: row.Text(of.Place.Inspection),
		Kind: string(n.Kind), Series: n.Series, Rung: n.Rung, Change: n.Change, RecipientParty: string(to),
		RecipientJurisdiction: area, DueDate: row.Day(n.Due), CreateTime: now, Version: 1,
	}
}

func (r notificationRow) notification() Notification {
	return Notification{
		ID: r.ID, Obligation: r.ObligationID, Duty: regulation.DutyName(r.Duty), Article: r.Article, Subject: r.Subject,
		Place: obligation.Place{
			Province: r.Province, City: r.CityCode, County: r.CountyCode, Inspection: string(r.InspectionID),
		},
		Kind: obligation.NoticeKind(r.Kind), Series: r.Series, Rung: r.Rung, Change: r.Change,
		Recipient: principal.Party(r.RecipientParty), Jurisdiction: r.RecipientJurisdiction, Due: workday.Date(r.DueDate),
		CreateTime: r.CreateTime, AcknowledgeTime: time.Time(r.AcknowledgeTime), Acknowledger: r.Acknowledger,
		Version: r.Version,
	}
}

// NotificationQuery asks for a page of what the caller's body was told.
type NotificationQuery struct {
	// Filter is over the columns acknowledged, kind, duty, article, obligation_id,
	// county_code, city_code, inspection_id and create_time.
	Filter         filter.Condition
	Unacknowledged bool
	Cursor         page.Cursor // Keys: NotificationKey
	Size           int
}

// NotificationKey is the sort key of a notification in a page token.
func NotificationKey(n Notification) string { return n.CreateTime.UTC().Format(time.RFC3339Nano) }

// GetNotification reads one that the caller's body was sent.
func (d *Docket) GetNotification(tx *pg.Tx, id string) (Notification, error) {
	found, err := row.One(tx, sent(tx).Where("id = ?", id), d.unsent(tx, id))
	return found.notification(), err
}

// ListNotifications gives a page in the order of making, with one more than its
// size if another follows.
func (d *Docket) ListNotifications(tx *pg.Tx, q NotificationQuery) ([]Notification, error) {
	query := sent(tx)
	if q.Filter.SQL != "" {
		query = query.Where(q.Filter.SQL, q.Filter.Args...)
	}
	if q.Unacknowledged {
		query = query.Where("NOT acknowledged")
	}
	found, err := row.Page(tx, query, q.Cursor, q.Size, "create_time", "id")
	return row.Convert(found, notificationRow.notification), err
}

// ReasonAcknowledged is the refusal to take note twice; a value of
// xunshi.fault.v1.ErrorReason.
const ReasonAcknowledged = "NOTIFICATION_ALREADY_ACKNOWLEDGED"

// Acknowledge records, once, that the body knows, by the caller.
func (d *Docket) Acknowledge(tx *pg.Tx, id string, version int64) (Notification, error) {
	found, err := row.One(tx, sent(tx, row.ForUpdate()).Where("id = ?", id), d.unsent(tx, id))
	switch {
	case err != nil:
		return Notification{}, err
	case found.Version != version:
		return Notification{}, fault.New(fault.Stale, fault.ReasonETagMismatch)
	case found.Acknowledger != "":
		return Notification{}, fault.Refuse(found.Article, ReasonAcknowledged)
	}
	found.AcknowledgeTime, found.Acknowledger = row.Instant(d.now()), tx.Principal().Subject
	found.Version++
	err = row.Update(tx, sent(tx).Where("id = ?", id), found, version, "acknowledge_time", "acknowledger")
	return found.notification(), err
}

// sent finds what was sent to the caller's body: by the scope of the method and by
// who it is. A liaison body reads what was sent to its city committee (art. 16).
func sent(tx *pg.Tx, clauses ...clause.Expression) gorm.ChainInterface[notificationRow] {
	p := tx.Principal()
	recipient := p.Party
	if recipient == principal.CityLiaisonBody {
		recipient = principal.CityCommittee
	}
	own := pg.Columns{
		City: "city_code", County: "county_code", Inspection: "inspection_id", Addressee: "recipient_jurisdiction",
	}
	return gorm.G[notificationRow](tx.Gorm(), clauses...).
		Where("province = ? AND recipient_party = ? AND recipient_jurisdiction = ?",
			p.Province, string(recipient), p.Jurisdiction()).
		Where(tx.Own(own))
}

func (d *Docket) unsent(tx *pg.Tx, id string) *fault.Error {
	return fault.Missing(d.NotificationName(id, tx.Principal().Province))
}
