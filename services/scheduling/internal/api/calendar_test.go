package api_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// everybody is one person of each body that may ask for dates.
func everybody() []string {
	return []string{
		office, leading, province, leader, city, county, "CITY_LIAISON_BODY provinces/51/cities/510100 x",
		"DISCIPLINE_ORGAN provinces/51 x", "ORGANIZATION_DEPARTMENT provinces/51/cities/510100 x",
		"OTHER_DEPARTMENT provinces/51 x", "CENTRAL_OFFICE provinces/51 x",
	}
}

// TestCalendarDays: each with the notice that made it so; a province's own days are
// its own.
func TestCalendarDays(t *testing.T) {
	w := newWorld(t, fromApril)
	do(w.activate(liuzhou, w.propose(nanning, notice(t, "45", "GX-2018-03", "2018-01-10", "+2018-04-15", "2018-04-18"))))(t)
	list := func(token, province, from, to string) *schedulingv1.ListCalendarDaysResponse {
		return do(w.calendar().ListCalendarDays(w.as(token), &schedulingv1.ListCalendarDaysRequest{
			Parent: "provinces/" + province, StartDate: day(t, from), EndDate: day(t, to),
		}))(t)
	}
	marks := func(r *schedulingv1.ListCalendarDaysResponse) (marks string) {
		for _, d := range r.GetCalendarDays() {
			marks += map[bool]string{true: "w", false: "-"}[d.GetWorking()]
		}
		return marks
	}
	own := list(xingning, "45", "2018-04-13", "2018-04-19")
	equal(t, "Guangxi", marks(own), "w-www-w")
	if d := own.GetCalendarDays()[2]; d.GetNotice() != "GX-2018-03" || d.GetSource() != "桂政办电" || d.GetHoliday() != "三月三" || !d.GetWeekend() || !d.GetSettled() {
		t.Errorf("a worked Sunday: %v", d)
	}
	if own.GetCalendarVersion() == "SC-2018" {
		t.Error("the version does not tell the notice")
	}
	for _, token := range everybody() {
		equal(t, "Sichuan for "+token, marks(list(token, "51", "2018-04-13", "2018-04-19")), "w--wwww")
	}
	if n := len(list(county, "51", "2018-01-01", "2019-02-04").GetCalendarDays()); n != 400 {
		t.Errorf("%d days, want 400", n)
	}
	for _, to := range []string{"2018-12-31", "2020-02-05"} {
		_, err := w.calendar().ListCalendarDays(w.as(county), &schedulingv1.ListCalendarDaysRequest{
			Parent: sichuan, StartDate: day(t, "2019-01-01"), EndDate: day(t, to),
		})
		equal(t, "to "+to, lines(refused(t, err, "FIELD_INVALID").Fields), []string{"end_date RANGE_INVALID"})
	}
}

// TestEveryDeadlineIsCountedOut: what is due when, and as many days with a number as
// the period has.
func TestEveryDeadlineIsCountedOut(t *testing.T) {
	w := newWorld(t, "2012-09-03")
	all := do(w.calendar().ComputeDeadlines(w.as(county), &schedulingv1.ComputeDeadlinesRequest{
		Parent: sichuan, StartDate: day(t, "2012-09-03"),
	}))(t).GetDeadlines()
	due := map[string]string{}
	for _, d := range all {
		due[d.GetClock()] = text(d.GetDue().GetDate())
		numbered := 0
		for _, c := range d.GetDays() {
			if c.GetNumber() > 0 {
				numbered++
			}
		}
		last := d.GetDays()[len(d.GetDays())-1]
		if d.GetUnit() == "working_days" && numbered != int(d.GetCount()) || text(last.GetDate()) != due[d.GetClock()] {
			t.Errorf("%s: %d numbered days, the last %s, for %v", d.GetClock(), numbered, text(last.GetDate()), d)
		}
		got := do(w.calendar().ExplainDeadline(w.as(county), &schedulingv1.ExplainDeadlineRequest{Parent: sichuan, Due: d.GetDue()}))(t)
		if !proto.Equal(got, d) {
			t.Errorf("explained as %v, told %v", got, d)
		}
	}
	for clock, want := range map[string]string{"plan": "2012-10-19", "hearing": "2012-10-19", "rectification_report": "2013-03-04", "group_opinion": "2013-09-03"} {
		equal(t, clock, due[clock], want)
	}
	if _, back := due["entry_notice"]; back {
		t.Error("the notice of entry runs back from its event, and was not asked for")
	}
	ahead := w.deadline(county, "51", "entry_notice", "2012-10-22") // domain.md §5.3
	if text(ahead.GetDue().GetDate()) != "2012-10-08" || ahead.GetDue().GetArticle() != "12(2)" || ahead.GetCount() != 10 {
		t.Errorf("notice for entry on 2012-10-22: %v", ahead.GetDue())
	}
	if d := all[0]; d.GetDays()[25].GetNotice() != "SC-2012" || d.GetDays()[25].GetSource() == "" || d.GetDays()[25].GetHoliday() != "中秋节、国庆节" {
		t.Errorf("the worked Saturday 2012-09-29: %v", d.GetDays()[25])
	}
}

