package workday_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// The vectors of domain.md §5.3. A row with a known day is counted with the
// notices published by then.

func TestAddWorkingDays(t *testing.T) {
	cal := national(t)
	for _, tt := range []struct {
		name  string
		start string
		n     int
		known string
		want  string
	}{
		{name: "crosses the 8-day holiday and a worked Saturday", start: "2012-09-03", n: 30, want: "2012-10-19"},
		{name: "first counted day is a Saturday", start: "2012-09-28", n: 30, want: "2012-11-15"},
		{name: "two make-up weekends", start: "2013-01-04", n: 30, want: "2013-02-18"},
		{name: "year boundary, two notices", start: "2014-12-31", n: 30, want: "2015-02-12"},
		{name: "3 September 2015", start: "2015-08-20", n: 30, want: "2015-10-09"},
		{name: "3 September 2015 before the amendment", start: "2015-08-20", n: 30, known: "2015-05-12", want: "2015-10-08"},
		{name: "3 September 2015 on the day of the amendment", start: "2015-08-20", n: 30, known: "2015-05-13", want: "2015-10-09"},
		{name: "Spring Festival 2020 extended", start: "2020-01-20", n: 30, want: "2020-03-10"},
		{name: "Spring Festival 2020 before the extension", start: "2020-01-20", n: 30, known: "2020-01-26", want: "2020-03-06"},
		{name: "the next year's notice owns 12-31", start: "2022-12-30", n: 30, want: "2023-02-16"},
		{name: "8 days off and 2 make-up days", start: "2023-09-15", n: 30, want: "2023-11-02"},
		{name: "two holidays in 2024", start: "2024-09-20", n: 30, want: "2024-11-06"},
		{name: "from the last day of 2025", start: "2025-12-31", n: 30, want: "2026-02-12"},
		{name: "two holidays in 2026", start: "2026-08-31", n: 30, want: "2026-10-16"},
		{name: "due on a worked Sunday, moved earlier", start: "2019-04-22", n: 5, want: "2019-04-28"},
		{name: "the same before the amendment", start: "2019-04-22", n: 5, known: "2019-03-21", want: "2019-04-29"},
		{name: "national calendar beside Guangxi's", start: "2018-04-10", n: 30, want: "2018-05-23"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := cal
			if tt.known != "" {
				c = cal.KnownAt(date(t, tt.known))
			}
			got := c.AddWorkingDays("51", date(t, tt.start), tt.n, workday.CivilCode())
			if got.Date != date(t, tt.want) || got.Provisional {
				t.Errorf("%s + %d WD = %s (provisional %t), want %s", tt.start, tt.n, got.Date, got.Provisional, tt.want)
			}
			back := c.WorkingDaysBetween("51", date(t, tt.start), got.Date, workday.CivilCode())
			if back.Count != tt.n {
				t.Errorf("%s to %s counts %d working days, want %d", tt.start, got.Date, back.Count, tt.n)
			}
		})
	}
}

func TestAddWorkingDaysFromDayOff(t *testing.T) {
	cal := national(t)
	// A start on a day off makes no difference: 2012-10-01 to 07 are off.
	for _, start := range []string{"2012-09-29", "2012-09-30", "2012-10-03", "2012-10-07"} {
		got := cal.AddWorkingDays("", date(t, start), 1, workday.CivilCode())
		if want := date(t, "2012-10-08"); got.Date != want {
			t.Errorf("%s + 1 WD = %s, want %s", start, got.Date, want)
		}
	}
	included := workday.CivilCode()
	included.StartDay = workday.StartIncluded
	if got := cal.AddWorkingDays("", date(t, "2012-09-29"), 1, included); got.Date != date(t, "2012-09-29") {
		t.Errorf("with the start day included, 1 WD from a worked Saturday = %s", got.Date)
	}
	if got := cal.AddWorkingDays("", date(t, "2012-09-29"), 0, workday.CivilCode()); got.Date != got.Start || len(got.Days) != 0 {
		t.Errorf("0 WD = %+v, want the start", got)
	}
}

func TestLatestNotice(t *testing.T) {
	cal := national(t)
	strict := workday.CivilCode()
	strict.Notice = workday.ClearDays
	for _, tt := range []struct{ entry, want, wantStrict string }{
		{entry: "2012-10-15", want: "2012-09-25", wantStrict: "2012-09-24"},
		{entry: "2012-10-22", want: "2012-10-08", wantStrict: "2012-09-29"}, // a worked Saturday
		{entry: "2013-02-25", want: "2013-02-06", wantStrict: "2013-02-05"},
		{entry: "2020-02-17", want: "2020-02-03", wantStrict: "2020-01-23"},
		{entry: "2024-10-14", want: "2024-09-25", wantStrict: "2024-09-24"},
		{entry: "2026-03-02", want: "2026-02-10", wantStrict: "2026-02-09"},
	} {
		t.Run(tt.entry, func(t *testing.T) {
			entry := date(t, tt.entry)
			got := cal.LatestNotice("51", entry, 10, workday.CivilCode())
			if got.Date != date(t, tt.want) || got.Provisional {
				t.Errorf("latest notice %s (provisional %t), want %s", got.Date, got.Provisional, tt.want)
			}
			if got := cal.LatestNotice("51", entry, 10, strict); got.Date != date(t, tt.wantStrict) {
				t.Errorf("latest notice in clear days %s, want %s", got.Date, tt.wantStrict)
			}
			if n := cal.NoticeDays("51", got.Date, entry, workday.CivilCode()).Count; n != 10 {
				t.Errorf("notice on %s is %d working days ahead, want 10", got.Date, n)
			}
			if n := cal.NoticeDays("51", got.Date, entry, strict).Count; n != 9 {
				t.Errorf("notice on %s is %d clear days ahead, want 9", got.Date, n)
			}
			if n := cal.NoticeDays("51", got.Date.AddDays(1), entry, workday.CivilCode()).Count; n != 9 {
				t.Errorf("notice a day later is %d working days ahead, want 9", n)
			}
		})
	}
}

