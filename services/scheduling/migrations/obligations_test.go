package migrations_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/migrations"
)

// before is what a province had when its dates stood in columns: four counties, the
// last without a city; a batch that ended, one that runs and a draft.
const before = `
INSERT INTO province VALUES ('51', '四川省', '2026-01-01', '2026-03-20 04:00+00');
INSERT INTO city VALUES ('51', '510100', '成都市');
INSERT INTO county SELECT '51', c, c, 1 FROM unnest(ARRAY['510104', '510105', '510106', '513221']) c;
INSERT INTO county_supervision VALUES ('51', '510104', '2023-01-01', NULL, '510100'),
  ('51', '510105', '2023-01-01', NULL, '510100'), ('51', '510106', '2023-01-01', NULL, '510100'),
  ('51', '513221', '2023-01-01', NULL, NULL);
INSERT INTO term VALUES ('51', '0198c0de-0000-7000-8000-00000000000a', '届', '2022-05-31', '2027-05-30', '2026-01-01', '2026-01-01', 1);
INSERT INTO inspection_group SELECT '51', ('0198c0de-0000-7000-8000-0000000000b' || n)::uuid, '组', 0, '2026-01-01', '2026-01-01', 1
  FROM generate_series(1, 6) n;
INSERT INTO decision VALUES ('51', '0198c0de-0000-7000-8000-00000000000d', '1号', '2026-01-01', '2026-01-01');
INSERT INTO batch (province, id, display_name, term_id, state, decision_id, end_date, hearing_due_date, hearing_due_start,
  hearing_due_provisional, hearing_due_article, hearing_due_rule_set, hearing_due_calendar, create_time, update_time, version) VALUES
  ('51', '0198c0de-0000-7000-8000-0000000000e1', '一', '0198c0de-0000-7000-8000-00000000000a', 'ENDED',
   '0198c0de-0000-7000-8000-00000000000d', '2026-02-13', '2026-04-02', '2026-02-13', false, '5', 'CN-COUNTY-2012', 'SC-2025',
   '2026-01-01', '2026-02-13 04:00+00', 3),
  ('51', '0198c0de-0000-7000-8000-0000000000e2', '二', '0198c0de-0000-7000-8000-00000000000a', 'APPROVED',
   '0198c0de-0000-7000-8000-00000000000d', NULL, NULL, NULL, false, NULL, NULL, '', '2026-01-01', '2026-01-01', 2),
  ('51', '0198c0de-0000-7000-8000-0000000000e3', '三', '0198c0de-0000-7000-8000-00000000000a', 'DRAFT',
   NULL, NULL, NULL, NULL, false, NULL, NULL, '', '2026-01-01', '2026-01-01', 1);
INSERT INTO inspection (province, id, batch_id, county_code, city_code, state, planned_entry_date, planned_end_date, period_reason,
  group_id, rule_set, latest_notice_date, latest_notice_start, latest_notice_provisional, latest_notice_article,
  latest_notice_rule_set, latest_notice_calendar, entry_date, on_site_end_date, feedback_receive_date, close_date, create_time,
  update_time, version)
SELECT '51', ('0198c0de-0000-7000-8000-0000000000f' || n)::uuid, ('0198c0de-0000-7000-8000-0000000000e' || batch)::uuid,
  county, city, state, entry::date, entry::date + 29, '', ('0198c0de-0000-7000-8000-0000000000b' || team)::uuid,
  CASE WHEN team IS NOT NULL THEN 'CN-COUNTY-2012' END, latest::date, entry::date, false, '12(2)', 'CN-COUNTY-2012', 'SC-2025',
  CASE WHEN entered THEN entry::date END, ended::date, fed_back::date, NULL, '2026-01-02', changed::timestamptz, 4
FROM (VALUES
  ('1', '1', '510104', '510100', 'FEEDBACK_RECEIVED', '2026-01-15', '1', '2025-12-31', true, '2026-02-13', '2026-03-10', '2026-03-10 04:00+00'),
  ('2', '2', '510105', '510100', 'ON_SITE', '2026-03-02', '2', '2026-02-10', true, NULL, NULL, '2026-03-02 04:00+00'),
  ('3', '2', '510106', '510100', 'NOTICED', '2026-04-01', '3', '2026-03-18', false, NULL, NULL, '2026-03-10 04:00+00'),
  ('4', '2', '513221', NULL, 'NOTICED', '2026-04-01', '4', '2026-03-18', false, NULL, NULL, '2026-03-10 04:00+00'),
  ('5', '2', '510104', '510100', 'AUTHORIZED', '2026-05-11', '5', '2026-04-24', false, NULL, NULL, '2026-03-20 04:00+00'),
  ('6', '3', '510105', '510100', 'PLANNED', '2026-06-01', NULL, '2026-05-18', false, NULL, NULL, '2026-03-20 04:00+00')
) v (n, batch, county, city, state, entry, team, latest, entered, ended, fed_back, changed);
INSERT INTO entry_notice (province, id, inspection_id, county_code, addressee_kind, addressee_code, document_number,
  planned_entry_date, planned_end_date, issue_time, receive_time, receiver, version)
SELECT '51', gen_random_uuid(), ('0198c0de-0000-7000-8000-0000000000f' || n)::uuid, county, kind, code, '12号',
  '2026-01-15', '2026-02-13', issued::timestamptz, received::timestamptz, CASE WHEN received IS NOT NULL THEN '张三' END, 1
FROM (VALUES
  ('1', '510104', 'COUNTY', '510104', '2025-12-20 04:00+00', '2025-12-22 04:00+00'),
  ('1', '510104', 'CITY', '510100', '2025-12-20 04:00+00', '2025-12-23 20:00+00'),
  ('2', '510105', 'COUNTY', '510105', '2026-02-02 04:00+00', '2026-02-11 04:00+00'),
  ('2', '510105', 'CITY', '510100', '2026-02-02 04:00+00', '2026-02-03 04:00+00'),
  ('3', '510106', 'COUNTY', '510106', '2026-03-10 04:00+00', NULL),
  ('3', '510106', 'CITY', '510100', '2026-03-10 04:00+00', '2026-03-11 04:00+00'),
  ('4', '513221', 'COUNTY', '513221', '2026-03-10 04:00+00', '2026-03-12 04:00+00')
) v (n, county, kind, code, issued, received);
`

