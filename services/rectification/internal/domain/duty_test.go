package domain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// dates is a docket of one subject.
type dates map[regulation.DutyName]*obligation.Obligation

// enter does what the docket does with the dues of an event.
func (d dates) enter(t *testing.T, at obligation.Moment, dues domain.Dues) {
	t.Helper()
	for _, m := range dues.Met {
		if o := d[m.Duty]; o != nil {
			ok(t, o.Meet(at, m.On))
		}
	}
	for _, in := range dues.Counted {
		if o := d[in.Duty]; o != nil {
			ok(t, o.Restart(at, in.Start, in.Planned))
			continue
		}
		o, err := obligation.New(at, in)
		ok(t, err)
		d[in.Duty] = o
	}
}

// due gives the date that stands; "" where nothing was opened.
func (d dates) due(duty regulation.DutyName) string {
	if d[duty] == nil {
		return ""
	}
	return d[duty].Record().Due.String()
}

// starts makes an event the one that starts the clock of the report.
func starts(e regulation.Event) func(*regulation.RuleSet) {
	return func(rs *regulation.RuleSet) {
		for i := range rs.Clocks {
			if rs.Clocks[i].Name == regulation.ReportClock {
				rs.Clocks[i].Starts = e
			}
		}
	}
}

// TestArts11And17WhichEventOpensWhat and whether county and city may know of it.
func TestArts11And17WhichEventOpensWhat(t *testing.T) {
	at := moment(t, today)
	inCity := obligation.Place{Province: "51", City: "510100", County: "510104", Inspection: "i1"}
	noCity := inCity
	noCity.City = ""
	f := feedback(t, domain.FeedbackDraft, place())
	agreed, err := f.ConfirmAgreement(domain.Agreement{
		Inspection: "i1", Agreed: true, Decision: "d1", Date: day(t, "2024-02-19"), Covered: true,
	}, lexicon(t), at)
	ok(t, err)
	_, given, err := feedback(t, domain.FeedbackCityConsulted, place()).Give("v1", "1号", meeting(day(t, "2024-02-21"), true), at)
	ok(t, err)
	copied, err := feedback(t, domain.FeedbackReceived, place()).CopyToCity("v2", domain.Applies, at)
	ok(t, err)
	nowhere, err := feedback(t, domain.FeedbackReceived, withoutCity()).CopyToCity("v2", domain.NoCityCommittee, at)
	ok(t, err)
	inside, outside := received(t, place(), today), received(t, withoutCity(), today)
	_, reported, err := rectification(t, domain.RectificationRectifying).SubmitReport(report(domain.SubmissionDraft), []int32{1, 2}, signed(), "v1", at)
	ok(t, err)
	_, again, err := submittedAgain(t).SubmitReport(report(domain.SubmissionReturned), []int32{1, 2}, signed(), "v2", at)
	ok(t, err)

	start := day(t, today)
	for _, tt := range []struct {
		event     string
		got, want domain.Dues
	}{
		{"the agreement", agreed, domain.Dues{Counted: []obligation.Opening{{Duty: regulation.DutyFeedback, Place: inCity, Start: day(t, "2024-02-19")}}}},
		{"the feedback", given, domain.Dues{Met: []domain.Met{{Duty: regulation.DutyFeedback, On: day(t, "2024-02-21")}}}},
		{"the copy", copied.Dues, domain.Dues{Met: []domain.Met{{Duty: regulation.DutyFeedbackCopy}}}},
		{"the record of no city", nowhere.Dues, domain.Dues{}},
		{"the receipt, of the case", inside.Dues, domain.Dues{Counted: []obligation.Opening{
			{Duty: regulation.DutyPlan, Place: inCity, Start: start, CountySees: true}}}},
		{"the receipt, of the feedback", inside.FeedbackDues, domain.Dues{Counted: []obligation.Opening{
			{Duty: regulation.DutyFeedbackCopy, Place: inCity, Start: start}}}},
		{"the receipt where there is no city", outside.FeedbackDues, domain.Dues{}},
		{"the same, of the case", outside.Dues, domain.Dues{Counted: []obligation.Opening{
			{Duty: regulation.DutyPlan, Place: noCity, Start: start, CountySees: true}}}},
		{"the report", reported, domain.Dues{Met: []domain.Met{{Duty: regulation.DutyReport, On: start}}}},
		{"the report again", again, domain.Dues{}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.event, diff)
		}
	}
}

