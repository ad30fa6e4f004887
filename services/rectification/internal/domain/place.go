package domain

import "github.com/xunshi/xunshi/services/kit/workday"

// Place says which inspection of which county an object is about. Every object
// carries a copy, so that each rule of visibility is one comparison.
type Place struct {
	Province   string // two digits of GB/T 2260
	City       string // six digits; empty where no city committee supervises the county (domain.md §6.3)
	County     string // six digits
	Inspection string // id of the task
}

// HasCity reports whether a city committee supervises the county, so that the
// duties towards it apply.
func (p Place) HasCity() bool { return p.City != "" }

// Task is an inspection for which a group was authorised (一次一授权).
type Task struct {
	Place      Place
	CountyName string
	RuleSet    string // pinned when the group was authorised
	EntryDate  workday.Date
	EndDate    workday.Date // last day on site
	Leader     string       // of the group, by name, also when that is dissolved; empty where not known
}

// OnSite reports whether the group has entered and not left.
func (t Task) OnSite(today workday.Date) bool {
	return !t.EntryDate.IsZero() && !today.Before(t.EntryDate) && t.EndDate.IsZero()
}

// Enter records the day of entry, once: the first announcement stands.
func (t *Task) Enter(day workday.Date) {
	if t.EntryDate.IsZero() {
		t.EntryDate = day
	}
}

// EndStay records the last day on site, once (art. 3).
func (t *Task) EndStay(day workday.Date) {
	if t.EndDate.IsZero() {
		t.EndDate = day
	}
}

// Member is a person of the task's group.
type Member struct {
	Subject, Name string
	Leader        bool
}
