package api_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

// member adds a member who does not lead to the group of a task, and gives the token.
func (w *world) member(k task) string {
	w.t.Helper()
	w.announce(k.inspection, 2, &eventv1.TaskMembershipChanged{Inspection: k.inspection, Members: []*eventv1.TaskMember{
		{Subject: "li", DisplayName: "组长", Leader: true}, {Subject: "qian", DisplayName: "成员"},
	}})
	return "INSPECTION_GROUP provinces/51 qian"
}

// TestArt11WordsAreConfirmedByLeaderOrOffice and by nobody else; what the county gets tells
// nothing of it.
func TestArt11WordsAreConfirmedByLeaderOrOffice(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	member := w.member(k)
	f := do(w.feedbacks.UpdateFeedback(w.as(member), reword(w.drafted(k), "信访工作薄弱")))(t)
	if len(f.GetWarnings()) != 1 || f.GetWarnings()[0].GetField() != "summary" || f.GetWarnings()[0].GetTerm() != "信访" {
		t.Errorf("warned of %v", f.GetWarnings())
	}
	_, err := w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(f))
	refused(t, err, "FEEDBACK_WARNING_UNCONFIRMED", "11")
	_, err = w.feedbacks.ConfirmFeedbackWarnings(w.as(member), confirmWarnings(f))
	refused(t, err, "NOT_GROUP_LEADER", "11")
	req := confirmWarnings(f)
	f = once(t, w, func() (*rectificationv1.Feedback, error) {
		return w.feedbacks.ConfirmFeedbackWarnings(w.as(k.group), req)
	})
	if one := f.GetWarnings()[0]; one.GetConfirmer() != "li" || one.GetReason() != "系工作领域名称" || one.GetConfirmTime() == nil {
		t.Errorf("confirmed as %v", one)
	}
	_, err = w.feedbacks.ConfirmFeedbackWarnings(w.as(office), confirmWarnings(f))
	refused(t, err, "NO_WARNING_TO_CONFIRM", "11")

	f = do(w.feedbacks.UpdateFeedback(w.as(k.group), reword(f, "线索不清")))(t)
	f = do(w.feedbacks.ConfirmFeedbackWarnings(w.as(office), confirmWarnings(f)))(t)
	f = do(w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(f)))(t)
	_, err = w.feedbacks.ConfirmFeedbackWarnings(w.as(office), confirmWarnings(f))
	refused(t, err, "FEEDBACK_STATE_INVALID", "11")
	f = do(w.feedbacks.RecordCityConsultation(w.as(k.group), w.consult(f)))(t)
	do(w.feedbacks.GiveFeedback(w.as(k.group), w.give(f)))(t)
	text := protojson.Format(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK))
	if strings.Contains(text, "系工作领域名称") || strings.Contains(text, "findings") {
		t.Errorf("the county reads %s", text)
	}
}

// TestArt11FeedbackNamesAnotherCounty: the group knows those of its own tasks (一托三), the
// office all that are inspected, so that it is warned of more.
func TestArt11FeedbackNamesAnotherCounty(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	w.named("510105", "青羊区", "li")
	w.named("510107", "武侯区", "zhao")
	f := do(w.feedbacks.UpdateFeedback(w.as(k.group), reword(w.drafted(k), "与青羊区、武侯区一样")))(t)
	if len(f.GetWarnings()) != 1 || f.GetWarnings()[0].GetTerm() != "青羊区" {
		t.Errorf("warned of %v", f.GetWarnings())
	}
	f = do(w.feedbacks.ConfirmFeedbackWarnings(w.as(k.group), confirmWarnings(f)))(t)
	_, err := w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(f))
	if got := refused(t, err, "FEEDBACK_WARNING_UNCONFIRMED", "11").Meta["warnings"]; got != "summary 武侯区" {
		t.Errorf("tells %q", got)
	}
	f = do(w.feedbacks.ConfirmFeedbackWarnings(w.as(office), confirmWarnings(f)))(t)
	if all := f.GetWarnings(); len(all) != 2 || all[0].GetConfirmer() != "li" || all[1].GetConfirmer() != "office" {
		t.Errorf("confirmed %v", all)
	}
	do(w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(f)))(t)
}

// named announces a task in a county of that name.
func (w *world) named(county, name, member string) {
	w.t.Helper()
	inspection := sichuan + "/inspections/" + uuid.NewString()
	w.announce(inspection, 1, &eventv1.TaskAuthorized{
		Inspection: inspection, County: sichuan + "/counties/" + county, CountyDisplayName: name, City: sichuan + "/cities/510100",
		Group: sichuan + "/inspectionGroups/" + uuid.NewString(), RuleSet: "CN-COUNTY-2012",
		Members: []*eventv1.TaskMember{{Subject: member, DisplayName: "组长", Leader: true}},
	})
}

