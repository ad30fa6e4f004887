package obligation

import (
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Moment is when a step is taken and by what its dates are counted.
type Moment struct {
	Now      time.Time
	Calendar *workday.Calendar   // as known at that instant
	Rules    *regulation.RuleSet // as pinned by the task
}

// Today is the legal day of the step.
func (m Moment) Today() workday.Date { return workday.DateOf(m.Now) }

// State says where an obligation stands, named like xunshi.obligation.v1.Obligation.State.
type State string

// The states.
const (
	Open      State = "OPEN"
	Suspended State = "SUSPENDED"
	Satisfied State = "SATISFIED"
	Cancelled State = "CANCELLED"
)

// States lists them in order.
func States() []State { return []State{Open, Suspended, Satisfied, Cancelled} }

// Place says of what an obligation is; its reader is found by it.
type Place struct {
	Province   string // two digits
	City       string // six digits; "" where no city supervises the county, or it is about none
	County     string // six digits; "" where it is about none
	Inspection string // id of the task; "" where it is about none
}

// Opening is what an event of a case knows about the obligation that it opens.
type Opening struct {
	ID      string
	Duty    regulation.DutyName
	Subject string // resource name of what it is about
	Place   Place
	Start   workday.Date // the day of the event
	Planned workday.Date // the due day of a duty that is planned and not counted
	// Addressees is how many have to be served before it is met; 0 stands for one.
	Addressees int
	// CountySees and CitySees say whether county and city may know of it. They do
	// not before the law has told them of what it is about.
	CountySees, CitySees bool
}

// Record is what is known of an obligation.
type Record struct {
	ID       string
	Duty     regulation.DutyName
	Article  string
	Obligor  regulation.Body
	Soft     bool
	Subject  string
	Place    Place
	RuleSet  string
	Clock    regulation.ClockName
	Start    workday.Date
	Planned  workday.Date
	Awaiting int // addressees not served yet

	Due         workday.Date // the one that stands: as announced to the obligor
	Computed    workday.Date // by the calendar of this version
	Provisional bool
	Calendar    string // version

	Extension   int
	Suspensions []workday.Span

	State                State
	SatisfyDate          workday.Date
	Late                 bool // of one that was met
	CountySees, CitySees bool

	Series     int          // of reminders; a decision on the period begins a new one
	NextRung   int          // index into the ladder
	RungDate   workday.Date // when it is climbed; zero while nothing runs
	YellowDate workday.Date

	Changes    int // how long the history is
	CreateTime time.Time
	UpdateTime time.Time
	Version    int64
}

// Obligation is what a body owes by a statutory date (时限事项).
type Obligation struct {
	r       Record
	changes []Change
	notices []Notice
}

// Rehydrate makes an obligation of a stored record; for the store only.
func Rehydrate(r Record) *Obligation { return &Obligation{r: r} }

// Record gives a copy of what is known.
func (o *Obligation) Record() Record {
	r := o.r
	r.Suspensions = slices.Clone(r.Suspensions)
	return r
}

// Saved forgets what the store has written; for the store only.
func (o *Obligation) Saved(version int64) {
	o.r.Version, o.changes, o.notices = version, nil, nil
}

// Changes are the entries of the history that are not stored yet.
func (o *Obligation) Changes() []Change { return slices.Clone(o.changes) }

// Notices are what bodies are to be told and not stored yet.
func (o *Obligation) Notices() []Notice { return slices.Clone(o.notices) }

// New opens an obligation by an event of its case.
func New(at Moment, in Opening) (*Obligation, error) {
	duty, err := at.Rules.Duty(in.Duty)
	if err != nil {
		return nil, err
	}
	o := &Obligation{r: Record{
		ID: in.ID, Duty: duty.Name, Article: duty.Article, Obligor: duty.Obligor, Subject: in.Subject,
		Place: in.Place, RuleSet: at.Rules.ID, Clock: duty.Clock, Start: in.Start, Planned: in.Planned,
		Awaiting: max(1, in.Addressees), State: Open, CountySees: in.CountySees, CitySees: in.CitySees,
		CreateTime: at.Now, Version: 1,
	}}
	if err := o.compute(at); err != nil {
		return nil, err
	}
	o.r.Due = o.r.Computed
	if err := o.startLadder(at); err != nil {
		return nil, err
	}
	o.record(at, Opened, "")
	return o, nil
}

// Count counts the period of the obligation by the law of the moment. A suspension
// that has not ended is left out.
func (o *Obligation) Count(at Moment) (regulation.Due, error) {
	return at.Rules.DutyDue(o.r.Duty, at.Calendar, o.r.Place.Province, o.r.Start, o.r.Planned,
		regulation.Adjustment{Extension: o.r.Extension, Suspended: o.ended()})
}

func (o *Obligation) ended() []workday.Span {
	return slices.DeleteFunc(slices.Clone(o.r.Suspensions), func(s workday.Span) bool { return s.To.IsZero() })
}

// compute counts the date anew and leaves the one that stands.
func (o *Obligation) compute(at Moment) error {
	due, err := o.Count(at)
	if err != nil {
		return err
	}
	o.r.Computed, o.r.Provisional, o.r.Calendar = due.Date, due.Provisional, due.CalendarVersion
	o.r.Article, o.r.Soft = due.Article, due.Soft
	return nil
}

// Overdue reports whether the day that stands has passed and it is not met.
func (o *Obligation) Overdue(today workday.Date) bool {
	return o.r.State == Open && today.After(o.r.Due)
}

// Color is a traffic colour.
type Color string

// The colours, named like xunshi.obligation.v1.Obligation.Color.
const (
	Green  Color = "GREEN"
	Yellow Color = "YELLOW"
	Red    Color = "RED"
)

// Color tells how close it is on a day; "" if it does not run.
func (o *Obligation) Color(today workday.Date) Color {
	switch {
	case o.r.State != Open:
		return ""
	case o.Overdue(today):
		return Red
	case !today.Before(o.r.YellowDate):
		return Yellow
	default:
		return Green
	}
}
