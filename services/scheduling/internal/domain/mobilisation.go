package domain

import (
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Reasons of refusal of the record of a mobilisation meeting (art. 15(2)).
const (
	ReasonCityLeaderNotAttending = "CITY_LEADER_NOT_ATTENDING"
	ReasonMeetingDate            = "MEETING_DATE_INVALID"
)

// MobilisationAttendee is a person at a mobilisation meeting.
type MobilisationAttendee struct {
	DisplayName     string
	Post            string
	CityLeadingBody bool // 市委领导班子成员
}

// MobilisationMeeting is the record of the meeting by which an inspection begins in its
// county (动员会议, art. 15(2)). It never changes, so it is a value.
type MobilisationMeeting struct {
	Province        string
	Inspection      string
	Date            workday.Date
	Attendees       []MobilisationAttendee
	NoCityCommittee bool
	CreateTime      time.Time
}

// Name is the resource name.
func (m MobilisationMeeting) Name() string {
	return InspectionName(m.Province, m.Inspection) + "/mobilisationMeeting"
}

// Mobilise records the meeting of a stay that has begun: a member of the city's leading
// body attended, or it is on record that there is no city (art. 15(2)). Which member the
// city sends is its own affair; the same one may attend in several counties on a day.
func (i *Inspection) Mobilise(m MobilisationMeeting, now time.Time) (MobilisationMeeting, error) {
	before := []InspectionState{InspectionPlanned, InspectionAuthorized, InspectionNoticed}
	if slices.Contains(before, i.r.State) {
		return MobilisationMeeting{}, fault.Refuse("15(2)", ReasonInspectionState, "verb", "mobilise", "state", string(i.r.State))
	}
	left := i.r.OnSiteEndDate
	if m.Date.Before(i.r.EntryDate) || m.Date.After(workday.DateOf(now)) || !left.IsZero() && m.Date.After(left) {
		return MobilisationMeeting{}, fault.Refuse("15(2)", ReasonMeetingDate, "date", m.Date.String())
	}
	leads := slices.ContainsFunc(m.Attendees, func(a MobilisationAttendee) bool { return a.CityLeadingBody })
	if hasCity := i.r.City != ""; leads != hasCity || m.NoCityCommittee == hasCity {
		return MobilisationMeeting{}, fault.Refuse("15(2)", ReasonCityLeaderNotAttending)
	}
	m.Province, m.Inspection, m.CreateTime = i.r.Province, i.r.ID, now
	return m, nil
}
