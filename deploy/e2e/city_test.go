package e2e_test

import (
	"testing"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// cityWorks has the city guide the county and direct a body of its own (art. 15(3), (4)),
// and the group assign something to its liaison body (art. 16).
func (l *life) cityWorks(t *testing.T) {
	t.Helper()
	city, leader := as(t, "clerk", "CITY_COMMITTEE", l.city), as(t, l.leader, "INSPECTION_GROUP", sichuan)
	must[*schedulingv1.MobilisationMeeting](t)(schedulingv1.NewMobilisationMeetingServiceClient(conn(t, "scheduling")).RecordMobilisationMeeting(leader,
		&schedulingv1.RecordMobilisationMeetingRequest{Name: l.inspection + "/mobilisationMeeting", RequestId: rid(),
			MobilisationMeeting: &schedulingv1.MobilisationMeeting{MeetingDate: day(2012, 10, 15), Attendees: []*schedulingv1.MobilisationAttendee{
				{DisplayName: "甲", Post: "市委常委", CityLeadingBody: true}}}}))
	r := conn(t, "rectification")
	l.guidance = must[*rectificationv1.CityGuidance](t)(rectificationv1.NewCityGuidanceServiceClient(r).CreateCityGuidance(city,
		&rectificationv1.CreateCityGuidanceRequest{Parent: l.rectification, RequestId: rid(), CityGuidance: &rectificationv1.CityGuidance{
			GuideDate: day(2012, 11, 13), Content: "请逐项制定措施", Signer: "市委常委"}})).Name
	l.measure = must[*rectificationv1.CityMeasure](t)(rectificationv1.NewCityMeasureServiceClient(r).CreateCityMeasure(city,
		&rectificationv1.CreateCityMeasureRequest{Parent: l.rectification, RequestId: rid(), CityMeasure: &rectificationv1.CityMeasure{
			Body: "市审计局", Description: "专项审计", ProblemNumbers: []int32{1}, DueDate: day(2013, 6, 30)}})).Name
	l.liaisonTask = must[*schedulingv1.LiaisonTask](t)(schedulingv1.NewLiaisonTaskServiceClient(conn(t, "scheduling")).CreateLiaisonTask(leader,
		&schedulingv1.CreateLiaisonTaskRequest{Parent: sichuan, RequestId: rid(), LiaisonTask: &schedulingv1.LiaisonTask{
			LiaisonBody: l.liaisonBody, Inspection: l.inspection, Title: "核实", Content: "核实整改", DueDate: day(2013, 6, 30)}})).Name
}
