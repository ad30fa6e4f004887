package api_test

import (
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// task is one inspection with the bodies it concerns.
type task struct {
	inspection, report, decision string
	countyArea, cityArea         string
	group, county, city, liaison string // tokens
	rectification                string // once opened
}

func (k task) plan() string       { return k.rectification + "/plan" }
func (k task) reportName() string { return k.rectification + "/report" }

// authorize has scheduling announce a task of the group member. An empty city
// stands for a county without one.
func (w *world) authorize(county, city, member string) task {
	w.t.Helper()
	k := task{
		inspection: sichuan + "/inspections/" + uuid.NewString(),
		report:     sichuan + "/inspectionReports/" + uuid.NewString(),
		decision:   sichuan + "/decisions/" + uuid.NewString(),
		countyArea: sichuan + "/counties/" + county,
		group:      "INSPECTION_GROUP provinces/51 " + member,
		county:     "COUNTY_COMMITTEE " + sichuan + "/counties/" + county + " clerk",
	}
	if city != "" {
		k.cityArea = sichuan + "/cities/" + city
		k.city, k.liaison = "CITY_COMMITTEE "+k.cityArea+" clerk", "CITY_LIAISON_BODY "+k.cityArea+" clerk"
	}
	w.announce(k.inspection, 1, &eventv1.TaskAuthorized{
		Inspection: k.inspection, County: k.countyArea, CountyDisplayName: "县", City: k.cityArea,
		Group: sichuan + "/inspectionGroups/" + uuid.NewString(), RuleSet: "CN-COUNTY-2012",
		Members: []*eventv1.TaskMember{{Subject: member, DisplayName: "组长", Leader: true}},
	})
	w.peers.report(k.report, k.inspection, k.decision)
	w.peers.decide(k.decision, schedulingv1.DecisionItem_KIND_AGREE_REPORT, k.report)
	return k
}

func (w *world) announce(aggregate string, sequence int64, payload proto.Message) {
	w.t.Helper()
	do(w.events.DeliverEvent(w.plain(), w.event(aggregate, sequence, payload)))(w.t)
}

func (w *world) event(aggregate string, sequence int64, payload proto.Message) *eventv1.DeliverEventRequest {
	w.t.Helper()
	packed, err := anypb.New(payload)
	if err != nil {
		w.t.Fatal(err)
	}
	return &eventv1.DeliverEventRequest{
		EventId: uuid.NewString(), Aggregate: aggregate, Sequence: sequence,
		OccurTime: timestamppb.New(w.clock.Now()), Payload: packed,
	}
}

// jinjiang is a task in a county under Chengdu.
func (w *world) jinjiang() task {
	w.t.Helper()
	return w.authorize("510104", "510100", "li")
}

// Requests that the gates of art. 11 let through.

func problems(n int32) []*rectificationv1.Problem {
	var out []*rectificationv1.Problem
	for i := int32(1); i <= n; i++ {
		out = append(out, &rectificationv1.Problem{Number: i, Description: "党的领导弱化", Suggestion: "加强党的领导"})
	}
	return out
}

func draft(k task) *rectificationv1.CreateFeedbackRequest {
	return &rectificationv1.CreateFeedbackRequest{
		Parent: sichuan, RequestId: requestID(),
		Feedback: &rectificationv1.Feedback{
			Inspection: k.inspection, InspectionReport: k.report, Summary: "巡视反馈意见", Problems: problems(3),
		},
	}
}

func confirm(f *rectificationv1.Feedback) *rectificationv1.ConfirmFeedbackAgreementRequest {
	return &rectificationv1.ConfirmFeedbackAgreementRequest{Name: f.GetName(), Etag: f.GetEtag(), RequestId: requestID()}
}

// reword changes the summary of a draft.
func reword(f *rectificationv1.Feedback, summary string) *rectificationv1.UpdateFeedbackRequest {
	return &rectificationv1.UpdateFeedbackRequest{
		Feedback: &rectificationv1.Feedback{Name: f.GetName(), Summary: summary}, UpdateMask: mask("summary"),
		Etag: f.GetEtag(), RequestId: requestID(),
	}
}

func confirmWarnings(f *rectificationv1.Feedback) *rectificationv1.ConfirmFeedbackWarningsRequest {
	return &rectificationv1.ConfirmFeedbackWarningsRequest{
		Name: f.GetName(), Reason: "系工作领域名称", Etag: f.GetEtag(), RequestId: requestID(),
	}
}

func (w *world) consult(f *rectificationv1.Feedback) *rectificationv1.RecordCityConsultationRequest {
	return &rectificationv1.RecordCityConsultationRequest{
		Name: f.GetName(), Etag: f.GetEtag(), RequestId: requestID(),
		CityConsultation: &rectificationv1.CityConsultation{ConsultDate: w.today(), Opinion: "同意"},
	}
}

// supersede drafts another feedback in the place of one, with n problems.
func supersede(f *rectificationv1.Feedback, n int32) *rectificationv1.SupersedeFeedbackRequest {
	return &rectificationv1.SupersedeFeedbackRequest{
		Name: f.GetName(), Summary: "更正后的反馈意见", Problems: problems(n), Reason: "一项问题不实", Etag: f.GetEtag(), RequestId: requestID(),
	}
}

func (w *world) give(f *rectificationv1.Feedback) *rectificationv1.GiveFeedbackRequest {
	return &rectificationv1.GiveFeedbackRequest{
		Name: f.GetName(), Etag: f.GetEtag(), RequestId: requestID(), DocumentNumber: "川巡办〔2024〕40号",
		Meeting: &rectificationv1.FeedbackMeeting{
			MeetingDate: w.today(),
			Attendees: []*rectificationv1.Attendee{
				{DisplayName: "王", Post: "县委书记"},
				{DisplayName: "张", Post: "市委常委、组织部部长", CityLeadingBody: true},
			},
		},
	}
}

func copyToCity(f *rectificationv1.Feedback) *rectificationv1.CopyFeedbackToCityRequest {
	return &rectificationv1.CopyFeedbackToCityRequest{Name: f.GetName(), Etag: f.GetEtag(), RequestId: requestID()}
}

func acknowledge(d *rectificationv1.Delivery) *rectificationv1.AcknowledgeDeliveryRequest {
	return &rectificationv1.AcknowledgeDeliveryRequest{
		Name: d.GetName(), Receiver: "赵，县委办主任", Etag: d.GetEtag(), RequestId: requestID(),
	}
}

// The stages, each from a fresh task.

// drafted gives a feedback in DRAFT.
func (w *world) drafted(k task) *rectificationv1.Feedback {
	w.t.Helper()
	return do(w.feedbacks.CreateFeedback(w.as(k.group), draft(k)))(w.t)
}

func (w *world) agreed(k task) *rectificationv1.Feedback {
	w.t.Helper()
	return do(w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(w.drafted(k))))(w.t)
}

