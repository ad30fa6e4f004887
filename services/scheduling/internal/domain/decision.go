package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// ReasonDecisionInFuture is the refusal of a decision dated after today (art. 5).
const ReasonDecisionInFuture = "DECISION_DATE_IN_FUTURE"

// DecisionKind is the kind of matter that the leading group agreed to.
type DecisionKind string

// The kinds of matters.
const (
	ApproveBatch       DecisionKind = "APPROVE_BATCH"                   // art. 5
	AgreeReport        DecisionKind = "AGREE_REPORT"                    // arts 10, 11
	CloseRectification DecisionKind = "CLOSE_RECTIFICATION"             // art. 17
	ExtendObligation   DecisionKind = "EXTEND_OBLIGATION"               // art. 5
	SuspendObligation  DecisionKind = "SUSPEND_OBLIGATION"              // art. 5
	ResumeObligation   DecisionKind = "RESUME_OBLIGATION"               // art. 5
	ShortenObligation  DecisionKind = "SHORTEN_OBLIGATION"              // art. 5
	ExtendOnSite       DecisionKind = "EXTEND_ON_SITE"                  // art. 3
	ConsentImmediate   DecisionKind = "CONSENT_IMMEDIATE_RECTIFICATION" // art. 9
	BypassCity         DecisionKind = "BYPASS_CITY"                     // art. 9
	DeferItem          DecisionKind = "DEFER_RECTIFICATION_ITEM"        // arts 5, 17
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

// NewDecision records a decision that was taken by today: nothing is approved by
// a meeting that is still to come (art. 5).
func NewDecision(r DecisionRecord, today workday.Date) (*Decision, error) {
	if r.DecideDate.After(today) {
		return nil, fault.Refuse("5", ReasonDecisionInFuture,
			"decide_date", r.DecideDate.String(), "today", today.String())
	}
	return &Decision{r}, nil
}

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
