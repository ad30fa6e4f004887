package api_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const openedBySelf = `
INSERT INTO obligation (province, id, duty, article, obligor_party, soft, subject, county_code, city_code, rule_set, clock,
  start_date, awaiting, due_date, computed_date, provisional, calendar_version, extension, suspensions, state, late,
  county_sees, city_sees, series, next_rung, rung_date, yellow_date, change_count, create_time, update_time, version)
VALUES ('51', '0198c0de-0000-7000-8000-000000000001', 'ENTRY_NOTICE', '12(2)', 'INSPECTION_OFFICE', false,
  'provinces/51/inspections/x', '510104', '510100', 'CN-COUNTY-2012', 'entry_notice', '2026-03-02', 1, '2026-02-10',
  '2026-02-10', false, '', 0, '[]', 'OPEN', false, true, false, 1, 0, '2026-02-10', '2026-02-10', 1, now(), now(), 1)`

var errUndo = errors.New("undone")

// remindEverybody stores one notification of the notice of entry for each kind of
// body, as the worker does.
func (w *world) remindEverybody() {
	w.t.Helper()
	_, err := w.db.Admin(w.t).Exec(`
INSERT INTO notification (province, id, obligation_id, duty, article, subject, county_code, city_code, inspection_id, kind,
  series, rung, change, recipient_party, recipient_jurisdiction, due_date, create_time, acknowledger, version)
SELECT o.province, gen_random_uuid(), o.id, o.duty, o.article, o.subject, o.county_code, o.city_code, o.inspection_id, 'DUE',
  1, 0, 0, r.party, r.area, o.due_date, o.create_time, '', 1
FROM obligation o CROSS JOIN (VALUES
  ('INSPECTION_OFFICE', 'provinces/51'), ('INSPECTION_GROUP', 'provinces/51'),
  ('CITY_COMMITTEE', 'provinces/51/cities/510100'), ('COUNTY_COMMITTEE', 'provinces/51/counties/510104')) r (party, area)
WHERE o.duty = 'ENTRY_NOTICE'`)
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestRowSecurityOfWhatRuns: a county and a city meet what is theirs to meet, and move
// nothing of it, by any statement.
func TestRowSecurityOfWhatRuns(t *testing.T) {
	w, i := authorized(t)
	db := w.db.Open(t)
	const meets = "state = 'SATISFIED', awaiting = 0, satisfy_date = '2026-01-15', rung_date = NULL, version = version + 1"
	const notices = " WHERE duty = 'ENTRY_NOTICE'"
	try := func(party principal.Party, area, statement string) (n int64, err error) {
		err = db.Write(pgtest.As(t.Context(), party, area, "x"), func(tx *pg.Tx) error {
			result, err := tx.SQL().Exec(statement)
			if err != nil {
				return err
			}
			if n, err = result.RowsAffected(); err != nil {
				return err
			}
			return errUndo // what could be done is undone
		})
		return n, err
	}
	if n, err := try(principal.CountyCommittee, jinjiang, "UPDATE obligation SET "+meets+notices); n != 0 {
		t.Errorf("before the notices: %d rows, %v", n, err)
	}
	w.issue(i)
	tests := []struct {
		party     principal.Party
		area, set string
		want      int64
	}{
		{principal.CountyCommittee, jinjiang, meets + notices, 1},
		{principal.CityCommittee, chengdu, meets + notices, 1},
		{principal.CityCommittee, chengdu, meets + " WHERE duty = 'CITY_BRIEFING'", 1},
		{principal.CountyCommittee, jinjiang, meets + " WHERE duty = 'CITY_BRIEFING'", 0},
		{principal.CityCommittee, chengdu, meets + " WHERE duty = 'LIAISON_REGISTRATION'", 1},
		{principal.CityLiaisonBody, chengdu, meets, 0},
		{principal.CountyCommittee, sichuan + "/counties/510105", meets, 0},
		{principal.CityCommittee, sichuan + "/cities/510300", meets, 0},
		{principal.CountyCommittee, jinjiang, "due_date = '2027-01-01', version = version + 1" + notices, -1},
		{principal.CountyCommittee, jinjiang, "start_date = '2027-01-01', version = version + 1" + notices, -1},
		{principal.CityCommittee, chengdu, "extension = 9, version = version + 1", -1},
		{principal.CityCommittee, chengdu, "state = 'CANCELLED', rung_date = NULL, version = version + 1", -1},
		{principal.CityCommittee, chengdu, "state = 'SUSPENDED', rung_date = NULL, version = version + 1", -1},
		{principal.CountyCommittee, jinjiang, "rung_date = '9999-01-01', version = version + 1" + notices, -1},
		{principal.CityCommittee, chengdu, "rung_date = '9999-01-01', awaiting = 1, version = version + 1" + notices, -1},
		{principal.CityCommittee, chengdu, "awaiting = 1, version = version + 1" + notices, 1},
		{principal.CountyCommittee, jinjiang, "city_sees = true, version = version + 1", -1},
	}
	for _, tt := range tests {
		t.Run(string(tt.party)+" "+tt.set, func(t *testing.T) {
			n, err := try(tt.party, tt.area, "UPDATE obligation SET "+tt.set)
			stopped := err != nil && !strings.Contains(err.Error(), errUndo.Error())
			if stopped != (tt.want < 0) || !stopped && n != tt.want {
				t.Errorf("%d rows, %v; want %d", n, err, tt.want)
			}
		})
	}
}

// TestMigrationOverALivingDatabase: down and up again where everything has happened.
func TestMigrationOverALivingDatabase(t *testing.T) {
	w, i := played(t)
	w.at("2026-03-31")
	do(w.leave(i))(t)
	w.decide("9号", schedulingv1.DecisionItem_KIND_EXTEND_OBLIGATION, w.listed(office, ofTask(i))[0].GetName(), day(t, "2026-03-31"))
	w.longer("10号", i)
	m := w.db.Migrator(t)
	until := func(query string) func(context.Context) error { // takes back one by one until it holds
		return func(ctx context.Context) error {
			for done := false; !done; {
				if err := m.DownOne(ctx); err != nil {
					return err
				}
				if err := w.db.Admin(t).QueryRow(query).Scan(&done); err != nil {
					return err
				}
			}
			return nil
		}
	}
	past7 := until("SELECT to_regclass('liaison_body') IS NULL")
	past6 := until("SELECT EXISTS (SELECT FROM information_schema.columns WHERE table_name = 'inspection' AND column_name = 'latest_notice_date')")
	for _, step := range []func(context.Context) error{past7, m.Up, past6, m.Up} {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	pgtest.CheckIsolation(t, w.db)
	var got string
	err := w.db.Admin(t).QueryRow(`SELECT string_agg(concat_ws(' ', n, duty, state), ', ' ORDER BY duty) FROM (
  SELECT duty, state, count(*) AS n FROM obligation GROUP BY duty, state) o`).Scan(&got)
	const want = "183 COVERAGE OPEN, 1 ENTRY_NOTICE SATISFIED, 1 HEARING OPEN, 1 ON_SITE_PERIOD SATISFIED"
	if err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}
