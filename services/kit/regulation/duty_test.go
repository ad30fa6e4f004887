package regulation

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Who owes what by which article, and who is reminded when, written a second time.
func TestCounty2012Duties(t *testing.T) {
	want := map[DutyName]string{
		DutyCoverage:          "2: office by a plan, ladder coverage",
		DutyOnSitePeriod:      "3: inspection_group by a plan, ladder usual, soft",
		DutyHearing:           "5: leading_group by 30 working_days from batch_ended, ladder hearing",
		DutyImmediate:         "9: county_leading_body by 15 working_days from immediate_rectification_notice_received, ladder usual",
		DutyInspectionReport:  "10: inspection_group by 30 working_days from inspection_on_site_ended, ladder usual",
		DutyFeedback:          "11: inspection_group by 15 working_days from report_agreed_by_leading_group, ladder usual",
		DutyFeedbackCopy:      "11: office by 5 working_days from feedback_received_by_body, ladder usual",
		DutyEntryNotice:       "12(2): office by 10 working_days before entered, ladder usual",
		DutyTransfer:          "13: office by 20 working_days from transfer_decided, ladder usual",
		DutyAnnualAnalysis:    "14: office by a plan, ladder usual, soft",
		DutyCityBriefing:      "15(1): city_committee by 1 working_days before entered, ladder usual",
		DutyCityMeasures:      "15(4): city_committee by 30 working_days from feedback_copied_to_city, ladder usual",
		DutyLiaison:           "16: city_committee by 5 working_days from entry_notice_issued, ladder usual",
		DutyPlan:              "17: county_leading_body by 30 working_days from feedback_received_by_body, ladder usual",
		DutyReport:            "17: county_leading_body by 6 months from plan_first_complete_submission, ladder usual",
		DutyPersonnelNotified: "18: discipline_body by 5 working_days from personnel_measure_decided, ladder usual",
	}
	rs := county2012()
	got := map[DutyName]string{}
	for _, d := range rs.Duties {
		got[d.Name] = sentence(t, rs, d)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("duties (-want +got):\n%s", diff)
	}
}

func sentence(t *testing.T, rs *RuleSet, d Duty) string {
	t.Helper()
	by := "a plan"
	if d.Clock != "" {
		clock, err := rs.Clock(d.Clock)
		if err != nil {
			t.Fatal(err)
		}
		p, err := rs.Parameter(clock.Period)
		if err != nil {
			t.Fatal(err)
		}
		from := "from"
		if clock.Back {
			from = "before"
		}
		by = fmt.Sprintf("%s %s %s %s", p.Value, p.Unit, from, clock.Starts)
		if clock.Article != d.Article || p.Article != d.Article {
			t.Errorf("%s is of art. %s, its clock of art. %s, its period of art. %s", d.Name, d.Article, clock.Article, p.Article)
		}
	}
	text := fmt.Sprintf("%s: %s by %s, ladder %s", d.Article, d.Obligor, by, d.Ladder)
	if d.Soft {
		text += ", soft"
	}
	return text
}

func TestCounty2012Ladders(t *testing.T) {
	want := map[LadderName]string{
		UsualLadder: "working_days, yellow from 10: 20 obligor; 10 obligor; 5 obligor,city_committee; " +
			"0 obligor,city_committee,office; then every 5 obligor,city_committee,office,leading_group",
		HearingLadder: "working_days, yellow from 10: 10 office; 5 obligor,office; 0 obligor,office; then every 5 obligor,office",
		CoverageLadder: "months, yellow from 6: 18 obligor; 12 obligor; 6 obligor; 0 obligor,leading_group; " +
			"then every 5 obligor,leading_group",
	}
	names := func(bodies []Body) string {
		var out []string
		for _, b := range bodies {
			out = append(out, string(b))
		}
		return strings.Join(out, ",")
	}
	got := map[LadderName]string{}
	for _, l := range county2012().Ladders {
		text := fmt.Sprintf("%s, yellow from %d: ", l.Unit, l.Yellow)
		for _, r := range l.Rungs {
			text += fmt.Sprintf("%d %s; ", r.Before, names(r.To))
		}
		got[l.Name] = text + fmt.Sprintf("then every %d %s", l.Every, names(l.After))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ladders (-want +got):\n%s", diff)
	}
}

func TestLadderNeverEnds(t *testing.T) {
	l, err := county2012().Ladder(UsualLadder)
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for i := range 8 {
		offset, to := l.At(i)
		if len(to) == 0 {
			t.Errorf("rung %d tells nobody", i)
		}
		got = append(got, offset)
	}
	if diff := cmp.Diff([]int{-20, -10, -5, 0, 5, 10, 15, 20}, got); diff != "" {
		t.Errorf("offsets (-want +got):\n%s", diff)
	}
	if offset, to := l.At(1003); offset != 5000 || len(to) != 4 {
		t.Errorf("rung 1003 is at %d and tells %v", offset, to)
	}
}

