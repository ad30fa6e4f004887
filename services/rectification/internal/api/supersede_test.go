package api_test

import (
	"context"
	"slices"
	"testing"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

// supersededBy takes a superseding feedback through its gates up to the meeting.
func (w *world) supersededBy(k task, f *rectificationv1.Feedback, n int32) *rectificationv1.Feedback {
	w.t.Helper()
	return do(w.feedbacks.GiveFeedback(w.as(k.group), w.give(w.supersedingConsulted(k, f, n))))(w.t)
}

func (w *world) supersedingConsulted(k task, f *rectificationv1.Feedback, n int32) *rectificationv1.Feedback {
	w.t.Helper()
	f = do(w.feedbacks.SupersedeFeedback(w.as(k.group), supersede(f, n)))(w.t)
	f = do(w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(f)))(w.t)
	return do(w.feedbacks.RecordCityConsultation(w.as(office), w.consult(f)))(w.t)
}

// ofKind gives the deliveries of a kind that a token has, oldest first.
func (w *world) ofKind(token string, kind rectificationv1.Delivery_Kind) []*rectificationv1.Delivery {
	w.t.Helper()
	return slices.DeleteFunc(w.deliveriesOf(token), func(d *rectificationv1.Delivery) bool { return d.GetKind() != kind })
}

// TestArt11FeedbackSuperseded is the whole way: all gates again, the date of the first
// receipt, each side sees which version stands, and the city nothing before its copy.
func TestArt11FeedbackSuperseded(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	first := w.list(office)[0]
	_, err := w.feedbacks.CreateFeedback(w.as(k.group), draft(k))
	refused(t, err, "ALREADY_EXISTS", "")
	w.at("2024-03-04")
	req := supersede(first, 2)
	next := once(t, w, func() (*rectificationv1.Feedback, error) { return w.feedbacks.SupersedeFeedback(w.as(k.group), req) })
	if next.GetSupersedes() != first.GetName() || next.GetState() != rectificationv1.Feedback_STATE_DRAFT || next.GetSupersedeReason() == "" {
		t.Errorf("drafted %v", next)
	}
	_, err = w.feedbacks.SupersedeFeedback(w.as(k.group), supersede(first, 1))
	refused(t, err, "ALREADY_EXISTS", "")
	_, err = w.feedbacks.GiveFeedback(w.as(k.group), w.give(next))
	refused(t, err, "FEEDBACK_CITY_NOT_CONSULTED", "11")
	next = do(w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(next)))(t)
	next = do(w.feedbacks.RecordCityConsultation(w.as(office), w.consult(next)))(t)
	if got := w.feedback(first.GetName()); got.GetState() != rectificationv1.Feedback_STATE_COPIED || got.GetSupersededBy() != "" {
		t.Errorf("before the meeting the first stands: %v", got)
	}
	next = do(w.feedbacks.GiveFeedback(w.as(k.group), w.give(next)))(t)
	if got := w.feedback(first.GetName()); got.GetState() != rectificationv1.Feedback_STATE_SUPERSEDED || got.GetSupersededBy() != next.GetName() {
		t.Errorf("superseded as %v", got)
	}
	both := w.ofKind(k.county, rectificationv1.Delivery_KIND_FEEDBACK)
	if len(both) != 2 || both[0].GetSupersededBy() != both[1].GetName() || both[1].GetSupersedes() != both[0].GetName() || both[1].GetSupersededBy() != "" {
		t.Fatalf("the county has %v", both)
	}

	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}))))(t)
	_, err = w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k))
	refused(t, err, "SUPERSEDING_NOT_RECEIVED", "17")
	w.at("2024-03-05")
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(both[1])))(t)
	c := w.rectification(k.county, k)
	if d.GetRectification() != k.rectification || len(c.GetProblems()) != 2 || text(c.GetPlanDue().GetDate()) != "2024-04-09" ||
		text(c.GetFeedbackReceiveDate()) != "2024-02-26" {
		t.Errorf("the case is %v", c)
	}
	if got := w.rectification(k.city, k); len(got.GetProblems()) != 3 {
		t.Errorf("the city reads %d problems before its copy", len(got.GetProblems()))
	}
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(w.feedback(next.GetName()))))(t)
	for _, token := range []string{k.city, k.liaison, office} {
		if got := w.rectification(token, k); len(got.GetProblems()) != 2 {
			t.Errorf("%s reads %d problems", token, len(got.GetProblems()))
		}
	}
	copies := w.ofKind(k.city, rectificationv1.Delivery_KIND_FEEDBACK_COPY)
	if len(copies) != 2 || copies[0].GetSupersededBy() != copies[1].GetName() {
		t.Errorf("the city has %v", copies)
	}
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, passes, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)
	w.wantEvents(k, "FeedbackReceived") // the county was covered once (art. 2)
	_, err = w.feedbacks.SupersedeFeedback(w.as(k.group), supersede(w.feedback(next.GetName()), 1))
	refused(t, err, "FEEDBACK_PLAN_UNDER_WAY", "17")
}

