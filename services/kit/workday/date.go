package workday

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a legal day: a day of the civil calendar in Asia/Shanghai, which all
// of China keeps, Xinjiang included. The zero Date is no day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// shanghai is a fixed zone: China has had no summer time since 1991, and a
// fixed zone needs no time zone database on the machine.
func shanghai() *time.Location {
	return time.FixedZone("Asia/Shanghai", 8*60*60)
}

// NewDate returns the given day; like time.Date it carries overflow, so that
// 31 November is 1 December.
func NewDate(year int, month time.Month, day int) Date {
	return civil(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the legal day on which t falls.
func DateOf(t time.Time) Date {
	return civil(t.In(shanghai()))
}

// ParseDate reads a date written as 2012-09-03, and no other way.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q is not of the form 2012-09-03: %w", s, err)
	}
	if t.Year() < 1 {
		return Date{}, fmt.Errorf("date %q has no year", s)
	}
	return civil(t), nil
}

// String writes the date as 2012-09-03.
func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// IsZero reports whether d is no day at all.
func (d Date) IsZero() bool { return d == Date{} }

// Valid reports whether d is a day of the calendar in the years 1 to 9999.
func (d Date) Valid() bool {
	return d.Year >= 1 && d.Year <= 9999 && d == NewDate(d.Year, d.Month, d.Day)
}

// AddDays returns the day n calendar days later, or earlier if n is negative.
func (d Date) AddDays(n int) Date {
	return NewDate(d.Year, d.Month, d.Day+n)
}

// DaysSince returns the number of calendar days from e to d.
func (d Date) DaysSince(e Date) int {
	return int(d.utc().Sub(e.utc()) / (24 * time.Hour))
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Compare orders dates by time: -1 if d is before e, 0 if equal, +1 if after.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is a later day than e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// Time returns the instant at which the day begins, 00:00 in Asia/Shanghai.
func (d Date) Time() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, shanghai())
}

// End returns the instant at which the day ends, 24:00 in Asia/Shanghai.
func (d Date) End() time.Time { return d.Time().Add(24 * time.Hour) }

func (d Date) utc() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

func civil(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}
