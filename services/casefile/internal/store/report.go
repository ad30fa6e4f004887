package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
)

type reportRow struct {
	Province       string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	InspectionID   string
	Content        string
	State          string
	Leader         row.Text
	LeaderSignTime row.Instant
	DecisionID     row.Text
	ReturnOpinion  string
	CreateTime     time.Time
	UpdateTime     time.Time
	Version        int64
}

// TableName implements gorm's Tabler.
func (reportRow) TableName() string { return "inspection_report" }

type reportFindingRow struct {
	Province     string `gorm:"primaryKey"`
	ReportID     string `gorm:"primaryKey"`
	FindingID    string `gorm:"primaryKey"`
	InspectionID string
	Position     int
}

// TableName implements gorm's Tabler.
func (reportFindingRow) TableName() string { return "inspection_report_finding" }

func rowOfReport(r domain.ReportRecord) reportRow {
	return reportRow{
		Province: r.Province, ID: r.ID, InspectionID: r.CaseFile, Content: r.Content, State: string(r.State),
		Leader: row.Text(r.Signed.Subject), LeaderSignTime: row.Instant(r.Signed.Time),
		DecisionID: row.Text(r.Decision), ReturnOpinion: r.ReturnOpinion,
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	}
}

func (r reportRow) report(findings []string) *domain.Report {
	return domain.RehydrateReport(domain.ReportRecord{
		Province: r.Province, ID: r.ID, CaseFile: r.InspectionID, Content: r.Content, Findings: findings,
		State: domain.ReportState(r.State), Signed: signature(r.Leader, r.LeaderSignTime),
		Decision: string(r.DecisionID), ReturnOpinion: r.ReturnOpinion,
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	})
}

// Report reads an inspection report.
func Report(tx *pg.Tx, province, id string) (*domain.Report, error) {
	stored, err := one[reportRow](tx, inCaseFile(tx), byID, province, id)
	if err != nil {
		return nil, err
	}
	found, err := withFindings(tx, province, []reportRow{stored})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// ReportOf reads the report of a case file without its findings; nil while there
// is none.
func ReportOf(tx *pg.Tx, province, caseFile string) (*domain.Report, error) {
	stored, err := one[reportRow](tx, inCaseFile(tx), byFile, province, caseFile)
	if f, ok := fault.As(err); ok && f.Kind == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return stored.report(nil), nil
}

// Reports lists the reports of a province in order of creation.
func Reports(tx *pg.Tx, q Query) ([]*domain.Report, error) {
	rows, err := many[reportRow](tx, inCaseFile(tx), q, byCreation()...)
	if err != nil {
		return nil, err
	}
	return withFindings(tx, q.Province, rows)
}

func withFindings(tx *pg.Tx, province string, rows []reportRow) ([]*domain.Report, error) {
	ids := row.Convert(rows, func(r reportRow) string { return r.ID })
	named, err := gorm.G[reportFindingRow](tx.Gorm()).
		Where("province = ? AND report_id IN ?", province, ids).
		Order("report_id, position").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("findings of reports: %w", err)
	}
	of := make(map[string][]string, len(rows))
	for _, n := range named {
		of[n.ReportID] = append(of[n.ReportID], n.FindingID)
	}
	return row.Convert(rows, func(r reportRow) *domain.Report { return r.report(of[r.ID]) }), nil
}

// InsertReport stores a new report with the findings that it names. A case file
// has one report.
func InsertReport(tx *pg.Tx, r *domain.Report) error {
	record := r.Record()
	err := row.Instead(row.Insert(tx, rowOfReport(record)), "inspection_report_one_per_case_file",
		fault.New(fault.Exists, fault.ReasonAlreadyExists, fault.MetaArticle, "10"))
	if err != nil {
		return err
	}
	return insertFindings(tx, record)
}

// UpdateReport stores what the group changed in a report, which is still with it.
func UpdateReport(tx *pg.Tx, r *domain.Report) error {
	if err := SaveReport(tx, r); err != nil {
		return err
	}
	record := r.Record()
	_, err := gorm.G[reportFindingRow](tx.Gorm()).
		Where("province = ? AND report_id = ?", record.Province, record.ID).Delete(tx.Context())
	if err != nil {
		return fmt.Errorf("take findings out: %w", err)
	}
	return insertFindings(tx, record)
}

// insertFindings refuses a finding of another case file: the key of the row holds
// the report's own.
func insertFindings(tx *pg.Tx, r domain.ReportRecord) error {
	rows := make([]reportFindingRow, 0, len(r.Findings))
	for n, finding := range r.Findings {
		rows = append(rows, reportFindingRow{
			Province: r.Province, ReportID: r.ID, FindingID: finding, InspectionID: r.CaseFile, Position: n,
		})
	}
	return row.Instead(row.InsertAll(tx, rows), "inspection_report_finding_fk",
		fault.Refuse("10", domain.ReasonFindingUnknown))
}

// SaveReport stores a changed report; the findings that it names stay.
func SaveReport(tx *pg.Tx, r *domain.Report) error {
	record := r.Record()
	stored := rowOfReport(record)
	stored.Version = record.Version + 1
	err := update(tx, stored, record.Version, []string{
		"content", "state", "leader", "leader_sign_time", "decision_id", "return_opinion", "update_time",
	}, byID, record.Province, record.ID)
	if err != nil {
		return err
	}
	r.Saved()
	return nil
}