// TestArt11SupersedingWaitsForThePlan: one that is submitted is returned first, one that was
// passed stands, and so does the feedback.
func TestArt11SupersedingWaitsForThePlan(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.submittedPlan(w.jinjiang())
	first := w.list(office)[0]
	next := w.supersedingConsulted(k, first, 1)
	_, err := w.feedbacks.GiveFeedback(w.as(k.group), w.give(next))
	refused(t, err, "FEEDBACK_PLAN_UNDER_WAY", "17")
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, returns, "反馈意见将被替代")))(t)
	do(w.feedbacks.GiveFeedback(w.as(k.group), w.give(next)))(t)
	do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.ofKind(k.county, rectificationv1.Delivery_KIND_FEEDBACK)[1])))(t)
	_, err = w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k))
	refused(t, err, "PROBLEM_UNKNOWN", "17") // it answers problems that are no more
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, passes, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	_, err = w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k))
	refused(t, err, "FEEDBACK_NOT_COPIED", "11") // the copy of the one before does not do
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(w.feedback(next.GetName()))))(t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)
}

// TestArt11SupersededTwice: the last one stands, and each names the one before.
func TestArt11SupersededTwice(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	for i := range 2 {
		f := w.list(office)[i]
		next := w.supersededBy(k, f, int32(2-i))
		all := w.ofKind(k.county, rectificationv1.Delivery_KIND_FEEDBACK)
		do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(all[len(all)-1])))(t)
		do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(w.feedback(next.GetName()))))(t)
	}
	if c := w.rectification(k.city, k); len(c.GetProblems()) != 1 {
		t.Errorf("the case is %v", c)
	}
	all := w.list(k.group)
	if len(all) != 3 || all[1].GetSupersededBy() != all[2].GetName() || all[2].GetState() != rectificationv1.Feedback_STATE_COPIED {
		t.Errorf("feedbacks %v", all)
	}
}

// TestArt11NoCitySuperseded: where there is no city, that is on record again.
func TestArt11NoCitySuperseded(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.authorize("510185", "", "li")
	na := rectificationv1.NotApplicableReason_NOT_APPLICABLE_REASON_NO_CITY_COMMITTEE
	f := w.agreed(k)
	for i := range 2 {
		consult := w.consult(f)
		consult.CityConsultation = &rectificationv1.CityConsultation{NotApplicableReason: na}
		f = do(w.feedbacks.RecordCityConsultation(w.as(office), consult))(t)
		f = do(w.feedbacks.GiveFeedback(w.as(k.group), w.give(f)))(t)
		d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.ofKind(k.county, rectificationv1.Delivery_KIND_FEEDBACK)[i])))(t)
		k.rectification = d.GetRectification()
		req := copyToCity(w.feedback(f.GetName()))
		req.NotApplicableReason = na
		f = do(w.feedbacks.CopyFeedbackToCity(w.as(office), req))(t)
		if i == 0 {
			f = do(w.feedbacks.SupersedeFeedback(w.as(k.group), supersede(f, 1)))(t)
			f = do(w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(f)))(t)
		}
	}
	if c := w.rectification(k.county, k); len(c.GetProblems()) != 1 {
		t.Errorf("the case is %v", c)
	}
}

