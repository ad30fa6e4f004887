package workday_test

import (
	"regexp"
	"testing"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// TestVersionNamesWhatWasAdded: two calendars with different notices never have
// one version, in whatever order the notices came.
func TestVersionNamesWhatWasAdded(t *testing.T) {
	late := workday.Notice{ID: "GX-2018-03", Province: "45", Published: date(t, "2018-01-10")}
	other := workday.Notice{ID: "GX-2017-03", Province: "45", Published: date(t, "2017-01-10")}
	base := national(t)
	with := func(c *workday.Calendar, notices ...workday.Notice) *workday.Calendar {
		t.Helper()
		more, err := c.With(notices, nil)
		if err != nil {
			t.Fatal(err)
		}
		return more
	}
	one, two := with(base, late), with(base, late, other)
	versions := map[string]bool{base.Version(): true, one.Version(): true, two.Version(): true, with(base, other).Version(): true}
	if len(versions) != 4 {
		t.Errorf("four sets of notices have the versions %v", versions)
	}
	if got := with(with(base, other), late).Version(); got != two.Version() {
		t.Errorf("added one by one: %s, want %s", got, two.Version())
	}
	if !regexp.MustCompile(`^SC-2026\+[0-9a-f]{8}$`).MatchString(one.Version()) {
		t.Errorf("version %q is not a national one with eight hex digits", one.Version())
	}
	if got := one.KnownAt(date(t, "2018-01-09")).Version(); got != "SC-2018" {
		t.Errorf("before its publication: %s, want SC-2018", got)
	}
	if got := with(base).Version(); got != "SC-2026" {
		t.Errorf("nothing added: %s", got)
	}
}

// TestAtVersionFindsEach: every version that a calendar ever had leads back to
// what it knew then.
func TestAtVersionFindsEach(t *testing.T) {
	day := date(t, "2018-04-18")
	cal, err := national(t).With(
		[]workday.Notice{{ID: "GX-2018-03", Province: "45", Published: date(t, "2018-01-10")}},
		[]workday.Fact{{Notice: "GX-2018-03", Date: day, Name: "三月三"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range []string{"2007-01-01", "2012-09-03", "2018-01-09", "2018-01-10", "2019-03-22", "2030-01-01"} {
		then := cal.KnownAt(date(t, known))
		got, ok := cal.AtVersion(then.Version())
		if !ok || got.Version() != then.Version() || got.Day("45", day) != then.Day("45", day) {
			t.Errorf("known at %s: version %q leads to %q (%t)", known, then.Version(), got.Version(), ok)
		}
	}
	for _, version := range []string{"SC-1999", "SC-2026+00000000", "SC-2026"} {
		if _, ok := cal.AtVersion(version); ok {
			t.Errorf("it never had the version %s", version)
		}
	}
}

func TestWithoutForgets(t *testing.T) {
	base := national(t)
	less := base.Without("SC-2019-A", "no such")
	for c, want := range map[*workday.Calendar]string{base: "2019-04-28", less: "2019-04-29"} {
		if got := c.AddWorkingDays("51", date(t, "2019-04-22"), 5, workday.CivilCode()); got.Date != date(t, want) {
			t.Errorf("5 working days from 2019-04-22 = %s, want %s", got.Date, want)
		}
	}
	if base.Without("no such") != base || less.KnownAt(date(t, "2019-04-01")).Version() != "SC-2019" {
		t.Error("what was not there was taken away, or what was is still there")
	}
	if n := len(base.Facts("SC-2019-A")); n != 6 || less.Facts("SC-2019-A") != nil {
		t.Errorf("the notice speaks of %d days, want 6, and of none without it", n)
	}
}

func BenchmarkWith(b *testing.B) {
	base := national(b)
	notices := []workday.Notice{{ID: "GX-2018-03", Province: "45", Published: date(b, "2018-01-10")}}
	facts := []workday.Fact{{Notice: "GX-2018-03", Date: date(b, "2018-04-18")}}
	for b.Loop() {
		if _, err := base.With(notices, facts); err != nil {
			b.Fatal(err)
		}
	}
}
