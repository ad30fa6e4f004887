package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

const rectificationState = "RECTIFICATION_STATE_INVALID"

// RectificationState is where a case stands.
type RectificationState string

// The states of a rectification.
const (
	RectificationPlanning   RectificationState = "PLANNING"
	RectificationRectifying RectificationState = "RECTIFYING"
	RectificationReported   RectificationState = "REPORTED"
	RectificationClosed     RectificationState = "CLOSED"
)

// RectificationStates lists them in order.
func RectificationStates() []RectificationState {
	return []RectificationState{
		RectificationPlanning, RectificationRectifying, RectificationReported, RectificationClosed,
	}
}

// The moves of a rectification; each follows from a step of its plan, its report
// or the leading group.
var (
	planReceived   = move[RectificationState]{[]RectificationState{RectificationPlanning}, RectificationRectifying}
	reportReceived = move[RectificationState]{[]RectificationState{RectificationRectifying}, RectificationReported}
	closeCase      = move[RectificationState]{[]RectificationState{RectificationReported}, RectificationClosed}
)

// Rectification is the rectification case of one county after one inspection
// (整改, art. 17). Its two clocks run in the docket.
type Rectification struct{ r RectificationRecord }

// RectificationRecord is what is known of a case.
type RectificationRecord struct {
	ID               string
	Place            Place
	Delivery         string // id of the county's delivery that opened it
	RuleSet          string
	Problems         []Problem
	CityProblems     []Problem // what the city has, while it has not the same; nil otherwise
	State            RectificationState
	ReceiveDate      workday.Date
	PlanSubmitDate   workday.Date
	ReportSubmitDate workday.Date
	Decision         string // id of the one that closed it
	CloseDate        workday.Date
	CityMaySee       bool // once the feedback was copied to it
	Version          int64
	CreateTime       time.Time
	UpdateTime       time.Time
}

// RehydrateRectification is for the store only.
func RehydrateRectification(r RectificationRecord) *Rectification { return &Rectification{r} }

// Record is a copy of what is known of it.
func (r *Rectification) Record() RectificationRecord { return r.r }

// SubmitPlan submits a complete plan. Being late is recorded by the dates, not
// refused: a late plan is better than none (art. 17). It gives the copy for the
// city, nil where there is none.
func (r *Rectification) SubmitPlan(p *Plan, s Signature, copyID string, at obligation.Moment) (*Delivery, Dues, error) {
	if err := require(p.r.State, artPlan, planState, submit.from...); err != nil {
		return nil, Dues{}, err
	}
	if err := p.checkComplete(r.r.Problems, s, at.Rules); err != nil {
		return nil, Dues{}, err
	}
	day, err := dayThatCounts(at)
	if err != nil {
		return nil, Dues{}, err
	}
	if err := p.r.submit(s, day, planState, at.Now); err != nil {
		return nil, Dues{}, err
	}
	r.r.UpdateTime = at.Now
	var first Dues
	events := []regulation.Event{regulation.PlanLastSubmitted}
	if r.r.PlanSubmitDate.IsZero() {
		r.r.PlanSubmitDate = day
		first, events = met(regulation.DutyPlan, day), append(events, regulation.PlanFirstComplete)
	}
	dues, err := r.reportClock(at, day, events...)
	dues.Met = first.Met
	return p.copyToCity(copyID, at.Now), dues, err
}

// ReviewPlan is the one reply to the plan (须经巡视组审核, art. 17).
func (r *Rectification) ReviewPlan(p *Plan, reply *Reply, by Replier, at obligation.Moment) (Dues, error) {
	numbers := Content{Measures: p.r.Measures}.numbers()
	if err := p.r.review(reply, by, numbers, planState, at.Now); err != nil || reply.Verdict != Pass {
		return Dues{}, err
	}
	return r.reportClock(at, at.Today(), regulation.PlanPassedByGroup)
}