// TestArt11EachStepOfSupersedingIsOfOneBody: all others are refused and change nothing, by
// both layers and by row-level security alone.
func TestArt11EachStepOfSupersedingIsOfOneBody(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	last := func() *rectificationv1.Feedback {
		all := w.list(office)
		return all[len(all)-1]
	}
	w.eachOfOneBody(k, []step{
		{"SupersedeFeedback", []string{k.group}, func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.SupersedeFeedback(ctx, supersede(last(), 2))
			return err
		}},
		{"ConfirmFeedbackAgreement", []string{office}, func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.ConfirmFeedbackAgreement(ctx, confirm(last()))
			return err
		}},
		{"RecordCityConsultation", []string{office, k.group}, func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.RecordCityConsultation(ctx, w.consult(last()))
			return err
		}},
		{"GiveFeedback", []string{k.group}, func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.GiveFeedback(ctx, w.give(last()))
			return err
		}},
		{"AcknowledgeDelivery", []string{k.county}, func(ctx context.Context, at *world) error {
			_, err := at.deliveries.AcknowledgeDelivery(ctx, acknowledge(w.ofKind(k.county, rectificationv1.Delivery_KIND_FEEDBACK)[1]))
			return err
		}},
		{"CopyFeedbackToCity", []string{office}, func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.CopyFeedbackToCity(ctx, copyToCity(last()))
			return err
		}},
	})
}

// TestArt11TablesHoldWhatStands: in plain SQL nothing is superseded without its successor, no
// case has problems that the county did not sign for, and none but its own.
func TestArt11TablesHoldWhatStands(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	gone := write{"superseded by nobody", k.group, "UPDATE feedback SET state = 'SUPERSEDED' WHERE state = 'COPIED'"}
	other := write{"other problems", k.county, "UPDATE rectification SET problems = '[]', city_problems = problems"}
	w.mustRefuse(t, "copied", []write{
		gone, other,
		{"other problems for the city", k.county, "UPDATE rectification SET city_problems = '[]'"},
		{"the office has it so", office, "UPDATE feedback SET state = 'SUPERSEDED' WHERE state = 'COPIED'"},
		{"a second one", k.group, `INSERT INTO feedback SELECT (jsonb_populate_record(f, jsonb_build_object('id', gen_random_uuid(), 'state', 'DRAFT',
'decision_id', null, 'consult_date', null, 'meeting_date', null))).* FROM feedback f`},
	})
	next := w.supersedingConsulted(k, w.list(office)[0], 2)
	w.mustTake(t, "consulted", write{"superseded", k.group, gone.statement})
	w.mustRefuse(t, "consulted", []write{
		{"given beside the first", k.group, "UPDATE feedback SET state = 'GIVEN', meeting_date = '2024-02-26', document_number = 'x' WHERE state = 'CITY_CONSULTED'"},
		{"rewritten on the way", k.group, "UPDATE feedback SET state = 'SUPERSEDED', summary = 'x' WHERE state = 'COPIED'"},
		{"in the place of another", k.group, "UPDATE feedback SET supersedes_id = NULL WHERE supersedes_id IS NOT NULL"},
	})
	do(w.feedbacks.GiveFeedback(w.as(k.group), w.give(next)))(t)
	follow := write{"the new problems", k.county, `UPDATE rectification r SET problems = d.content->'problems', city_problems = r.problems
FROM delivery d WHERE d.supersedes_id IS NOT NULL AND d.kind = 'FEEDBACK'`}
	w.mustRefuse(t, "given", []write{other, follow, {"the first again", k.group, "UPDATE feedback SET state = 'COPIED' WHERE state = 'SUPERSEDED'"}})
	do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.ofKind(k.county, rectificationv1.Delivery_KIND_FEEDBACK)[1])))(t)
	w.mustRefuse(t, "received", []write{
		other,
		{"the old problems", k.county, `UPDATE rectification r SET problems = d.content->'problems' FROM delivery d WHERE d.supersedes_id IS NULL AND d.kind = 'FEEDBACK'`},
		{"shown to the city by the county", k.county, "UPDATE rectification SET city_problems = NULL"},
		{"shown to the city by the group", k.group, "UPDATE rectification SET city_problems = NULL"},
	})
	w.mustTake(t, "received", write{"shown to the city", office, "UPDATE rectification SET city_problems = NULL"})
}
