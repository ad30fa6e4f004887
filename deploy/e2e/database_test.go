package e2e_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// databases looks into the three databases as their superuser, past row-level
// security.
type databases map[string]*pgx.Conn

func openDatabases(t *testing.T) databases {
	t.Helper()
	all := databases{}
	for _, name := range stack.Names() {
		c, err := pgx.Connect(t.Context(), running.AdminDSN(name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close(t.Context()) }) // nothing depends on it
		all[name] = c
	}
	return all
}

// table is what a table holds: how many rows, and a hash over all of them.
type table struct {
	rows   int
	digest string
}

// contents gives every table of the three databases, e.g. "casefile petition". It
// leaves out River's schema: jobs come and go there by themselves, and whatever
// announces an event leaves a row in the outbox. It also leaves out what the sequencer
// derives from the audit entries, some at a time.
func (d databases) contents(t *testing.T) map[string]table {
	t.Helper()
	all := map[string]table{}
	for _, service := range stack.Names() {
		const list = `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
			WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'river')
			  AND tablename NOT IN ('audit_pending', 'audit_leaf', 'audit_hash', 'audit_checkpoint') ORDER BY 1`
		var parts []string
		for _, name := range column[string](t, d[service], list) {
			parts = append(parts, fmt.Sprintf(`SELECT '%[1]s' AS name, count(*)::int AS rows,
				md5(coalesce(string_agg(r::text, E'\n' ORDER BY r::text), '')) AS digest FROM %[1]s r`, name))
		}
		rows, err := d[service].Query(t.Context(), strings.Join(parts, " UNION ALL "))
		if err != nil {
			t.Fatal(err)
		}
		var name string
		var at table
		if _, err := pgx.ForEachRow(rows, []any{&name, &at.rows, &at.digest}, func() error {
			all[service+" "+strings.TrimPrefix(name, "public.")] = at
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// changed names the tables that differ, with how many rows they grew by.
func changed(before, after map[string]table) map[string]int {
	all := map[string]int{}
	for name, now := range after {
		if now != before[name] {
			all[name] = now.rows - before[name].rows
		}
	}
	return all
}

// lines gives a map in order, to be printed.
func lines[V any](m map[string]V) []string {
	var all []string
	for _, k := range slices.SortedFunc(maps.Keys(m), cmp.Compare) {
		all = append(all, fmt.Sprintf("%s %v", k, m[k]))
	}
	return all
}

// rest waits until every event has arrived, every rung of the day is climbed and
// every date is counted by the calendar of the day, so that what changes later is
// somebody's doing. Rectification comes first: what scheduling takes from it, it
// announces again.
func (d databases) rest(t *testing.T) {
	t.Helper()
	const busy = `SELECT count(*)::int FROM obligation o WHERE province = $4 AND state = 'OPEN' AND (rung_date <= $1::date
		OR calendar_version <> $2 AND NOT EXISTS ( -- a clock that was set back before an activation counts nothing again
			SELECT FROM holiday_notice_active a WHERE a.province = o.province AND a.activate_time > $3))`
	eventually(t, func() error {
		for _, service := range []string{"rectification", "scheduling", "casefile"} {
			if n := column[int](t, d[service], `SELECT count(*)::int FROM outbox WHERE done_time IS NULL`)[0]; n > 0 {
				return errors.New(service + " still announces")
			}
			for _, province := range []string{"51", "52"} {
				now := running.Clock().Now()
				version := d.calendarVersion(t, service, province, now)
				if n := column[int](t, d[service], busy, workday.DateOf(now).String(), version, now, province)[0]; n > 0 {
					return errors.New(service + " still climbs or counts")
				}
			}
		}
		return nil
	})
}

// calendarVersion is the version of a province's calendar as a service knows it at
// an instant: the built-in notices and those activated by then.
func (d databases) calendarVersion(t *testing.T, service, province string, now time.Time) string {
	t.Helper()
	rows, err := d[service].Query(t.Context(), `SELECT id, jurisdiction, publish_date::text FROM holiday_notice_active
		WHERE province = $2 AND activate_time <= $1`, now, province)
	if err != nil {
		t.Fatal(err)
	}
	var active []workday.Notice
	var next workday.Notice
	var published string
	if _, err := pgx.ForEachRow(rows, []any{&next.ID, &next.Province, &published}, func() (err error) {
		next.Published, err = workday.ParseDate(published)
		active = append(active, next)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	calendar := must[*workday.Calendar](t)(must[*workday.Calendar](t)(workday.National()).With(active, nil))
	return calendar.KnownAt(workday.DateOf(now)).Version()
}

func column[T any](t *testing.T, c *pgx.Conn, query string, args ...any) []T {
	t.Helper()
	rows, err := c.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatal(err)
	}
	return all
}
