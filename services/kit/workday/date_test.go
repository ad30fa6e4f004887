package workday_test

import (
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/workday"
)

func TestDateOfIsShanghaiDay(t *testing.T) {
	for instant, want := range map[string]string{
		"2012-09-02T15:59:59Z":      "2012-09-02",
		"2012-09-02T16:00:00Z":      "2012-09-03",
		"2012-09-03T00:00:00+08:00": "2012-09-03",
		"2012-09-03T23:59:59-11:00": "2012-09-04",
	} {
		at, err := time.Parse(time.RFC3339, instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := workday.DateOf(at); got.String() != want {
			t.Errorf("DateOf(%s) = %s, want %s", instant, got, want)
		}
	}
	d := date(t, "2012-09-03")
	if workday.DateOf(d.Time()) != d || workday.DateOf(d.End()) != d.AddDays(1) || d.End().Sub(d.Time()) != 24*time.Hour {
		t.Errorf("the day %s begins %s and ends %s", d, d.Time(), d.End())
	}
}

func TestDateArithmetic(t *testing.T) {
	d := date(t, "2012-02-28")
	if got := d.AddDays(2); got.String() != "2012-03-01" {
		t.Errorf("%s + 2 days = %s", d, got)
	}
	if got := d.AddDays(-59); got.String() != "2011-12-31" {
		t.Errorf("%s - 59 days = %s", d, got)
	}
	if got := date(t, "2013-02-28").DaysSince(d); got != 366 {
		t.Errorf("days in a leap year = %d", got)
	}
	if d.Weekday() != time.Tuesday {
		t.Errorf("%s is a %s", d, d.Weekday())
	}
	later := []string{"2012-02-29", "2012-03-01", "2013-01-01"}
	for _, s := range later {
		e := date(t, s)
		if !d.Before(e) || !e.After(d) || d.After(e) || e.Compare(d) != 1 || d.Compare(d) != 0 {
			t.Errorf("%s and %s are not in order", d, e)
		}
	}
}

func TestDateValid(t *testing.T) {
	for _, d := range []workday.Date{
		{}, {Year: 2012}, {Year: 2013, Month: 2, Day: 29}, {Year: 2012, Month: 13, Day: 1},
		{Year: 2012, Month: 1, Day: 0}, {Year: 10000, Month: 1, Day: 1}, {Year: -1, Month: 1, Day: 1},
	} {
		if d.Valid() {
			t.Errorf("%v is valid", d)
		}
	}
	if d := workday.NewDate(2012, time.February, 29); !d.Valid() || d.IsZero() {
		t.Errorf("%s is not valid", d)
	}
	if !(workday.Date{}).IsZero() {
		t.Error("the zero date is a day")
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{
		"2012-09-03", "2012-02-30", "2012-2-3", "0000-01-01", "0001-01-01", "9999-12-31",
		"２０１２-09-03", "2012-09-03\x00", " 2012-09-03", "2012-09-03T00:00:00Z", "-001-01-01", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := workday.ParseDate(s)
		if err != nil {
			if !d.IsZero() {
				t.Errorf("ParseDate(%q) failed and gave %s", s, d)
			}
			return
		}
		if !d.Valid() || d.String() != s {
			t.Errorf("ParseDate(%q) = %s, valid %t", s, d, d.Valid())
		}
	})
}
