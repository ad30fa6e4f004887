package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

// TestArts11And17FromFeedbackToClosed is the whole life of a case under a city.
func TestArts11And17FromFeedbackToClosed(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	f := w.feedback(w.list(office)[0].GetName())
	if f.GetState() != rectificationv1.Feedback_STATE_COPIED || text(f.GetReceiveDate()) != "2024-02-26" ||
		f.GetRectification() != k.rectification || f.GetDecision() != k.decision {
		t.Errorf("feedback %v", f)
	}
	c := w.rectification(k.county, k)
	due := c.GetPlanDue()
	if text(due.GetDate()) != "2024-04-09" || text(due.GetStartDate()) != "2024-02-26" || due.GetProvisional() ||
		due.GetArticle() != "17" || due.GetRuleSet() != "CN-COUNTY-2012" || due.GetCalendarVersion() == "" {
		t.Errorf("plan due %v (art. 17, 30 working days over Qingming)", due)
	}

	w.at("2024-04-01")
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	c = w.rectification(office, k)
	if text(c.GetPlanSubmitDate()) != "2024-04-01" || text(c.GetReportDue().GetDate()) != "2024-10-08" {
		t.Errorf("submitted %v, report due %v (art. 17, six months, rolled over National Day)", c.GetPlanSubmitDate(), c.GetReportDue())
	}
	planCopy := w.delivery(k.city, rectificationv1.Delivery_KIND_PLAN_COPY)
	if planCopy.GetAddressee() != k.cityArea || planCopy.GetPlan().GetVersion() != 1 || len(planCopy.GetPlan().GetMeasures()) != 2 {
		t.Errorf("copy of the plan %v", planCopy)
	}
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "可行")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	p := do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)
	if p.GetState() != rectificationv1.SubmissionState_SUBMISSION_STATE_RECEIVED || p.GetReviewOpinion() != "可行" {
		t.Errorf("plan %v", p)
	}

	items := w.itemsOf(k.liaison, k)
	if len(items) != 2 || items[0].GetMeasure().GetNumber() != 1 || items[0].GetState() != rectificationv1.RectificationItem_STATE_OPEN {
		t.Fatalf("items %v (art. 15(3): the city guides by them)", items)
	}
	done := do(w.items.ReportItemProgress(w.as(k.county), progress(items[1], rectificationv1.RectificationItem_STATE_DONE, 100)))(t)
	if got := do(w.items.GetRectificationItem(w.as(k.city), &rectificationv1.GetRectificationItemRequest{Name: done.GetName()}))(t); !proto.Equal(done, got) {
		t.Errorf("the city reads %v, the county wrote %v", got, done)
	}

	w.at("2024-09-30")
	w.reported(k)
	c = w.rectification(k.county, k)
	if c.GetState() != rectificationv1.Rectification_STATE_REPORTED || text(c.GetReportSubmitDate()) != "2024-09-30" {
		t.Errorf("reported as %v", c)
	}
	if got := w.delivery(k.city, rectificationv1.Delivery_KIND_REPORT_COPY).GetReport(); len(got.GetAccounts()) != 2 {
		t.Errorf("copy of the report %v", got)
	}
	w.at("2024-11-01")
	c = do(w.cases.CloseRectification(w.as(office), w.closing(k, sichuan+"/decisions/"+uuid.NewString())))(t)
	if c.GetState() != rectificationv1.Rectification_STATE_CLOSED || text(c.GetCloseDate()) != "2024-11-01" {
		t.Errorf("closed as %v", c)
	}
	w.wantEvents(k, "FeedbackReceived", "RectificationClosed")
}

// TestArt11NoCity is the life of a directly administered county: every duty
// towards the city is on record as not applicable (domain.md §6.4).
func TestArt11NoCity(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.authorize("510185", "", "li")
	f := w.agreed(k)
	empty := &rectificationv1.CityConsultation{}
	consult := w.consult(f)
	consult.CityConsultation = empty
	_, err := w.feedbacks.RecordCityConsultation(w.as(k.group), consult)
	refused(t, err, "CITY_NOT_APPLICABLE", "11")

	na := rectificationv1.NotApplicableReason_NOT_APPLICABLE_REASON_NO_CITY_COMMITTEE
	consult = w.consult(f)
	consult.CityConsultation = &rectificationv1.CityConsultation{NotApplicableReason: na}
	f = do(w.feedbacks.RecordCityConsultation(w.as(office), consult))(t)
	if f.GetCity() != "" || f.GetCityConsultation().GetNotApplicableReason() != na {
		t.Errorf("consultation %v", f)
	}
	give := w.give(f)
	give.Meeting.Attendees = give.Meeting.Attendees[:1]
	f = do(w.feedbacks.GiveFeedback(w.as(k.group), give))(t)
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK))))(t)
	k.rectification = d.GetRectification()

	f = w.feedback(f.GetName())
	_, err = w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(f))
	refused(t, err, "CITY_NOT_APPLICABLE", "11")
	req := copyToCity(f)
	req.NotApplicableReason = na
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2, 3}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	_, err = w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k))
	refused(t, err, "FEEDBACK_NOT_COPIED", "11")
	f = do(w.feedbacks.CopyFeedbackToCity(w.as(office), req))(t)
	if f.GetState() != rectificationv1.Feedback_STATE_COPIED {
		t.Errorf("state %v", f.GetState())
	}
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)
	all := do(w.deliveries.ListDeliveries(w.as(office), &rectificationv1.ListDeliveriesRequest{Parent: sichuan}))(t)
	if len(all.GetDeliveries()) != 1 || all.GetDeliveries()[0].GetKind() != rectificationv1.Delivery_KIND_FEEDBACK {
		t.Errorf("deliveries %v, want only the county's", all.GetDeliveries())
	}
}

func progress(i *rectificationv1.RectificationItem, s rectificationv1.RectificationItem_State, percent int32) *rectificationv1.ReportItemProgressRequest {
	return &rectificationv1.ReportItemProgressRequest{
		Name: i.GetName(), State: s, Percent: percent, Progress: "已完成", Etag: i.GetEtag(), RequestId: requestID(),
	}
}

func (w *world) list(token string) []*rectificationv1.Feedback {
	w.t.Helper()
	return do(w.feedbacks.ListFeedbacks(w.as(token), &rectificationv1.ListFeedbacksRequest{Parent: sichuan}))(w.t).GetFeedbacks()
}

// wantEvents tests which events of a task wait for scheduling, in their order.
func (w *world) wantEvents(k task, want ...string) {
	w.t.Helper()
	rows, err := w.db.Admin(w.t).Query(`SELECT regexp_replace(type_url, '.*\.', '') FROM outbox
WHERE aggregate = $1 AND destination = 'scheduling' ORDER BY sequence`, k.inspection)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			w.t.Fatal(err)
		}
		got = append(got, name)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("events (-want +got):\n%s", diff)
	}
}