// ReceivePlan records that the leading group has the plan (报领导小组, art. 17),
// once the city has its copy of the feedback (art. 11); from now on the measures
// are items. newID makes their ids.
func (r *Rectification) ReceivePlan(p *Plan, f *Feedback, newID func() (string, error), at obligation.Moment) ([]*Item, error) {
	twoPersons, err := at.Rules.Flag(regulation.ItemSecondPerson)
	if err != nil {
		return nil, err
	}
	if err := require(p.r.State, artPlan, planState, receive.from...); err != nil {
		return nil, err
	}
	if err := require(r.r.State, artPlan, rectificationState, planReceived.from...); err != nil {
		return nil, err
	}
	if err := f.checkCopied(); err != nil {
		return nil, err
	}
	if err := p.r.take(receive, planState, at.Now); err != nil {
		return nil, err
	}
	if err := r.take(planReceived, at.Now); err != nil {
		return nil, err
	}
	items := make([]*Item, len(p.r.Measures))
	for i, m := range p.r.Measures {
		id, err := newID()
		if err != nil {
			return nil, err
		}
		items[i] = newItem(id, r, m, twoPersons, at.Now)
	}
	return items, nil
}

// TakeDocument refuses evidence for a case that is closed: what it was closed upon
// stays as it is (art. 17).
func (r *Rectification) TakeDocument() error {
	if r.r.State == RectificationClosed {
		return fault.Refuse(artPlan, "DOCUMENT_CASE_CLOSED", "state", string(r.r.State))
	}
	return nil
}

// WriteReport replaces the accounts of the report.
func (r *Rectification) WriteReport(report *Report, accounts []Account, now time.Time) error {
	if err := r.checkPlanReceived(); err != nil {
		return err
	}
	return report.write(accounts, now)
}

// SubmitReport submits a complete report; items are the numbers of all items of
// the case. Being late is recorded, not refused (art. 17). It gives the copy for
// the city, nil where there is none.
func (r *Rectification) SubmitReport(report *Report, items []int32, s Signature, copyID string, at obligation.Moment) (*Delivery, Dues, error) {
	if err := r.checkPlanReceived(); err != nil {
		return nil, Dues{}, err
	}
	if err := require(report.r.State, artPlan, reportState, submit.from...); err != nil {
		return nil, Dues{}, err
	}
	if err := report.checkComplete(items, s); err != nil {
		return nil, Dues{}, err
	}
	day, err := dayThatCounts(at)
	if err != nil {
		return nil, Dues{}, err
	}
	if err := report.r.submit(s, day, reportState, at.Now); err != nil {
		return nil, Dues{}, err
	}
	var dues Dues
	if r.r.ReportSubmitDate.IsZero() {
		r.r.ReportSubmitDate = day
		dues = met(regulation.DutyReport, day)
	}
	r.r.UpdateTime = at.Now
	return report.copyToCity(copyID, at.Now), dues, nil
}

// checkPlanReceived: a report on a plan that the leading group does not have
// would be about nothing, and one that it has is not written again (art. 17).
func (r *Rectification) checkPlanReceived() error {
	if r.r.State == RectificationPlanning {
		return fault.Refuse(artPlan, "REPORT_BEFORE_PLAN")
	}
	return require(r.r.State, artPlan, rectificationState, RectificationRectifying)
}

// ReceiveReport records that the leading group has the report (art. 17).
func (r *Rectification) ReceiveReport(report *Report, now time.Time) error {
	if err := report.r.take(receive, reportState, now); err != nil {
		return err
	}
	return r.take(reportReceived, now)
}

// Close closes the case by a decision of the leading group that has an item for
// it (arts 5, 17); covered is what scheduling says of the decision. No case ends
// whose feedback the city never got (art. 11).
func (r *Rectification) Close(decision string, covered bool, f *Feedback, now time.Time) error {
	if err := require(r.r.State, artPlan, rectificationState, closeCase.from...); err != nil {
		return err
	}
	if err := f.checkCopied(); err != nil {
		return err
	}
	if !covered {
		return fault.Refuse(artDecision, "DECISION_DOES_NOT_COVER")
	}
	r.r.Decision, r.r.CloseDate = decision, workday.DateOf(now)
	return r.take(closeCase, now)
}

func (r *Rectification) take(m move[RectificationState], now time.Time) error {
	if err := m.apply(&r.r.State, artPlan, rectificationState); err != nil {
		return err
	}
	r.r.UpdateTime = now
	return nil
}
