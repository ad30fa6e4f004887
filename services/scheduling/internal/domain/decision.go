package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// DecisionKind is the kind of matter that the leading group agreed to.
type DecisionKind string

// The kinds of matters.
const (
	ApproveBatch       DecisionKind = "APPROVE_BATCH"       // art. 5
	AgreeReport        DecisionKind = "AGREE_REPORT"        // arts 10, 11
	CloseRectification DecisionKind = "CLOSE_RECTIFICATION" // art. 17
)

// DecisionItem is one matter decided.
type DecisionItem struct {
	Kind    DecisionKind
	Subject string // resource name of what was agreed to
	Text    string
}

// DecisionRecord is what is known of a decision.
type DecisionRecord struct {
	Province       string
	ID             string
	DocumentNumber string
	DecideDate     workday.Date
	Items          []DecisionItem
	CreateTime     time.Time
}

// Name is the resource name.
func (r DecisionRecord) Name() string { return DecisionName(r.Province, r.ID) }

// Decision is a decision of the leading group (领导小组). It never changes: the
// gates that asked for it must find it as it was (art. 5).
type Decision struct {
	r DecisionRecord
}

// NewDecision records a decision, and RehydrateDecision does the same for a
// stored one: there is no rule between the two.
func NewDecision(r DecisionRecord) *Decision { return &Decision{r} }

// RehydrateDecision makes a decision of a stored record; for the store only.
func RehydrateDecision(r DecisionRecord) *Decision { return &Decision{r} }

// Record gives a copy of what is known.
func (d *Decision) Record() DecisionRecord { return d.r }

// Covers reports whether the leading group agreed to this very matter. There is
// no agreement in general (art. 5).
func (d *Decision) Covers(kind DecisionKind, subject string) bool {
	for _, item := range d.r.Items {
		if item.Kind == kind && item.Subject == subject {
			return true
		}
	}
	return false
}
