package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Reasons of refusal about holiday notices.
const (
	ReasonHolidayNoticeInvalid  = "HOLIDAY_NOTICE_INVALID"
	ReasonHolidayNoticeState    = "HOLIDAY_NOTICE_STATE_INVALID"
	ReasonHolidayNoticeOutdated = "HOLIDAY_NOTICE_OUTDATED"
	ReasonNoticeSamePerson      = "NOTICE_SAME_PERSON"
)

// CalendarArticles are those whose periods rest on the calendar.
const CalendarArticles = "5, 12(2), 17"

// HolidayScope says whose days a notice arranges.
type HolidayScope string

// The scopes.
const (
	NationalHolidays   HolidayScope = "NATIONAL"
	ProvincialHolidays HolidayScope = "PROVINCIAL"
)

// HolidayNoticeState says where a notice stands.
type HolidayNoticeState string

// The states of a holiday notice.
const (
	HolidayNoticeProposed  HolidayNoticeState = "PROPOSED"
	HolidayNoticeActive    HolidayNoticeState = "ACTIVE"
	HolidayNoticeDiscarded HolidayNoticeState = "DISCARDED"
)

// HolidayNoticeStates lists the states in their order.
func HolidayNoticeStates() []HolidayNoticeState {
	return []HolidayNoticeState{HolidayNoticeProposed, HolidayNoticeActive, HolidayNoticeDiscarded}
}

// HolidayDay is what a notice says of one day.
type HolidayDay struct {
	Date    workday.Date
	Working bool
	Holiday string
}

// HolidayNoticeText is what was published.
type HolidayNoticeText struct {
	Number      string
	Scope       HolidayScope
	PublishDate workday.Date
	Source      string
	Days        []HolidayDay
}

// Calendar gives the text as a calendar of the province takes it.
func (t HolidayNoticeText) Calendar(province string) (workday.Notice, []workday.Fact) {
	n := workday.Notice{ID: t.Number, Published: t.PublishDate, Source: t.Source}
	if t.Scope == ProvincialHolidays {
		n.Province = province
	}
	facts := make([]workday.Fact, 0, len(t.Days))
	for _, d := range t.Days {
		facts = append(facts, workday.Fact{Notice: t.Number, Date: d.Date, Working: d.Working, Name: d.Holiday})
	}
	return n, facts
}

// NoticeMove is an obligation that a notice would move.
type NoticeMove struct {
	Obligation          string // resource name
	Duty                string
	Article             string
	Obligor             string // the party
	ObligorJurisdiction string
	County              string // resource name; empty where it is about none
	Before, After       workday.Date
}

// DryRun is what a notice would move in the three services.
type DryRun struct {
	CalendarVersion string // of the calendar that it was compared with
	Examined        int    // running obligations
	Moves           []NoticeMove
}

// count counts the moves to a later and to an earlier day.
func (d DryRun) count() (later, earlier int) {
	for _, m := range d.Moves {
		switch {
		case m.After.After(m.Before):
			later++
		case m.After.Before(m.Before):
			earlier++
		}
	}
	return later, earlier
}

// HolidayNoticeRecord is what is known of a holiday notice.
type HolidayNoticeRecord struct {
	HolidayNoticeText
	Province        string
	ID              string
	State           HolidayNoticeState
	Proposer        string // the person
	Activator       string // the other person; "" until active
	Examined        int    // by the dry run: running obligations,
	Later           int    // those that would move later,
	Earlier         int    // and those that would move earlier
	CalendarVersion string // of the dry run
	CreateTime      time.Time
	UpdateTime      time.Time
	ActivateTime    time.Time // zero until active
	Version         int64
}

// Name is the resource name.
func (r HolidayNoticeRecord) Name() string { return HolidayNoticeName(r.Province, r.ID) }

// HolidayNotice is a holiday notice on its way into the calendar of a province
// (节假日安排). It moves dates that bodies were told, so two persons bring it in: one
// imports it, another sees what it would move and activates it.
type HolidayNotice struct {
	r HolidayNoticeRecord
}

// ProposeHolidayNotice records a notice with what its dry run found.
func ProposeHolidayNotice(province, id, person string, text HolidayNoticeText, run DryRun, now time.Time) *HolidayNotice {
	later, earlier := run.count()
	return &HolidayNotice{HolidayNoticeRecord{
		HolidayNoticeText: text, Province: province, ID: id, State: HolidayNoticeProposed, Proposer: person,
		Examined: run.Examined, Later: later, Earlier: earlier, CalendarVersion: run.CalendarVersion,
		CreateTime: now, UpdateTime: now, Version: 1,
	}}
}

// RehydrateHolidayNotice makes a notice of a stored record; for the store only.
func RehydrateHolidayNotice(r HolidayNoticeRecord) *HolidayNotice { return &HolidayNotice{r} }

// Record gives a copy of what is known.
func (n *HolidayNotice) Record() HolidayNoticeRecord { return n.r }

// Saved counts the version up; for the store only, after it wrote the record.
func (n *HolidayNotice) Saved() { n.r.Version++ }

func (n *HolidayNotice) requireProposed() error {
	if n.r.State != HolidayNoticeProposed {
		return fault.Refuse(CalendarArticles, ReasonHolidayNoticeState, "state", string(n.r.State))
	}
	return nil
}

// Activate makes dates be counted by the notice. It takes another person than the
// one who imported it, whatever body either acts for; and what that person saw must
// still hold, so that no other notice may have come in since the dry run. current is
// the version of the calendar now in force.
func (n *HolidayNotice) Activate(person, current string, now time.Time) error {
	if err := n.requireProposed(); err != nil {
		return err
	}
	if person == n.r.Proposer {
		return fault.Refuse(CalendarArticles, ReasonNoticeSamePerson)
	}
	if current != n.r.CalendarVersion {
		return fault.Refuse(CalendarArticles, ReasonHolidayNoticeOutdated,
			"calendar_version", n.r.CalendarVersion, "current_version", current)
	}
	n.r.State, n.r.Activator, n.r.ActivateTime, n.r.UpdateTime = HolidayNoticeActive, person, now, now
	return nil
}

// Discard withdraws a notice that is not active. An active one is not withdrawn but
// corrected by a later notice, as the State Council itself does.
func (n *HolidayNotice) Discard(now time.Time) error {
	if err := n.requireProposed(); err != nil {
		return err
	}
	n.r.State, n.r.UpdateTime = HolidayNoticeDiscarded, now
	return nil
}
