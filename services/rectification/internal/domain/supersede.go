package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// supersedeFeedback is the end of a feedback in whose place another one is given. It has
// gone all its way before: who has it, and who has not, is plain.
var supersedeFeedback = move[FeedbackState]{[]FeedbackState{FeedbackCopied}, FeedbackSuperseded}

// beforeReview are the states of a plan in which a superseding feedback may be drafted; it
// is given while the plan is with the county.
var beforeReview = append([]SubmissionState{SubmissionSubmitted}, withCounty...)

// Supersede drafts the feedback that is to take the place of this one, on the same report.
// It goes through all gates again. plan is where the county's plan stands.
func (f *Feedback) Supersede(id, reason string, text FeedbackText, plan SubmissionState, lexicon Lexicon, now time.Time) (*Feedback, error) {
	if err := require(f.r.State, artFeedback, feedbackState, supersedeFeedback.from...); err != nil {
		return nil, err
	}
	if err := require(plan, artPlan, "FEEDBACK_PLAN_UNDER_WAY", beforeReview...); err != nil {
		return nil, err
	}
	next, err := NewFeedback(id, Task{Place: f.r.Place}, f.r.Report, text, lexicon, now)
	if err != nil {
		return nil, err
	}
	next.r.Supersedes, next.r.SupersedeReason = f.r.ID, reason
	return next, nil
}

// Replace ends the feedback before, as this one is about to be given in its place. A plan
// that is under way answers the problems of the one before, so it has to be with the county.
func (f *Feedback) Replace(old *Feedback, plan SubmissionState, now time.Time) error {
	if err := f.checkConsulted(); err != nil {
		return err
	}
	if err := require(plan, artPlan, "FEEDBACK_PLAN_UNDER_WAY", withCounty...); err != nil {
		return err
	}
	if err := supersedeFeedback.apply(&old.r.State, artFeedback, feedbackState); err != nil {
		return err
	}
	old.r.UpdateTime = now
	return nil
}

// Replace names the delivery that this one takes the place of.
func (d *Delivery) Replace(other *Delivery) { d.r.Supersedes = other.r.ID }

// Follow puts the problems of the superseding feedback, which the county signed for, into
// the case. The city reads those that were copied to it, until these are (art. 11).
func (r *Rectification) Follow(d *Delivery) (Dues, error) {
	if err := require(r.r.State, artPlan, rectificationState, RectificationPlanning); err != nil {
		return Dues{}, err
	}
	if r.r.CityProblems == nil {
		r.r.CityProblems = r.r.Problems
	}
	r.r.Problems, r.r.UpdateTime = d.r.Content.Problems, d.r.ReceiveTime
	d.r.Rectification = r.r.ID
	return d.copyDues(workday.DateOf(d.r.ReceiveTime)), nil
}

// supersededDues are those of the case where the rule set counts the plan from the receipt
// of the feedback that superseded the one before.
func (f *Feedback) supersededDues(rules *regulation.RuleSet) (Dues, error) {
	if f.r.Supersedes == "" {
		return Dues{}, nil
	}
	from, err := rules.Choice(regulation.FeedbackSupersededClock)
	if err != nil || from != regulation.NewReceipt {
		return Dues{}, err
	}
	return Dues{Counted: []obligation.Opening{{
		Duty: regulation.DutyPlan, Place: f.r.Place.ofObligation(), Start: workday.DateOf(f.r.Receipt.Time), CountySees: true,
	}}}, nil
}

// CheckStands: a plan answers the feedback that stands, so the county signs for that first.
// awaiting says that a feedback waits for its signature.
func CheckStands(awaiting bool) error {
	if awaiting {
		return fault.Refuse(artPlan, "SUPERSEDING_NOT_RECEIVED")
	}
	return nil
}
