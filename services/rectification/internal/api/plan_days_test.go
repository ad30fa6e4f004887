package api_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// atTime sets the clock to a time of a day in Asia/Shanghai.
func (w *world) atTime(on, offset string) {
	w.t.Helper()
	day, err := workday.ParseDate(on)
	if err != nil {
		w.t.Fatal(err)
	}
	w.clock.Set(day.Time().Add(span(w.t, offset)))
}

// duty gives the obligation of a case.
func (w *world) duty(k task, duty obligationv1.Obligation_Duty) *obligationv1.Obligation {
	w.t.Helper()
	all := do(w.dates.ListObligations(w.as(office), &obligationv1.ListObligationsRequest{Parent: sichuan}))(w.t).GetObligations()
	i := slices.IndexFunc(all, func(o *obligationv1.Obligation) bool { return o.GetSubject() == k.rectification && o.GetDuty() == duty })
	if i < 0 {
		w.t.Fatalf("%s has no %v", k.rectification, duty)
	}
	return all[i]
}

// submitted writes a complete plan and submits it.
func (w *world) submitted(k task) *rectificationv1.RectificationPlan {
	w.t.Helper()
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(w.t)
	return do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(w.t)
}

// TestArt17PlanOnDay30Day31AndAt24 of the last day: what counts, and what is late.
func TestArt17PlanOnDay30Day31AndAt24(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	counties := []string{"510104", "510105", "510106", "510107", "510108"}
	var cases []task
	for _, county := range counties {
		w.at("2024-02-26")
		k := w.authorize(county, "510100", "li")
		f := w.agreed(k)
		f = do(w.feedbacks.RecordCityConsultation(w.as(k.group), w.consult(f)))(t)
		do(w.feedbacks.GiveFeedback(w.as(k.group), w.give(f)))(t)
		d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK))))(t)
		k.rectification = d.GetRectification()
		cases = append(cases, k)
	}
	for i, tt := range []struct {
		name, day, offset, counts string
		late                      bool
	}{
		{"working day 29", "2024-04-08", "12h", "2024-04-08", false},
		{"working day 30", "2024-04-09", "23h59m59.999999s", "2024-04-09", false},
		{"24:00 of working day 30", "2024-04-09", "24h", "2024-04-09", false},
		{"after 24:00", "2024-04-09", "24h0m0.000001s", "2024-04-10", true},
		{"working day 31", "2024-04-10", "12h", "2024-04-10", true},
	} {
		k := cases[i]
		w.atTime(tt.day, tt.offset)
		p := w.submitted(k)
		o := w.duty(k, obligationv1.Obligation_DUTY_RECTIFICATION_PLAN)
		if text(o.GetDueDate()) != "2024-04-09" || text(o.GetSatisfyDate()) != tt.counts || o.GetLate() != tt.late ||
			text(p.GetSubmitDate()) != tt.counts || text(p.GetReportDue().GetStartDate()) != tt.counts ||
			text(w.planVersions(k.county, k)[0].GetSubmitDate()) != tt.counts {
			t.Errorf("%s: plan %v, obligation %v", tt.name, p, o)
		}
	}
}

// TestArt17PlanOnADayOff is taken, and that day counts.
func TestArt17PlanOnADayOff(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	w.at("2024-04-04") // Qingming
	p := w.submitted(k)
	if text(p.GetSubmitDate()) != "2024-04-04" || text(p.GetReportDue().GetStartDate()) != "2024-04-04" || text(p.GetReportDue().GetDate()) != "2024-10-08" {
		t.Errorf("plan %v", p)
	}
}

// TestArt17FeedbackReceivedOnAHoliday: the thirty working days begin with the first
// working day after, here a Sunday on which offices work.
func TestArt17FeedbackReceivedOnAHoliday(t *testing.T) {
	w := newWorld(t, "2024-02-12") // Spring Festival
	k := w.planning(w.jinjiang())
	if due := w.plan(k.county, k).GetPlanDue(); text(due.GetStartDate()) != "2024-02-12" || text(due.GetDate()) != "2024-03-28" {
		t.Errorf("plan due %v", due)
	}
}

