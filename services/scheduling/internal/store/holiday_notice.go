package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type holidayNoticeRow struct {
	Province        string `gorm:"primaryKey"`
	ID              string `gorm:"primaryKey"`
	NoticeNumber    string
	Scope           string
	PublishDate     row.Day
	Source          string
	Days            []holidayDay `gorm:"serializer:json"`
	State           string
	Proposer        string
	Activator       row.Text
	ExaminedCount   int
	LaterCount      int
	EarlierCount    int
	CalendarVersion string
	CreateTime      time.Time
	UpdateTime      time.Time
	ActivateTime    row.Instant
	Version         int64
}

// TableName implements gorm's Tabler.
func (holidayNoticeRow) TableName() string { return "holiday_notice" }

// holidayDay is one day in the column days.
type holidayDay struct {
	Date    string `json:"date"`
	Working bool   `json:"working"`
	Name    string `json:"name"`
}

func rowOfHolidayNotice(r domain.HolidayNoticeRecord) holidayNoticeRow {
	return holidayNoticeRow{
		Province: r.Province, ID: r.ID, NoticeNumber: r.Number, Scope: string(r.Scope),
		PublishDate: row.Day(r.PublishDate), Source: r.Source,
		Days: row.Convert(r.Days, func(d domain.HolidayDay) holidayDay {
			return holidayDay{Date: d.Date.String(), Working: d.Working, Name: d.Holiday}
		}),
		State: string(r.State), Proposer: r.Proposer, Activator: row.Text(r.Activator),
		ExaminedCount: r.Examined, LaterCount: r.Later, EarlierCount: r.Earlier, CalendarVersion: r.CalendarVersion,
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, ActivateTime: row.Instant(r.ActivateTime), Version: r.Version,
	}
}

func (r holidayNoticeRow) notice() (*domain.HolidayNotice, error) {
	days := make([]domain.HolidayDay, 0, len(r.Days))
	for _, d := range r.Days {
		date, err := workday.ParseDate(d.Date)
		if err != nil {
			return nil, fmt.Errorf("days of holiday notice %s: %w", r.ID, err)
		}
		days = append(days, domain.HolidayDay{Date: date, Working: d.Working, Holiday: d.Name})
	}
	return domain.RehydrateHolidayNotice(domain.HolidayNoticeRecord{
		HolidayNoticeText: domain.HolidayNoticeText{
			Number: r.NoticeNumber, Scope: domain.HolidayScope(r.Scope), PublishDate: workday.Date(r.PublishDate),
			Source: r.Source, Days: days,
		},
		Province: r.Province, ID: r.ID, State: domain.HolidayNoticeState(r.State),
		Proposer: r.Proposer, Activator: string(r.Activator),
		Examined: r.ExaminedCount, Later: r.LaterCount, Earlier: r.EarlierCount, CalendarVersion: r.CalendarVersion,
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, ActivateTime: time.Time(r.ActivateTime), Version: r.Version,
	}), nil
}

// HolidayNotice reads a holiday notice. It takes no lock: a row that is final cannot
// be locked for a change, and the version decides.
func HolidayNotice(tx *pg.Tx, province, id string) (*domain.HolidayNotice, error) {
	stored, err := one[holidayNoticeRow](tx, tx.Own(pg.Columns{}), key{province, id, domain.HolidayNoticeName})
	if err != nil {
		return nil, err
	}
	return stored.notice()
}

// HolidayNotices lists holiday notices in order of creation.
func HolidayNotices(tx *pg.Tx, q Query) ([]*domain.HolidayNotice, error) {
	rows, err := many[holidayNoticeRow](tx, tx.Own(pg.Columns{}), q, "id")
	if err != nil {
		return nil, err
	}
	found := make([]*domain.HolidayNotice, 0, len(rows))
	for _, r := range rows {
		n, err := r.notice()
		if err != nil {
			return nil, err
		}
		found = append(found, n)
	}
	return found, nil
}

// RequireNewHolidayNotice refuses a number that a notice of the province has.
func RequireNewHolidayNotice(tx *pg.Tx, province, number string) error {
	n, err := gorm.G[holidayNoticeRow](tx.Gorm()).Where(tx.Own(pg.Columns{})).
		Where("province = ? AND notice_number = ? AND state <> ?", province, number, domain.HolidayNoticeDiscarded).
		Count(tx.Context(), "*")
	if err != nil {
		return fmt.Errorf("number of holiday notice: %w", err)
	}
	if n > 0 {
		return HolidayNoticeExists(number)
	}
	return nil
}

// HolidayNoticeExists is the refusal of a number that is taken.
func HolidayNoticeExists(number string) *fault.Error {
	return fault.New(fault.Exists, fault.ReasonAlreadyExists,
		"notice_number", number, fault.MetaArticle, domain.CalendarArticles)
}

// InsertHolidayNotice stores a new notice and what its dry run found to move.
func InsertHolidayNotice(tx *pg.Tx, n *domain.HolidayNotice, moves []domain.NoticeMove) error {
	r := n.Record()
	if err := row.Insert(tx, rowOfHolidayNotice(r)); err != nil {
		return row.Instead(err, "holiday_notice_number", HolidayNoticeExists(r.Number))
	}
	rows := make([]noticeMoveRow, 0, len(moves))
	for at, m := range moves {
		rows = append(rows, rowOfMove(r, at, m))
	}
	return row.InsertAll(tx, rows)
}

// SaveHolidayNotice stores a changed notice. One that is final does not change: who
// comes second finds no row.
func SaveHolidayNotice(tx *pg.Tx, n *domain.HolidayNotice) error {
	r := n.Record()
	stored := rowOfHolidayNotice(r)
	stored.Version = r.Version + 1
	err := update(tx, stored, r.Province, r.ID, r.Version, "state", "activator", "activate_time", "update_time")
	if err != nil {
		return err
	}
	n.Saved()
	return nil
}
