package store

import (
	"time"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/pg"
)

type findingRow struct {
	Province       string `gorm:"primaryKey"`
	InspectionID   string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	WorkingPaperID string
	Description    string
	ContentCodes   texts `gorm:"type:text[]"`
	CreateTime     time.Time
}

// TableName implements gorm's Tabler.
func (findingRow) TableName() string { return "finding" }

func (r findingRow) finding() *domain.Finding {
	return domain.RehydrateFinding(domain.FindingRecord{
		Key:     domain.Key{Province: r.Province, CaseFile: r.InspectionID, ID: r.ID},
		Problem: domain.Problem{Description: r.Description, ContentCodes: r.ContentCodes},
		Paper:   r.WorkingPaperID, CreateTime: r.CreateTime,
	})
}

// Finding reads a finding.
func Finding(tx *pg.Tx, k domain.Key) (*domain.Finding, error) {
	row, err := oneIn[findingRow](tx, k)
	if err != nil {
		return nil, err
	}
	return row.finding(), nil
}

// Findings lists the findings of a case file in order of creation.
func Findings(tx *pg.Tx, q Query) ([]*domain.Finding, error) {
	rows, err := many[findingRow](tx, inCaseFile(tx), q, byCreation()...)
	return convert(rows, findingRow.finding), err
}

// InsertFinding stores a new finding.
func InsertFinding(tx *pg.Tx, f *domain.Finding) error {
	r := f.Record()
	return insert(tx, &findingRow{
		Province: r.Province, InspectionID: r.CaseFile, ID: r.ID, WorkingPaperID: r.Paper,
		Description: r.Description, ContentCodes: r.ContentCodes, CreateTime: r.CreateTime,
	})
}
