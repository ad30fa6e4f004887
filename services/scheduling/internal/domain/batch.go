package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Reasons of refusal about batches (art. 5).
const (
	ReasonBatchState           = "BATCH_STATE_INVALID"
	ReasonBatchEmpty           = "BATCH_EMPTY"
	ReasonDecisionDoesNotCover = "DECISION_DOES_NOT_COVER"
	ReasonSchemeChanged        = "SCHEME_CHANGED_AFTER_DECISION"
	ReasonHearingDate          = "HEARING_DATE_INVALID"
	ReasonHearingRecorded      = "HEARING_ALREADY_RECORDED"
)

// BatchState says where a batch stands.
type BatchState string

// The states of a batch.
const (
	BatchDraft    BatchState = "DRAFT"
	BatchApproved BatchState = "APPROVED"
	BatchEnded    BatchState = "ENDED"
)

// BatchStates lists the states in their order.
func BatchStates() []BatchState { return []BatchState{BatchDraft, BatchApproved, BatchEnded} }

// BatchRecord is what is known of a batch.
type BatchRecord struct {
	Province    string
	ID          string
	DisplayName string
	Term        string
	State       BatchState
	Decision    string // "" until approved
	EndDate     workday.Date
	HearingDate workday.Date // zero until the leading group heard the report
	CreateTime  time.Time
	UpdateTime  time.Time
	Version     int64
}

// Name is the resource name.
func (r BatchRecord) Name() string { return BatchName(r.Province, r.ID) }

// Batch is a batch of inspections (批次) within a term.
type Batch struct {
	r BatchRecord
}

// NewBatch starts planning a batch (arts 5, 12(1)).
func NewBatch(province, id, displayName, term string, now time.Time) *Batch {
	return &Batch{BatchRecord{
		Province: province, ID: id, DisplayName: displayName, Term: term,
		State: BatchDraft, CreateTime: now, UpdateTime: now, Version: 1,
	}}
}

// RehydrateBatch makes a batch of a stored record; for the store only.
func RehydrateBatch(r BatchRecord) *Batch { return &Batch{r} }

// Record gives a copy of what is known.
func (b *Batch) Record() BatchRecord { return b.r }

// Saved counts the version up; for the store only, after it wrote the record.
func (b *Batch) Saved() { b.r.Version++ }

// Scheme is what a decision on a batch is about: its inspections, and when one of
// them was last added or changed (方案; art. 5).
type Scheme struct {
	Inspections int
	ChangeTime  time.Time
}

func (b *Batch) requireState(want BatchState, article string) error {
	if b.r.State != want {
		return fault.Refuse(article, ReasonBatchState, "state", string(b.r.State))
	}
	return nil
}

// Approve makes the scheme of the batch final, by a decision of the leading group
// that names it (art. 5). What was added or changed after the decision was recorded
// is not what the leading group decided on.
func (b *Batch) Approve(d *Decision, scheme Scheme, now time.Time) error {
	if err := b.requireState(BatchDraft, "5"); err != nil {
		return err
	}
	if scheme.Inspections == 0 {
		return fault.Refuse("5", ReasonBatchEmpty)
	}
	if !d.Covers(ApproveBatch, b.r.Name()) {
		return fault.Refuse("5", ReasonDecisionDoesNotCover, "kind", string(ApproveBatch), "subject", b.r.Name())
	}
	if scheme.ChangeTime.After(d.r.CreateTime) {
		return fault.Refuse("5", ReasonSchemeChanged)
	}
	b.r.State, b.r.Decision, b.r.UpdateTime = BatchApproved, d.r.ID, now
	return nil
}

// RecordOnSiteEnd takes note that one of its inspections left the county. open is
// how many have not left yet, latest the last on-site day of those that have.
// With the last of them the batch ends (art. 5).
func (b *Batch) RecordOnSiteEnd(open int, latest workday.Date, now time.Time) error {
	if err := b.requireState(BatchApproved, "5"); err != nil {
		return err
	}
	if open > 0 {
		return nil
	}
	b.r.State, b.r.EndDate, b.r.UpdateTime = BatchEnded, latest, now
	return nil
}

// RecordHearing records that the leading group heard the report of the batch. It is
// heard once, of a batch that has ended, and not at a meeting still to come (art. 5).
func (b *Batch) RecordHearing(day workday.Date, now time.Time) error {
	if err := b.requireState(BatchEnded, "5"); err != nil {
		return err
	}
	if !b.r.HearingDate.IsZero() {
		return fault.Refuse("5", ReasonHearingRecorded, "hearing_date", b.r.HearingDate.String())
	}
	if today := workday.DateOf(now); day.Before(b.r.EndDate) || day.After(today) {
		return fault.Refuse("5", ReasonHearingDate,
			"hearing_date", day.String(), "end_date", b.r.EndDate.String(), "today", today.String())
	}
	b.r.HearingDate, b.r.UpdateTime = day, now
	return nil
}
