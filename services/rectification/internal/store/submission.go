package store

import (
	"time"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// Kind is a kind of submission.
type Kind string

// The kinds of submission.
const (
	KindPlan   Kind = "PLAN"
	KindReport Kind = "REPORT"
)

type submissionRow struct {
	RectificationID string
	Kind            Kind
	Place           place `gorm:"embedded"`
	State           string
	SubmissionCount int32
	Signer          string
	SignerPost      string
	Truthful        bool
	SubmitTime      row.Instant
	SubmitDate      row.Day
	WithdrawReason  string
	Opinion         string
	Measures        []measureDoc `gorm:"serializer:json"`
	Accounts        []accountDoc `gorm:"serializer:json"`
	Version         int64
	CreateTime      time.Time
	UpdateTime      time.Time
}

func (submissionRow) TableName() string { return "submission" }

func toSubmissionRow(kind Kind, s domain.Submission) submissionRow {
	return submissionRow{
		RectificationID: s.Rectification, Kind: kind, Place: toPlace(s.Place), State: string(s.State),
		SubmissionCount: s.Count, Signer: s.Signature.Name, SignerPost: s.Signature.Post, Truthful: s.Signature.Truthful,
		SubmitTime: row.Instant(s.SubmitTime), SubmitDate: row.Day(s.SubmitDate), WithdrawReason: s.WithdrawReason, Opinion: s.Opinion,
		Measures: []measureDoc{}, Accounts: []accountDoc{},
		Version: s.Version, CreateTime: s.CreateTime, UpdateTime: s.UpdateTime,
	}
}

func toPlanRow(r domain.PlanRecord) submissionRow {
	plan := toSubmissionRow(KindPlan, r.Submission)
	plan.Measures = row.Convert(r.Measures, toMeasure)
	return plan
}

func toReportRow(r domain.ReportRecord) submissionRow {
	report := toSubmissionRow(KindReport, r.Submission)
	report.Accounts = row.Convert(r.Accounts, toAccount)
	return report
}

func (r submissionRow) domain() domain.Submission {
	return domain.Submission{
		Rectification: r.RectificationID, Place: r.Place.domain(), State: domain.SubmissionState(r.State),
		Count: r.SubmissionCount, Signature: domain.Signature{Name: r.Signer, Post: r.SignerPost, Truthful: r.Truthful},
		SubmitTime: time.Time(r.SubmitTime), SubmitDate: workday.Date(r.SubmitDate), WithdrawReason: r.WithdrawReason, Opinion: r.Opinion,
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}

// Plan gives the plan of a case.
func Plan(tx *pg.Tx, rectification string) (*domain.Plan, error) {
	found, err := row.One(tx, submission(tx, rectification, KindPlan), row.Missing())
	if err != nil {
		return nil, err
	}
	return domain.RehydratePlan(domain.PlanRecord{
		Submission: found.domain(), Measures: row.Convert(found.Measures, fromMeasure),
	}), nil
}

// Report gives the report of a case.
func Report(tx *pg.Tx, rectification string) (*domain.Report, error) {
	found, err := row.One(tx, submission(tx, rectification, KindReport), row.Missing())
	if err != nil {
		return nil, err
	}
	return domain.RehydrateReport(domain.ReportRecord{
		Submission: found.domain(), Accounts: row.Convert(found.Accounts, fromAccount),
	}), nil
}

func submission(tx *pg.Tx, rectification string, kind Kind) gorm.ChainInterface[submissionRow] {
	return scoped[submissionRow](tx, byPlace(), onceSubmitted).
		Where("rectification_id = ? AND kind = ?", rectification, kind)
}

// SavePlan writes what the caller may change of a plan.
func SavePlan(tx *pg.Tx, p *domain.Plan) error {
	r := p.Record()
	old := r.Version
	r.Version++
	if err := saveSubmission(tx, toPlanRow(r), old); err != nil {
		return err
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
		return err
	}
	*report = *domain.RehydrateReport(r)
	return nil
}

// saveSubmission writes the columns of the caller's side: the county its text and
// signature, the chain its opinion.
func saveSubmission(tx *pg.Tx, next submissionRow, old int64) error {
	columns := []string{"state", "submission_count", "signer", "signer_post", "truthful", "submit_time", "submit_date",
		"withdraw_reason", "measures", "accounts", "update_time"}
	if tx.Principal().Inside() {
		columns = []string{"state", "opinion", "update_time"}
	}
	return row.Update(tx, submission(tx, next.RectificationID, next.Kind), next, old, columns...)
}
