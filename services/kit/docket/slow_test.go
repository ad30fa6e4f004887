package docket_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// slow counts days one by one from the files of the notices, and shares nothing
// with kit/workday but those files.
type slow map[string]bool // a day written as 2026-01-01 → worked

// newSlow knows all notices of the files but those.
func newSlow(t testing.TB, without ...string) slow {
	t.Helper()
	file := must(os.Open("../workday/data/holiday-days.csv"))(t)
	defer file.Close()
	s := slow{}
	for i, line := range must(csv.NewReader(file).ReadAll())(t) {
		if i > 0 && !slices.Contains(without, line[0]) {
			s[line[1]] = line[2] == "work" // a later notice stands further down
		}
	}
	return s
}

func (s slow) worked(d time.Time) bool {
	if worked, ok := s[d.Format(time.DateOnly)]; ok {
		return worked
	}
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
}

// days goes n working days forward, or back if n is negative.
func (s slow) days(from time.Time, n int) time.Time {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		if from = from.AddDate(0, 0, step); s.worked(from) {
			n--
		}
	}
	return from
}

// months goes n months on, to the same day of the month or its last one.
func (s slow) months(from time.Time, n int) time.Time {
	first := time.Date(from.Year(), from.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	day := min(from.Day(), first.AddDate(0, 1, -1).Day())
	return first.AddDate(0, 0, day-1)
}

func (s slow) due(duty regulation.DutyName, start time.Time) time.Time {
	switch duty {
	case regulation.DutyPlan, regulation.DutyHearing:
		return s.days(start, 30)
	case regulation.DutyFeedbackCopy:
		return s.days(start, 5)
	case regulation.DutyReport:
		last := s.months(start, 6)
		for !s.worked(last) {
			last = last.AddDate(0, 0, 1)
		}
		return last
	default:
		panic("the slow counter does not know " + duty)
	}
}

// rung is a step of a ladder: the day it is climbed and who is told.
type rung struct {
	offset int
	to     []string
}

// rung gives the i-th rung of a duty, from the articles and design.md §4.
func (s slow) rung(duty regulation.DutyName, i int, due time.Time) (rung, time.Time) {
	obligor := map[regulation.DutyName]string{
		regulation.DutyPlan: "COUNTY_COMMITTEE", regulation.DutyReport: "COUNTY_COMMITTEE", regulation.DutyCoverage: "INSPECTION_OFFICE",
		regulation.DutyFeedbackCopy: "INSPECTION_OFFICE", regulation.DutyHearing: "LEADING_GROUP",
	}[duty]
	before := []rung{
		{-20, []string{obligor}}, {-10, []string{obligor}}, {-5, []string{obligor, "CITY_COMMITTEE"}},
		{0, []string{obligor, "CITY_COMMITTEE", "INSPECTION_OFFICE"}},
	}
	after := []string{obligor, "CITY_COMMITTEE", "INSPECTION_OFFICE", "LEADING_GROUP"}
	switch duty {
	case regulation.DutyHearing:
		both := []string{obligor, "INSPECTION_OFFICE"}
		before, after = []rung{{-10, both[1:]}, {-5, both}, {0, both}}, both
	case regulation.DutyCoverage:
		after = []string{obligor, "LEADING_GROUP"}
		before = []rung{{-18, after[:1]}, {-12, after[:1]}, {-6, after[:1]}, {0, after}}
	}
	if i < len(before) {
		r := before[i]
		if duty == regulation.DutyCoverage {
			return r, s.months(due, r.offset)
		}
		return r, s.days(due, r.offset)
	}
	late := (i - len(before) + 1) * 5
	return rung{late, after}, s.days(due, late)
}

// tell lists who is told by the end of a day of an obligation that was opened on
// another, one line for each notification.
func (s slow) tell(in obligation.Opening, due, opened, until time.Time) (lines []string) {
	for i := 0; ; i++ {
		r, day := s.rung(in.Duty, i, due)
		switch {
		case day.After(until):
			return lines
		case day.Before(opened):
			continue
		}
		kind := "DUE"
		if r.offset < 0 {
			kind = "REMINDER"
		} else if r.offset > 0 {
			kind = "OVERDUE"
		}
		told := map[string]bool{}
		for _, body := range r.to {
			hidden := body == "CITY_COMMITTEE" && !in.CitySees || body == "COUNTY_COMMITTEE" && !in.CountySees
			if !hidden && !told[body] {
				told[body] = true
				lines = append(lines, fmt.Sprintf("%s %s 1 %d 0 %s %s", in.ID, kind, r.offset, body, due.Format(time.DateOnly)))
			}
		}
	}
}

// told lists what is stored in the same form.
func (w *world) told(where string) (lines []string) {
	w.t.Helper()
	rows, err := w.admin.Query(`SELECT concat_ws(' ', obligation_id, kind, series, rung, change, recipient_party, due_date)
		FROM notification WHERE ` + where)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			w.t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

func utc(d workday.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

func legal(t time.Time) workday.Date { return workday.NewDate(t.Year(), t.Month(), t.Day()) }