func (w *world) consulted(k task) *rectificationv1.Feedback {
	w.t.Helper()
	return do(w.feedbacks.RecordCityConsultation(w.as(k.group), w.consult(w.agreed(k))))(w.t)
}

func (w *world) given(k task) *rectificationv1.Feedback {
	w.t.Helper()
	return do(w.feedbacks.GiveFeedback(w.as(k.group), w.give(w.consulted(k))))(w.t)
}

// received gives the feedback that the county signed for, and the task with its case.
func (w *world) received(k task) (*rectificationv1.Feedback, task) {
	w.t.Helper()
	f := w.given(k)
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK))))(w.t)
	k.rectification = d.GetRectification()
	return w.feedback(f.GetName()), k
}

// planning gives a task whose county makes its plan; the city has its copy.
func (w *world) planning(k task) task {
	w.t.Helper()
	f, k := w.received(k)
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(f)))(w.t)
	return k
}

// submittedPlan gives a task whose plan is with the group.
func (w *world) submittedPlan(k task) task {
	w.t.Helper()
	k = w.planning(k)
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(w.t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(w.t)
	return k
}

// rectifying gives a task whose plan the leading group has.
func (w *world) rectifying(k task) task {
	w.t.Helper()
	k = w.submittedPlan(k)
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(w.t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(w.t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(w.t)
	return k
}

func mask(paths ...string) *fieldmaskpb.FieldMask { return &fieldmaskpb.FieldMask{Paths: paths} }