func TestBookRefusesFaultyDuties(t *testing.T) {
	for _, tt := range []struct {
		want  string
		spoil func(rs *RuleSet)
	}{
		{"no article or no obligor", func(rs *RuleSet) { rs.Duties[0].Article = "" }},
		{"no article or no obligor", func(rs *RuleSet) { rs.Duties[0].Obligor = "" }},
		{"has no ladder none", func(rs *RuleSet) { rs.Duties[0].Ladder = "none" }},
		{"has no clock none", func(rs *RuleSet) { rs.Duties[0].Clock = "none" }},
		{"is there twice", func(rs *RuleSet) { rs.Duties = append(rs.Duties, rs.Duties[0]) }},
		{"counts neither", func(rs *RuleSet) { rs.Ladders[0].Unit = Years }},
		{"not the due day", func(rs *RuleSet) { rs.Ladders[0].Rungs = rs.Ladders[0].Rungs[:2] }},
		{"tells nobody", func(rs *RuleSet) { rs.Ladders[0].Rungs[1].To = nil }},
		{"not later than the one before", func(rs *RuleSet) { rs.Ladders[0].Rungs[1].Before = 20 }},
		{"falls silent", func(rs *RuleSet) { rs.Ladders[0].Every = 0 }},
		{"falls silent", func(rs *RuleSet) { rs.Ladders[0].After = nil }},
	} {
		rs := county2012()
		tt.spoil(rs)
		if _, err := newBook(rs); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

// A suspension gives back the days that it took from the period, and no others.
func TestSuspensionsMoveWhatTheyTouch(t *testing.T) {
	rs := county2012()
	cal, err := workday.National()
	if err != nil {
		t.Fatal(err)
	}
	day := func(s string) workday.Date {
		d, err := workday.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	span := func(from, to string) workday.Span { return workday.Span{From: day(from), To: day(to)} }
	planned := day("2013-04-19")
	for _, tt := range []struct {
		name  string
		duty  DutyName
		start string
		by    Adjustment
		want  string
	}{
		{"plan", DutyPlan, "2012-09-03", Adjustment{}, "2012-10-19"},
		{"plan, within", DutyPlan, "2012-09-03", Adjustment{Suspended: []workday.Span{span("2012-09-10", "2012-09-14")}}, "2012-10-26"},
		{"plan, after its end", DutyPlan, "2012-09-03", Adjustment{Suspended: []workday.Span{span("2012-10-22", "2012-12-14")}}, "2012-10-19"},
		{"report", DutyReport, "2012-10-19", Adjustment{}, "2013-04-19"},
		{"report, extended", DutyReport, "2012-10-19", Adjustment{Extension: 10}, "2013-05-02"}, // 29 April to 1 May are off
		{"report, within", DutyReport, "2012-10-19", Adjustment{Suspended: []workday.Span{span("2013-01-01", "2013-01-05")}}, "2013-04-24"},
		{"report, before a new start", DutyReport, "2012-10-19", Adjustment{Suspended: []workday.Span{span("2012-10-01", "2012-10-22")}}, "2013-04-22"},
		{"report, on a last day that rolled", DutyReport, "2012-10-21", Adjustment{Suspended: []workday.Span{span("2013-04-22", "2013-04-22")}}, "2013-04-23"},
		{"report, stopped and resumed within a day", DutyReport, "2012-10-19", Adjustment{Suspended: []workday.Span{span("2013-01-01", "2012-12-31")}}, "2013-04-19"},
		{"report, after its end", DutyReport, "2012-10-19", Adjustment{Suspended: []workday.Span{span("2013-04-20", "2013-06-30")}}, "2013-04-19"},
		{"report, one that the other lets in", DutyReport, "2012-10-19", Adjustment{Suspended: []workday.Span{
			span("2013-01-01", "2013-01-05"), span("2013-04-22", "2013-04-23"),
		}}, "2013-04-26"},
		{"planned day, extended and suspended", DutyOnSitePeriod, "2013-03-20",
			Adjustment{Extension: 5, Suspended: []workday.Span{span("2013-04-22", "2013-04-23"), span("2013-05-01", "2013-05-09")}}, "2013-04-26"},
		{"planned day, suspended on it, which is the first too", DutyOnSitePeriod, "2013-04-19",
			Adjustment{Suspended: []workday.Span{span("2013-04-19", "2013-04-19")}}, "2013-04-20"},
	} {
		got, err := rs.DutyDue(tt.duty, cal, "51", day(tt.start), planned, tt.by)
		if err != nil || got.Date.String() != tt.want {
			t.Errorf("%s: due %s (%v), want %s", tt.name, got.Date, err, tt.want)
		}
	}
	_, err = rs.DutyDue(DutyEntryNotice, cal, "51", planned, workday.Date{}, Adjustment{Extension: 1})
	if !fault.Is(err, ReasonNotExtendable) {
		t.Errorf("a notice that is counted back is extended: %v", err)
	}
}
