package api_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/type/date"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// round lets the worker do all that is due on a day.
func (w *world) round(day string) {
	w.t.Helper()
	w.at(day)
	if err := w.service.Worker().Round(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// told lists what a body was told, in order of making.
func (w *world) told(token string) []string {
	w.t.Helper()
	answer := do(w.notices.ListNotifications(w.as(token), &obligationv1.ListNotificationsRequest{Parent: sichuan, PageSize: 200}))(w.t)
	var out []string
	for _, n := range answer.GetNotifications() {
		out = append(out, strings.TrimPrefix(n.GetDuty().String(), "DUTY_")+" "+
			strings.TrimPrefix(n.GetKind().String(), "KIND_")+" "+text(n.GetDueDate()))
	}
	slices.Sort(out)
	return out
}

// TestArt17SilenceGainsNoTime: while a plan is missing, the six months of the report
// run from the day it was due; the plan that comes late counts them from its own
// day, which both bodies are told. Of all this the city knows what was copied to it.
func TestArt17SilenceGainsNoTime(t *testing.T) {
	w := newWorld(t, "2012-09-03")
	k := w.planning(w.jinjiang())
	if c := w.rectification(k.county, k); text(c.GetPlanDue().GetDate()) != "2012-10-19" || c.GetReportDue() != nil {
		t.Fatalf("plan due %v, report due %v", c.GetPlanDue(), c.GetReportDue())
	}
	w.round("2012-10-19")
	if c := w.rectification(k.county, k); c.GetReportDue() != nil {
		t.Errorf("on the due day of the plan the report is due %v", c.GetReportDue())
	}
	var wg sync.WaitGroup // two workers find it overdue at once
	w.at("2012-10-26")
	for range 2 {
		wg.Go(func() {
			if err := w.service.Worker().Round(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	const overdue, measures, late = "RECTIFICATION_PLAN due 2012-10-19 OPEN", "CITY_MEASURES due 2012-10-19 OPEN", "RECTIFICATION_REPORT due 2013-04-19 OPEN"
	for token, want := range map[string][]string{
		k.county: {overdue, late}, k.city: {overdue, measures, late}, k.liaison: {overdue, measures, late},
	} {
		if diff := cmp.Diff(want, w.obligations(token)); diff != "" {
			t.Errorf("with the plan missing, of %s (-want +got):\n%s", token, diff)
		}
	}
	if due := w.rectification(k.city, k).GetReportDue(); text(due.GetStartDate()) != "2012-10-19" || text(due.GetDate()) != "2013-04-19" {
		t.Errorf("the report is due %v", due)
	}

	w.at("2012-12-03")
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	c := w.rectification(k.county, k)
	if text(c.GetReportDue().GetDate()) != "2013-06-03" || text(c.GetReportDue().GetStartDate()) != "2012-12-03" {
		t.Errorf("after the late plan the report is due %v", c.GetReportDue())
	}
	for _, token := range []string{k.county, k.city, k.liaison} { // the last reads the city committee's (art. 16)
		if !slices.Contains(w.told(token), "RECTIFICATION_REPORT DATE_MOVED 2013-06-03") {
			t.Errorf("%s was told %v", token, w.told(token))
		}
	}
}

// TestArt17AnExtendedPlanThatIsMissingAgain: the six months of the report run from the
// day that the plan was due by the decision, and not from the one before it.
func TestArt17AnExtendedPlanThatIsMissingAgain(t *testing.T) {
	w := newWorld(t, "2012-09-03")
	k := w.planning(w.jinjiang())
	w.round("2012-10-26")
	name, decision := w.rectification(office, k).GetPlanDue().GetObligation(), sichuan+"/decisions/"+uuid.NewString()
	w.peers.decide(decision, schedulingv1.DecisionItem_KIND_EXTEND_OBLIGATION, name)
	o := do(w.dates.GetObligation(w.as(office), &obligationv1.GetObligationRequest{Name: name}))(t)
	do(w.moves.ExtendObligation(w.as(office), &obligationv1.ExtendObligationRequest{
		Name: name, Days: 10, Decision: decision, Etag: o.GetEtag(), RequestId: requestID(),
	}))(t)
	for _, tt := range [][2]string{{"2012-11-08", "2013-04-19"}, {"2012-11-09", "2013-05-02"}, {"2012-11-16", "2013-05-02"}} {
		w.round(tt[0])
		want := []string{"RECTIFICATION_PLAN due 2012-11-02 OPEN", "RECTIFICATION_REPORT due " + tt[1] + " OPEN"}
		if diff := cmp.Diff(want, w.obligations(k.county)); diff != "" {
			t.Errorf("on %s (-want +got):\n%s", tt[0], diff)
		}
	}
}

// TestArt17LatePlanAndWorkerAtOnce: whoever comes first, the report runs from the day
// on which the plan came, and one obligation runs.
func TestArt17LatePlanAndWorkerAtOnce(t *testing.T) {
	w := newWorld(t, "2012-09-03")
	for i, county := range []string{"510104", "510105", "510106", "510107"} {
		w.at("2012-09-03")
		k := w.planning(w.authorize(county, "510100", "li"))
		w.at("2012-10-26")
		do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
		submission := w.submitPlan(k)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := w.service.Worker().Round(t.Context()); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, err := w.plans.SubmitRectificationPlan(w.as(k.county), submission); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		want := []string{"RECTIFICATION_PLAN due 2012-10-19 SATISFIED 2012-10-26", "RECTIFICATION_REPORT due 2013-04-26 OPEN"}
		if diff := cmp.Diff(want, w.obligations(k.county)); diff != "" {
			t.Errorf("round %d (-want +got):\n%s", i, diff)
		}
	}
}

// TestArt5ASuspendedPlanIsMet by the county, in time however long it stood still, and
// a report that is suspended is counted from a plan that comes meanwhile.
func TestArt5ASuspendedPlanIsMet(t *testing.T) {
	w := newWorld(t, "2012-09-03")
	k := w.planning(w.jinjiang())
	suspend := func(name string) {
		t.Helper()
		decision := sichuan + "/decisions/" + uuid.NewString()
		w.peers.decide(decision, schedulingv1.DecisionItem_KIND_SUSPEND_OBLIGATION, name)
		o := do(w.dates.GetObligation(w.as(office), &obligationv1.GetObligationRequest{Name: name}))(t)
		do(w.moves.SuspendObligation(w.as(office), &obligationv1.SuspendObligationRequest{
			Name: name, Decision: decision, Etag: o.GetEtag(), RequestId: requestID(),
		}))(t)
	}
	w.round("2012-10-26") // overdue: the report runs
	suspend(w.rectification(office, k).GetReportDue().GetObligation())
	w.at("2012-12-03")
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	want := []string{"RECTIFICATION_PLAN due 2012-10-19 SATISFIED 2012-12-03", "RECTIFICATION_REPORT due 2013-06-03 SUSPENDED"}
	if diff := cmp.Diff(want, w.obligations(k.county)); diff != "" {
		t.Errorf("a report that is suspended (-want +got):\n%s", diff)
	}

	w.at("2013-01-04")
	k = w.planning(w.authorize("510105", "510100", "chen"))
	w.at("2013-01-07")
	suspend(w.rectification(office, k).GetPlanDue().GetObligation())
	w.at("2013-07-01")
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	plan := do(w.dates.GetObligation(w.as(k.county), &obligationv1.GetObligationRequest{
		Name: w.rectification(k.county, k).GetPlanDue().GetObligation(),
	}))(t)
	if plan.GetState() != obligationv1.Obligation_STATE_SATISFIED || plan.GetLate() || text(plan.GetSatisfyDate()) != "2013-07-01" {
		t.Errorf("a plan that was suspended: %v", plan)
	}
}

// TestArts11And17ACityIsRemindedOfNothingBeforeTheCopy, nor anybody of what is not
// his: the ladder tells each body of what it may know.
func TestArts11And17ACityIsRemindedOfNothingBeforeTheCopy(t *testing.T) {
	w := newWorld(t, "2012-09-03")
	f, k := w.received(w.jinjiang())
	w.round("2012-11-02")
	plan := []string{
		"RECTIFICATION_PLAN DUE 2012-10-19", "RECTIFICATION_PLAN OVERDUE 2012-10-19", "RECTIFICATION_PLAN OVERDUE 2012-10-19",
		"RECTIFICATION_PLAN REMINDER 2012-10-19", "RECTIFICATION_PLAN REMINDER 2012-10-19", "RECTIFICATION_PLAN REMINDER 2012-10-19",
	}
	if diff := cmp.Diff(plan, w.told(k.county)); diff != "" {
		t.Errorf("the county was told (-want +got):\n%s", diff)
	}
	for _, token := range []string{k.city, k.liaison, strangers()[0], strangers()[2]} {
		if told := w.told(token); told != nil {
			t.Errorf("%s was told %v", token, told)
		}
	}
	if c := w.rectification(k.county, k); text(c.GetReportDue().GetDate()) != "2013-04-19" {
		t.Errorf("report due %v", c.GetReportDue())
	}
	w.at("2012-11-05")
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(w.feedback(f.GetName()))))(t)
	want := []string{
		"RECTIFICATION_PLAN due 2012-10-19 OPEN", "CITY_MEASURES due 2012-12-17 OPEN", "RECTIFICATION_REPORT due 2013-04-19 OPEN",
	}
	if diff := cmp.Diff(want, w.obligations(k.city)); diff != "" {
		t.Errorf("the city sees after the copy (-want +got):\n%s", diff)
	}
	w.round("2012-11-09")
	if diff := cmp.Diff([]string{"RECTIFICATION_PLAN OVERDUE 2012-10-19"}, w.told(k.city)); diff != "" {
		t.Errorf("the city was told (-want +got):\n%s", diff)
	}
}

// TestArt17AHolidayNoticeMovesTheDates that run, in the rows and on the case; what is
// met stays as it was.
func TestArt17AHolidayNoticeMovesTheDates(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	done := w.submittedPlan(w.authorize("510105", "510100", "chen"))
	before := w.rectification(k.county, k).GetPlanDue()
	if text(before.GetDate()) != "2024-04-09" {
		t.Fatalf("plan due %v", before)
	}
	w.at("2024-03-01")
	w.announce(sichuan+"/calendar", 1, &eventv1.HolidayNoticeActivated{
		HolidayNotice: sichuan + "/holidayNotices/n", NoticeNumber: "SC-2024-99", Provincial: true,
		PublishDate: day(t, "2024-03-01"), Source: "川府办函〔2024〕1号",
		Days: []*eventv1.HolidayDay{{Date: &date.Date{Year: 2024, Month: 4, Day: 8}, Holiday: "纪念日"}},
	})
	w.round("2024-03-01")
	due := w.rectification(k.county, k).GetPlanDue()
	if text(due.GetDate()) != "2024-04-10" || due.GetCalendarVersion() == before.GetCalendarVersion() {
		t.Errorf("plan due %v", due)
	}
	if told := w.told(k.county); !slices.Contains(told, "RECTIFICATION_PLAN DATE_MOVED 2024-04-10") {
		t.Errorf("the county was told %v", told)
	}
	if got := text(w.rectification(done.county, done).GetPlanDue().GetDate()); got != text(before.GetDate()) {
		t.Errorf("a plan that was submitted moved to %s", got)
	}
}
