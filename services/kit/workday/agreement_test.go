package workday_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// TestAgreesWithSlowCounter runs ten thousand random counts on random calendars
// and compares each with a counter that shares nothing with the package: it
// goes day by day over time.Time and reads through all facts for every day.
func TestAgreesWithSlowCounter(t *testing.T) {
	for range 100 { // rapid.Check does a hundred cases
		rapid.Check(t, compareOnce)
	}
}

func compareOnce(t *rapid.T) {
	w := drawWorld(t)
	cal, err := workday.New(w.notices, w.facts)
	if err != nil {
		t.Fatal(err)
	}
	cal = cal.KnownAt(w.known)
	start := drawDate(t, "start")
	n := rapid.IntRange(1, 40).Draw(t, "n")

	check := func(what string, got workday.Result, want slow) {
		if got.Date.String() != want.date.Format(time.DateOnly) || got.Provisional != want.provisional {
			t.Fatalf("%s: got %s provisional %t, want %s provisional %t",
				what, got.Date, got.Provisional, want.date.Format(time.DateOnly), want.provisional)
		}
	}
	civil, strict := workday.CivilCode(), workday.CivilCode()
	strict.Notice = workday.ClearDays
	added := cal.AddWorkingDays(w.province, start, n, civil)
	check("add", added, w.nth(start, n, 1))
	check("latest notice", cal.LatestNotice(w.province, start, n, civil), w.nth(start, n, -1))
	check("latest notice, clear days", cal.LatestNotice(w.province, start, n, strict), w.nth(start, n+1, -1))
	check("months", cal.AddMonths(w.province, start, n, civil), w.months(start, n))
	if got := cal.WorkingDaysBetween(w.province, start, added.Date, civil).Count; got != n {
		t.Fatalf("between: %d working days, want %d", got, n)
	}
}

// world is a random set of notices, one view of them, and the slow counter.
type world struct {
	notices  []workday.Notice
	facts    []workday.Fact
	known    workday.Date
	province string
}

type slow struct {
	date        time.Time
	provisional bool
}

func drawDate(t *rapid.T, label string) workday.Date {
	return workday.NewDate(2014, time.January, 1).AddDays(rapid.IntRange(0, 800).Draw(t, label))
}

func drawWorld(t *rapid.T) world {
	w := world{
		known:    drawDate(t, "known"),
		province: rapid.SampledFrom([]string{"", "45", "51"}).Draw(t, "province"),
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "notices") {
		n := workday.Notice{
			ID:        fmt.Sprintf("N%d", i),
			Province:  rapid.SampledFrom([]string{"", "", "45"}).Draw(t, "of"),
			Published: drawDate(t, "published"),
		}
		w.notices = append(w.notices, n)
		if rapid.Bool().Draw(t, "yearly") {
			year := rapid.IntRange(2014, 2019).Draw(t, "year")
			w.facts = append(w.facts, workday.Fact{Notice: n.ID, Date: workday.NewDate(year, time.October, 1)})
		}
		first := drawDate(t, "first")
		for j := range rapid.IntRange(0, 12).Draw(t, "days") {
			d := first.AddDays(j)
			if d.Month != time.October || d.Day != 1 { // not twice
				w.facts = append(w.facts, workday.Fact{Notice: n.ID, Date: d, Working: rapid.Bool().Draw(t, "worked")})
			}
		}
	}
	return w
}

// says finds what the latest known notice of exactly this province says of d.
func (w world) says(province string, d time.Time) (working, spoken bool) {
	var best workday.Notice
	for _, f := range w.facts {
		if f.Date.Day != d.Day() || f.Date.Month != d.Month() || f.Date.Year != d.Year() {
			continue
		}
		for _, n := range w.notices {
			if n.ID != f.Notice || n.Province != province || n.Published.String() > w.known.String() {
				continue
			}
			if !spoken || n.Published.String()+n.ID > best.Published.String()+best.ID {
				working, spoken, best = f.Working, true, n
			}
		}
	}
	return working, spoken
}

func (w world) works(d time.Time) bool {
	if working, ok := w.says(w.province, d); ok {
		return working
	}
	if working, ok := w.says("", d); ok {
		return working
	}
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
}

func (w world) settled(d time.Time) bool {
	// A week later is the same year, or the next one in the last week.
	for _, year := range []int{d.Year(), d.AddDate(0, 0, 7).Year()} {
		working, spoken := w.says("", time.Date(year, time.October, 1, 0, 0, 0, 0, time.UTC))
		if !spoken || working {
			return false
		}
	}
	return true
}

func (w world) nth(start workday.Date, n, step int) slow {
	s := slow{date: time.Date(start.Year, start.Month, start.Day, 0, 0, 0, 0, time.UTC)}
	for n > 0 {
		s.date = s.date.AddDate(0, 0, step)
		s.provisional = s.provisional || !w.settled(s.date)
		if w.works(s.date) {
			n--
		}
	}
	return s
}

func (w world) months(start workday.Date, n int) slow {
	s := slow{date: time.Date(start.Year, start.Month+time.Month(n), start.Day, 0, 0, 0, 0, time.UTC)}
	if s.date.Day() != start.Day { // overflowed into the month after
		s.date = s.date.AddDate(0, 0, -s.date.Day())
	}
	s.provisional = !w.settled(s.date)
	for !w.works(s.date) {
		s.date = s.date.AddDate(0, 0, 1)
		s.provisional = s.provisional || !w.settled(s.date)
	}
	return s
}