// TestArt17ReturnedOnDay28ResubmittedOnDay35: by default the first complete submission
// keeps its date, and the plan is not late.
func TestArt17ReturnedOnDay28ResubmittedOnDay35(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	w.at("2024-04-03")
	first := w.submitted(k)
	w.at("2024-04-07") // working day 28
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_RETURN, "措施不实")))(t)
	w.at("2024-04-16") // working day 35
	again := w.submitted(k)
	o := w.duty(k, obligationv1.Obligation_DUTY_RECTIFICATION_PLAN)
	if text(again.GetSubmitDate()) != "2024-04-03" || text(again.GetReportDue().GetDate()) != text(first.GetReportDue().GetDate()) ||
		o.GetLate() || text(o.GetSatisfyDate()) != "2024-04-03" || again.GetVersion() != 2 {
		t.Errorf("first %v, again %v, obligation %v", first, again, o)
	}
}

// TestArt17AnIncompleteSubmissionKeepsNoDate: refused on day 30, complete on day 31, late.
func TestArt17AnIncompleteSubmissionKeepsNoDate(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	w.at("2024-04-09")
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}))))(t)
	_, err := w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k))
	refused(t, err, "PLAN_INCOMPLETE", "17")
	if n := len(w.planVersions(k.county, k)); n != 0 {
		t.Errorf("%d versions of what was refused", n)
	}
	w.at("2024-04-10")
	if p, o := w.submitted(k), w.duty(k, obligationv1.Obligation_DUTY_RECTIFICATION_PLAN); text(p.GetSubmitDate()) != "2024-04-10" || !o.GetLate() {
		t.Errorf("plan %v, obligation %v", p, o)
	}
}

// TestArt17PlanWithdrawnAndReplaced: before the group's reply the county takes it back; the
// date of the first complete submission stands, and both versions stay.
func TestArt17PlanWithdrawnAndReplaced(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	w.at("2024-04-08")
	first := w.submitted(k)
	p := do(w.plans.WithdrawRectificationPlan(w.as(k.county), w.withdrawPlan(k)))(t)
	if p.GetState() != rectificationv1.SubmissionState_SUBMISSION_STATE_WITHDRAWN || p.GetWithdrawReason() == "" || text(p.GetSubmitDate()) != "2024-04-08" {
		t.Errorf("withdrawn %v", p)
	}
	_, err := w.plans.WithdrawRectificationPlan(w.as(k.county), w.withdrawPlan(k))
	refused(t, err, "PLAN_STATE_INVALID", "17")
	_, err = w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, ""))
	refused(t, err, "PLAN_STATE_INVALID", "17")

	w.at("2024-04-12") // past day 30
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1}, []int32{2}, []int32{3}))))(t)
	again := do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	o := w.duty(k, obligationv1.Obligation_DUTY_RECTIFICATION_PLAN)
	if text(again.GetSubmitDate()) != "2024-04-08" || text(again.GetReportDue().GetDate()) != text(first.GetReportDue().GetDate()) || o.GetLate() ||
		again.GetWithdrawReason() != "" || again.GetVersion() != 2 {
		t.Errorf("replaced %v, obligation %v", again, o)
	}
	versions := w.planVersions(k.city, k)
	if len(versions) != 2 || len(versions[0].GetMeasures()) != 2 || len(versions[1].GetMeasures()) != 3 ||
		text(versions[1].GetSubmitDate()) != "2024-04-12" {
		t.Errorf("versions %v", versions)
	}
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(t)
	_, err = w.plans.WithdrawRectificationPlan(w.as(k.county), w.withdrawPlan(k))
	refused(t, err, "PLAN_STATE_INVALID", "17")
}

// TestArt17TheRuleSetOf2015IsParked: of the two months and two documents of 2015 only parts
// were read, so no task is counted by them (domain.md §1.7).
func TestArt17TheRuleSetOf2015IsParked(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	w.jinjiang()
	before := w.fingerprint()
	inspection := sichuan + "/inspections/" + uuid.NewString()
	for _, set := range []string{"CN-REGULATIONS-2015", "CN-REGULATIONS-2017", "CN-REGULATIONS-2024"} {
		_, err := w.events.DeliverEvent(w.plain(), w.event(inspection, 1, &eventv1.TaskAuthorized{
			Inspection: inspection, County: sichuan + "/counties/510104", City: sichuan + "/cities/510100", RuleSet: set,
		}))
		refused(t, err, "INTERNAL", "")
	}
	if w.fingerprint() != before {
		t.Error("something was kept")
	}
}
