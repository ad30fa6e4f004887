package api_test

import (
	"testing"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// TestArt11GatesAreRefusedInOrder over the wire, each with its reason and article.
func TestArt11GatesAreRefusedInOrder(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	f := w.drafted(k)
	_, err := w.feedbacks.CreateFeedback(w.as(k.group), draft(k))
	refused(t, err, "ALREADY_EXISTS", "")
	_, err = w.feedbacks.GiveFeedback(w.as(k.group), w.give(f))
	refused(t, err, "FEEDBACK_CITY_NOT_CONSULTED", "11")
	_, err = w.feedbacks.RecordCityConsultation(w.as(k.group), w.consult(f))
	refused(t, err, "FEEDBACK_STATE_INVALID", "11")

	f = do(w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(f)))(t)
	_, err = w.feedbacks.GiveFeedback(w.as(k.group), w.give(f))
	refused(t, err, "FEEDBACK_CITY_NOT_CONSULTED", "11")
	consult := w.consult(f)
	consult.CityConsultation = &rectificationv1.CityConsultation{
		NotApplicableReason: rectificationv1.NotApplicableReason_NOT_APPLICABLE_REASON_NO_CITY_COMMITTEE,
	}
	_, err = w.feedbacks.RecordCityConsultation(w.as(office), consult)
	refused(t, err, "CITY_CONSULTATION_REQUIRED", "11")

	f = do(w.feedbacks.RecordCityConsultation(w.as(k.group), w.consult(f)))(t)
	give := w.give(f)
	give.Meeting.Attendees = give.Meeting.Attendees[:1]
	_, err = w.feedbacks.GiveFeedback(w.as(k.group), give)
	refused(t, err, "CITY_LEADER_ABSENT", "15(2)")
	give = w.give(f)
	give.Meeting.MeetingDate = day(t, "2024-02-25")
	_, err = w.feedbacks.GiveFeedback(w.as(k.group), give)
	if got := refused(t, err, "DATE_OUT_OF_ORDER", "11").Meta["date"]; got != "2024-02-25" {
		t.Errorf("tells the date %q", got)
	}

	f = do(w.feedbacks.GiveFeedback(w.as(k.group), w.give(f)))(t)
	_, err = w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(f))
	refused(t, err, "FEEDBACK_STATE_INVALID", "11")
}

// TestArt11NoPlanIsReceivedBeforeTheCopy: the plan is submitted and passed on, but
// the leading group receives it only when the city has the feedback, or it is on
// record that there is no city.
func TestArt11NoPlanIsReceivedBeforeTheCopy(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	f, k := w.received(w.jinjiang())
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	_, err := w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k))
	if got := refused(t, err, "FEEDBACK_NOT_COPIED", "11").Meta["state"]; got != "RECEIVED" {
		t.Errorf("tells the state %q", got)
	}
	if n := len(w.itemsOf(k.county, k)); n != 0 {
		t.Errorf("%d items", n)
	}
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(f)))(t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)
}

// TestArt11AgreementIsAskedOfBothPeers: casefile knows the agreement, scheduling
// the decision, and neither is believed alone.
func TestArt11AgreementIsAskedOfBothPeers(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	f := w.drafted(k)
	other := sichuan + "/decisions/" + uuid.NewString()
	for _, tt := range []struct {
		name, reason string
		stage        func()
	}{
		{"report not known", "REPORT_NOT_AGREED", func() { w.peers.forget(k.report) }},
		{"not agreed", "REPORT_NOT_AGREED", func() { w.peers.report(k.report, k.inspection, "") }},
		{"decision not known", "REPORT_NOT_AGREED", func() { w.peers.report(k.report, k.inspection, other) }},
		{"decision on something else", "REPORT_NOT_AGREED", func() {
			w.peers.decide(other, schedulingv1.DecisionItem_KIND_CLOSE_RECTIFICATION, k.report)
		}},
		{"decision on another report", "REPORT_NOT_AGREED", func() {
			w.peers.decide(other, schedulingv1.DecisionItem_KIND_AGREE_REPORT, k.report+"x")
		}},
		{"report of another inspection", "INSPECTION_MISMATCH", func() {
			w.peers.report(k.report, sichuan+"/inspections/"+uuid.NewString(), k.decision)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.stage()
			_, err := w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(f))
			refused(t, err, tt.reason, "11")
		})
	}
	w.peers.report(k.report, k.inspection, k.decision)
	req := confirm(f)
	w.peers.fail(true)
	if _, err := w.feedbacks.ConfirmFeedbackAgreement(w.as(office), req); status.Code(err) != codes.Unavailable {
		t.Errorf("in an outage of the peers: %v", err)
	}
	w.peers.fail(false)
	f = do(w.feedbacks.ConfirmFeedbackAgreement(w.as(office), req))(t)
	if f.GetState() != rectificationv1.Feedback_STATE_AGREED || f.GetDecision() != k.decision {
		t.Errorf("an outage is no answer to keep: %v", f)
	}
}