// TestArt11SourcesAreFindingsOfTheReport: nothing else can be named, neither a lead nor a
// letter nor a paper, and what is named has to be agreed to.
func TestArt11SourcesAreFindingsOfTheReport(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	id := strings.TrimPrefix(k.inspection, sichuan+"/inspections/")
	file, one := sichuan+"/caseFiles/"+id, uuid.NewString()
	for _, name := range []string{
		file + "/petitions/" + one, file + "/leads/" + one, file + "/workingPapers/" + one, "x",
		sichuan + "/caseFiles/" + uuid.NewString() + "/findings/" + one, "provinces/33/caseFiles/" + id + "/findings/" + one,
	} {
		req := draft(k)
		req.Feedback.Sources = []*rectificationv1.ProblemSource{{Number: 2, Finding: name}}
		_, err := w.feedbacks.CreateFeedback(w.as(k.group), req)
		if got := refused(t, err, "FEEDBACK_SOURCE_INVALID", "11").Meta["number"]; got != "2" {
			t.Errorf("%s: tells %q", name, got)
		}
	}
	req := draft(k)
	req.Feedback.Sources = []*rectificationv1.ProblemSource{{Number: 2, Finding: file + "/findings/" + one}}
	f := do(w.feedbacks.CreateFeedback(w.as(k.group), req))(t)
	if got := f.GetSources(); len(got) != 1 || !proto.Equal(got[0], req.GetFeedback().GetSources()[0]) {
		t.Errorf("drawn from %v", got)
	}
	_, err := w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(f))
	refused(t, err, "FEEDBACK_SOURCE_INVALID", "11")
	w.peers.found(k.report, file+"/findings/"+one)
	do(w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(f)))(t)
}

// TestArt11ConsultationByPhoneOverTheWire is kept with its form and its record.
func TestArt11ConsultationByPhoneOverTheWire(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	req := w.consult(w.agreed(k))
	req.CityConsultation.Form = rectificationv1.CityConsultation_FORM_PHONE
	_, err := w.feedbacks.RecordCityConsultation(w.as(office), req)
	refused(t, err, "CONSULTATION_NOT_RECORDED", "11")
	req.CityConsultation.Record, req.RequestId = "市委办王主任，记录一份", requestID()
	f := do(w.feedbacks.RecordCityConsultation(w.as(office), req))(t)
	if !proto.Equal(f.GetCityConsultation(), req.GetCityConsultation()) {
		t.Errorf("recorded %v", f.GetCityConsultation())
	}
	give := w.give(f)
	give.Meeting.PrincipalDate = w.today()
	if f = do(w.feedbacks.GiveFeedback(w.as(k.group), give))(t); !proto.Equal(f.GetMeeting(), give.GetMeeting()) {
		t.Errorf("given at %v", f.GetMeeting())
	}
}

// TestArt15SamePersonAttendsThreeCountiesInOneDay is warned of and not refused: the text
// wants a member at each meeting and says no more. Two are usual, other days are others, and
// a group knows of its own tasks only.
func TestArt15SamePersonAttendsThreeCountiesInOneDay(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	first := w.given(w.jinjiang())
	second := w.given(w.authorize("510105", "510100", "zhao"))
	warned := func(token, name string) []*rectificationv1.AttendanceWarning {
		t.Helper()
		return do(w.feedbacks.GetFeedback(w.as(token), &rectificationv1.GetFeedbackRequest{Name: name}))(t).GetAttendanceWarnings()
	}
	if got := append(warned(office, first.GetName()), warned(office, second.GetName())...); len(got) != 0 {
		t.Errorf("two counties are warned of: %v", got)
	}
	w.given(w.authorize("510303", "510300", "qian")) // in another city there is another person of that name
	if got := warned(office, first.GetName()); len(got) != 0 {
		t.Errorf("another city counts: %v", got)
	}
	third := w.given(w.authorize("510107", "510100", "sun"))
	for _, name := range []string{first.GetName(), second.GetName(), third.GetName()} {
		for _, token := range []string{office, leading} {
			got := warned(token, name)
			if len(got) != 1 || got[0].GetDisplayName() != "张" || got[0].GetCountyCount() != 3 {
				t.Errorf("%s is warned of %v", token, got)
			}
		}
	}
	if got := warned("INSPECTION_GROUP provinces/51 sun", third.GetName()); len(got) != 0 {
		t.Errorf("the group learns of the meetings of others: %v", got)
	}
	for _, f := range w.list(office) {
		if f.GetCity() == sichuan+"/cities/510100" && len(f.GetAttendanceWarnings()) != 1 {
			t.Errorf("the list warns of %v", f)
		}
	}
	w.at("2024-02-27")
	if got := w.given(w.authorize("510108", "510100", "wu")); len(warned(office, got.GetName())) != 0 {
		t.Errorf("another day counts")
	}
}

// TestArt11TheClockMayStartWithThePrincipal: the tables take the day of the earlier receipt
// and no third one (art. 17).
func TestArt11TheClockMayStartWithThePrincipal(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	f := w.consulted(k)
	give := w.give(f)
	give.Meeting.PrincipalDate = w.today()
	do(w.feedbacks.GiveFeedback(w.as(k.group), give))(t)
	w.at("2024-02-28")
	do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK))))(t)
	if got := w.obligations(k.county); len(got) != 1 || got[0] != "RECTIFICATION_PLAN due 2024-04-11 OPEN" {
		t.Errorf("the county owes %v: by default its own receipt counts", got)
	}
	open := func(start string) string {
		return strings.Replace(copyObligation("RECTIFICATION_PLAN", "COUNTY_COMMITTEE"),
			"clock, start_date,", "clock, date '"+start+"',", 1)
	}
	cancel := "UPDATE obligation SET state = 'CANCELLED', rung_date = NULL, awaiting = 0, version = version + 1 WHERE duty = 'RECTIFICATION_PLAN'"
	if _, err := w.db.Admin(t).Exec(cancel); err != nil {
		t.Fatal(err)
	}
	w.mustTake(t, "received", write{"from the principal's day", k.county, open("2024-02-26")})
	w.mustTake(t, "received", write{"from its own", k.county, open("2024-02-28")})
	w.mustRefuse(t, "received", []write{
		{"from a day between", k.county, open("2024-02-27")}, {"from a later day", k.county, open("2024-02-29")},
	})
}
