package regulation

import (
	"fmt"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// ReasonNotExtendable is the refusal to extend or suspend what is counted back
// from another date; a value of xunshi.fault.v1.ErrorReason.
const ReasonNotExtendable = "OBLIGATION_NOT_EXTENDABLE"

// DutyName names what a body owes by a day.
type DutyName string

// Duty is what one body owes by a day that the law sets or a plan names.
type Duty struct {
	Name    DutyName
	Obligor Body
	Clock   ClockName // the period that is counted; "" where the day is planned
	Ladder  LadderName
	Article string
	// Soft is for a planned day; a counted one is as soft as its period.
	Soft    bool
	Comment string
}

// LadderName names a ladder.
type LadderName string

// Obligor stands in a ladder for the body that owes the duty.
const Obligor Body = "obligor"

// Rung is a reminder before the due day, and whom it tells.
type Rung struct {
	Before int // in the unit of the ladder; 0 is the day itself
	To     []Body
}

// Ladder says who is reminded when (逐级提醒). It never ends while the duty is not
// met: behind the last rung follows another every so many working days.
type Ladder struct {
	Name    LadderName
	Unit    Unit   // of Before: working days or months
	Rungs   []Rung // from the earliest to the due day
	Yellow  int    // from this rung on the duty counts as close to its end
	Every   int    // working days between the rungs after the due day
	After   []Body // whom those tell
	Article string
	Comment string
}

// At gives the i-th rung from 0: how many units it lies before the due day (a
// negative offset), or how many working days after it, and whom it tells.
func (l Ladder) At(i int) (offset int, to []Body) {
	if i < len(l.Rungs) {
		return -l.Rungs[i].Before, l.Rungs[i].To
	}
	return (i - len(l.Rungs) + 1) * l.Every, l.After
}

// Adjustment is what decisions have made of a period (art. 5).
type Adjustment struct {
	// Extension are further days: working days where the period is counted in
	// them, else days of the calendar.
	Extension int
	Suspended []workday.Span // each of them ended
}

// move is by how many days a period of calendar days or months ends later. A
// suspended day gives back a day if the period was running on it: one before the
// first day or after the end took nothing. last is what the period ends on with so
// many further days.
func (a Adjustment) move(first workday.Date, last func(days int) workday.Date) int {
	days := a.Extension
	for _, s := range a.Suspended {
		if s.From.Before(first) {
			s.From = first
		}
		if s.From.After(last(days)) {
			continue
		}
		days += s.Days(s.To)
		for s.Days(s.To) > 0 && !last(days).After(s.To) {
			days++ // it was stopped on a last day that had rolled: that day is given back too
		}
	}
	return days
}

// Duty returns a duty by its name.
func (rs *RuleSet) Duty(name DutyName) (Duty, error) {
	for _, d := range rs.Duties {
		if d.Name == name {
			return d, nil
		}
	}
	return Duty{}, rs.lacks("duty", string(name))
}

// Ladder returns a ladder by its name.
func (rs *RuleSet) Ladder(name LadderName) (Ladder, error) {
	for _, l := range rs.Ladders {
		if l.Name == name {
			return l, nil
		}
	}
	return Ladder{}, rs.lacks("ladder", string(name))
}

// DutyDue is when a duty is due that started on the given day. planned is the day
// of a duty that is not counted. A period that is counted back from another date
// cannot be adjusted: OBLIGATION_NOT_EXTENDABLE.
func (rs *RuleSet) DutyDue(name DutyName, cal *workday.Calendar, province string,
	start, planned workday.Date, by Adjustment,
) (Due, error) {
	duty, err := rs.Duty(name)
	if err != nil {
		return Due{}, err
	}
	if duty.Clock == "" {
		return rs.plannedDue(duty, cal, start, planned.AddDays(by.move(start, planned.AddDays)))
	}
	clock, err := rs.Clock(duty.Clock)
	if err != nil {
		return Due{}, err
	}
	if clock.Back && (by.Extension != 0 || len(by.Suspended) > 0) {
		return Due{}, fault.Refuse(clock.Article, ReasonNotExtendable)
	}
	p, err := rs.Parameter(clock.Period)
	if err != nil {
		return Due{}, err
	}
	n, err := rs.Number(clock.Period)
	if err != nil {
		return Due{}, err
	}
	return rs.count(clock, p, n, cal, province, start, by)
}

// KeepsAnnounced reports whether the announced day of a duty stands although the
// calendar would now have it earlier (count.recomputed_earlier). That of a period
// which is counted back does not: its working days belong to those who are to have
// them before the entry, and no later notice is lawful (art. 12(2)).
func (rs *RuleSet) KeepsAnnounced(name DutyName) (bool, error) {
	choice, err := rs.Choice(CountShorterLater)
	if err != nil {
		return false, err
	}
	duty, err := rs.Duty(name)
	if err != nil || duty.Clock == "" {
		return choice != FollowCalendar, err
	}
	clock, err := rs.Clock(duty.Clock)
	return choice != FollowCalendar && !clock.Back, err
}

// plannedDue is a day that a plan names; no calendar moves it.
func (rs *RuleSet) plannedDue(duty Duty, cal *workday.Calendar, start, day workday.Date) (Due, error) {
	v, err := rs.Convention()
	if err != nil {
		return Due{}, err
	}
	return Due{
		Date: day, Start: start, End: v.End(day), Soft: duty.Soft, Article: duty.Article,
		RuleSet: rs.ID, CalendarVersion: cal.Version(), Count: day.DaysSince(start), Unit: CalendarDays,
	}, nil
}

// validateDuties finds a duty whose clock or ladder is not there.
func (rs *RuleSet) validateDuties() []error {
	var errs []error
	for _, d := range rs.Duties {
		if d.Article == "" || d.Obligor == "" {
			errs = append(errs, fmt.Errorf("duty %s: no article or no obligor", d.Name))
		}
		if _, err := rs.Ladder(d.Ladder); err != nil {
			errs = append(errs, fmt.Errorf("duty %s: %w", d.Name, err))
		}
		if d.Clock == "" {
			continue
		}
		if _, err := rs.Clock(d.Clock); err != nil {
			errs = append(errs, fmt.Errorf("duty %s: %w", d.Name, err))
		}
	}
	for _, l := range rs.Ladders {
		errs = append(errs, l.validate()...)
	}
	return errs
}

func (l Ladder) validate() []error {
	var errs []error
	bad := func(why string) { errs = append(errs, fmt.Errorf("ladder %s: %s", l.Name, why)) }
	if l.Unit != WorkingDays && l.Unit != Months {
		bad("it counts neither working days nor months")
	}
	if len(l.Rungs) == 0 || l.Rungs[len(l.Rungs)-1].Before != 0 {
		bad("the last rung is not the due day")
	}
	for i, r := range l.Rungs {
		if len(r.To) == 0 || i > 0 && l.Rungs[i-1].Before <= r.Before {
			bad("a rung tells nobody, or is not later than the one before")
		}
	}
	if l.Every <= 0 || len(l.After) == 0 {
		bad("it falls silent after the due day")
	}
	return errs
}