func submittedAgain(t *testing.T) *domain.Rectification {
	t.Helper()
	return domain.RehydrateRectification(domain.RectificationRecord{
		ID: "c1", Place: place(), State: domain.RectificationRectifying, PlanSubmitDate: day(t, "2024-02-01"), ReportSubmitDate: day(t, "2024-02-20"),
	})
}

// received is what the county's receipt opens.
func received(t *testing.T, p domain.Place, on string) *domain.Opened {
	t.Helper()
	d := domain.RehydrateDelivery(domain.DeliveryRecord{
		ID: "v1", Place: p, Kind: domain.DeliverFeedback, RuleSet: regulation.County2012, Feedback: "f1",
		Content: domain.Content{Problems: problems(2)},
	})
	ok(t, d.Acknowledge("赵", noon(t, on)))
	o, err := d.Open("c1", moment(t, today).Rules)
	ok(t, err)
	r := o.Rectification.Record()
	if r.ReceiveDate != day(t, on) || len(r.Problems) != 2 || d.Record().Rectification != "c1" || !r.CreateTime.Equal(noon(t, on)) ||
		o.Plan.Record().State != domain.SubmissionDraft || o.Report.Record().State != domain.SubmissionDraft {
		t.Errorf("opened %+v", o)
	}
	return o
}

// TestArt17ReceiptStartsThePlanClock with the dates of domain.md §5.3.
func TestArt17ReceiptStartsThePlanClock(t *testing.T) {
	for on, want := range map[string]string{
		"2012-09-03": "2012-10-19", // over the make-up Saturday 29 September
		"2012-09-28": "2012-11-15",
		"2013-01-04": "2013-02-18",
		"2024-09-20": "2024-11-06",
		"2026-08-31": "2026-10-16",
	} {
		d := dates{}
		d.enter(t, moment(t, on), received(t, place(), on).Dues)
		r := d[regulation.DutyPlan].Record()
		if r.Due != day(t, want) || r.Article != "17" || r.RuleSet != regulation.County2012 || r.Obligor != regulation.CountyBody {
			t.Errorf("received %s: plan due %+v, want %s (art. 17)", on, r, want)
		}
	}
}

// TestArt17ReportClock: by default it runs from the first complete submission,
// and a return neither stops nor restarts it; the other readings are parameters.
func TestArt17ReportClock(t *testing.T) {
	for _, tt := range []struct {
		event               regulation.Event
		first, second, pass string // report due after each step
	}{
		{regulation.PlanFirstComplete, "2024-10-08", "2024-10-08", "2024-10-08"},
		{regulation.PlanLastSubmitted, "2024-10-08", "2024-10-22", "2024-10-22"},
		{regulation.PlanPassedByGroup, "", "", "2024-11-06"},
	} {
		t.Run(string(tt.event), func(t *testing.T) {
			r, p := rectification(t, domain.RectificationPlanning), plan(domain.SubmissionDraft)
			d := dates{}
			due := func(step, want string) {
				t.Helper()
				if got := d.due(regulation.DutyReport); got != want {
					t.Errorf("after %s the report is due %q, want %q", step, got, want)
				}
			}
			at := func(s string) obligation.Moment { return moment(t, s, starts(tt.event)) }
			_, dues, err := r.SubmitPlan(p, signed(), "v1", at("2024-04-01"))
			ok(t, err)
			d.enter(t, at("2024-04-01"), dues)
			due("the first submission", tt.first)
			dues, err = r.ReviewPlan(p, reply(domain.Return, "不实"), ofGroup(), at("2024-04-15"))
			ok(t, err)
			d.enter(t, at("2024-04-15"), dues)
			_, dues, err = r.SubmitPlan(p, signed(), "v2", at("2024-04-22"))
			ok(t, err)
			d.enter(t, at("2024-04-22"), dues)
			due("the second submission", tt.second)
			dues, err = r.ReviewPlan(p, reply(domain.Pass, ""), ofGroup(), at("2024-05-06"))
			ok(t, err)
			d.enter(t, at("2024-05-06"), dues)
			due("passing", tt.pass)
			if got := r.Record().PlanSubmitDate; got != day(t, "2024-04-01") || p.Record().Count != 2 {
				t.Errorf("submitted %v, %d times", got, p.Record().Count)
			}
			if o := d[regulation.DutyReport].Record(); !o.CountySees || o.CitySees {
				t.Errorf("county sees %t, city sees %t before the copy", o.CountySees, o.CitySees)
			}
		})
	}
}