const selectOwed = `
SELECT concat_ws(' ', o.duty, o.obligor_party, right(o.subject, 2), o.county_code, o.city_code, o.state, o.due_date, o.awaiting,
  'met ' || o.satisfy_date, CASE WHEN o.late THEN 'late' END, CASE WHEN o.county_sees THEN 'county' END,
  CASE WHEN o.city_sees THEN 'city' END, h.kinds)
FROM obligation o CROSS JOIN LATERAL (
  SELECT string_agg(c.kind || ' ' || (c.record_time AT TIME ZONE 'Asia/Shanghai')::date, ', ' ORDER BY c.sequence) AS kinds
  FROM obligation_change c WHERE c.province = o.province AND c.id = o.id) h
ORDER BY o.duty, o.subject, o.county_code`

const owed = `COVERAGE INSPECTION_OFFICE 0a 510104 510100 SATISFIED 2027-05-30 0 met 2026-01-15 OPENED 2026-01-01, SATISFIED 2026-03-10
COVERAGE INSPECTION_OFFICE 0a 510105 510100 OPEN 2027-05-30 1 OPENED 2026-01-01
COVERAGE INSPECTION_OFFICE 0a 510106 510100 OPEN 2027-05-30 1 OPENED 2026-01-01
COVERAGE INSPECTION_OFFICE 0a 513221  OPEN 2027-05-30 1 OPENED 2026-01-01
ENTRY_NOTICE INSPECTION_OFFICE f1 510104 510100 SATISFIED 2025-12-31 0 met 2025-12-24 county city OPENED 2025-12-20, PARTLY_MET 2025-12-22, SATISFIED 2025-12-24
ENTRY_NOTICE INSPECTION_OFFICE f2 510105 510100 SATISFIED 2026-02-10 0 met 2026-02-11 late county city OPENED 2026-02-02, PARTLY_MET 2026-02-03, SATISFIED 2026-02-11
ENTRY_NOTICE INSPECTION_OFFICE f3 510106 510100 OPEN 2026-03-18 1 county city OPENED 2026-03-10, PARTLY_MET 2026-03-11
ENTRY_NOTICE INSPECTION_OFFICE f4 513221  SATISFIED 2026-03-18 0 met 2026-03-12 county OPENED 2026-03-10, SATISFIED 2026-03-12
ENTRY_NOTICE INSPECTION_OFFICE f5 510104 510100 OPEN 2026-04-24 2 OPENED 2026-03-20
HEARING LEADING_GROUP e1   OPEN 2026-04-02 1 OPENED 2026-02-13
ON_SITE_PERIOD INSPECTION_GROUP f1 510104 510100 SATISFIED 2026-02-13 0 met 2026-02-13 OPENED 2026-01-15, SATISFIED 2026-02-13
ON_SITE_PERIOD INSPECTION_GROUP f2 510105 510100 OPEN 2026-03-31 1 OPENED 2026-03-02`

