package workday

// Span is a run of days, both ends included. The zero To means that it has not
// ended yet.
type Span struct {
	From, To Date
}

// Contains reports whether d is one of its days.
func (s Span) Contains(d Date) bool {
	return !d.Before(s.From) && (s.To.IsZero() || !d.After(s.To))
}

// Days is how many days of the calendar it has up to the end of the given day.
func (s Span) Days(until Date) int {
	if !s.To.IsZero() && s.To.Before(until) {
		until = s.To
	}
	return max(0, until.DaysSince(s.From)+1)
}
