package docket_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// TestEveryStepIsStoredAsTheRulesMadeIt: every step leaves in the tables what the rules made of it.
func TestEveryStepIsStoredAsTheRulesMadeIt(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	first := w.plan()
	mirror := must(obligation.New(w.moment(), obligation.Opening{
		ID: first.ID, Duty: regulation.DutyPlan, Subject: subject, Place: jinjiang(), Start: date("2026-03-02"), CountySees: true,
	}))(t)
	var history []obligation.Change
	check := func(step string) {
		t.Helper()
		history = append(history, mirror.Changes()...)
		got := w.of(office(), subject)[0]
		mirror.Saved(got.Version)
		if diff := cmp.Diff(mirror.Record(), got); diff != "" {
			t.Fatalf("%s (-rules +stored):\n%s", step, diff)
		}
		for i := range history {
			history[i].After.Version = int64(i + 1)
		}
		if diff := cmp.Diff(history, w.history(first.ID)); diff != "" {
			t.Fatalf("history after %s (-rules +stored):\n%s", step, diff)
		}
	}
	check("opening")
	decide := func(step string, f func(at obligation.Moment, o *obligation.Obligation) error) {
		t.Helper()
		if err := f(w.moment(), mirror); err != nil {
			t.Fatal(err)
		}
		w.do(office(), func(tx *pg.Tx, _ obligation.Moment) error {
			_, err := w.docket.Decide(tx, first.ID, mirror.Record().Version, f)
			return err
		})
		check(step)
	}
	w.on(date("2026-03-05"))
	decide("extension", func(at obligation.Moment, o *obligation.Obligation) error { return o.Extend(at, 3, "decision") })
	w.on(date("2026-03-09"))
	decide("suspension", func(at obligation.Moment, o *obligation.Obligation) error { return o.Suspend(at, "decision") })
	w.on(date("2026-03-20"))
	decide("resumption", func(at obligation.Moment, o *obligation.Obligation) error { return o.Resume(at, "decision") })
	for _, step := range []struct {
		name string
		do   func(tx *pg.Tx, at obligation.Moment) error
		same func(at obligation.Moment) error
	}{
		{"restart", func(tx *pg.Tx, at obligation.Moment) error {
			return w.docket.Restart(tx, at, planKey(), date("2026-03-04"), workday.Date{})
		}, func(at obligation.Moment) error { return mirror.Restart(at, date("2026-03-04"), workday.Date{}) }},
		{"showing", func(tx *pg.Tx, at obligation.Moment) error { return w.docket.ShowToCity(tx, at, task, planKey().Duty) }, mirror.ShowToCity},
		{"meeting", func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Meet(tx, at, planKey(), workday.Date{}) },
			func(at obligation.Moment) error { return mirror.Meet(at, workday.Date{}) }},
	} {
		w.do(office(), step.do)
		if err := step.same(w.moment()); err != nil {
			t.Fatal(err)
		}
		check(step.name)
	}
}

func (w *world) moment() (at obligation.Moment) {
	w.t.Helper()
	w.do(office(), func(_ *pg.Tx, now obligation.Moment) error { at = now; return nil })
	return at
}

func (w *world) history(id string) (changes []obligation.Change) {
	w.t.Helper()
	w.do(office(), func(tx *pg.Tx, _ obligation.Moment) (err error) {
		changes, err = w.docket.Changes(tx, id, nil)
		return err
	})
	return changes
}

// TestNothingRuns: to meet, move or cancel what does not run is no fault.
func TestNothingRuns(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	w.plan()
	steps := map[string]func(tx *pg.Tx, at obligation.Moment, key docket.Key) error{
		"meet": func(tx *pg.Tx, at obligation.Moment, key docket.Key) error {
			return w.docket.Meet(tx, at, key, workday.Date{})
		},
		"cancel": func(tx *pg.Tx, at obligation.Moment, key docket.Key) error { return w.docket.Cancel(tx, at, key, "x") },
		"restart": func(tx *pg.Tx, at obligation.Moment, key docket.Key) error {
			return w.docket.Restart(tx, at, key, date("2026-03-03"), workday.Date{})
		},
		"show": w.docket.Show,
	}
	for name, step := range steps {
		for _, key := range []docket.Key{
			{Subject: subject, Duty: regulation.DutyReport}, {Subject: subject + "b", Duty: regulation.DutyPlan},
			{Subject: subject, Duty: regulation.DutyPlan, County: "510105"},
		} {
			if err := w.try(office(), func(tx *pg.Tx, at obligation.Moment) error { return step(tx, at, key) }); err != nil {
				t.Errorf("%s of %v: %v", name, key, err)
			}
		}
	}
	if got := w.of(office(), subject)[0]; got.Version != 1 || got.State != obligation.Open {
		t.Errorf("what runs is %+v", got)
	}
}

