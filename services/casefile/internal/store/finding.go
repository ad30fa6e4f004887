package store

import (
	"time"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
)

type findingRow struct {
	Province       string `gorm:"primaryKey"`
	InspectionID   string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	WorkingPaperID string
	Description    string
	ContentCodes   row.Texts `gorm:"type:text[]"`
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
	stored, err := oneIn[findingRow](tx, k)
	if err != nil {
		return nil, err
	}
	return stored.finding(), nil
}

// Findings lists the findings of a case file in order of creation.
func Findings(tx *pg.Tx, q Query) ([]*domain.Finding, error) {
	rows, err := many[findingRow](tx, inCaseFile(tx), q, byCreation()...)
	return row.Convert(rows, findingRow.finding), err
}

// InsertFinding stores a new finding.
func InsertFinding(tx *pg.Tx, f *domain.Finding) error {
	r := f.Record()
	return row.Insert(tx, findingRow{
		Province: r.Province, InspectionID: r.CaseFile, ID: r.ID, WorkingPaperID: r.Paper,
		Description: r.Description, ContentCodes: r.ContentCodes, CreateTime: r.CreateTime,
	})
}