// TestArt17PlanAndReportRefusals over the wire, with the list of what is wrong.
func TestArt17PlanAndReportRefusals(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	_, err := w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k))
	if got := refused(t, err, "PLAN_INCOMPLETE", "17").Meta["problems"]; got != "1, 2, 3" {
		t.Errorf("an empty plan lacks %q", got)
	}
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 3, 8}))))(t)
	_, err = w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k))
	refused(t, err, "PROBLEM_UNKNOWN", "17")
	_, err = w.reports.UpdateRectificationReport(w.as(k.county), w.writeReport(k, accounts(1)))
	refused(t, err, "REPORT_BEFORE_PLAN", "17")

	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	_, err = w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_RETURN, ""))
	refused(t, err, "OPINION_REQUIRED", "17")
	_, err = w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1})))
	refused(t, err, "PLAN_STATE_INVALID", "17")
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)

	items := w.itemsOf(k.county, k)
	_, err = w.items.ReportItemProgress(w.as(k.county), progress(items[0], rectificationv1.RectificationItem_STATE_DONE, 99))
	refused(t, err, "PERCENT_INVALID", "17")
	do(w.items.ReportItemProgress(w.as(k.county), progress(items[0], rectificationv1.RectificationItem_STATE_DONE, 100)))(t)
	_, err = w.items.ReportItemProgress(w.as(k.county), progress(w.itemsOf(k.county, k)[0], rectificationv1.RectificationItem_STATE_OPEN, 0))
	refused(t, err, "ITEM_STATE_INVALID", "17")

	do(w.reports.UpdateRectificationReport(w.as(k.county), w.writeReport(k, accounts(1, 5))))(t)
	_, err = w.reports.SubmitRectificationReport(w.as(k.county), w.submitReport(k))
	if got := refused(t, err, "REPORT_INCOMPLETE", "17").Meta["items"]; got != "2, 5" {
		t.Errorf("names the items %q", got)
	}
	_, err = w.cases.CloseRectification(w.as(office), w.closing(k, sichuan+"/decisions/"+uuid.NewString()))
	refused(t, err, "RECTIFICATION_STATE_INVALID", "17")

	w.reported(k)
	closing := w.closing(k, sichuan+"/decisions/"+uuid.NewString())
	w.peers.decide(closing.GetDecision(), schedulingv1.DecisionItem_KIND_AGREE_REPORT, k.rectification)
	_, err = w.cases.CloseRectification(w.as(office), closing)
	refused(t, err, "DECISION_DOES_NOT_COVER", "5")
	closing = w.closing(k, closing.GetDecision())
	closing.Decision = sichuan + "/decisions/" + uuid.NewString()
	_, err = w.cases.CloseRectification(w.as(office), closing)
	refused(t, err, "NOT_FOUND", "")
}

// TestArt17ReturnedPlanKeepsItsDate: resubmitting later moves neither the day of
// the plan nor the date of the report, and the city gets each version.
func TestArt17ReturnedPlanKeepsItsDate(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.submittedPlan(w.jinjiang())
	first := w.rectification(office, k)
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_RETURN, "措施不实")))(t)
	w.at("2024-06-03") // past the thirty working days
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	again := w.rectification(office, k)
	if text(again.GetPlanSubmitDate()) != "2024-02-26" || text(again.GetReportDue().GetDate()) != text(first.GetReportDue().GetDate()) {
		t.Errorf("first %v, again %v", first, again)
	}
	if v := w.delivery(k.city, rectificationv1.Delivery_KIND_PLAN_COPY).GetPlan().GetVersion(); v != 2 {
		t.Errorf("the city has version %d", v)
	}
	if p := w.plan(k.group, k); p.GetVersion() != 2 || p.GetReviewOpinion() != "措施不实" {
		t.Errorf("plan %v", p)
	}
}

// TestShapeOfUpdates: only the named paths, and the whole resource stays well formed.
func TestShapeOfUpdates(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	f := w.drafted(k)
	update := func(m *rectificationv1.Feedback, paths ...string) error {
		m.Name = f.GetName()
		_, err := w.feedbacks.UpdateFeedback(w.as(k.group), &rectificationv1.UpdateFeedbackRequest{
			Feedback: m, UpdateMask: mask(paths...), Etag: w.feedback(f.GetName()).GetEtag(), RequestId: requestID(),
		})
		return err
	}
	for _, paths := range [][]string{{}, {"name"}, {"state"}, {"problems.number"}, {"summary", "county"}} {
		refused(t, update(&rectificationv1.Feedback{Summary: "新"}, paths...), "FIELD_INVALID", "")
	}
	refused(t, update(&rectificationv1.Feedback{}, "summary"), "FIELD_INVALID", "")
	refused(t, update(&rectificationv1.Feedback{Problems: []*rectificationv1.Problem{{Number: 1}}}, "problems"), "FIELD_INVALID", "")
	if err := update(&rectificationv1.Feedback{Summary: "新", Problems: problems(1)}, "name", "summary"); err != nil {
		t.Fatal(err)
	}
	if got := w.feedback(f.GetName()); got.GetSummary() != "新" || len(got.GetProblems()) != 3 {
		t.Errorf("changed to %v", got)
	}

	k = w.planning(w.authorize("510105", "510100", "chen"))
	bad := w.measures([]int32{1})
	bad[0].DueDate = &date.Date{Year: 2024, Month: 2, Day: 30}
	_, err := w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, bad))
	if got := refused(t, err, "FIELD_INVALID", "").Fields; len(got) != 1 || got[0].Path != "rectification_plan.measures[0].due_date" {
		t.Errorf("fields %v", got)
	}
	req := w.writePlan(k, w.measures([]int32{1}))
	req.RectificationPlan.Measures[0].Description = ""
	_, err = w.plans.UpdateRectificationPlan(w.as(k.county), req)
	refused(t, err, "FIELD_INVALID", "")
}
