package workday

import (
	"slices"
	"time"
)

// AddWorkingDays returns the n-th working day from start (自…之日起 n 个工作日内).
// With n less than one there is nothing to count and the result is start itself.
// Days on which the period was suspended (中止) are passed over.
func (c *Calendar) AddWorkingDays(province string, start Date, n int, v Convention, suspended ...Span) Result {
	return c.count(province, start, v.firstDay(start), +1, n, suspended)
}

// SubtractWorkingDays returns the n-th working day before end, end not counted.
func (c *Calendar) SubtractWorkingDays(province string, end Date, n int) Result {
	return c.count(province, end, end.AddDays(-1), -1, n, nil)
}

// LatestNotice returns the last day on which notice of an entry may be received
// (提前 n 个工作日). It is always a working day: notice that arrives on a day off
// is taken as received on the next working day.
func (c *Calendar) LatestNotice(province string, entry Date, n int, v Convention) Result {
	if v.Notice == ClearDays {
		n++ // the notice day itself comes on top of the n clear days
	}
	return c.SubtractWorkingDays(province, entry, n)
}

// NoticeDays returns how many working days ahead of the entry a notice was
// received: at least n of them exactly if it came by LatestNotice of n.
func (c *Calendar) NoticeDays(province string, received, entry Date, v Convention) Result {
	r := c.between(province, received, received, entry.AddDays(-1))
	if v.Notice == ClearDays {
		r.Count = max(0, r.Count-1)
	}
	return r
}

// WorkingDaysBetween counts the working days from start to end, end included:
// the n of AddWorkingDays that leads from start to end.
func (c *Calendar) WorkingDaysBetween(province string, start, end Date, v Convention) Result {
	return c.between(province, start, v.firstDay(start), end)
}

// AddMonths returns the last day of a period of n months (Civil Code art. 202):
// the day with the same number, or the last day of a month that has no such day;
// rolled on if the convention says so and it is off.
//
// further are days of the calendar on top of the months, by which a decision has
// extended the period or a suspension has stopped it.
func (c *Calendar) AddMonths(province string, start Date, n int, v Convention, further ...int) Result {
	r := c.result(start)
	last := correspondingDay(start, n)
	if v.StartDay == StartIncluded && last.Day == start.Day {
		last = last.AddDays(-1) // the day before the corresponding one, which the month has
	}
	for _, days := range further {
		last = last.AddDays(days)
	}
	day := c.Day(province, last)
	r.note(day)
	for v.Roll == RollForward && !day.Working {
		day = c.Day(province, day.Date.AddDays(1))
		r.note(day)
	}
	r.Count = n
	if v.Roll == RollNone {
		r.Provisional = false // no notice can move it
	}
	return r
}

func correspondingDay(d Date, months int) Date {
	monthEnd := NewDate(d.Year, d.Month+time.Month(months)+1, 0)
	return Date{Year: monthEnd.Year, Month: monthEnd.Month, Day: min(d.Day, monthEnd.Day)}
}

// count walks from first, a day at a time, to the n-th working day. Every
// suspension must have ended, or the walk would not.
func (c *Calendar) count(province string, start, first Date, step, n int, suspended []Span) Result {
	r := c.result(start)
	for d := first; r.Count < n; d = d.AddDays(step) {
		day := c.Day(province, d)
		day.Suspended = slices.ContainsFunc(suspended, func(s Span) bool { return s.Contains(d) })
		r.noteCounted(day)
	}
	return r
}

// between walks from first to last and counts the working days on the way.
func (c *Calendar) between(province string, start, first, last Date) Result {
	r := c.result(start)
	for d := first; !d.After(last); d = d.AddDays(1) {
		r.noteCounted(c.Day(province, d))
	}
	return r
}

func (c *Calendar) result(start Date) Result {
	return Result{Date: start, Start: start, CalendarVersion: c.Version()}
}