// TestOnlyWhatFollowsIsExplained: a date that was altered, or that names what never
// was, is refused and says so.
func TestOnlyWhatFollowsIsExplained(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	told := w.deadline(county, "51", "plan", "2026-01-15").GetDue()
	for name, tt := range map[string]struct {
		reason string
		alter  func(*regulationv1.StatutoryDate)
	}{
		"as told":             {"", func(*regulationv1.StatutoryDate) {}},
		"without its clock":   {"", func(d *regulationv1.StatutoryDate) { d.Clock = "" }},
		"a day later":         {"DEADLINE_NOT_REPRODUCED", func(d *regulationv1.StatutoryDate) { d.Date.Day++ }},
		"of another period":   {"DEADLINE_NOT_REPRODUCED", func(d *regulationv1.StatutoryDate) { d.Clock = "hearing" }},
		"of another article":  {"DEADLINE_NOT_REPRODUCED", func(d *regulationv1.StatutoryDate) { d.Article = "5" }},
		"of no such calendar": {"DEADLINE_NOT_REPRODUCED", func(d *regulationv1.StatutoryDate) { d.CalendarVersion = "SC-1999" }},
		"of no such rules":    {"NOT_FOUND", func(d *regulationv1.StatutoryDate) { d.RuleSet = "CN-COUNTY-1912" }},
		"of unread rules":     {"RULE_SET_NOT_VERIFIED", func(d *regulationv1.StatutoryDate) { d.RuleSet = "CN-REGULATIONS-2015" }},
		"without a start":     {"FIELD_INVALID", func(d *regulationv1.StatutoryDate) { d.StartDate = nil }},
		"of another age":      {"FIELD_INVALID", func(d *regulationv1.StatutoryDate) { d.StartDate.Year = 9999 }},
	} {
		d := proto.CloneOf(told)
		tt.alter(d)
		got, err := w.calendar().ExplainDeadline(w.as(county), &schedulingv1.ExplainDeadlineRequest{Parent: sichuan, Due: d})
		switch {
		case tt.reason != "":
			if f := refused(t, err, tt.reason); tt.reason == "DEADLINE_NOT_REPRODUCED" && f.Meta["article"] == "" {
				t.Errorf("%s: no article in %v", name, f.Meta)
			}
		case err != nil || !proto.Equal(got.GetDue(), told):
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	_, err := w.calendar().ComputeDeadlines(w.as(county), &schedulingv1.ComputeDeadlinesRequest{
		Parent: sichuan, StartDate: day(t, "2026-01-15"), Clock: "coffee",
	})
	equal(t, "an unknown period", lines(refused(t, err, "FIELD_INVALID").Fields), []string{"clock CLOCK_UNKNOWN"})
}

func (w *world) rules() schedulingv1.RuleSetServiceClient {
	return schedulingv1.NewRuleSetServiceClient(w.edge())
}

// TestArt20RuleSets: all are shown, one is selected, and the others count nowhere.
func TestArt20RuleSets(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	var ids []string
	req := &schedulingv1.ListRuleSetsRequest{Parent: sichuan, PageSize: 3}
	for {
		page := do(w.rules().ListRuleSets(w.as(county), req))(t)
		for _, rs := range page.GetRuleSets() {
			ids = append(ids, rs.GetName())
			if rs.GetSelected() != (rs.GetName() == sichuan+"/ruleSets/CN-COUNTY-2012") || rs.GetSelected() && !rs.GetVerified() {
				t.Errorf("%s is selected: %t", rs.GetName(), rs.GetSelected())
			}
		}
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	equal(t, "rule sets", ids, []string{
		sichuan + "/ruleSets/CN-COUNTY-2012", sichuan + "/ruleSets/CN-REGULATIONS-2015",
		sichuan + "/ruleSets/CN-REGULATIONS-2017", sichuan + "/ruleSets/CN-REGULATIONS-2024",
	})
	for _, token := range everybody() {
		rs := do(w.rules().GetRuleSet(w.as(token), &schedulingv1.GetRuleSetRequest{Name: ids[0]}))(t)
		values := map[string]string{}
		for _, p := range rs.GetParameters() {
			values[p.GetParameter()] = p.GetArticle() + ": " + p.GetValue() + " " + p.GetUnit()
		}
		if values["plan.period"] != "17: 30 working_days" || len(rs.GetClocks()) == 0 || len(rs.GetDuties()) == 0 ||
			len(rs.GetLadders()) == 0 || len(rs.GetGates()) == 0 || len(rs.GetDocuments()) == 0 || text(rs.GetStartDate()) != "2012-08-02" {
			t.Errorf("read as %v", rs)
		}
	}
	_, err := w.rules().GetRuleSet(w.as(county), &schedulingv1.GetRuleSetRequest{Name: sichuan + "/ruleSets/CN-COUNTY-1912"})
	refused(t, err, "NOT_FOUND")
	_, err = w.rules().GetRuleSet(w.as("SYSTEM_ADMINISTRATOR provinces/51 x"), &schedulingv1.GetRuleSetRequest{Name: ids[0]})
	refused(t, err, "METHOD_NOT_GRANTED")
}