// TestArt17PlanIsMetOnce: by the first complete submission, late or not.
func TestArt17PlanIsMetOnce(t *testing.T) {
	for on, late := range map[string]bool{"2024-04-09": false, "2024-04-10": true, "2025-08-15": true} {
		d := dates{}
		d.enter(t, moment(t, today), received(t, place(), today).Dues)
		if got := d.due(regulation.DutyPlan); got != "2024-04-09" {
			t.Fatalf("plan due %s", got)
		}
		r, p := rectification(t, domain.RectificationPlanning), plan(domain.SubmissionDraft)
		copied, dues, err := r.SubmitPlan(p, signed(), "v1", moment(t, on))
		ok(t, err)
		d.enter(t, moment(t, on), dues)
		o := d[regulation.DutyPlan].Record()
		if o.State != obligation.Satisfied || o.SatisfyDate != day(t, on) || o.Late != late || r.Record().PlanSubmitDate != day(t, on) {
			t.Errorf("submitted %s: %s on %s, late %t, want %t", on, o.State, o.SatisfyDate, o.Late, late)
		}
		c := copied.Record()
		if c.Kind != domain.DeliverPlanCopy || c.Rectification != "c1" || c.Content.Submission != 1 || len(c.Content.Measures) != 2 {
			t.Errorf("copy %+v (art. 17)", c)
		}
	}
}

// TestArt17SilenceGainsNoTime: while the plan is missing the report runs from the
// day the plan was due; the plan, when it comes, counts from its own day, and the
// date never becomes earlier by it.
func TestArt17SilenceGainsNoTime(t *testing.T) {
	d := dates{}
	d.enter(t, moment(t, "2012-09-03"), received(t, place(), "2012-09-03").Dues)
	late := moment(t, "2012-10-26")
	dues, err := domain.PlanOverdue(d[regulation.DutyPlan].Record(), late)
	ok(t, err)
	d.enter(t, late, dues)
	if got := d.due(regulation.DutyReport); got != "2013-04-19" {
		t.Errorf("plan missing: report due %s", got)
	}
	if o := d[regulation.DutyReport].Record(); o.Start != day(t, "2012-10-19") || !o.CountySees || o.CitySees || o.Place.County != "510104" {
		t.Errorf("report %+v", o)
	}
	r, p := rectification(t, domain.RectificationPlanning), plan(domain.SubmissionDraft)
	_, dues, err = r.SubmitPlan(p, signed(), "v1", moment(t, "2012-12-03"))
	ok(t, err)
	d.enter(t, moment(t, "2012-12-03"), dues)
	if got := d.due(regulation.DutyReport); got != "2013-06-03" {
		t.Errorf("plan came on 3 December: report due %s", got)
	}

	strict := moment(t, "2012-10-26", func(rs *regulation.RuleSet) {
		for i := range rs.Parameters {
			if rs.Parameters[i].Name == regulation.ReportLatePlanStart {
				rs.Parameters[i].Value = regulation.Choice("actual_date_of_plan")
			}
		}
	})
	dues, err = domain.PlanOverdue(obligation.Record{Due: workday.Date{Year: 2012, Month: 10, Day: 19}}, strict)
	if err != nil || len(dues.Counted) != 0 {
		t.Errorf("under the other reading opened %+v, %v", dues, err)
	}
}

// TestArts11And17TheCityKnowsAfterTheCopy: what is opened after the copy is the
// city's from the first day.
func TestArts11And17TheCityKnowsAfterTheCopy(t *testing.T) {
	r := domain.RehydrateRectification(domain.RectificationRecord{
		ID: "c1", Place: place(), Problems: problems(3), State: domain.RectificationPlanning, CityMaySee: true,
	})
	_, dues, err := r.SubmitPlan(plan(domain.SubmissionDraft), signed(), "v1", moment(t, today))
	ok(t, err)
	if len(dues.Counted) != 1 || !dues.Counted[0].CitySees {
		t.Errorf("opened %+v", dues.Counted)
	}
}
