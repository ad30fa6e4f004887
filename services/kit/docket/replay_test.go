package docket_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// replay is one of the amendments of the State Council, and what it does to the
// obligations that were opened on every working day of its spring.
type replay struct {
	notice    string
	activated string         // on the day of publication, or late
	late      bool           // then nothing was met meanwhile, and all still run
	running   int            // on that day
	later     map[string]int // "duty +days" → how many
	earlier   map[string]int
	by        []string // some that were counted by hand: duty, start, before, after
}

func replays() []replay {
	return []replay{
		// 3 and 4 September off, the Sunday after them worked: only reports reach so far.
		{notice: "SC-2015-A", activated: "2015-05-13", running: 126,
			later:   map[string]int{"RECTIFICATION_REPORT +2": 1, "RECTIFICATION_REPORT +3": 1},
			earlier: map[string]int{"RECTIFICATION_REPORT -1": 2},
			by: []string{"RECTIFICATION_REPORT 2015-03-03 2015-09-03 2015-09-06", "RECTIFICATION_REPORT 2015-03-04 2015-09-04 2015-09-06",
				"RECTIFICATION_REPORT 2015-03-05 2015-09-07 2015-09-06", "RECTIFICATION_REPORT 2015-03-06 2015-09-07 2015-09-06"}},
		// 1 to 4 May off instead of 1 May, the Sundays before and after worked.
		{notice: "SC-2019-A", activated: "2019-03-22", running: 92,
			later:   map[string]int{"RECTIFICATION_PLAN +2": 1},
			earlier: map[string]int{"RECTIFICATION_PLAN -1": 2, "RECTIFICATION_PLAN -2": 1},
			by: []string{"RECTIFICATION_PLAN 2019-03-15 2019-04-29 2019-04-28", "RECTIFICATION_PLAN 2019-03-18 2019-04-30 2019-04-29",
				"RECTIFICATION_PLAN 2019-03-19 2019-05-02 2019-04-30", "RECTIFICATION_PLAN 2019-03-20 2019-05-03 2019-05-05"}},
		// 31 January off, and 1 February, a Saturday that was to be worked.
		{notice: "SC-2020-A", activated: "2020-01-27", running: 39,
			later: map[string]int{"FEEDBACK_COPY +2": 3, "FEEDBACK_COPY +3": 2, "RECTIFICATION_PLAN +2": 11, "RECTIFICATION_PLAN +4": 6},
			by:    []string{"RECTIFICATION_PLAN 2020-01-20 2020-03-06 2020-03-10"}},
		{notice: "SC-2015-A", activated: "2015-06-30", late: true, running: 366,
			later:   map[string]int{"RECTIFICATION_REPORT +2": 1, "RECTIFICATION_REPORT +3": 1},
			earlier: map[string]int{"RECTIFICATION_REPORT -1": 2}},
		{notice: "SC-2019-A", activated: "2019-06-30", late: true, running: 366,
			later: map[string]int{"FEEDBACK_COPY +1": 2, "FEEDBACK_COPY +2": 1, "RECTIFICATION_PLAN +1": 2, "RECTIFICATION_PLAN +2": 1},
			earlier: map[string]int{"FEEDBACK_COPY -1": 3, "FEEDBACK_COPY -2": 1, "RECTIFICATION_PLAN -1": 2,
				"RECTIFICATION_PLAN -2": 1, "RECTIFICATION_PLAN -3": 1},
			by: []string{"FEEDBACK_COPY 2019-04-22 2019-04-29 2019-04-28"}},
		{notice: "SC-2020-A", activated: "2020-06-30", late: true, running: 369,
			later: map[string]int{"FEEDBACK_COPY +1": 1, "FEEDBACK_COPY +2": 3, "FEEDBACK_COPY +3": 2,
				"RECTIFICATION_PLAN +1": 1, "RECTIFICATION_PLAN +2": 11, "RECTIFICATION_PLAN +4": 6}},
	}
}

// spring is an obligation of the replay as the slow counter has it.
type spring struct {
	duty          regulation.DutyName
	start         time.Time
	before, after time.Time // without and with the amendment
	opened        bool      // before the amendment was activated
	running       bool      // when it was
}

func (s spring) subject() string {
	return "provinces/51/x/" + strings.ToLower(string(s.duty)) + s.start.Format("-20060102")
}

func (s spring) key() docket.Key { return docket.Key{Subject: s.subject(), Duty: s.duty} }

func (s spring) moved() bool { return s.running && !s.before.Equal(s.after) }

