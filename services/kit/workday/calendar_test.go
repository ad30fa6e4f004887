package workday_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/workday"
)

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

func TestPublished(t *testing.T) {
	cal := national(t)
	for year := 2005; year <= 2030; year++ {
		if got, want := cal.Published(year), 2008 <= year && year <= 2026; got != want {
			t.Errorf("Published(%d) = %t, want %t", year, got, want)
		}
	}
	// The notice for 2012 came on 2011-12-06. That for 2011 speaks of no day of
	// 2012, but that for 2012 speaks of 2011-12-31.
	if cal.KnownAt(date(t, "2011-12-05")).Published(2012) {
		t.Error("2012 is published the day before its notice")
	}
	if !cal.KnownAt(date(t, "2011-12-06")).Published(2012) {
		t.Error("2012 is not published on the day of its notice")
	}
}

func TestProvisional(t *testing.T) {
	cal := national(t)
	for _, tt := range []struct {
		name  string
		known string
		start string
		n     int
		want  bool
	}{
		{name: "ends before the last week of the last published year", start: "2026-12-01", n: 17, want: false},
		{name: "enters the week that the next notice may arrange", start: "2026-12-01", n: 18, want: true},
		{name: "ends in an unpublished year", start: "2026-12-01", n: 30, want: true},
		{name: "starts on the last settled day", start: "2026-12-24", n: 1, want: true},
		{name: "before the first notice", start: "2007-06-01", n: 5, want: true},
		{name: "next year unpublished at the time", known: "2012-12-09", start: "2012-12-10", n: 30, want: true},
		{name: "next year published on the day", known: "2012-12-10", start: "2012-12-10", n: 30, want: false},
		{name: "nothing known at all", known: "2007-01-01", start: "2012-09-03", n: 1, want: true},
		{name: "an amendment to come does not count", known: "2015-05-12", start: "2015-08-20", n: 30, want: false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := cal
			if tt.known != "" {
				c = c.KnownAt(date(t, tt.known))
			}
			got := c.AddWorkingDays("51", date(t, tt.start), tt.n, workday.CivilCode())
			if got.Provisional != tt.want {
				t.Errorf("%s + %d WD = %s, provisional %t, want %t", tt.start, tt.n, got.Date, got.Provisional, tt.want)
			}
		})
	}
}

// Not knowing the notice for 2019 gave 2018-12-31 as a working day; it was off.
// That is why the last week of a year waits for the next notice.
func TestLastWeekOfDecember(t *testing.T) {
	cal := national(t)
	before := cal.KnownAt(date(t, "2018-12-05")).AddWorkingDays("", date(t, "2018-12-28"), 1, workday.CivilCode())
	after := cal.KnownAt(date(t, "2018-12-06")).AddWorkingDays("", date(t, "2018-12-28"), 1, workday.CivilCode())
	if before.Date != date(t, "2018-12-31") || !before.Provisional {
		t.Errorf("before the notice: %s (provisional %t), want 2018-12-31, provisional", before.Date, before.Provisional)
	}
	if after.Date != date(t, "2018-12-29") || after.Provisional {
		t.Errorf("after the notice: %s (provisional %t), want 2018-12-29, settled", after.Date, after.Provisional)
	}
}

func TestVersion(t *testing.T) {
	cal := national(t)
	for known, want := range map[string]string{
		"2007-12-17": "",
		"2012-09-03": "SC-2012",
		"2015-05-12": "SC-2015",
		"2015-05-13": "SC-2015-A",
		"2020-01-26": "SC-2020",
		"2030-01-01": "SC-2026",
	} {
		if got := cal.KnownAt(date(t, known)).Version(); got != want {
			t.Errorf("version at %s = %q, want %q", known, got, want)
		}
	}
	if got := cal.KnownAt(date(t, "2012-09-03")).KnownAt(date(t, "2020-01-01")).Version(); got != "SC-2012" {
		t.Errorf("a later day brought back what was forgotten: %q", got)
	}
	if got := cal.KnownAt(workday.Date{}).Version(); got != "" {
		t.Errorf("no day knows %q", got)
	}
	if _, ok := cal.KnownAt(date(t, "2015-05-12")).Notice("SC-2015-A"); ok {
		t.Error("an unpublished notice is handed out")
	}
	if n, ok := cal.Notice("SC-2015-A"); !ok || n.Published != date(t, "2015-05-13") || !strings.HasSuffix(n.Source, "content_9742.htm") {
		t.Errorf("notice SC-2015-A = %+v, %t", n, ok)
	}
}

