package domain

import (
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

const feedbackState = "FEEDBACK_STATE_INVALID"

// The moves of a feedback. The county's receipt is not among them: it is a move
// of its Delivery.
var (
	confirmFeedback = move[FeedbackState]{[]FeedbackState{FeedbackDraft}, FeedbackAgreed}
	consultCity     = move[FeedbackState]{[]FeedbackState{FeedbackAgreed}, FeedbackCityConsulted}
	giveFeedback    = move[FeedbackState]{[]FeedbackState{FeedbackCityConsulted}, FeedbackGiven}
	copyFeedback    = move[FeedbackState]{[]FeedbackState{FeedbackReceived}, FeedbackCopied}
)

// Revise replaces summary and problems of a draft: what the leading group agreed
// to is not changed afterwards.
func (f *Feedback) Revise(summary string, problems []Problem, now time.Time) error {
	if err := require(f.r.State, artFeedback, feedbackState, FeedbackDraft); err != nil {
		return err
	}
	if err := checkProblems(problems); err != nil {
		return err
	}
	f.r.Summary, f.r.Problems, f.r.UpdateTime = summary, problems, now
	return nil
}

// Agreement is what casefile and scheduling say of the report.
type Agreement struct {
	Inspection string // id of the task that the report is about
	Agreed     bool
	Decision   string       // id
	Date       workday.Date // of the decision
	Covered    bool         // whether the decision has an item that agrees to this report
}

// ConfirmAgreement takes the first gate: feedback rests on a report that the
// leading group agreed to (巡视报告经领导小组同意后, art. 11).
func (f *Feedback) ConfirmAgreement(a Agreement, at obligation.Moment) (Dues, error) {
	if err := require(f.r.State, artFeedback, feedbackState, confirmFeedback.from...); err != nil {
		return Dues{}, err
	}
	if !a.Agreed || !a.Covered {
		return Dues{}, fault.Refuse(artFeedback, "REPORT_NOT_AGREED")
	}
	if a.Inspection != f.r.Place.Inspection {
		return Dues{}, fault.Refuse(artFeedback, "INSPECTION_MISMATCH")
	}
	f.r.Decision, f.r.UpdateTime = a.Decision, at.Now
	return f.agreedDues(a.Date), confirmFeedback.apply(&f.r.State, artFeedback, feedbackState)
}

// RecordCityConsultation takes the second gate: the city is consulted before the
// feedback (反馈前要与市委沟通, art. 11), or it is on record that there is none.
func (f *Feedback) RecordCityConsultation(c Consultation, now time.Time) error {
	if err := require(f.r.State, artFeedback, feedbackState, consultCity.from...); err != nil {
		return err
	}
	if err := f.checkNotApplicable(c.NotApplicable); err != nil {
		return err
	}
	if err := f.checkConsultation(c, workday.DateOf(now)); err != nil {
		return err
	}
	f.r.Consultation, f.r.UpdateTime = c, now
	return consultCity.apply(&f.r.State, artFeedback, feedbackState)
}

func (f *Feedback) checkConsultation(c Consultation, today workday.Date) error {
	const field = "city_consultation"
	switch {
	case c.NotApplicable != Applies && (!c.Date.IsZero() || c.Opinion != "" || c.Dissent):
		return fault.InvalidField(field, "NOT_APPLICABLE_WITH_CONTENT",
			"where there is no city committee there is no date, opinion or dissent")
	case c.NotApplicable == Applies && c.Date.IsZero():
		return fault.InvalidField(field+".consult_date", "REQUIRED", "the day of the consultation is required")
	case c.Date.After(today):
		return outOfOrder(artFeedback, c.Date)
	}
	return nil
}

// checkNotApplicable wants the reason exactly where the county has no city.
func (f *Feedback) checkNotApplicable(reason NotApplicable) error {
	switch {
	case f.r.Place.HasCity() && reason != Applies:
		return fault.Refuse(artFeedback, "CITY_CONSULTATION_REQUIRED")
	case !f.r.Place.HasCity() && reason == Applies:
		return fault.Refuse(artFeedback, "CITY_NOT_APPLICABLE")
	}
	return nil
}

func outOfOrder(article string, d workday.Date) error {
	return fault.Refuse(article, "DATE_OUT_OF_ORDER", "date", d.String())
}

// Give takes the third gate: the feedback is given at a meeting that a member of
// the city's leading body attends (arts 11, 15(2)). It gives the delivery to the
// county.
func (f *Feedback) Give(deliveryID, number string, meeting Meeting, at obligation.Moment) (*Delivery, Dues, error) {
	if err := f.checkConsulted(); err != nil {
		return nil, Dues{}, err
	}
	if err := f.checkMeeting(meeting, at.Today()); err != nil {
		return nil, Dues{}, err
	}
	if err := giveFeedback.apply(&f.r.State, artFeedback, feedbackState); err != nil {
		return nil, Dues{}, err
	}
	f.r.DocumentNumber, f.r.Meeting, f.r.UpdateTime = number, meeting, at.Now
	return f.deliver(deliveryID, DeliverFeedback, at.Rules.ID, at.Now), met(regulation.DutyFeedback, meeting.Date), nil
}

// checkConsulted gives the omission of the city its own reason: it is the gate
// that is skipped in practice.
func (f *Feedback) checkConsulted() error {
	if f.r.State == FeedbackDraft || f.r.State == FeedbackAgreed {
		return fault.Refuse(artFeedback, "FEEDBACK_CITY_NOT_CONSULTED", "state", string(f.r.State))
	}
	return require(f.r.State, artFeedback, feedbackState, giveFeedback.from...)
}

func (f *Feedback) checkMeeting(m Meeting, today workday.Date) error {
	if m.Date.After(today) || m.Date.Before(f.r.Consultation.Date) {
		return outOfOrder(artFeedback, m.Date)
	}
	leads := func(a Attendee) bool { return a.CityLeadingBody }
	if f.r.Place.HasCity() && !slices.ContainsFunc(m.Attendees, leads) {
		return fault.Refuse(artAttendance, "CITY_LEADER_ABSENT")
	}
	return nil
}

// CopyToCity takes the last gate: the feedback is copied to the city (抄送该市委,
// art. 11). It gives the delivery to the city, nil where it is on record that
// there is none.
func (f *Feedback) CopyToCity(deliveryID string, reason NotApplicable, now time.Time) (*Delivery, Dues, error) {
	if err := require(f.r.State, artFeedback, feedbackState, copyFeedback.from...); err != nil {
		return nil, Dues{}, err
	}
	if err := f.checkNotApplicable(reason); err != nil {
		return nil, Dues{}, err
	}
	if err := copyFeedback.apply(&f.r.State, artFeedback, feedbackState); err != nil {
		return nil, Dues{}, err
	}
	f.r.CopyNotApplicable, f.r.UpdateTime = reason, now
	if !f.r.Place.HasCity() {
		return nil, Dues{}, nil
	}
	d := f.deliver(deliveryID, DeliverFeedbackCopy, "", now)
	d.r.Rectification = f.r.Receipt.Rectification
	return d, met(regulation.DutyFeedbackCopy, workday.Date{}), nil
}

// checkCopied: what comes after the feedback waits for its copy to the city, or for
// the record that there is no city (art. 11).
func (f *Feedback) checkCopied() error {
	if f.r.State != FeedbackCopied {
		return fault.Refuse(artFeedback, "FEEDBACK_NOT_COPIED", "state", string(f.r.State))
	}
	return nil
}

func (f *Feedback) deliver(id string, kind DeliveryKind, ruleSet string, now time.Time) *Delivery {
	return newDelivery(DeliveryRecord{
		ID: id, Place: f.r.Place, Kind: kind, Feedback: f.r.ID, RuleSet: ruleSet,
		DocumentNumber: f.r.DocumentNumber, DeliverTime: now,
		Content: Content{Summary: f.r.Summary, Problems: f.r.Problems},
	})
}
