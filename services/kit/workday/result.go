package workday

// Day is one step of a count: whether the day was worked and who says so.
type Day struct {
	Date    Date
	Weekend bool // a Saturday or Sunday
	Working bool
	// Suspended: the period stood still on it, so that it was not counted.
	Suspended bool
	Counted   int    // its number in the count, from 1; 0 if it was passed over
	Notice    string // the notice that speaks of the day; "" if it is an ordinary one
	Name      string // the holiday in that notice, e.g. 国庆节
	Settled   bool   // whether its notices are published, see Calendar.Settled
}

// Unusual reports whether the day is other than its weekday suggests: a weekday
// off or a weekend worked. Its Notice then says by what.
func (d Day) Unusual() bool { return d.Working == d.Weekend }

// Result is the outcome of a count with all that it rests on.
type Result struct {
	Date  Date // the day that the count ends on
	Start Date // the day of the event that it starts from
	Count int  // working days or months counted
	// Provisional: the count crosses a day that is not settled, because no
	// notice for its year is known yet; the date may still change.
	Provisional     bool
	CalendarVersion string
	// Days are the days that the count looked at, in its order: back in time
	// for a notice. The answer is made of nothing but them.
	Days []Day
}

func (r *Result) note(day Day) {
	r.Days = append(r.Days, day)
	r.Date = day.Date
	r.Provisional = r.Provisional || !day.Settled
}

func (r *Result) noteCounted(day Day) {
	if day.Working && !day.Suspended {
		r.Count++
		day.Counted = r.Count
	}
	r.note(day)
}

// Unusual returns the days of the count that need explaining.
func (r Result) Unusual() []Day {
	var out []Day
	for _, d := range r.Days {
		if d.Unusual() {
			out = append(out, d)
		}
	}
	return out
}
