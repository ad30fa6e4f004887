package obligation

import (
	"fmt"
	"slices"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Reasons of refusal; values of xunshi.fault.v1.ErrorReason.
const (
	ReasonState      = "OBLIGATION_STATE_INVALID"
	ReasonNotShorter = "OBLIGATION_NOT_SHORTER"
	// ReasonNoSuspension is for a rule set that an interpretation has closed to it.
	ReasonNoSuspension = "OBLIGATION_SUSPENSION_EXCLUDED"
)

// artDecision: only the leading group moves a date (art. 5).
const artDecision = "5"

// move is a lawful step and the states it starts from.
type move struct {
	from    []State
	article string // "" for that of the obligation
}

// moves are data, so that a test can hold them against all states.
func moves() map[string]move {
	running := []State{Open, Suspended}
	return map[string]move{
		"meet":      {running, ""},
		"cancel":    {running, ""},
		"restart":   {running, ""},
		"recompute": {[]State{Open}, ""},
		"show":      {States(), ""},
		"extend":    {[]State{Open}, artDecision},
		"extendTo":  {[]State{Open}, ""},
		"suspend":   {[]State{Open}, artDecision},
		"resume":    {[]State{Suspended}, artDecision},
		"shorten":   {[]State{Open}, artDecision},
	}
}

func (o *Obligation) check(verb string) error {
	m := moves()[verb]
	if slices.Contains(m.from, o.r.State) {
		return nil
	}
	article := m.article
	if article == "" {
		article = o.r.Article
	}
	return fault.Refuse(article, ReasonState, "verb", verb, "state", string(o.r.State))
}

// Meet records that it was met on a day, the legal day of the moment if on is
// zero; on the stroke of the cut-off it is in time (以内包括本数). One that has
// several addressees is met with the last of them.
func (o *Obligation) Meet(at Moment, on workday.Date) error {
	if err := o.check("meet"); err != nil {
		return err
	}
	if o.r.Awaiting > 1 {
		o.r.Awaiting--
		o.record(at, PartlyMet, "")
		return nil
	}
	if on.IsZero() {
		v, err := at.Rules.Convention()
		if err != nil {
			return err
		}
		on = at.Today()
		switch {
		case at.Now.Equal(v.End(o.r.Due)):
			on = o.r.Due
		case at.Now.After(v.End(on)): // after the cut-off it is of the next day
			on = on.AddDays(1)
		}
	}
	if o.r.State == Suspended { // the period stood still up to this day
		o.endSuspension(on)
		if err := o.compute(at); err != nil {
			return err
		}
		if err := o.settle(at); err != nil {
			return err
		}
	}
	o.r.Awaiting, o.r.SatisfyDate, o.r.Late = 0, on, on.After(o.r.Due)
	o.end(Satisfied)
	o.record(at, Met, "")
	return nil
}

// Cancel records that what it was about fell away.
func (o *Obligation) Cancel(at Moment, cause string) error {
	if err := o.check("cancel"); err != nil {
		return err
	}
	o.end(Cancelled)
	o.record(at, FellAway, cause)
	return nil
}

func (o *Obligation) end(s State) {
	o.r.State, o.r.RungDate = s, workday.Date{}
}

// Restart counts from another start event, or takes another planned day: the case
// itself moved, e.g. the entry that a notice is counted back from (arts 3, 12(2)),
// or the plan that came late (art. 17). The date that stands is the new one. An event
// of the case waits for nobody: it is recorded of a suspended period too, which is
// counted from it once it runs again.
func (o *Obligation) Restart(at Moment, start, planned workday.Date) error {
	if err := o.check("restart"); err != nil {
		return err
	}
	if start == o.r.Start && planned == o.r.Planned {
		return nil
	}
	o.r.Start, o.r.Planned = start, planned
	return o.newPeriod(at, Restarted, "")
}

// ShowToCity lets the city know of it from now on: what it is about was copied to
// the city (arts 11, 17).
func (o *Obligation) ShowToCity(at Moment) error {
	if o.r.CitySees || o.r.Place.City == "" {
		return nil
	}
	o.r.CitySees = true
	o.record(at, ShownToCity, "")
	return nil
}

// Show lets county and city know of it from now on: they were notified of what it
// is about (art. 12(2)).
func (o *Obligation) Show(at Moment) error {
	city := o.r.Place.City != ""
	if o.r.CountySees && o.r.CitySees == city {
		return nil
	}
	o.r.CountySees, o.r.CitySees = true, city
	o.record(at, Shown, "")
	return nil
}

// Recompute counts it by the calendar of the moment (重新计算). A later date stands
// from now on and is announced. An earlier one does not: a day that was announced
// is not taken away by a holiday notice, so the announced date stands until the
// leading group decides (count.recomputed_earlier; see regulation.KeepsAnnounced for
// what is counted back). It reports whether a date moved.
func (o *Obligation) Recompute(at Moment) (moved bool, err error) {
	if err := o.check("recompute"); err != nil {
		return false, err
	}
	before := o.r
	if err := o.compute(at); err != nil {
		return false, err
	}
	if err := o.settle(at); err != nil {
		return false, err
	}
	if o.r.Computed == before.Computed && o.r.Provisional == before.Provisional && o.r.Due == before.Due &&
		o.r.Calendar == before.Calendar {
		return false, nil
	}
	if err := o.moveLadder(at, before.Due); err != nil {
		return false, err
	}
	o.record(at, Recomputed, o.r.Calendar)
	switch {
	case o.r.Due != before.Due:
		o.tell(DateMoved, regulation.Obligor, regulation.CityCommittee, regulation.Office)
	case o.r.Computed.Before(o.r.Due) && o.r.Computed != before.Computed:
		o.tell(DateCouldShorten, regulation.Office, regulation.LeadingGroup)
	}
	return o.r.Computed != before.Computed || o.r.Due != before.Due, nil
}

// settle lets the computed date stand if it is not earlier than the announced one,
// or if nothing keeps that.
func (o *Obligation) settle(at Moment) error {
	keeps, err := at.Rules.KeepsAnnounced(o.r.Duty)
	if err != nil {
		return err
	}
	if o.r.Computed.After(o.r.Due) || !keeps {
		o.r.Due = o.r.Computed
	}
	return nil
}

// Extend adds days by a decision of the leading group (art. 5): working days where
// the period is counted in them, else days of the calendar.
func (o *Obligation) Extend(at Moment, days int, decision string) error {
	if err := o.check("extend"); err != nil {
		return err
	}
	o.r.Extension += days
	return o.newPeriod(at, Extended, decision)
}

// ExtendTo moves the end of a planned period to a later day, by a decision of the
// leading group (art. 3). Where decisions have moved it that far already, no day is
// added; that it was decided is recorded all the same.
func (o *Obligation) ExtendTo(at Moment, day workday.Date, decision string) error {
	if err := o.check("extendTo"); err != nil {
		return err
	}
	if o.r.Clock != "" {
		cause := fmt.Errorf("obligation %s of %s is counted and has no planned day", o.r.ID, o.r.Duty)
		return fault.New(fault.Internal, fault.ReasonInternal).Wrap(cause)
	}
	o.r.Extension += max(0, day.DaysSince(o.r.Computed))
	return o.newPeriod(at, Extended, decision)
}

// Suspend stops the period by a decision of the leading group: from today on no day
// counts and nobody is reminded (count.suspension).
func (o *Obligation) Suspend(at Moment, decision string) error {
	if err := o.check("suspend"); err != nil {
		return err
	}
	how, err := at.Rules.Choice(regulation.CountSuspension)
	if err != nil {
		return err
	}
	if how == regulation.NoSuspension {
		return fault.Refuse(artDecision, ReasonNoSuspension)
	}
	// Refuses at once what cannot be suspended.
	if _, err := at.Rules.DutyDue(o.r.Duty, at.Calendar, o.r.Place.Province, o.r.Start, o.r.Planned,
		regulation.Adjustment{Suspended: []workday.Span{{From: at.Today(), To: at.Today()}}}); err != nil {
		return err
	}
	o.r.Suspensions = append(slices.Clone(o.r.Suspensions), workday.Span{From: at.Today()})
	o.end(Suspended)
	o.record(at, SuspendedBy, decision)
	return nil
}

// Resume lets it run again by a decision; today counts again.
func (o *Obligation) Resume(at Moment, decision string) error {
	if err := o.check("resume"); err != nil {
		return err
	}
	o.endSuspension(at.Today())
	o.r.State = Open
	return o.newPeriod(at, ResumedBy, decision)
}

// endSuspension ends the one that runs; the given day counts again.
func (o *Obligation) endSuspension(day workday.Date) {
	spans := slices.Clone(o.r.Suspensions)
	spans[len(spans)-1].To = day.AddDays(-1)
	o.r.Suspensions = spans
}

// Shorten makes the earlier computed date the one that stands, by a decision and a
// new notice to the obligor (design.md promise 2).
func (o *Obligation) Shorten(at Moment, decision, document string) error {
	if err := o.check("shorten"); err != nil {
		return err
	}
	if !o.r.Computed.Before(o.r.Due) {
		return fault.Refuse(o.r.Article, ReasonNotShorter,
			"computed_date", o.r.Computed.String(), "announced_date", o.r.Due.String())
	}
	o.r.Due = o.r.Computed
	if err := o.startLadder(at); err != nil {
		return err
	}
	o.record(at, ShortenedBy, decision+" "+document)
	o.tell(DateMoved, regulation.Obligor, regulation.CityCommittee, regulation.Office)
	return nil
}

// newPeriod counts what was changed on purpose, and the reminders begin anew. Where
// the case itself moved, the result stands, earlier or later. A decision for more
// days takes none away, even if a holiday notice came in between.
func (o *Obligation) newPeriod(at Moment, kind ChangeKind, cause string) error {
	before := o.r.Due
	if err := o.compute(at); err != nil {
		return err
	}
	if kind == Restarted {
		o.r.Due = o.r.Computed
	} else if err := o.settle(at); err != nil {
		return err
	}
	if o.r.State == Open {
		if err := o.startLadder(at); err != nil {
			return err
		}
	}
	o.record(at, kind, cause)
	if o.r.Due != before {
		o.tell(DateMoved, regulation.Obligor, regulation.CityCommittee)
	}
	return nil
}
