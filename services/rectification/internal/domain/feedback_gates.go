package domain

import (
	"slices"
	"strings"
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

// Revise replaces the text of a draft: what the leading group agreed to is not changed
// afterwards. What was confirmed was confirmed of the old text.
func (f *Feedback) Revise(text FeedbackText, lexicon Lexicon, now time.Time) error {
	if err := require(f.r.State, artFeedback, feedbackState, FeedbackDraft); err != nil {
		return err
	}
	if err := text.check(f.r.Place); err != nil {
		return err
	}
	f.r.FeedbackText, f.r.Warnings, f.r.UpdateTime = text, lexicon.scanText(text), now
	return nil
}

// ConfirmWarnings records that a person lets the wording of a draft stand. Who sees more
// may be warned of more, so it is scanned again.
func (f *Feedback) ConfirmWarnings(lexicon Lexicon, confirmer, reason string, now time.Time) error {
	if err := require(f.r.State, artFeedback, feedbackState, FeedbackDraft); err != nil {
		return err
	}
	open := f.unconfirmed(lexicon)
	if len(open) == 0 {
		return fault.Refuse(artFeedback, "NO_WARNING_TO_CONFIRM")
	}
	all := slices.DeleteFunc(slices.Clone(f.r.Warnings), func(w Warning) bool { return w.ConfirmTime.IsZero() })
	for _, w := range open {
		w.Reason, w.Confirmer, w.ConfirmTime = reason, confirmer, now
		all = append(all, w)
	}
	f.r.Warnings, f.r.UpdateTime = all, now
	return nil
}

// unconfirmed is what is warned of and nobody let stand.
func (f *Feedback) unconfirmed(lexicon Lexicon) []Warning {
	return slices.DeleteFunc(lexicon.scanText(f.r.FeedbackText), func(w Warning) bool {
		return slices.ContainsFunc(f.r.Warnings, func(known Warning) bool {
			return known.same(w) && !known.ConfirmTime.IsZero()
		})
	})
}

// checkSources is the gate that the sources are protected: every source is a finding that
// the leading group agreed to, and all wording that may give one away was confirmed.
func (f *Feedback) checkSources(findings []string, lexicon Lexicon) error {
	for _, s := range f.r.Sources {
		if !slices.Contains(findings, s.Finding) {
			return NoSource(s.Number)
		}
	}
	var open []string
	for _, w := range f.unconfirmed(lexicon) {
		open = append(open, w.Field+" "+w.Term)
	}
	if len(open) > 0 {
		return fault.Refuse(artFeedback, "FEEDBACK_WARNING_UNCONFIRMED", "warnings", strings.Join(open, ", "))
	}
	return nil
}

// Agreement is what casefile and scheduling say of the report.
type Agreement struct {
	Inspection string // id of the task that the report is about
	Agreed     bool
	Decision   string       // id
	Date       workday.Date // of the decision
	Covered    bool         // whether the decision has an item that agrees to this report
	Findings   []string     // ids of the findings that the report rests on
}

// ConfirmAgreement takes the first gate: feedback rests on a report that the
// leading group agreed to (巡视报告经领导小组同意后, art. 11).
func (f *Feedback) ConfirmAgreement(a Agreement, lexicon Lexicon, at obligation.Moment) (Dues, error) {
	if err := require(f.r.State, artFeedback, feedbackState, confirmFeedback.from...); err != nil {
		return Dues{}, err
	}
	if !a.Agreed || !a.Covered {
		return Dues{}, fault.Refuse(artFeedback, "REPORT_NOT_AGREED")
	}
	if a.Inspection != f.r.Place.Inspection {
		return Dues{}, fault.Refuse(artFeedback, "INSPECTION_MISMATCH")
	}
	if err := f.checkSources(a.Findings, lexicon); err != nil {
		return Dues{}, err
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
	case c.NotApplicable != Applies && c != Consultation{NotApplicable: c.NotApplicable}:
		return fault.InvalidField(field, "NOT_APPLICABLE_WITH_CONTENT",
			"where there is no city committee there is no date, opinion or dissent")
	case c.NotApplicable == Applies && c.Date.IsZero():
		return fault.InvalidField(field+".consult_date", "REQUIRED", "the day of the consultation is required")
	case c.Date.After(today):
		return outOfOrder(artFeedback, c.Date)
	case c.NotApplicable == Applies && !c.recorded():
		return fault.Refuse(artFeedback, "CONSULTATION_NOT_RECORDED")
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
	meeting.NotApplicable = f.r.Consultation.NotApplicable // there is a city or there is none
	f.r.DocumentNumber, f.r.Meeting, f.r.UpdateTime = number, meeting, at.Now
	d := f.deliver(deliveryID, DeliverFeedback, at.Rules.ID, at.Now)
	d.r.PrincipalDate = meeting.PrincipalDate
	return d, met(regulation.DutyFeedback, meeting.Date), nil
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
	days := []workday.Date{m.Date}
	if !m.PrincipalDate.IsZero() {
		days = append(days, m.PrincipalDate)
	}
	for _, day := range days {
		if day.After(today) || day.Before(f.r.Consultation.Date) {
			return outOfOrder(artFeedback, day)
		}
	}
	leads := func(a Attendee) bool { return a.CityLeadingBody }
	if f.r.Place.HasCity() && (m.NotApplicable != Applies || !slices.ContainsFunc(m.Attendees, leads)) {
		return fault.Refuse(artAttendance, "CITY_LEADER_ABSENT")
	}
	return nil
}

// Copied is what the copy to the city did.
type Copied struct {
	Delivery *Delivery // nil where it is on record that there is no city
	Dues     Dues      // of the feedback
	CaseDues Dues      // of the case
}

// CopyToCity takes the last gate: the feedback is copied to the city (抄送该市委, art. 11).
func (f *Feedback) CopyToCity(deliveryID string, reason NotApplicable, at obligation.Moment) (Copied, error) {
	if err := require(f.r.State, artFeedback, feedbackState, copyFeedback.from...); err != nil {
		return Copied{}, err
	}
	if err := f.checkNotApplicable(reason); err != nil {
		return Copied{}, err
	}
	dues, err := f.supersededDues(at.Rules)
	if err != nil {
		return Copied{}, err
	}
	if err := copyFeedback.apply(&f.r.State, artFeedback, feedbackState); err != nil {
		return Copied{}, err
	}
	f.r.CopyNotApplicable, f.r.UpdateTime = reason, at.Now
	if !f.r.Place.HasCity() {
		return Copied{CaseDues: dues}, nil
	}
	d := f.deliver(deliveryID, DeliverFeedbackCopy, "", at.Now)
	d.r.Rectification = f.r.Receipt.Rectification
	return Copied{d, met(regulation.DutyFeedbackCopy, workday.Date{}), dues}, nil
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
