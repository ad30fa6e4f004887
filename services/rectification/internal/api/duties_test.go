package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// obligations lists what a body may see, each in one line; nil where it is refused.
func (w *world) obligations(token string) []string {
	w.t.Helper()
	answer, err := w.dates.ListObligations(w.as(token), &obligationv1.ListObligationsRequest{Parent: sichuan})
	if code := status.Code(err); code == codes.PermissionDenied || code == codes.NotFound {
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, o := range answer.GetObligations() {
		line := fmt.Sprintf("%s due %s %s", strings.TrimPrefix(o.GetDuty().String(), "DUTY_"), text(o.GetDueDate()),
			strings.TrimPrefix(o.GetState().String(), "STATE_"))
		if o.GetSatisfyDate() != nil {
			line += " " + text(o.GetSatisfyDate())
		}
		out = append(out, line)
	}
	return out
}

// TestArts11And17DatesByTheStep: which obligation each event opens, meets and shows,
// to whom, and that the case tells the same dates. It is asked with the policy and,
// as a drill, of row-level security alone.
func TestArts11And17DatesByTheStep(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	drill := w.without()
	k := w.jinjiang()
	all := []string{office, leading, k.group}
	want := func(step string, tokens []string, lines ...string) {
		t.Helper()
		for _, token := range tokens {
			for layer, at := range map[string]*world{"both layers": w, "row-level security alone": drill} {
				if diff := cmp.Diff(lines, at.obligations(token)); diff != "" {
					t.Errorf("%s, %s, of %s (-want +got):\n%s", step, layer, token, diff)
				}
			}
		}
	}
	nobody, ofCity := []string{k.county, k.city, k.liaison}, []string{k.city, k.liaison}
	f := w.agreed(k)
	const feedback, feedbackGiven = "FEEDBACK due 2024-03-15 OPEN", "FEEDBACK due 2024-03-15 SATISFIED 2024-03-04"
	want("agreed", all, feedback)
	want("agreed", nobody)

	w.at("2024-03-04")
	f = do(w.feedbacks.RecordCityConsultation(w.as(k.group), w.consult(f)))(t)
	w.at("2024-03-05")
	given := w.give(f)
	given.Meeting.MeetingDate = day(t, "2024-03-04")
	f = do(w.feedbacks.GiveFeedback(w.as(k.group), given))(t)
	want("given", all, feedbackGiven)
	want("given", nobody)

	w.at("2024-03-06")
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK))))(t)
	k.rectification = d.GetRectification()
	const owed, plan = "FEEDBACK_COPY due 2024-03-13 OPEN", "RECTIFICATION_PLAN due 2024-04-18 OPEN"
	want("received", all, owed, feedbackGiven, plan)
	want("received", []string{k.county}, plan)
	want("received", []string{k.city, k.liaison})

	w.at("2024-03-08")
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(w.feedback(f.GetName()))))(t)
	const copied = "FEEDBACK_COPY due 2024-03-13 SATISFIED 2024-03-08"
	const measures = "CITY_MEASURES due 2024-04-22 OPEN" // art. 15(4)
	want("copied", all, copied, feedbackGiven, plan, measures)
	want("copied", nobody[:1], plan)
	want("copied", ofCity, plan, measures)

	w.at("2024-04-01")
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	want("written", nobody[:1], plan)
	want("written", ofCity, plan, measures)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	const planned, report = "RECTIFICATION_PLAN due 2024-04-18 SATISFIED 2024-04-01", "RECTIFICATION_REPORT due 2024-10-08 OPEN"
	want("submitted", all, copied, feedbackGiven, planned, measures, report)
	want("submitted", nobody[:1], planned, report)
	want("submitted", ofCity, planned, measures, report)
	for _, token := range append(all, nobody...) {
		c := w.rectification(token, k)
		if text(c.GetPlanDue().GetDate()) != "2024-04-18" || text(c.GetReportDue().GetDate()) != "2024-10-08" ||
			!strings.HasPrefix(c.GetPlanDue().GetObligation(), sichuan+"/obligations/rectification-") ||
			c.GetReportDue().GetClock() != "rectification_report" || c.GetReportDue().GetArticle() != "17" {
			t.Errorf("the case tells %s: plan due %v, report due %v", token, c.GetPlanDue(), c.GetReportDue())
		}
	}
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)

	w.at("2024-10-09")
	w.reported(k)
	const reported = "RECTIFICATION_REPORT due 2024-10-08 SATISFIED 2024-10-09"
	want("reported", all, copied, feedbackGiven, planned, measures, reported)
	want("reported", nobody[:1], planned, reported)
	want("reported", ofCity, planned, measures, reported)
	want("reported", strangers()[:8])
}

// TestDatesByTheGrantAlone: with row-level security off, the code alone shows county
// and city no more (security.md §2.4).
func TestDatesByTheGrantAlone(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	_, k := w.received(w.jinjiang())
	for _, table := range []string{"obligation", "obligation_change", "notification"} {
		_, err := w.db.Admin(t).Exec("ALTER TABLE " + table + " DISABLE ROW LEVEL SECURITY; GRANT ALL ON " + table + " TO rectification_outside")
		if err != nil {
			t.Fatal(err)
		}
	}
	for token, want := range map[string][]string{k.county: {"RECTIFICATION_PLAN due 2024-04-09 OPEN"}, k.city: nil, k.liaison: nil} {
		if diff := cmp.Diff(want, w.obligations(token)); diff != "" {
			t.Errorf("of %s (-want +got):\n%s", token, diff)
		}
	}
	for _, token := range strangers()[:8] {
		if got := w.obligations(token); got != nil {
			t.Errorf("%s sees %v", token, got)
		}
	}
}