func TestExplanation(t *testing.T) {
	cal := national(t)
	got := cal.AddWorkingDays("51", date(t, "2020-01-23"), 2, workday.CivilCode())
	var lines []string
	for _, d := range got.Days {
		if d.Unusual() || d.Counted > 0 {
			lines = append(lines, strings.TrimSpace(d.Date.String()+" "+d.Date.Weekday().String()+" "+d.Notice))
		}
	}
	want := []string{
		"2020-01-24 Friday SC-2020",
		"2020-01-27 Monday SC-2020",
		"2020-01-28 Tuesday SC-2020",
		"2020-01-29 Wednesday SC-2020",
		"2020-01-30 Thursday SC-2020",
		"2020-01-31 Friday SC-2020-A",
		"2020-02-03 Monday SC-2020-A",
		"2020-02-04 Tuesday",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("explanation (-want +got):\n%s", diff)
	}
	if n := len(got.Unusual()); n != 6 {
		t.Errorf("%d unusual days, want 6", n)
	}
	if got.CalendarVersion != "SC-2026" {
		t.Errorf("calendar version %q", got.CalendarVersion)
	}
}

func TestProvinceGoesBeforeCountry(t *testing.T) {
	// The province's day stands although the country spoke later of the same one.
	notices := []workday.Notice{
		{ID: "P", Province: "45", Published: date(t, "2018-01-01")},
		{ID: "N1", Published: date(t, "2018-01-02")},
		{ID: "N2", Published: date(t, "2018-01-03")},
	}
	day := date(t, "2018-04-18")
	facts := []workday.Fact{
		{Notice: "N2", Date: day, Working: true},
		{Notice: "N1", Date: day},
		{Notice: "P", Date: day, Name: "三月三"},
	}
	cal, err := workday.New(notices, facts)
	if err != nil {
		t.Fatal(err)
	}
	if got := cal.Day("45", day); got.Working || got.Notice != "P" {
		t.Errorf("province: %+v, want off by P", got)
	}
	if got := cal.Day("51", day); !got.Working || got.Notice != "N2" {
		t.Errorf("another province: %+v, want worked by N2, the later notice", got)
	}
	if got := cal.KnownAt(date(t, "2018-01-02")).Day("", day); got.Working || got.Notice != "N1" {
		t.Errorf("before N2: %+v, want off by N1", got)
	}
}

func TestNewRefuses(t *testing.T) {
	good := workday.Notice{ID: "A", Published: date(t, "2018-01-01")}
	fact := workday.Fact{Notice: "A", Date: date(t, "2018-01-02")}
	for _, tt := range []struct {
		name    string
		notices []workday.Notice
		facts   []workday.Fact
		want    string
	}{
		{"no id", []workday.Notice{{Published: good.Published}}, nil, "no id"},
		{"no publication", []workday.Notice{{ID: "A"}}, nil, "is not a date"},
		{"province by name", []workday.Notice{{ID: "A", Province: "广西", Published: good.Published}}, nil, "two digits"},
		{"notice twice", []workday.Notice{good, good}, nil, "twice"},
		{"fact without notice", nil, []workday.Fact{fact}, "not known"},
		{"fact twice", []workday.Notice{good}, []workday.Fact{fact, fact}, "twice"},
		{"no such day", []workday.Notice{good}, []workday.Fact{{Notice: "A", Date: workday.Date{Year: 2018, Month: 2, Day: 30}}}, "is not a date"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := workday.New(tt.notices, tt.facts)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestConvention(t *testing.T) {
	v := workday.CivilCode()
	if err := v.Validate(); err != nil {
		t.Errorf("the civil code's convention: %v", err)
	}
	d := date(t, "2012-10-19")
	if got := v.End(d); !got.Equal(d.End()) || workday.DateOf(got) != d.AddDays(1) {
		t.Errorf("the period ends %s, want 24:00 of %s", got, d)
	}
	err := workday.Convention{}.Validate()
	for _, want := range []string{"start day", "roll", "notice mode", "cut-off"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to name the %s", err, want)
		}
	}
}

func BenchmarkAddWorkingDays(b *testing.B) {
	cal := national(b)
	start, known := date(b, "2012-09-03"), date(b, "2012-09-04")
	for b.Loop() {
		cal.KnownAt(known).AddWorkingDays("51", start, 30, workday.CivilCode())
	}
}