// TestReplayOfTheAmendments: the notices of 2015-05-13, 2019-03-22 and 2020-01-27 over
// obligations opened on every working day of those springs, activated on the day of
// publication, and at the end of June over all of them. The dry run tells exactly
// which of the running ones would move and by how much; the sweep then does that;
// what would be shortened keeps its announced date until a decision (design.md §4).
func TestReplayOfTheAmendments(t *testing.T) {
	for _, tt := range replays() {
		t.Run(tt.notice+" on "+tt.activated, func(t *testing.T) {
			t.Parallel()
			r := &replayed{world: newWorld(t, tt.activated[:4]+"-01-01", tt.notice), replay: tt}
			r.openUntil(tt.activated)
			r.meetWhatFellDue()
			r.checkCounts()
			r.checkPreview()
			r.activate()
			r.sweep()
			r.checkSwept()
			r.openRest()
			r.shorten()
		})
	}
}

type replayed struct {
	*world
	replay
	all []*spring
}

// openOn opens one of each duty on a day that is worked.
func (r *replayed) openOn(day time.Time, old, young slow, opened bool) {
	for _, duty := range []regulation.DutyName{regulation.DutyPlan, regulation.DutyReport, regulation.DutyFeedbackCopy} {
		s := &spring{duty: duty, start: day, before: old.due(duty, day), after: young.due(duty, day), opened: opened}
		r.on(legal(day)).open(office(), obligation.Opening{
			Duty: duty, Subject: s.subject(), Place: jinjiang(), Start: legal(day), CountySees: true, CitySees: true,
		})
		r.all = append(r.all, s)
	}
}

func (r *replayed) openUntil(last string) {
	old, young := newSlow(r.t, r.notice), newSlow(r.t)
	for day := utc(date(last[:4] + "-01-01")); !day.After(utc(date(last))); day = day.AddDate(0, 0, 1) {
		if old.worked(day) {
			r.openOn(day, old, young, true)
		}
	}
	r.on(date(last))
}

func (r *replayed) openRest() {
	young := newSlow(r.t)
	for day := utc(date(r.activated)).AddDate(0, 0, 1); day.Month() <= time.June; day = day.AddDate(0, 0, 1) {
		if young.worked(day) {
			r.openOn(day, young, young, false)
		}
	}
	r.sweep()
	for _, s := range r.all {
		if got := r.of(office(), s.subject())[0]; !s.opened && (got.Due != legal(s.after) || len(r.history(got.ID)) != 1) {
			r.t.Errorf("%s: due %s after %d changes, want %s and none", s.subject(), got.Due, got.Changes-1, legal(s.after))
		}
	}
}

