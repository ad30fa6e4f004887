package obligation

import (
	"slices"

	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// NoticeKind says why a body is told, named like xunshi.obligation.v1.Notification.Kind.
type NoticeKind string

// The kinds of notice.
const (
	Reminder         NoticeKind = "REMINDER"
	DueToday         NoticeKind = "DUE"
	OverdueNotice    NoticeKind = "OVERDUE"
	DateMoved        NoticeKind = "DATE_MOVED"
	DateCouldShorten NoticeKind = "DATE_COULD_SHORTEN"
)

// NoticeKinds lists them.
func NoticeKinds() []NoticeKind {
	return []NoticeKind{Reminder, DueToday, OverdueNotice, DateMoved, DateCouldShorten}
}

// Notice is what one body is to be told. Kind, Series, Rung, Change and To together
// are unique, so that a body is told of a thing once.
type Notice struct {
	Kind   NoticeKind
	Series int
	Rung   int // offset from the due day; 0 for a change
	Change int // number of the change that it tells of; 0 for a rung
	To     regulation.Body
	Due    workday.Date
}

// startLadder begins a new series at the first rung that is not in the past.
func (o *Obligation) startLadder(at Moment) error {
	ladder, err := o.ladder(at)
	if err != nil {
		return err
	}
	o.r.Series++
	for i, rung := range ladder.Rungs {
		day, err := o.offsetDate(at, ladder, -rung.Before)
		if err != nil {
			return err
		}
		if !day.Before(at.Today()) {
			o.r.NextRung = i
			return o.placeRung(at)
		}
	}
	// Overdue already, perhaps by years: a term of the past that is recorded late.
	passed := at.Calendar.WorkingDaysBetween(o.r.Place.Province, o.r.Due, at.Today().AddDays(-1), workday.CivilCode())
	o.r.NextRung = len(ladder.Rungs) + passed.Count/ladder.Every
	return o.placeRung(at)
}

// moveLadder lets the reminders follow a date that a calendar moved. Whoever was told
// that it is due, or overdue, is told anew, in a series of its own, where that rung
// lies ahead again: else the new day would pass in silence.
func (o *Obligation) moveLadder(at Moment, before workday.Date) error {
	if last := o.r.NextRung - 1; o.r.Due != before && last >= 0 {
		ladder, err := o.ladder(at)
		if err != nil {
			return err
		}
		offset, _ := ladder.At(last)
		day, err := o.offsetDate(at, ladder, offset)
		if err != nil {
			return err
		}
		if offset >= 0 && !day.Before(at.Today()) {
			return o.startLadder(at)
		}
	}
	return o.placeRung(at)
}

// placeRung says when the next rung is climbed, and from when it is close.
func (o *Obligation) placeRung(at Moment) (err error) {
	if o.r.RungDate, err = o.rungDate(at, o.r.NextRung); err != nil {
		return err
	}
	ladder, err := o.ladder(at)
	if err != nil {
		return err
	}
	o.r.YellowDate, err = o.offsetDate(at, ladder, -ladder.Yellow)
	return err
}

// Climb tells the bodies of every rung whose day has come. It is idempotent by its
// position in the ladder, which is stored with what it told.
func (o *Obligation) Climb(at Moment) error {
	ladder, err := o.ladder(at)
	if err != nil {
		return err
	}
	for o.r.State == Open && !o.r.RungDate.After(at.Today()) {
		offset, to := ladder.At(o.r.NextRung)
		kind := Reminder
		switch {
		case offset == 0:
			kind = DueToday
		case offset > 0:
			kind = OverdueNotice
		}
		for _, body := range o.audience(to) {
			o.notices = append(o.notices, Notice{Kind: kind, Series: o.r.Series, Rung: offset, To: body, Due: o.r.Due})
		}
		o.r.NextRung++
		if o.r.RungDate, err = o.rungDate(at, o.r.NextRung); err != nil {
			return err
		}
	}
	return nil
}

// tell makes a notice of the latest change.
func (o *Obligation) tell(kind NoticeKind, to ...regulation.Body) {
	for _, body := range o.audience(to) {
		o.notices = append(o.notices, Notice{Kind: kind, Series: o.r.Series, Change: o.r.Changes, To: body, Due: o.r.Due})
	}
}

// audience leaves out a body that there is not, or that may not know of it, and
// nobody is told twice.
func (o *Obligation) audience(bodies []regulation.Body) []regulation.Body {
	var out []regulation.Body
	for _, b := range bodies {
		if b == regulation.Obligor {
			b = o.r.Obligor
		}
		hidden := b == regulation.CityCommittee && (o.r.Place.City == "" || !o.r.CitySees) ||
			b == regulation.CountyBody && (o.r.Place.County == "" || !o.r.CountySees)
		if !hidden && !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}

func (o *Obligation) ladder(at Moment) (regulation.Ladder, error) {
	duty, err := at.Rules.Duty(o.r.Duty)
	if err != nil {
		return regulation.Ladder{}, err
	}
	return at.Rules.Ladder(duty.Ladder)
}

func (o *Obligation) rungDate(at Moment, i int) (workday.Date, error) {
	ladder, err := o.ladder(at)
	if err != nil {
		return workday.Date{}, err
	}
	offset, _ := ladder.At(i)
	return o.offsetDate(at, ladder, offset)
}

// offsetDate is the day so many units before or working days after the due day.
func (o *Obligation) offsetDate(at Moment, ladder regulation.Ladder, offset int) (workday.Date, error) {
	province := o.r.Place.Province
	switch {
	case offset > 0:
		return at.Calendar.AddWorkingDays(province, o.r.Due, offset, workday.CivilCode()).Date, nil
	case offset == 0:
		return o.r.Due, nil
	case ladder.Unit == regulation.Months:
		v := workday.CivilCode()
		v.Roll = workday.RollNone
		return at.Calendar.AddMonths(province, o.r.Due, offset, v).Date, nil
	default:
		return at.Calendar.SubtractWorkingDays(province, o.r.Due, -offset).Date, nil
	}
}
