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

type termRow struct {
	Province    string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	DisplayName string
	StartDate   row.Day
	EndDate     row.Day
	CreateTime  time.Time
	UpdateTime  time.Time
	Version     int64
	Covered     int `gorm:"->"` // counted on reading
}

// TableName implements gorm's Tabler.
func (termRow) TableName() string { return "term" }

func (r termRow) term() domain.Term {
	return domain.Term{
		Province: r.Province, ID: r.ID, DisplayName: r.DisplayName,
		Start: workday.Date(r.StartDate), End: workday.Date(r.EndDate), Covered: r.Covered,
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	}
}

// A county is covered by an inspection that entered in the term and reached
// feedback (the default counting rule of art. 2); more than one counts once.
const selectTerm = `term.province, term.id, term.display_name, term.start_date, term.end_date,
  term.create_time, term.update_time, term.version,
  (SELECT count(DISTINCT i.county_code) FROM inspection i
   WHERE i.province = term.province AND i.entry_date BETWEEN term.start_date AND term.end_date
     AND i.feedback_receive_date IS NOT NULL) AS covered`

func terms(tx *pg.Tx, province string) gorm.ChainInterface[termRow] {
	return gorm.G[termRow](tx.Gorm()).Where(tx.Own(pg.Columns{})).Where("term.province = ?", province).Select(selectTerm)
}

// Term reads a term with its coverage.
func Term(tx *pg.Tx, province, id string) (domain.Term, error) {
	stored, err := row.One(tx, terms(tx, province).Where("term.id = ?", id), fault.Missing(domain.TermName(province, id)))
	return stored.term(), err
}

// Terms lists terms in order of creation.
func Terms(tx *pg.Tx, q Query) ([]domain.Term, error) {
	rows, err := finish(tx, terms(tx, q.Province), q, "id")
	return row.Convert(rows, termRow.term), err
}

// InsertTerm stores a new term; terms of a province do not overlap (art. 2).
func InsertTerm(tx *pg.Tx, t domain.Term) error {
	stored := termRow{
		Province: t.Province, ID: t.ID, DisplayName: t.DisplayName,
		StartDate: row.Day(t.Start), EndDate: row.Day(t.End),
		CreateTime: t.CreateTime, UpdateTime: t.UpdateTime, Version: t.Version,
	}
	return row.Instead(row.Insert(tx, stored), "term_no_overlap",
		fault.New(fault.Exists, domain.ReasonTermOverlaps, fault.MetaArticle, "2"))
}

// TermsFrom lists the terms that have not ended on a day, in order of creation.
func TermsFrom(tx *pg.Tx, province string, day workday.Date) ([]domain.Term, error) {
	rows, err := terms(tx, province).Where("term.end_date >= ?", row.Day(day)).Order("id").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("terms that have not ended: %w", err)
	}
	return row.Convert(rows, termRow.term), nil
}

// Covered gives the counties that an inspection covers in the term, with its day of
// entry. It also writes, unchanged, what two transactions at once would not see of
// each other: the province, to which another may be adding counties, and the
// inspections that may reach feedback now. Of two, one then runs again (art. 2).
func Covered(tx *pg.Tx, t domain.Term) (map[string]workday.Date, error) {
	const touchProvince = "UPDATE province SET update_time = update_time WHERE province = ?"
	if err := tx.Gorm().Exec(touchProvince, t.Province).Error; err != nil {
		return nil, fmt.Errorf("touch province: %w", err)
	}
	const touchUncovering = `
UPDATE inspection SET version = version
WHERE province = ? AND entry_date BETWEEN ? AND ? AND feedback_receive_date IS NULL`
	if err := tx.Gorm().Exec(touchUncovering, t.Province, row.Day(t.Start), row.Day(t.End)).Error; err != nil {
		return nil, fmt.Errorf("touch inspections of term: %w", err)
	}
	const selectCovered = `
SELECT county_code, min(entry_date) AS entry_date FROM inspection
WHERE province = ? AND entry_date BETWEEN ? AND ? AND feedback_receive_date IS NOT NULL
GROUP BY county_code`
	var rows []struct {
		CountyCode string
		EntryDate  row.Day
	}
	if err := tx.Gorm().Raw(selectCovered, t.Province, row.Day(t.Start), row.Day(t.End)).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("covered counties: %w", err)
	}
	covered := make(map[string]workday.Date, len(rows))
	for _, r := range rows {
		covered[r.CountyCode] = workday.Date(r.EntryDate)
	}
	return covered, nil
}