func TestNoticeDaysNeverNegative(t *testing.T) {
	cal := national(t)
	for _, mode := range []workday.NoticeMode{workday.BackFromEntry, workday.ClearDays} {
		v := workday.CivilCode()
		v.Notice = mode
		for _, received := range []string{"2012-10-15", "2012-10-16"} {
			if n := cal.NoticeDays("", date(t, received), date(t, "2012-10-15"), v).Count; n != 0 {
				t.Errorf("%s: notice on %s is %d days ahead of 2012-10-15, want 0", mode, received, n)
			}
		}
	}
}

func TestAddMonths(t *testing.T) {
	cal := national(t)
	for _, tt := range []struct {
		name        string
		start       string
		want        string
		provisional bool
	}{
		{name: "no corresponding day", start: "2012-08-30", want: "2013-02-28"},
		{name: "no corresponding day, last of month", start: "2012-08-31", want: "2013-02-28"},
		{name: "leap year", start: "2015-08-31", want: "2016-02-29"},
		{name: "rolls over the extended Spring Festival", start: "2019-07-30", want: "2020-02-03"},
		{name: "10-09, not 10-08", start: "2020-04-01", want: "2020-10-09"},
		{name: "National Day 2024", start: "2024-04-01", want: "2024-10-08"},
		{name: "9-day holiday", start: "2025-08-15", want: "2026-02-24"},
		{name: "a worked Saturday is no day off", start: "2012-03-29", want: "2012-09-29"},
		// 2027-02-28 is a Sunday; whether it or the Monday is worked nobody has said.
		{name: "unpublished year", start: "2026-08-31", want: "2027-03-01", provisional: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := cal.AddMonths("51", date(t, tt.start), 6, workday.CivilCode())
			if got.Date != date(t, tt.want) || got.Provisional != tt.provisional {
				t.Errorf("%s + 6 months = %s (provisional %t), want %s (%t)",
					tt.start, got.Date, got.Provisional, tt.want, tt.provisional)
			}
		})
	}
}

func TestAddMonthsConventions(t *testing.T) {
	cal := national(t)
	v := workday.CivilCode()
	v.Roll = workday.RollNone
	got := cal.AddMonths("51", date(t, "2026-08-31"), 6, v)
	if got.Date != date(t, "2027-02-28") || got.Provisional {
		t.Errorf("without rolling no notice matters: %s (provisional %t), want 2027-02-28, final", got.Date, got.Provisional)
	}
	v.StartDay = workday.StartIncluded
	for start, want := range map[string]string{
		"2012-08-15": "2013-02-14", "2013-03-01": "2013-08-31", "2013-03-31": "2013-09-30", "2012-08-29": "2013-02-28", "2012-09-01": "2013-02-28",
	} {
		if got := cal.AddMonths("51", date(t, start), 6, v); got.Date != date(t, want) {
			t.Errorf("from %s, included: %s, want %s", start, got.Date, want)
		}
	}
	if got := cal.AddMonths("51", date(t, "2012-02-29"), 12, workday.CivilCode()); got.Date != date(t, "2013-02-28") {
		t.Errorf("a year from 29 February: %s, want 2013-02-28", got.Date)
	}
}

func TestRegionalCalendar(t *testing.T) {
	// domain.md §5.2: Guangxi's 三月三 2018, 18 to 20 April off, Sunday 15 worked.
	notices := []workday.Notice{{ID: "GX-2018", Province: "45", Published: date(t, "2018-01-10")}}
	facts := []workday.Fact{
		{Notice: "GX-2018", Date: date(t, "2018-04-15"), Working: true, Name: "三月三"},
		{Notice: "GX-2018", Date: date(t, "2018-04-18"), Name: "三月三"},
		{Notice: "GX-2018", Date: date(t, "2018-04-19"), Name: "三月三"},
		{Notice: "GX-2018", Date: date(t, "2018-04-20"), Name: "三月三"},
	}
	cal, err := national(t).With(notices, facts)
	if err != nil {
		t.Fatal(err)
	}
	for province, want := range map[string]string{"45": "2018-05-25", "51": "2018-05-23", "": "2018-05-23"} {
		got := cal.AddWorkingDays(province, date(t, "2018-04-10"), 30, workday.CivilCode())
		if got.Date != date(t, want) {
			t.Errorf("province %q: 30 WD from 2018-04-10 = %s, want %s", province, got.Date, want)
		}
	}
	if got := cal.KnownAt(date(t, "2018-01-09")).AddWorkingDays("45", date(t, "2018-04-10"), 30, workday.CivilCode()); got.Date != date(t, "2018-05-23") {
		t.Errorf("before the notice of Guangxi: %s, want 2018-05-23", got.Date)
	}
	if diff := cmp.Diff([]string{"45"}, cal.Provinces()); diff != "" {
		t.Errorf("provinces (-want +got):\n%s", diff)
	}
}

func TestWorkingDaysPerYear(t *testing.T) {
	cal := national(t)
	want := map[int]int{
		2012: 249, 2013: 250, 2014: 250, 2015: 249, 2016: 250, 2017: 249, 2018: 250, 2019: 250,
		2020: 249, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248,
	}
	for year, n := range want {
		first, last := workday.NewDate(year, 1, 1), workday.NewDate(year, 12, 31)
		if got := cal.WorkingDaysBetween("", first.AddDays(-1), last, workday.CivilCode()).Count; got != n {
			t.Errorf("%d has %d working days, want %d", year, got, n)
		}
	}
}
