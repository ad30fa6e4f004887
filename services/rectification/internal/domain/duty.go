package domain

import (
	"slices"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Dues is what an event does to the statutory dates of a feedback or of a case. The
// dates themselves are kept in the docket, and nowhere else.
type Dues struct {
	Met []Met
	// Counted are counted from the day of the event: opened, or counted anew where
	// one runs already. Whose they are, their subject, is for the caller to name.
	Counted []obligation.Opening
}

// Met is a duty that was met.
type Met struct {
	Duty regulation.DutyName
	On   workday.Date // zero for the legal day of the event
}

func met(duty regulation.DutyName, on workday.Date) Dues { return Dues{Met: []Met{{duty, on}}} }

func (p Place) ofObligation() obligation.Place {
	return obligation.Place{Province: p.Province, City: p.City, County: p.County, Inspection: p.Inspection}
}

// agreedDues: once the leading group agreed, the group gives the feedback promptly
// (应当及时, art. 11): from the day of its decision, whenever that is recorded here.
// Neither county nor city knows that one is coming.
func (f *Feedback) agreedDues(agreed workday.Date) Dues {
	return Dues{Counted: []obligation.Opening{{
		Duty: regulation.DutyFeedback, Place: f.r.Place.ofObligation(), Start: agreed,
	}}}
}

// receivedDues: the county owes its plan from the day of its receipt (art. 17), and
// the city learns of it with the copy. The duty is the leading body's, so that body's own
// receipt counts; where the rule set has the first receipt by anybody count, that of the
// principal does if it was earlier.
func (d *Delivery) receivedDues(received workday.Date, rules *regulation.RuleSet) (Dues, error) {
	clock, err := rules.Clock(regulation.PlanClock)
	if err != nil {
		return Dues{}, err
	}
	if told := d.r.PrincipalDate; clock.Starts == regulation.FeedbackFirstReceived && !told.IsZero() && told.Before(received) {
		received = told
	}
	return Dues{Counted: []obligation.Opening{{
		Duty: regulation.DutyPlan, Place: d.r.Place.ofObligation(), Start: received, CountySees: true,
	}}}, nil
}

// AnswerDues: the county owes its answer from the day that it signed for the notice
// (及时进行整改, art. 9). The city never learns of it.
func (d *Delivery) AnswerDues() Dues {
	return Dues{Counted: []obligation.Opening{{
		Duty: regulation.DutyImmediate, Place: d.r.Place.ofObligation(), Start: workday.DateOf(d.r.ReceiveTime), CountySees: true,
	}}}
}

// copyDues: the office owes the city its copy (抄送该市委, art. 11), if there is one.
func (d *Delivery) copyDues(received workday.Date) Dues {
	if !d.r.Place.HasCity() {
		return Dues{}
	}
	return Dues{Counted: []obligation.Opening{{
		Duty: regulation.DutyFeedbackCopy, Place: d.r.Place.ofObligation(), Start: received,
	}}}
}

// reportClock starts the six months of the report if one of the events is that
// which starts them. Which one 整改方案报送之日 means is a parameter of the rule set; by
// default it is the first complete submission, which a return neither stops nor
// restarts. Later submissions count anew where the rule set says so.
func (r *Rectification) reportClock(at obligation.Moment, from workday.Date, events ...regulation.Event) (Dues, error) {
	clock, err := at.Rules.Clock(regulation.ReportClock)
	if err != nil || !slices.Contains(events, clock.Starts) {
		return Dues{}, err
	}
	r.r.UpdateTime = at.Now
	return Dues{Counted: []obligation.Opening{{
		Duty: regulation.DutyReport, Place: r.r.Place.ofObligation(), Start: from,
		CountySees: true, CitySees: r.r.CityMaySee,
	}}}, nil
}

// PlanOverdue: while a late plan is missing, the six months of the report run from
// the day that the plan was due, so that silence gains no time (art. 17). The plan,
// when it comes, counts them from its own, later day. Who may know of the one may
// know of the other.
func PlanOverdue(plan obligation.Record, at obligation.Moment) (Dues, error) {
	from, err := at.Rules.Choice(regulation.ReportLatePlanStart)
	if err != nil || from != regulation.PlanDateOrDueDay {
		return Dues{}, err
	}
	return Dues{Counted: []obligation.Opening{{
		Duty: regulation.DutyReport, Place: plan.Place, Start: plan.Due,
		CountySees: plan.CountySees, CitySees: plan.CitySees,
	}}}, nil
}