const selectColumns = `
SELECT concat_ws(' ', right(id::text, 2), hearing_due_date, hearing_due_start, hearing_due_provisional, hearing_due_article,
  hearing_due_rule_set, hearing_due_calendar) FROM batch
UNION ALL
SELECT concat_ws(' ', right(id::text, 2), latest_notice_date, latest_notice_start, latest_notice_provisional,
  latest_notice_article, latest_notice_rule_set, latest_notice_calendar) FROM inspection WHERE state <> 'PLANNED'
ORDER BY 1`

func lines(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		found = append(found, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// upTo gives the migrations up to a file.
func upTo(t *testing.T, last string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(migrations.Files(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if name > last {
			continue
		}
		data, err := fs.ReadFile(migrations.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

// TestObligationsOfWhatWasThere: dates that stood in columns become obligations with
// their history, and columns again on the way back; the docket goes on from there.
func TestObligationsOfWhatWasThere(t *testing.T) {
	d := pgtest.New(t, pgtest.Service{Name: "scheduling", Migrations: upTo(t, "00007_liaison.sql")})
	m, ctx, admin := d.Migrator(t), context.Background(), d.Admin(t)
	step := func(what string, f func(context.Context) error) {
		t.Helper()
		if err := f(ctx); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	down := func(ctx context.Context) error { return errors.Join(m.DownOne(ctx), m.DownOne(ctx)) } // 00007 and 00006
	step("down", down)
	if _, err := admin.Exec(before); err != nil {
		t.Fatal(err)
	}
	columns := lines(t, admin, selectColumns)
	step("up", m.Up)
	equal(t, "obligations", lines(t, admin, selectOwed), strings.Split(owed, "\n"))
	pgtest.CheckIsolation(t, d)
	step("down again", down)
	equal(t, "columns", lines(t, admin, selectColumns), columns)
	equal(t, "planned", lines(t, admin, `SELECT concat_ws(' ', latest_notice_date, latest_notice_provisional) FROM inspection
WHERE state = 'PLANNED'`), []string{"2026-05-18 t"})
	equal(t, "left over", lines(t, admin, "SELECT id::text FROM obligation UNION SELECT id::text FROM obligation_change"), []string(nil))
	step("up again", m.Up)
	equal(t, "obligations again", lines(t, admin, selectOwed), strings.Split(owed, "\n"))

	book, err := regulation.Load()
	if err != nil {
		t.Fatal(err)
	}
	national, err := workday.National()
	if err != nil {
		t.Fatal(err)
	}
	now := workday.NewDate(2026, time.March, 20).Time().Add(12 * time.Hour)
	own := docket.New("scheduling", book, calendars.New(national), clocktest.Fixed(now))
	step("worker", docket.NewWorker(d.Open(t), own, slog.New(slog.DiscardHandler), time.Hour).Round)
	equal(t, "dates that stand", lines(t, admin, "SELECT DISTINCT duty || ' ' || due_date FROM obligation WHERE state = 'OPEN' ORDER BY 1"),
		[]string{"COVERAGE 2027-05-30", "ENTRY_NOTICE 2026-03-18", "ENTRY_NOTICE 2026-04-23", "HEARING 2026-04-02", "ON_SITE_PERIOD 2026-03-31"})
	equal(t, "next reminders", lines(t, admin, `SELECT DISTINCT concat_ws(' ', duty, due_date, next_rung, rung_date) FROM obligation
WHERE state = 'OPEN' ORDER BY 1`), []string{
		"COVERAGE 2027-05-30 1 2026-05-30", "ENTRY_NOTICE 2026-03-18 4 2026-03-25", "ENTRY_NOTICE 2026-04-23 0 2026-03-25",
		"HEARING 2026-04-02 1 2026-03-26", "ON_SITE_PERIOD 2026-03-31 2 2026-03-24",
	})
}
