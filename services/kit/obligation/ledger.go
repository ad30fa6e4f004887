package obligation

import (
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Ledger is the account of a period. At every instant Consumed + Remaining = Budget.
type Ledger struct {
	Unit          regulation.Unit // WorkingDays or CalendarDays
	Budget        int             // the whole period with its extensions
	Consumed      int             // what has passed of it by the end of the day, suspended days apart
	Remaining     int
	Extension     int
	SuspendedDays int // days of the calendar
}

// Ledger gives the account on a day. What is overdue has used its whole budget; a
// period that is counted back has used it when its day comes.
func (o *Obligation) Ledger(at Moment, today workday.Date) (Ledger, error) {
	due, err := o.Count(at)
	if err != nil {
		return Ledger{}, err
	}
	l := Ledger{Unit: regulation.CalendarDays, Extension: o.r.Extension}
	for _, s := range o.r.Suspensions {
		l.SuspendedDays += s.Days(today)
	}
	if !o.r.SatisfyDate.IsZero() && o.r.SatisfyDate.Before(today) {
		today = o.r.SatisfyDate
	}
	if due.Unit == regulation.WorkingDays && !due.Date.Before(due.Start) {
		l.Unit, l.Budget = regulation.WorkingDays, due.Count
		for _, day := range due.Days {
			if day.Counted > 0 && !day.Date.After(today) && !o.suspendedOn(day.Date) {
				l.Consumed++
			}
		}
	} else {
		first, last := due.Start, due.Date
		if last.Before(first) {
			first = workday.DateOf(o.r.CreateTime) // counted back: from when it was opened
		}
		l.Budget = max(0, last.DaysSince(first)-o.suspendedDays(first, last, o.ended()))
		passed := max(0, today.DaysSince(first)) - o.suspendedDays(first, today, o.r.Suspensions)
		l.Consumed = min(l.Budget, max(0, passed))
	}
	l.Remaining = l.Budget - l.Consumed
	return l, nil
}

func (o *Obligation) suspendedOn(d workday.Date) bool {
	for _, s := range o.r.Suspensions {
		if s.Contains(d) {
			return true
		}
	}
	return false
}

// suspendedDays counts the days of the spans that lie after from and up to until.
func (o *Obligation) suspendedDays(from, until workday.Date, spans []workday.Span) int {
	n := 0
	for _, s := range spans {
		if !s.From.After(from) {
			s.From = from.AddDays(1)
		}
		n += s.Days(until)
	}
	return n
}
