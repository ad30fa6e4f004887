package regulation

import (
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Due is a date that the law sets, with what it was computed from; on the wire
// it is a xunshi.regulation.v1.StatutoryDate.
type Due struct {
	Date            workday.Date
	Start           workday.Date // the day of the event that the count starts from
	End             time.Time    // the instant at which the period ends, 24:00 of Date
	Provisional     bool         // Date may change when a holiday notice is published
	Soft            bool         // "in principle": lateness is warned of
	Article         string
	RuleSet         string
	CalendarVersion string
	Clock           ClockName     // the period that was counted; "" for a planned day
	Count           int           // how many units were counted
	Unit            Unit          // what was counted
	Days            []workday.Day // the count, day by day
}

// Late reports whether something done at the given instant comes too late. On
// the stroke of 24:00 it is in time: a period includes its end (以内包括本数).
func (d Due) Late(at time.Time) bool { return at.After(d.End) }

// Convention returns how this rule set counts.
func (rs *RuleSet) Convention() (workday.Convention, error) {
	start, err := rs.Choice(CountStartDay)
	if err != nil {
		return workday.Convention{}, err
	}
	roll, err := rs.Choice(CountRoll)
	if err != nil {
		return workday.Convention{}, err
	}
	mode, err := rs.Choice(NoticeMode)
	if err != nil {
		return workday.Convention{}, err
	}
	hour, err := rs.Number(CountCutOff)
	if err != nil {
		return workday.Convention{}, err
	}
	v := workday.Convention{
		StartDay: workday.StartDay(start),
		Roll:     workday.Roll(roll),
		Notice:   workday.NoticeMode(mode),
		CutOff:   time.Duration(hour) * time.Hour,
	}
	return v, v.Validate()
}

// AnalysisDue is the day by which the analysis of a year's inspected counties is
// wanted (art. 14). It is a day of ours and not a counted period.
func (rs *RuleSet) AnalysisDue(year int) (workday.Date, error) {
	month, err := rs.Number(AnalysisDueMonth)
	if err != nil {
		return workday.Date{}, err
	}
	day, err := rs.Number(AnalysisDueDay)
	return workday.NewDate(year+1, time.Month(month), day), err
}

// Deadline counts a period of the rule set from the day of its event: the one way
// in which every date is counted, so that an explanation is the count itself.
func (rs *RuleSet) Deadline(name ClockName, cal *workday.Calendar, province string, start workday.Date) (Due, error) {
	clock, err := rs.Clock(name)
	if err != nil {
		return Due{}, err
	}
	p, err := rs.Parameter(clock.Period)
	if err != nil {
		return Due{}, err
	}
	n, err := rs.Number(clock.Period)
	if err != nil {
		return Due{}, err
	}
	return rs.count(clock, p, n, cal, province, start, Adjustment{})
}

// count counts n units of the parameter p, and what decisions added.
func (rs *RuleSet) count(clock Clock, p Parameter, n int, cal *workday.Calendar, province string,
	start workday.Date, by Adjustment,
) (Due, error) {
	v, err := rs.Convention()
	if err != nil {
		return Due{}, err
	}
	var r workday.Result
	switch {
	case clock.Back && p.Unit == WorkingDays:
		if p.Name != NoticePeriod { // notice.mode reads art. 12(2) and nothing else
			v.Notice = workday.BackFromEntry
		}
		r = cal.LatestNotice(province, start, n, v)
	case p.Unit == WorkingDays:
		n += by.Extension
		r = cal.AddWorkingDays(province, start, n, v, by.Suspended...)
	case p.Unit == Months:
		r = addMonths(cal, province, start, n, v, by)
	case p.Unit == Years:
		// A span of time in which a duty holds, not a deadline to meet: it
		// ends on its day, worked or not.
		v.Roll = workday.RollNone
		r = addMonths(cal, province, start, 12*n, v, by)
	default:
		cause := fmt.Errorf("rule set %s: clock %s cannot count %s", rs.ID, clock.Name, p.Unit)
		return Due{}, fault.New(fault.Internal, fault.ReasonInternal).Wrap(cause)
	}
	return Due{
		Date: r.Date, Start: start, End: v.End(r.Date),
		Provisional: r.Provisional, Soft: p.Soft,
		Article: clock.Article, RuleSet: rs.ID, CalendarVersion: r.CalendarVersion,
		Clock: clock.Name, Count: n, Unit: p.Unit, Days: r.Days,
	}, nil
}

func addMonths(cal *workday.Calendar, province string, start workday.Date, n int, v workday.Convention, by Adjustment) workday.Result {
	with := func(days int) workday.Result { return cal.AddMonths(province, start, n, v, days) }
	first := start.AddDays(1)
	if v.StartDay == workday.StartIncluded {
		first = start
	}
	return with(by.move(first, func(days int) workday.Date { return with(days).Date }))
}