// TestArt11NoCityOwesNoCopy: where no city supervises the county there is nobody to
// copy to, and no date for it.
func TestArt11NoCityOwesNoCopy(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.authorize("510185", "", "li")
	consult := w.consult(w.agreed(k))
	consult.CityConsultation = &rectificationv1.CityConsultation{NotApplicableReason: rectificationv1.NotApplicableReason_NOT_APPLICABLE_REASON_NO_CITY_COMMITTEE}
	f := do(w.feedbacks.RecordCityConsultation(w.as(k.group), consult))(t)
	do(w.feedbacks.GiveFeedback(w.as(k.group), w.give(f)))(t)
	do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK))))(t)
	want := []string{"FEEDBACK due 2024-03-15 SATISFIED 2024-02-26", "RECTIFICATION_PLAN due 2024-04-09 OPEN"}
	if diff := cmp.Diff(want, w.obligations(office)); diff != "" {
		t.Errorf("obligations (-want +got):\n%s", diff)
	}
}

// TestArts11And17WhatFailsLeavesNoDate: the dates are of one transaction with their
// event. Here the last statement of each, which stores its answer, is not allowed.
func TestArts11And17WhatFailsLeavesNoDate(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	admin := w.db.Admin(t)
	fails := func(step string, call func() error) {
		t.Helper()
		before := w.fingerprint()
		if _, err := admin.Exec("REVOKE INSERT ON request_log FROM rectification_inside, rectification_outside"); err != nil {
			t.Fatal(err)
		}
		err := call()
		if _, grant := admin.Exec("GRANT INSERT ON request_log TO rectification_inside, rectification_outside"); grant != nil {
			t.Fatal(grant)
		}
		if err == nil || w.fingerprint() != before {
			t.Fatalf("%s: %v, and something is left", step, err)
		}
		if err := call(); err != nil {
			t.Fatalf("%s, then allowed: %v", step, err)
		}
		if w.fingerprint() == before {
			t.Errorf("%s changed nothing", step)
		}
	}
	f := w.drafted(k)
	fails("the agreement", func() error {
		_, err := w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirm(f))
		return err
	})
	f = do(w.feedbacks.RecordCityConsultation(w.as(k.group), w.consult(w.feedback(f.GetName()))))(t)
	fails("the feedback", func() error {
		_, err := w.feedbacks.GiveFeedback(w.as(k.group), w.give(f))
		return err
	})
	fails("the receipt", func() error {
		d, err := w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK)))
		k.rectification = d.GetRectification()
		return err
	})
	fails("the copy", func() error {
		_, err := w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(w.feedback(f.GetName())))
		return err
	})
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	fails("the plan", func() error {
		_, err := w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k))
		return err
	})
}

// TestArt5DecisionMovesADate: the leading group's decision, which scheduling knows,
// gives more time, and the case tells the new date; no other decision does.
func TestArt5DecisionMovesADate(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	name := w.rectification(office, k).GetPlanDue().GetObligation()
	extend := func(token, decision string) error {
		o := do(w.dates.GetObligation(w.as(office), &obligationv1.GetObligationRequest{Name: name}))(t)
		_, err := w.moves.ExtendObligation(w.as(token), &obligationv1.ExtendObligationRequest{
			Name: name, Days: 5, Decision: decision, Etag: o.GetEtag(), RequestId: requestID(),
		})
		return err
	}
	decision := sichuan + "/decisions/" + uuid.NewString()
	w.peers.decide(decision, schedulingv1.DecisionItem_KIND_SUSPEND_OBLIGATION, name)
	refused(t, extend(office, decision), "OBLIGATION_NOT_DECIDED", "5")
	w.peers.decide(decision, schedulingv1.DecisionItem_KIND_EXTEND_OBLIGATION, name)
	for _, token := range []string{k.county, k.city, k.group} {
		if err := extend(token, decision); status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s extends: %v", token, err)
		}
	}
	abroad := "provinces/33/decisions/" + uuid.NewString()
	w.peers.decide(abroad, schedulingv1.DecisionItem_KIND_EXTEND_OBLIGATION, name)
	refused(t, extend(office, abroad), "NOT_FOUND", "")
	if err := extend(office, decision); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{office, k.county, k.city} {
		if got := text(w.rectification(token, k).GetPlanDue().GetDate()); got != "2024-04-16" {
			t.Errorf("%s reads that the plan is due %s", token, got)
		}
	}
	told := do(w.notices.ListNotifications(w.as(k.county), &obligationv1.ListNotificationsRequest{Parent: sichuan}))(t)
	if n := told.GetNotifications(); len(n) != 1 || n[0].GetKind() != obligationv1.Notification_KIND_DATE_MOVED || text(n[0].GetDueDate()) != "2024-04-16" {
		t.Errorf("the county was told %v", n)
	}
}
