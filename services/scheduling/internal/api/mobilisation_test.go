package api_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

func (w *world) mobilise(token string, i *schedulingv1.Inspection, cityLeader bool) (*schedulingv1.MobilisationMeeting, error) {
	return schedulingv1.NewMobilisationMeetingServiceClient(w.edge()).RecordMobilisationMeeting(w.as(token), &schedulingv1.RecordMobilisationMeetingRequest{
		Name: i.GetName() + "/mobilisationMeeting", RequestId: requestID(), MobilisationMeeting: &schedulingv1.MobilisationMeeting{
			MeetingDate: day(w.t, "2026-03-02"), Attendees: []*schedulingv1.MobilisationAttendee{
				{DisplayName: "王", Post: "县委书记"}, {DisplayName: "孙", Post: "市委常委", CityLeadingBody: cityLeader},
			},
		},
	})
}

// TestArt15TheSamePersonAttendsThreeCountiesInOneDay: the law names no limit; each
// meeting is recorded once, by office or group, and nobody outside reads it.
func TestArt15TheSamePersonAttendsThreeCountiesInOneDay(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	groups := []*schedulingv1.InspectionGroup{s.group, w.form("二组", "zhao"), w.form("三组", "qian")}
	list := w.onSite(s, func(n int) *schedulingv1.InspectionGroup { return groups[n] },
		jinjiang, sichuan+"/counties/510105", sichuan+"/counties/510106")
	_, err := w.mobilise(leader, list[0], false)
	if f := refused(t, err, "CITY_LEADER_NOT_ATTENDING"); f.Meta["article"] != "15(2)" {
		t.Errorf("metadata %v", f.Meta)
	}
	for _, token := range []string{city, county, liaison, leading, province} {
		_, err := w.mobilise(token, list[0], true)
		refused(t, err, "METHOD_NOT_GRANTED")
	}
	_, err = w.mobilise(stranger, list[0], true)
	refused(t, err, "NOT_FOUND")
	first := do(w.mobilise(leader, list[0], true))(t)
	do(w.mobilise(stranger, list[1], true))(t)
	do(w.mobilise(office, list[2], true))(t)
	_, err = w.mobilise(office, list[0], true)
	if f := refused(t, err, "ALREADY_EXISTS"); f.Meta["article"] != "15(2)" {
		t.Errorf("metadata %v", f.Meta)
	}
	read := func(token string) (*schedulingv1.MobilisationMeeting, error) {
		return schedulingv1.NewMobilisationMeetingServiceClient(w.edge()).GetMobilisationMeeting(w.as(token),
			&schedulingv1.GetMobilisationMeetingRequest{Name: first.GetName()})
	}
	for _, token := range []string{office, leading, leader, member} {
		if got := do(read(token))(t); !proto.Equal(got, first) {
			t.Errorf("%s reads %v, recorded %v", token, got, first)
		}
	}
	_, err = read(stranger)
	refused(t, err, "NOT_FOUND")
	for _, token := range []string{city, county, liaison} {
		_, err := read(token)
		refused(t, err, "METHOD_NOT_GRANTED")
	}
	for constraint, statement := range map[string]string{
		"mobilisation_meeting_city_leader": `UPDATE mobilisation_meeting SET attendees = '[{"city_leading_body": false}]'`,
		"mobilisation_meeting_pkey":        `INSERT INTO mobilisation_meeting SELECT * FROM mobilisation_meeting`,
	} {
		if _, err := w.db.Admin(t).Exec(statement); err == nil || !strings.Contains(err.Error(), constraint) {
			t.Errorf("%s: %v", constraint, err)
		}
	}
}