// TestOneRuns under a key; another may follow when it has ended.
func TestOneRuns(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	w.plan()
	again := func(tx *pg.Tx, at obligation.Moment) error {
		return w.docket.Open(tx, at, obligation.Opening{
			Duty: regulation.DutyPlan, Subject: subject, Place: jinjiang(), Start: date("2026-03-02"), CountySees: true,
		})
	}
	w.is(w.try(office(), again), fault.ReasonAlreadyExists)
	w.do(office(), func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Cancel(tx, at, planKey(), "void") })
	w.do(office(), again)
	if got := w.of(office(), subject); len(got) != 2 || got[0].State != obligation.Cancelled || got[1].State != obligation.Open {
		t.Errorf("got %+v", got)
	}
}

// TestManyCountiesOfOneSubject need the county in the key.
func TestManyCountiesOfOneSubject(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	term := "provinces/51/terms/01990000-0000-7000-8000-00000000000b"
	for _, code := range []string{"510104", "510105"} {
		w.open(office(), obligation.Opening{
			Duty: regulation.DutyCoverage, Subject: term, Start: date("2026-03-02"), Planned: date("2030-12-31"),
			Place: obligation.Place{Province: "51", City: "510100", County: code},
		})
	}
	meet := func(county string) error {
		return w.try(service(), func(tx *pg.Tx, at obligation.Moment) error {
			return w.docket.Meet(tx, at, docket.Key{Subject: term, Duty: regulation.DutyCoverage, County: county}, date("2026-03-03"))
		})
	}
	if meet("") == nil {
		t.Error("one of two was met, nobody knows which")
	}
	if err := meet("510105"); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.of(office(), term) {
		if (r.State == obligation.Satisfied) != (r.Place.County == "510105") {
			t.Errorf("%s is %s", r.Place.County, r.State)
		}
	}
}

// TestDecideWantsTheVersionRead, and an obligation that is there.
func TestDecideWantsTheVersionRead(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	r := w.plan()
	decide := func(id string, version int64) error {
		return w.try(office(), func(tx *pg.Tx, _ obligation.Moment) error {
			_, err := w.docket.Decide(tx, id, version, func(at obligation.Moment, o *obligation.Obligation) error {
				return o.Extend(at, 1, "d")
			})
			return err
		})
	}
	w.is(decide(r.ID, 2), fault.ReasonETagMismatch)
	w.is(decide(uuid.NewString(), 1), fault.ReasonNotFound)
	if err := decide(r.ID, 1); err != nil {
		t.Fatal(err)
	}
	w.is(decide(r.ID, 1), fault.ReasonETagMismatch)
}

// TestTablesHoldByThemselves: what no rule does, no statement can do either.
func TestTablesHoldByThemselves(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	w.plan()
	for _, tt := range []struct{ statement, constraint string }{
		{"UPDATE obligation SET version = version + 1, subject = subject || 'x'", "obligation_moves"},
		{"UPDATE obligation SET version = version + 1, county_code = '510105'", "obligation_moves"},
		{"UPDATE obligation SET version = version + 1, county_sees = false", "obligation_moves"},
		{"UPDATE obligation SET awaiting = 2", "obligation_moves"}, // the version stands still
		{"UPDATE obligation SET version = version + 1, rung_date = NULL", "obligation_runs"},
		{"UPDATE obligation SET version = version + 1, state = 'SATISFIED', awaiting = 0, rung_date = NULL", "obligation_satisfied"},
		{"UPDATE obligation SET version = version + 1, late = true", "obligation_late"},
		{"UPDATE obligation SET version = version + 1, planned_date = now()", "obligation_planned"},
		{"UPDATE obligation SET version = version + 1, city_sees = true, extension = -1", "obligation_numbers"},
		{"UPDATE obligation_change SET cause = 'x'", ""},
		{"DELETE FROM obligation_change", ""},
		{"TRUNCATE obligation_change", ""},
		{"INSERT INTO notification SELECT province, gen_random_uuid(), id, duty, article, subject, '510105', city_code, NULL," +
			" 'DUE', 1, 0, 0, 'INSPECTION_OFFICE', 'provinces/51', due_date, now(), NULL, '', 1 FROM obligation", "notification_place"},
		{"INSERT INTO notification SELECT province, gen_random_uuid(), id, duty, article, subject, county_code, city_code, gen_random_uuid()," +
			" 'DUE', 1, 0, 0, 'INSPECTION_OFFICE', 'provinces/51', due_date, now(), NULL, '', 1 FROM obligation", "notification_inspection"},
	} {
		_, err := w.admin.Exec(tt.statement)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.ConstraintName != tt.constraint || tt.constraint == "" && refused.Code != "42501" {
			t.Errorf("%s: %v, want %s", tt.statement, err, tt.constraint)
		}
	}
	w.do(office(), func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Meet(tx, at, planKey(), workday.Date{}) })
	for statement, ok := range map[string]bool{
		"UPDATE obligation SET version = version + 1, change_count = change_count + 1, city_sees = true": true,
		"UPDATE obligation SET version = version + 1, due_date = due_date + 1":                           false,
		"UPDATE obligation SET version = version + 1, state = 'CANCELLED', satisfy_date = NULL":          false,
	} {
		if _, err := w.admin.Exec(statement); (err == nil) != ok {
			t.Errorf("after the end: %s: %v", statement, err)
		}
	}
}
