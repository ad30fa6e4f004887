package store

import (
	"fmt"
	"strconv"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type noticeMoveRow struct {
	Province            string `gorm:"primaryKey"`
	NoticeID            string `gorm:"primaryKey"`
	Position            int    `gorm:"primaryKey;autoIncrement:false"`
	Obligation          string
	Duty                string
	Article             string
	Obligor             string
	ObligorJurisdiction string
	County              row.Text
	BeforeDate          row.Day
	AfterDate           row.Day
}

// TableName implements gorm's Tabler.
func (noticeMoveRow) TableName() string { return "holiday_notice_move" }

func rowOfMove(r domain.HolidayNoticeRecord, position int, m domain.NoticeMove) noticeMoveRow {
	return noticeMoveRow{
		Province: r.Province, NoticeID: r.ID, Position: position,
		Obligation: m.Obligation, Duty: m.Duty, Article: m.Article, Obligor: m.Obligor,
		ObligorJurisdiction: m.ObligorJurisdiction, County: row.Text(m.County),
		BeforeDate: row.Day(m.Before), AfterDate: row.Day(m.After),
	}
}

func (r noticeMoveRow) move() StoredMove {
	return StoredMove{
		NoticeMove: domain.NoticeMove{
			Obligation: r.Obligation, Duty: r.Duty, Article: r.Article, Obligor: r.Obligor,
			ObligorJurisdiction: r.ObligorJurisdiction, County: string(r.County),
			Before: workday.Date(r.BeforeDate), After: workday.Date(r.AfterDate),
		},
		Position: strconv.Itoa(r.Position),
	}
}

// StoredMove is a move with its place in the dry run, by which they are listed.
type StoredMove struct {
	domain.NoticeMove
	Position string
}

// NoticeMoves lists what the dry run of a notice found to move.
func NoticeMoves(tx *pg.Tx, notice string, q Query) ([]StoredMove, error) {
	chain := gorm.G[noticeMoveRow](tx.Gorm()).Where(tx.Own(pg.Columns{})).
		Where("province = ? AND notice_id = ?", q.Province, notice)
	rows, err := finish(tx, chain, q, "position")
	if err != nil {
		return nil, fmt.Errorf("moves of holiday notice: %w", err)
	}
	return row.Convert(rows, noticeMoveRow.move), nil
}
