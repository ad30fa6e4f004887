package domain

import (
	"slices"
	"testing"

	"github.com/xunshi/xunshi/services/kit/fault"
)

func attendees(cityLeader bool) []MobilisationAttendee {
	return []MobilisationAttendee{{"王", "县委书记", false}, {"孙", "市委常委", cityLeader}}
}

// TestArt15MobilisationInEveryState of the inspection: from the entry on.
func TestArt15MobilisationInEveryState(t *testing.T) {
	now := lawOn(t, "2026-03-10").Now
	for _, s := range InspectionStates() {
		r := task(t, s).Record()
		r.EntryDate = on(t, "2026-03-02")
		_, err := RehydrateInspection(r).Mobilise(MobilisationMeeting{Date: r.EntryDate, Attendees: attendees(true)}, now)
		before := slices.Contains([]InspectionState{InspectionPlanned, InspectionAuthorized, InspectionNoticed}, s)
		if f, ok := fault.As(err); before && (!ok || f.Reason != ReasonInspectionState || f.Meta["article"] != "15(2)") || !before && err != nil {
			t.Errorf("in %s: %v", s, err)
		}
	}
}

// TestArt15AttendeeIsNotALeadingBodyMember: then the meeting is not recorded; where there
// is no city, that is on record and nobody of one attends. The day is of the stay.
func TestArt15AttendeeIsNotALeadingBodyMember(t *testing.T) {
	now := lawOn(t, "2026-03-10").Now
	for _, tt := range []struct {
		name, city, date, reason string
		leader, none             bool
	}{
		{"a member", "510100", "2026-03-02", "", true, false},
		{"not a member", "510100", "2026-03-02", ReasonCityLeaderNotAttending, false, false},
		{"not applicable with a city", "510100", "2026-03-02", ReasonCityLeaderNotAttending, false, true},
		{"both", "510100", "2026-03-02", ReasonCityLeaderNotAttending, true, true},
		{"no city", "", "2026-03-02", "", false, true},
		{"no city, not on record", "", "2026-03-02", ReasonCityLeaderNotAttending, false, false},
		{"a member of a city that there is not", "", "2026-03-02", ReasonCityLeaderNotAttending, true, false},
		{"before the entry", "510100", "2026-03-01", ReasonMeetingDate, true, false},
		{"tomorrow", "510100", "2026-03-11", ReasonMeetingDate, true, false},
		{"after the stay", "510100", "2026-03-09", ReasonMeetingDate, true, false},
	} {
		r := task(t, InspectionOnSiteEnded).Record()
		r.City, r.EntryDate, r.OnSiteEndDate = tt.city, on(t, "2026-03-02"), on(t, "2026-03-08")
		_, err := RehydrateInspection(r).Mobilise(MobilisationMeeting{
			Date: on(t, tt.date), Attendees: attendees(tt.leader), NoCityCommittee: tt.none}, now)
		if f, ok := fault.As(err); tt.reason == "" && err != nil || tt.reason != "" && (!ok || f.Reason != tt.reason || f.Meta["article"] != "15(2)") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
