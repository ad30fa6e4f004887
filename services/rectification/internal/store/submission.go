package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// The kinds of submission.
const (
	kindPlan   = "PLAN"
	kindReport = "REPORT"
)

type submissionRow struct {
	RectificationID string
	Kind            string
	Place           place `gorm:"embedded"`
	State           string
	SubmissionCount int32
	Signer          string
	Opinion         string
	Measures        []measureDoc `gorm:"serializer:json"`
	Accounts        []accountDoc `gorm:"serializer:json"`
	Version         int64
	CreateTime      time.Time
	UpdateTime      time.Time
}

func (submissionRow) TableName() string { return "submission" }

func toSubmissionRow(kind string, s domain.Submission) submissionRow {
	return submissionRow{
		RectificationID: s.Rectification, Kind: kind, Place: toPlace(s.Place), State: string(s.State),
		SubmissionCount: s.Count, Signer: s.Signer, Opinion: s.Opinion,
		Measures: []measureDoc{}, Accounts: []accountDoc{},
		Version: s.Version, CreateTime: s.CreateTime, UpdateTime: s.UpdateTime,
	}
}

func toPlanRow(r domain.PlanRecord) submissionRow {
	row := toSubmissionRow(kindPlan, r.Submission)
	row.Measures = mapped(r.Measures, toMeasure)
	return row
}

func toReportRow(r domain.ReportRecord) submissionRow {
	row := toSubmissionRow(kindReport, r.Submission)
	row.Accounts = mapped(r.Accounts, toAccount)
	return row
}

func (row submissionRow) domain() domain.Submission {
	return domain.Submission{
		Rectification: row.RectificationID, Place: row.Place.domain(), State: domain.SubmissionState(row.State),
		Count: row.SubmissionCount, Signer: row.Signer, Opinion: row.Opinion,
		Version: row.Version, CreateTime: row.CreateTime, UpdateTime: row.UpdateTime,
	}
}

// Plan gives the plan of a case.
func Plan(tx *pg.Tx, rectification string) (*domain.Plan, error) {
	row, err := submission(tx, rectification, kindPlan).Take(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return domain.RehydratePlan(domain.PlanRecord{
		Submission: row.domain(), Measures: mapped(row.Measures, fromMeasure),
	}), nil
}

// Report gives the report of a case.
func Report(tx *pg.Tx, rectification string) (*domain.Report, error) {
	row, err := submission(tx, rectification, kindReport).Take(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return domain.RehydrateReport(domain.ReportRecord{
		Submission: row.domain(), Accounts: mapped(row.Accounts, fromAccount),
	}), nil
}

func submission(tx *pg.Tx, rectification, kind string) gorm.ChainInterface[submissionRow] {
	return scoped[submissionRow](tx, byPlace(), onceSubmitted).
		Where("rectification_id = ? AND kind = ?", rectification, kind)
}

// SavePlan writes what the caller may change of a plan.
func SavePlan(tx *pg.Tx, p *domain.Plan) error {
	r := p.Record()
	old := r.Version
	r.Version++
	if err := saveSubmission(tx, toPlanRow(r), old); err != nil {
		return fmt.Errorf("save plan: %w", err)
	}
	*p = *domain.RehydratePlan(r)
	return nil
}

// SaveReport writes what the caller may change of a report.
func SaveReport(tx *pg.Tx, report *domain.Report) error {
	r := report.Record()
	old := r.Version
	r.Version++
	if err := saveSubmission(tx, toReportRow(r), old); err != nil {
		return fmt.Errorf("save report: %w", err)
	}
	*report = *domain.RehydrateReport(r)
	return nil
}

// saveSubmission writes the columns of the caller's side: the county its text and
// signature, the chain its opinion.
func saveSubmission(tx *pg.Tx, row submissionRow, old int64) error {
	columns := []any{"SubmissionCount", "Signer", "Measures", "Accounts", "Version", "UpdateTime"}
	if tx.Principal().Inside() {
		columns = []any{"Opinion", "Version", "UpdateTime"}
	}
	chain := submission(tx, row.RectificationID, row.Kind).Where("version = ?", old)
	return update(tx, chain, row, "State", columns...)
}
