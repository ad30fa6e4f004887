package migrations_test

import (
	"context"
	"database/sql"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/rectification/migrations"
)

// upTo gives the migrations up to a file, under their own names.
func upTo(t *testing.T, names ...string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range names {
		data, err := migrations.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

// The cases of the seed, by what they have: only a plan that runs; a plan late and a
// report running, shown to the city; all done, in a county of no city; only a plan
// that is overdue.
const seed = `
CREATE TEMP TABLE seed (n int, county text, city text, state text, received date, plan_due date, plan_submit date,
  report_due date, report_submit date, sees boolean);
INSERT INTO seed VALUES
  (1, '510104', '510100', 'PLANNING', '2024-02-26', '2024-04-09', NULL, NULL, NULL, false),
  (2, '510105', '510100', 'RECTIFYING', '2024-02-26', '2024-04-09', '2024-04-15', '2024-10-15', NULL, true),
  (3, '510185', '', 'CLOSED', '2012-09-03', '2012-10-19', '2012-10-19', '2013-04-19', '2013-04-19', false),
  (4, '510106', '510100', 'PLANNING', '2023-09-01', '2023-10-20', NULL, NULL, NULL, false);
INSERT INTO task SELECT '51', ('00000000-0000-7000-8000-00000000000' || n)::uuid, county, city, '县', 'CN-COUNTY-2012', received FROM seed;
INSERT INTO feedback SELECT '51', ('00000000-0000-7000-8000-00000000001' || n)::uuid, ('00000000-0000-7000-8000-00000000000' || n)::uuid,
  county, city, gen_random_uuid(), '', '[]', 'GIVEN', gen_random_uuid(), CASE city WHEN '' THEN NULL ELSE received END, '', false,
  CASE city WHEN '' THEN 'NO_CITY_COMMITTEE' ELSE '' END, '1', received, '[]', '', 1, received, received FROM seed;
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO delivery SELECT '51', ('00000000-0000-7000-8000-00000000002' || n)::uuid, ('00000000-0000-7000-8000-00000000000' || n)::uuid,
  county, city, 'provinces/51/counties/' || county, 'FEEDBACK', 0, ('00000000-0000-7000-8000-00000000001' || n)::uuid,
  ('00000000-0000-7000-8000-00000000003' || n)::uuid, 'CN-COUNTY-2012', '1', '{}', received, received, '赵', 2 FROM seed;
INSERT INTO rectification (province, id, inspection_id, county_code, city_code, delivery_id, rule_set, problems, state, receive_date,
  plan_due_date, plan_due_start, plan_due_provisional, plan_due_article, plan_due_calendar, plan_submit_date, report_due_date,
  report_due_start, report_due_provisional, report_due_article, report_due_calendar, report_submit_date, decision_id, close_date,
  city_may_see, version, create_time, update_time)
SELECT '51', ('00000000-0000-7000-8000-00000000003' || n)::uuid, ('00000000-0000-7000-8000-00000000000' || n)::uuid, county, city,
  ('00000000-0000-7000-8000-00000000002' || n)::uuid, 'CN-COUNTY-2012', '[]', state, received, plan_due, received, n = 1, '17', 'C' || n,
  plan_submit, report_due, CASE WHEN report_due IS NULL THEN NULL ELSE plan_submit END, n = 2,
  CASE WHEN report_due IS NULL THEN '' ELSE '17' END, CASE WHEN report_due IS NULL THEN '' ELSE 'D' || n END, report_submit,
  CASE state WHEN 'CLOSED' THEN gen_random_uuid() END, CASE state WHEN 'CLOSED' THEN date '2013-06-01' END,
  sees, 4, received + time '10:00' AT TIME ZONE 'Asia/Shanghai', received FROM seed;
COMMIT;
DROP TABLE seed;`

const readColumns = `SELECT right(id::text, 1) || ' plan ' || concat_ws(' ', plan_due_date, plan_due_start, plan_due_provisional, plan_due_article,
  plan_due_calendar) || ' report ' || concat_ws(' ', report_due_date, report_due_start, report_due_provisional, report_due_article, report_due_calendar)
FROM rectification ORDER BY id`

const readObligations = `SELECT concat_ws(' ', right(subject, 1), duty, article, clock, start_date, due_date, computed_date = due_date, provisional,
  calendar_version, state, satisfy_date, CASE WHEN late THEN 'late' END, county_code, city_code, CASE WHEN county_sees THEN 'county' END,
  CASE WHEN city_sees THEN 'city' END, CASE substr(id::text, 15, 1) WHEN '7' THEN 'v7' END, next_rung, rung_date)
FROM obligation ORDER BY subject, duty`

const readHistory = `SELECT concat_ws(' ', right(subject, 1), duty, sequence, kind, state, due_date, satisfy_date, (record_time AT TIME ZONE 'Asia/Shanghai')::date)
FROM obligation_change ORDER BY subject, duty, sequence`

func read(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestDatesMoveIntoObligationsAndBack on a database with cases in it: nothing is lost
// up, down and up again (art. 17).
func TestDatesMoveIntoObligationsAndBack(t *testing.T) {
	ctx := context.Background()
	before := pgtest.Service{Name: "rectification", Migrations: upTo(t, "00001_feedback.sql", "00002_rectification.sql")}
	d := pgtest.New(t, before)
	db := d.Admin(t)
	if _, err := db.Exec(seed); err != nil {
		t.Fatal(err)
	}
	columns := read(t, db, readColumns)
	if len(columns) != 4 {
		t.Fatalf("seeded %v", columns)
	}
	d.Service.Migrations = upTo(t, "00001_feedback.sql", "00002_rectification.sql", "00003_obligations.sql")
	m := d.Migrator(t)
	obligations := []string{
		"1 RECTIFICATION_PLAN 17 plan 2024-02-26 2024-04-09 t t C1 OPEN 510104 510100 county v7 0 2024-03-12",
		"2 RECTIFICATION_PLAN 17 plan 2024-02-26 2024-04-09 t f C2 SATISFIED 2024-04-15 late 510105 510100 county city v7 3",
		"2 RECTIFICATION_REPORT 17 rectification_report 2024-04-15 2024-10-15 t t D2 OPEN 510105 510100 county city v7 0 2024-09-17",
		"3 RECTIFICATION_PLAN 17 plan 2012-09-03 2012-10-19 t f C3 SATISFIED 2012-10-19 510185  county v7 3",
		"3 RECTIFICATION_REPORT 17 rectification_report 2012-10-19 2013-04-19 t f D3 SATISFIED 2013-04-19 510185  county v7 3",
		"4 RECTIFICATION_PLAN 17 plan 2023-09-01 2023-10-20 t f C4 OPEN 510106 510100 county v7 22 2024-03-01",
	}
	history := []string{
		"1 RECTIFICATION_PLAN 1 OPENED OPEN 2024-04-09 2024-02-26",
		"2 RECTIFICATION_PLAN 1 OPENED OPEN 2024-04-09 2024-02-26",
		"2 RECTIFICATION_PLAN 2 SATISFIED SATISFIED 2024-04-09 2024-04-15 2024-04-15",
		"2 RECTIFICATION_REPORT 1 OPENED OPEN 2024-10-15 2024-04-15",
		"3 RECTIFICATION_PLAN 1 OPENED OPEN 2012-10-19 2012-09-03",
		"3 RECTIFICATION_PLAN 2 SATISFIED SATISFIED 2012-10-19 2012-10-19 2012-10-19",
		"3 RECTIFICATION_REPORT 1 OPENED OPEN 2013-04-19 2012-10-19",
		"3 RECTIFICATION_REPORT 2 SATISFIED SATISFIED 2013-04-19 2013-04-19 2013-04-19",
		"4 RECTIFICATION_PLAN 1 OPENED OPEN 2023-10-20 2023-09-01",
	}
	for range 2 {
		if err := m.Up(ctx); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(obligations, read(t, db, readObligations)); diff != "" {
			t.Errorf("obligations (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(history, read(t, db, readHistory)); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
		pgtest.CheckIsolation(t, d)
		if err := m.DownOne(ctx); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(columns, read(t, db, readColumns)); diff != "" {
			t.Errorf("columns (-want +got):\n%s", diff)
		}
		if left := read(t, db, readObligations); left != nil {
			t.Errorf("obligations are left: %v", left)
		}
		pgtest.CheckIsolation(t, d)
	}
}