// meetWhatFellDue before the notice is activated; the rest runs.
func (r *replayed) meetWhatFellDue() {
	r.do(office(), func(tx *pg.Tx, at obligation.Moment) error {
		for _, s := range r.all {
			s.running = r.late || !s.before.Before(utc(date(r.activated)))
			if s.running {
				continue
			}
			if err := r.docket.Meet(tx, at, s.key(), legal(s.before)); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkCounts holds the slow counter against the numbers that stand in the table.
func (r *replayed) checkCounts() {
	running, later, earlier, by := 0, map[string]int{}, map[string]int{}, map[string]bool{}
	for _, s := range r.all {
		if s.running {
			running++
		}
		by[fmt.Sprintf("%s %s %s %s", s.duty, legal(s.start), legal(s.before), legal(s.after))] = true
		if days := int(s.after.Sub(s.before).Hours() / 24); s.moved() && days > 0 {
			later[fmt.Sprintf("%s %+d", s.duty, days)]++
		} else if s.moved() {
			earlier[fmt.Sprintf("%s %+d", s.duty, days)]++
		}
	}
	if running != r.running || !maps.Equal(later, r.later) || !maps.Equal(earlier, r.earlier) {
		r.t.Errorf("%d running, later %v, earlier %v", running, later, earlier)
	}
	for _, line := range r.by {
		if !by[line] {
			r.t.Errorf("not so: %s", line)
		}
	}
}

func (r *replayed) amendment() calendars.Notice {
	cal := must(workday.National())(r.t)
	n := calendars.Notice{Facts: cal.Facts(r.notice), ActivateTime: r.clock.Now()}
	n.Notice, _ = cal.Notice(r.notice)
	return n
}

// checkPreview reads the dry run page by page.
func (r *replayed) checkPreview() {
	var got, want []string
	examined, running := 0, 0
	for cursor, more := (page.Cursor{}), true; more; more = !cursor.First() {
		err := r.db.Read(service(), func(tx *pg.Tx) error {
			p, err := r.docket.Preview(tx, r.amendment(), cursor, 40)
			if err != nil {
				return err
			}
			for _, m := range p.Moves {
				was := m.Obligation.Record()
				got = append(got, fmt.Sprint(was.Subject, was.Due, was.Computed, m.Computed, m.Due))
			}
			examined += p.Examined
			cursor = p.Next
			return nil
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	for _, s := range r.all {
		if s.running {
			running++
		}
		if s.moved() {
			stands := slices.MaxFunc([]time.Time{s.before, s.after}, time.Time.Compare)
			want = append(want, fmt.Sprint(s.subject(), legal(s.before), legal(s.before), legal(s.after), legal(stands)))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" || examined != running {
		r.t.Errorf("the dry run examined %d of %d and tells (-slow +preview):\n%s", examined, running, diff)
	}
	if n := r.number("SELECT count(*) FROM obligation_change WHERE kind NOT IN ('OPENED', 'SATISFIED')"); n != 0 {
		r.t.Errorf("the dry run changed %d", n)
	}
}

func (r *replayed) activate() {
	r.do(leading(), func(tx *pg.Tx, _ obligation.Moment) error { return calendars.Activate(tx, r.amendment()) })
}

// checkSwept holds what the sweep did against the slow counter.
func (r *replayed) checkSwept() {
	running, later, earlier := 0, 0, 0
	for _, s := range r.all {
		got := r.of(office(), s.subject())[0]
		stands, kinds := s.before, []obligation.ChangeKind{obligation.Opened, obligation.Recomputed}
		switch {
		case !s.running:
			kinds[1] = obligation.Met
		case s.after.After(s.before):
			stands = s.after
			later++
		case s.after.Before(s.before):
			earlier++
		}
		computed := s.after
		if s.running {
			running++
		} else {
			computed = s.before
		}
		var history []obligation.ChangeKind
		for _, c := range r.history(got.ID) {
			history = append(history, c.Kind)
		}
		if got.Due != legal(stands) || got.Computed != legal(computed) || !slices.Equal(kinds, history) {
			r.t.Errorf("%s stands at %s, computed %s after %v, want %s and %s after %v",
				s.subject(), got.Due, got.Computed, history, legal(stands), legal(computed), kinds)
		}
	}
	// Later: the obligor (county or office), the city and the office, the last but once.
	for query, want := range map[string]int{
		"SELECT count(DISTINCT obligation_id) FROM notification WHERE kind = 'DATE_MOVED'":                                     later,
		"SELECT count(*) FROM notification WHERE kind = 'DATE_MOVED' AND recipient_party = 'INSPECTION_OFFICE'":                later,
		"SELECT count(*) FROM notification WHERE kind = 'DATE_COULD_SHORTEN' AND recipient_party = 'LEADING_GROUP'":            earlier,
		"SELECT count(*) FROM notification WHERE kind = 'DATE_COULD_SHORTEN'":                                                  2 * earlier,
		"SELECT sum((detail->>'examined')::int) FROM audit_entry WHERE method = 'docket.Recompute'":                            running,
		"SELECT sum((detail->>'later')::int) FROM audit_entry WHERE method = 'docket.Recompute'":                               later,
		"SELECT sum((detail->>'earlier')::int) FROM audit_entry WHERE method = 'docket.Recompute'":                             earlier,
		"SELECT count(*) FROM audit_entry WHERE method = 'docket.Recompute' AND object = 'provinces/51/calendar'":              (running + 199) / 200,
		"SELECT count(*) FROM obligation WHERE state = 'OPEN' AND calendar_version NOT LIKE '%+%' AND due_date < '2021-01-01'": 0,
	} {
		if n := r.number(query); n != want {
			r.t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
}

// shorten decides on every one that the notice would shorten; a second decision finds
// nothing to shorten.
func (r *replayed) shorten() {
	for _, s := range r.all {
		if !s.moved() || s.after.After(s.before) {
			continue
		}
		got := r.of(office(), s.subject())[0]
		if got.Due != legal(s.before) {
			r.t.Fatalf("%s moved without a decision", s.subject())
		}
		decide := func(version int64) error {
			return r.try(office(), func(tx *pg.Tx, _ obligation.Moment) error {
				_, err := r.docket.Decide(tx, got.ID, version, func(at obligation.Moment, o *obligation.Obligation) error {
					return o.Shorten(at, "decision", "document")
				})
				return err
			})
		}
		if err := decide(got.Version); err != nil {
			r.t.Fatal(err)
		}
		if got = r.of(office(), s.subject())[0]; got.Due != legal(s.after) {
			r.t.Errorf("%s is due %s after the decision, want %s", s.subject(), got.Due, legal(s.after))
		}
		r.is(decide(got.Version), obligation.ReasonNotShorter)
	}
}
