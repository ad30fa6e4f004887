package store

import (
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type immediateRow struct {
	ID                      string
	Place                   place `gorm:"embedded"`
	StronglyReported        bool
	StronglyReportedText    string
	ClearlyAgainstRules     bool
	ClearlyAgainstRulesText string
	SolvableAtOnce          bool
	SolvableAtOnceText      string
	Problem                 string
	Proposal                string
	ConcernsPrincipal       bool
	Recipient               string
	State                   string
	DecisionID              row.Text
	ConsultDate             row.Day
	ConsultOpinion          string
	ConsultDissent          bool
	ConsultNotApplicable    string
	ConsultForm             string
	ConsultRecord           string
	BypassDecisionID        row.Text
	BypassReason            string
	DocumentNumber          string
	WithdrawReason          string
	ResultAfterStay         bool
	Version                 int64
	CreateTime              time.Time
	UpdateTime              time.Time
}

func (immediateRow) TableName() string { return "immediate_rectification" }

func toImmediateRow(i *domain.Immediate) immediateRow {
	r := i.Record()
	return immediateRow{
		ID: r.ID, Place: toPlace(r.Place),
		StronglyReported: r.Conditions.StronglyReported.Holds, StronglyReportedText: r.Conditions.StronglyReported.Text,
		ClearlyAgainstRules: r.Conditions.ClearlyAgainstRules.Holds, ClearlyAgainstRulesText: r.Conditions.ClearlyAgainstRules.Text,
		SolvableAtOnce: r.Conditions.SolvableAtOnce.Holds, SolvableAtOnceText: r.Conditions.SolvableAtOnce.Text,
		Problem: r.Notice.Problem, Proposal: r.Notice.Proposal, Recipient: string(r.Notice.Recipient),
		ConcernsPrincipal: r.ConcernsPrincipal, State: string(i.Stored()), DecisionID: row.Text(r.Decision),
		ConsultDate: row.Day(r.Consultation.Date), ConsultOpinion: r.Consultation.Opinion,
		ConsultDissent: r.Consultation.Dissent, ConsultNotApplicable: string(r.Consultation.NotApplicable),
		ConsultForm: string(r.Consultation.Form), ConsultRecord: r.Consultation.Record,
		WithdrawReason: r.WithdrawReason, ResultAfterStay: r.ResultAfterStay,
		BypassDecisionID: row.Text(r.Bypass.Decision), BypassReason: r.Bypass.Reason, DocumentNumber: r.DocumentNumber,
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}

func (r immediateRow) domain(handover domain.Handover) *domain.Immediate {
	return domain.RehydrateImmediate(domain.ImmediateRecord{
		ID: r.ID, Place: r.Place.domain(),
		Conditions: domain.Conditions{
			StronglyReported:    domain.Condition{Holds: r.StronglyReported, Text: r.StronglyReportedText},
			ClearlyAgainstRules: domain.Condition{Holds: r.ClearlyAgainstRules, Text: r.ClearlyAgainstRulesText},
			SolvableAtOnce:      domain.Condition{Holds: r.SolvableAtOnce, Text: r.SolvableAtOnceText},
		},
		Notice:            domain.Notice{Recipient: domain.Recipient(r.Recipient), Problem: r.Problem, Proposal: r.Proposal},
		ConcernsPrincipal: r.ConcernsPrincipal, State: domain.ImmediateState(r.State), Decision: string(r.DecisionID),
		Consultation: domain.Consultation{
			Date: workday.Date(r.ConsultDate), Opinion: r.ConsultOpinion, Dissent: r.ConsultDissent,
			NotApplicable: domain.NotApplicable(r.ConsultNotApplicable),
			Form:          domain.ConsultationForm(r.ConsultForm), Record: r.ConsultRecord,
		},
		Bypass:         domain.Bypass{Decision: string(r.BypassDecisionID), Reason: r.BypassReason},
		DocumentNumber: r.DocumentNumber, WithdrawReason: r.WithdrawReason, ResultAfterStay: r.ResultAfterStay, Handover: handover,
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	})
}

// AddImmediate keeps a new immediate rectification.
func AddImmediate(tx *pg.Tx, i *domain.Immediate) error { return row.Insert(tx, toImmediateRow(i)) }

// Immediate gives an immediate rectification by its id.
func Immediate(tx *pg.Tx, id string) (*domain.Immediate, error) {
	found, err := row.One(tx, scoped[immediateRow](tx, byPlace(), always).Where("id = ?", id), row.Missing())
	if err != nil {
		return nil, err
	}
	all, err := withHandovers(tx, []immediateRow{found})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Immediates lists immediate rectifications in order of creation.
func Immediates(tx *pg.Tx, q Query) ([]*domain.Immediate, error) {
	rows, err := list(tx, scoped[immediateRow](tx, byPlace(), always), q, "id")
	if err != nil {
		return nil, err
	}
	return withHandovers(tx, rows)
}

// withHandovers adds what the deliveries of the notices tell: the county cannot write
// in the table of the matters.
func withHandovers(tx *pg.Tx, rows []immediateRow) ([]*domain.Immediate, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := row.Convert(rows, func(r immediateRow) string { return r.ID })
	found, err := scoped[deliveryRow](tx, byAddressee(), always).Where("immediate_id IN ?", ids).Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	deliveries, err := withAnswers(tx, found)
	if err != nil {
		return nil, err
	}
	handovers := make(map[string]domain.Handover, len(deliveries))
	for _, d := range deliveries {
		r := d.Record()
		handovers[r.Immediate] = domain.Handover{Delivery: r.ID, Receipt: r.ReceiveTime, Answers: r.Answers}
	}
	return row.Convert(rows, func(r immediateRow) *domain.Immediate { return r.domain(handovers[r.ID]) }), nil
}

// SaveImmediate writes what the moves change of an immediate rectification.
func SaveImmediate(tx *pg.Tx, i *domain.Immediate) error {
	r := i.Record()
	old := r.Version
	r.Version++
	*i = *domain.RehydrateImmediate(r)
	query := scoped[immediateRow](tx, byPlace(), always).Where("id = ?", r.ID)
	return row.Update(tx, query, toImmediateRow(i), old,
		"state", "decision_id", "consult_date", "consult_opinion", "consult_dissent", "consult_not_applicable",
		"consult_form", "consult_record", "bypass_decision_id", "bypass_reason", "document_number", "withdraw_reason",
		"result_after_stay", "update_time")
}

// SaveImmediateDraft writes what the group rewrites of a draft.
func SaveImmediateDraft(tx *pg.Tx, i *domain.Immediate) error {
	r := i.Record()
	old := r.Version
	r.Version++
	*i = *domain.RehydrateImmediate(r)
	query := scoped[immediateRow](tx, byPlace(), always).Where("id = ? AND state = 'DRAFT'", r.ID)
	return row.Update(tx, query, toImmediateRow(i), old,
		"strongly_reported", "strongly_reported_text", "clearly_against_rules", "clearly_against_rules_text",
		"solvable_at_once", "solvable_at_once_text", "problem", "proposal", "concerns_principal", "recipient", "update_time")
}
