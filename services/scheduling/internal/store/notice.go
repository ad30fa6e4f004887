package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type noticeRow struct {
	Province         string `gorm:"primaryKey"`
	ID               string `gorm:"primaryKey"`
	InspectionID     string
	CountyCode       string
	AddresseeKind    string
	AddresseeCode    string
	DocumentNumber   string
	PlannedEntryDate row.Day
	PlannedEndDate   row.Day
	IssueTime        time.Time
	ReceiveTime      row.Instant
	Receiver         row.Text
	Version          int64
}

// TableName implements gorm's Tabler.
func (noticeRow) TableName() string { return "entry_notice" }

func rowOfNotice(r domain.EntryNoticeRecord) noticeRow {
	return noticeRow{
		Province: r.Province, ID: r.ID, InspectionID: r.Inspection, CountyCode: r.County,
		AddresseeKind: string(r.Addressee), AddresseeCode: r.AddresseeCode, DocumentNumber: r.DocumentNumber,
		PlannedEntryDate: row.Day(r.PlannedEntry), PlannedEndDate: row.Day(r.PlannedEnd),
		IssueTime: r.IssueTime, ReceiveTime: row.Instant(r.ReceiveTime), Receiver: row.Text(r.Receiver),
		Version: r.Version,
	}
}

func (r noticeRow) notice() *domain.EntryNotice {
	return domain.RehydrateEntryNotice(domain.EntryNoticeRecord{
		Province: r.Province, ID: r.ID, Inspection: r.InspectionID, County: r.CountyCode,
		Addressee: domain.AddresseeKind(r.AddresseeKind), AddresseeCode: r.AddresseeCode,
		DocumentNumber: r.DocumentNumber, PlannedEntry: workday.Date(r.PlannedEntryDate),
		PlannedEnd: workday.Date(r.PlannedEndDate), IssueTime: r.IssueTime,
		ReceiveTime: time.Time(r.ReceiveTime), Receiver: string(r.Receiver), Version: r.Version,
	})
}

func noticeScope(tx *pg.Tx) clause.Expression {
	return tx.Own(pg.Columns{Inspection: "inspection_id", Addressee: "addressee"})
}

// EntryNotice reads a notice. It takes no lock: an addressee may write only a
// notice that it has not signed for, and so lock no other.
func EntryNotice(tx *pg.Tx, province, id string) (*domain.EntryNotice, error) {
	stored, err := one[noticeRow](tx, noticeScope(tx), key{province, id, domain.EntryNoticeName})
	if err != nil {
		return nil, err
	}
	return stored.notice(), nil
}

// EntryNotices lists notices in order of creation.
func EntryNotices(tx *pg.Tx, q Query) ([]*domain.EntryNotice, error) {
	rows, err := many[noticeRow](tx, noticeScope(tx), q, "id")
	return row.Convert(rows, noticeRow.notice), err
}

// NoticesOf reads the notices of an inspection.
func NoticesOf(tx *pg.Tx, province, inspection string) ([]*domain.EntryNotice, error) {
	rows, err := gorm.G[noticeRow](tx.Gorm()).
		Where(noticeScope(tx)).Where("province = ? AND inspection_id = ?", province, inspection).
		Order("id").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("notices of inspection: %w", err)
	}
	return row.Convert(rows, noticeRow.notice), nil
}

// InsertNotices stores new notices.
func InsertNotices(tx *pg.Tx, notices []*domain.EntryNotice) error {
	return row.InsertAll(tx, row.Convert(notices, func(n *domain.EntryNotice) noticeRow { return rowOfNotice(n.Record()) }))
}

// SaveReceipt stores that the addressee signed.
func SaveReceipt(tx *pg.Tx, n *domain.EntryNotice) error {
	r := n.Record()
	stored := rowOfNotice(r)
	stored.Version = r.Version + 1
	if err := update(tx, stored, r.Province, r.ID, r.Version, "receive_time", "receiver"); err != nil {
		return err
	}
	n.Saved()
	return nil
}
