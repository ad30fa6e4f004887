package regulation_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func county2012(t testing.TB) *regulation.RuleSet {
	t.Helper()
	book, err := regulation.Load()
	if err != nil {
		t.Fatal(err)
	}
	rs, err := book.Get(regulation.County2012)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

func national(t testing.TB) *workday.Calendar {
	t.Helper()
	cal, err := workday.National()
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func date(t testing.TB, s string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The dates are those of domain.md §5.3; the same numbers mean 30 working days
// whether a plan or a hearing is due.
func TestDeadlines(t *testing.T) {
	rs, cal := county2012(t), national(t)
	type compute func(*workday.Calendar, string, workday.Date) (regulation.Due, error)
	of := func(clock regulation.ClockName) compute {
		return func(c *workday.Calendar, province string, start workday.Date) (regulation.Due, error) {
			return rs.Deadline(clock, c, province, start)
		}
	}
	for _, tt := range []struct {
		name        string
		due         compute
		start       string
		known       string
		count       string // what was counted
		want        string
		article     string
		soft        bool
		provisional bool
	}{
		{name: "art. 17 plan, over National Day", due: of(regulation.PlanClock), start: "2012-09-03", count: "30 working_days of plan", want: "2012-10-19", article: "17"},
		{name: "art. 17 plan, feedback on a day off", due: of(regulation.PlanClock), start: "2012-10-03", count: "30 working_days of plan", want: "2012-11-16", article: "17"},
		{name: "art. 17 plan, before the amendment of 2015", due: of(regulation.PlanClock), start: "2015-08-20", known: "2015-05-12", count: "30 working_days of plan", want: "2015-10-08", article: "17"},
		{name: "art. 17 plan, after it", due: of(regulation.PlanClock), start: "2015-08-20", known: "2015-08-20", count: "30 working_days of plan", want: "2015-10-09", article: "17"},
		{name: "art. 17 plan, next year unpublished", due: of(regulation.PlanClock), start: "2012-12-03", known: "2012-12-03", count: "30 working_days of plan", want: "2013-01-14", article: "17", provisional: true},
		{name: "art. 17 report, leap year", due: of(regulation.ReportClock), start: "2015-08-31", count: "6 months of rectification_report", want: "2016-02-29", article: "17"},
		{name: "art. 17 report, rolls over Spring Festival", due: of(regulation.ReportClock), start: "2025-08-15", count: "6 months of rectification_report", want: "2026-02-24", article: "17"},
		{name: "art. 17 report, unpublished year", due: of(regulation.ReportClock), start: "2026-08-31", count: "6 months of rectification_report", want: "2027-03-01", article: "17", provisional: true},
		{name: "art. 5 hearing", due: of(regulation.HearingClock), start: "2022-12-30", count: "30 working_days of hearing", want: "2023-02-16", article: "5", soft: true},
		{name: "art. 12(2) notice", due: rs.LatestNotice, start: "2012-10-15", count: "10 working_days of entry_notice", want: "2012-09-25", article: "12(2)"},
		{name: "art. 12(2) notice, strict", due: rs.LatestNoticeStrict, start: "2012-10-22", count: "10 working_days of entry_notice", want: "2012-09-29", article: "12(2)"},
		{name: "art. 18 opinion, ends on a Sunday", due: of(regulation.OpinionClock), start: "2012-10-20", count: "1 years of group_opinion", want: "2013-10-20", article: "18"},
		{name: "art. 18 opinion, final although unpublished", due: of(regulation.OpinionClock), start: "2026-11-13", count: "1 years of group_opinion", want: "2027-11-13", article: "18"},
		{name: "art. 18 notification, due on a worked Sunday", due: of(regulation.PersonnelClock), start: "2019-04-22", count: "5 working_days of personnel_notification", want: "2019-04-28", article: "18", soft: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := cal
			if tt.known != "" {
				c = cal.KnownAt(date(t, tt.known))
			}
			got, err := tt.due(c, "51", date(t, tt.start))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Days) == 0 || !got.End.Equal(date(t, tt.want).End()) {
				t.Errorf("%d days of explanation, end %s", len(got.Days), got.End)
			}
			if count := fmt.Sprintf("%d %s of %s", got.Count, got.Unit, got.Clock); count != tt.count {
				t.Errorf("counted %s, want %s", count, tt.count)
			}
			got.Days, got.End, got.Count, got.Unit, got.Clock = nil, time.Time{}, 0, "", ""
			want := regulation.Due{
				Date: date(t, tt.want), Start: date(t, tt.start), Provisional: tt.provisional, Soft: tt.soft,
				Article: tt.article, RuleSet: "CN-COUNTY-2012", CalendarVersion: c.Version(),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestArt17LateOnlyAfterTheLastStroke(t *testing.T) {
	rs, cal := county2012(t), national(t)
	due, err := rs.Deadline(regulation.PlanClock, cal, "51", date(t, "2012-09-03"))
	if err != nil {
		t.Fatal(err)
	}
	for at, late := range map[string]bool{
		"2012-10-19T00:00:00+08:00":           false,
		"2012-10-19T23:59:59.999999999+08:00": false,
		"2012-10-20T00:00:00+08:00":           false, // 24:00 of the last day
		"2012-10-20T00:00:00.000000001+08:00": true,
		"2012-10-19T16:00:01Z":                true,
	} {
		instant, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := due.Late(instant); got != late {
			t.Errorf("at %s late is %t, want %t", at, got, late)
		}
	}
}

func TestArt14AnalysisDue(t *testing.T) {
	got, err := county2012(t).AnalysisDue(2012)
	if err != nil || got != date(t, "2013-03-31") {
		t.Errorf("analysis of 2012 due %s (%v), want 2013-03-31", got, err)
	}
}

func TestRegionalCalendarReachesTheDeadline(t *testing.T) {
	day := func(s string, works bool) workday.Fact {
		return workday.Fact{Notice: "GX-2018", Date: date(t, s), Working: works, Name: "三月三"}
	}
	cal, err := national(t).With(
		[]workday.Notice{{ID: "GX-2018", Province: "45", Published: date(t, "2018-01-10")}},
		[]workday.Fact{day("2018-04-15", true), day("2018-04-18", false), day("2018-04-19", false), day("2018-04-20", false)},
	)
	if err != nil {
		t.Fatal(err)
	}
	for province, want := range map[string]string{"45": "2018-05-25", "51": "2018-05-23"} {
		due, err := county2012(t).Deadline(regulation.PlanClock, cal, province, date(t, "2018-04-10"))
		if err != nil || due.Date != date(t, want) {
			t.Errorf("province %s: plan due %s (%v), want %s", province, due.Date, err, want)
		}
	}
}
