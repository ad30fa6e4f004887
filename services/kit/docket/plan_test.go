package docket_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/row"
)

const many = 100_000

// fill makes so many open obligations in 21 cities, 183 counties and 500 days of due
// dates, half as many ended ones, and one rung that is due for every thousand.
const fill = `
INSERT INTO obligation
SELECT '51', gen_random_uuid(), 'RECTIFICATION_PLAN', '17', 'COUNTY_COMMITTEE', false, 'provinces/51/rectifications/' || i,
  (510100 + i % 183)::text, (510000 + 100 * (1 + i % 21))::text, gen_random_uuid(), 'CN-COUNTY-2012', 'plan', '2026-01-05', NULL, 1,
  '2026-02-01'::date + i % 500, '2026-02-01'::date + i % 500, false, 'SC-2026', 0, '[]',
  CASE WHEN i < $1 THEN 'OPEN' ELSE 'CANCELLED' END, NULL, false, true, true, 1, 0,
  CASE WHEN i < $1 THEN '2026-03-01'::date + i % 1000 END, '2026-02-01', 1, now(), now(), 1
FROM generate_series(0, $1 + $1 / 2 - 1) AS i`

// node is a part of a plan.
type node struct {
	Type     string  `json:"Node Type"`
	Index    string  `json:"Index Name"`
	Relation string  `json:"Relation Name"`
	Rows     float64 `json:"Actual Rows"`
	Removed  float64 `json:"Rows Removed by Filter"`
	Hit      float64 `json:"Shared Hit Blocks"`
	Read     float64 `json:"Shared Read Blocks"`
	Plans    []node
}

func (n node) walk(visit func(node)) {
	visit(n)
	for _, p := range n.Plans {
		p.walk(visit)
	}
}

// query is a statement that the store made.
type query struct {
	sql  string
	args []any
}

// queries are those on obligations and notifications that f makes, in the caller's role.
func (w *world) queries(ctx context.Context, f func() error) (made []query) {
	w.t.Helper()
	const name = "test:note"
	var hooks *gorm.DB
	err := w.db.Read(ctx, func(tx *pg.Tx) error {
		hooks = tx.Gorm()
		return hooks.Callback().Query().After("gorm:query").Register(name, func(db *gorm.DB) {
			if db.Statement.Table == "obligation" || db.Statement.Table == "notification" {
				made = append(made, query{db.Statement.SQL.String(), slices.Clone(db.Statement.Vars)})
			}
		})
	})
	if err == nil {
		err = errors.Join(f(), hooks.Callback().Query().Remove(name))
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

// explained runs a statement once more, in the caller's scope, and gives what it did.
func (w *world) explained(ctx context.Context, q query) (root node) {
	w.t.Helper()
	err := w.db.Write(ctx, func(tx *pg.Tx) error { return explain(tx.SQL(), &root, q.sql, q.args...) })
	if err != nil {
		w.t.Fatal(q.sql, err)
	}
	return root
}

func explain(tx *sql.Tx, root *node, statement string, args ...any) error {
	var raw []byte
	if err := tx.QueryRow("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+statement, args...).Scan(&raw); err != nil {
		return err
	}
	var plans []struct{ Plan node }
	err := json.Unmarshal(raw, &plans)
	*root = plans[0].Plan
	return err
}

// TestPlansOfManyObligations: of 100,000 open obligations by city and due date, for the
// city itself and for the office, on any page, the rows come from one index in their
// order, and no more of them than the page has.
func TestPlansOfManyObligations(t *testing.T) {
	w := newWorld(t, "2026-03-01")
	if _, err := w.admin.Exec(strings.ReplaceAll(fill, "$1", "100000") + "; ANALYZE obligation"); err != nil {
		t.Fatal(err)
	}
	if n := w.number("SELECT count(*) FROM obligation WHERE state = 'OPEN'"); n != many {
		t.Fatalf("%d are open", n)
	}
	open := filter.Condition{SQL: "state = ?", Args: []any{"OPEN"}}
	openHere := filter.Condition{SQL: "(city_code = ? AND state = ?)", Args: []any{"510100", "OPEN"}}
	window := filter.Condition{
		SQL:  "(city_code = ? AND (state = ? AND (due_date >= ? AND due_date <= ?)))",
		Args: []any{"510100", "OPEN", date("2026-05-01").Time(), date("2027-05-01").Time()},
	}
	later := page.Cursor{Keys: []string{"2026-09-01"}, ID: "80000000-0000-4000-8000-000000000000"}
	byOffice := policy.WithGrant(office(), policy.Grant{Scope: policy.ScopeProvince})
	byCity := policy.WithGrant(city(), policy.Grant{Scope: policy.ScopeOwnJurisdiction})
	for name, tt := range map[string]struct {
		ctx   context.Context
		query docket.Query
		index string
	}{
		"a city's open ones":             {byCity, docket.Query{Filter: open}, "obligation_by_city_state"},
		"a city's, later page":           {byCity, docket.Query{Filter: open, Cursor: later}, "obligation_by_city_state"},
		"a city's, all":                  {byCity, docket.Query{}, "obligation_by_city"},
		"the office's of a city":         {byOffice, docket.Query{Filter: openHere}, "obligation_by_city_state"},
		"the office's of a city, later":  {byOffice, docket.Query{Filter: openHere, Cursor: later}, "obligation_by_city_state"},
		"the office's of a city, window": {byOffice, docket.Query{Filter: window}, "obligation_by_city_state"},
		"the office's open ones":         {byOffice, docket.Query{Filter: open}, "obligation_by_state"},
		"the office's, all, later":       {byOffice, docket.Query{Cursor: later}, "obligation_by_due"},
		"without a grant, of a city":     {city(), docket.Query{Filter: openHere}, "obligation_by_city_state"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.query.Size = 50
			made := w.queries(tt.ctx, func() error {
				return w.db.Read(tt.ctx, func(tx *pg.Tx) error {
					found, err := w.docket.List(tx, tt.query)
					if len(found) != 51 {
						t.Errorf("%d rows", len(found))
					}
					return err
				})
			})
			if len(made) != 1 {
				t.Fatalf("made %d queries", len(made))
			}
			root := w.explained(tt.ctx, made[0])
			root.walk(func(n node) {
				switch {
				case n.Type == "Seq Scan", strings.Contains(n.Type, "Sort"), strings.Contains(n.Type, "Bitmap"):
					t.Errorf("%s in %s", n.Type, made[0].sql)
				case n.Relation == "obligation" && (n.Index != tt.index || n.Rows > 51 || n.Removed > 0):
					t.Errorf("%.0f rows by %s, %.0f of no use, want %s", n.Rows, n.Index, n.Removed, tt.index)
				}
			})
			if root.Rows != 51 || root.Hit+root.Read > 250 {
				t.Errorf("%.0f rows, %.0f blocks", root.Rows, root.Hit+root.Read)
			}
		})
	}
	w.checkSweepPlans(t)
	w.checkNotificationPlans(t)
}

// checkNotificationPlans: what a body was told is an index walk too, all or unread.
func (w *world) checkNotificationPlans(t *testing.T) {
	if _, err := w.admin.Exec(`INSERT INTO notification
		SELECT province, gen_random_uuid(), id, duty, article, subject, county_code, city_code, inspection_id, 'DUE', 9, 0, 0,
		  'CITY_COMMITTEE', 'provinces/51/cities/' || city_code, due_date, create_time + random() * interval '1 year',
		  CASE WHEN due_date < '2027-01-01' THEN now() END, CASE WHEN due_date < '2027-01-01' THEN 'x' ELSE '' END, 1
		FROM obligation WHERE state = 'OPEN'; ANALYZE notification`); err != nil {
		t.Fatal(err)
	}
	ctx := policy.WithGrant(city(), policy.Grant{Scope: policy.ScopeAddressee})
	for index, q := range map[string]docket.NotificationQuery{
		"notification_by_recipient": {Size: 50},
		"notification_unread":       {Size: 50, Unacknowledged: true},
	} {
		made := w.queries(ctx, func() error {
			return w.db.Read(ctx, func(tx *pg.Tx) error {
				found, err := w.docket.ListNotifications(tx, q)
				if len(found) != 51 {
					t.Errorf("%d notifications", len(found))
				}
				return err
			})
		})
		root := w.explained(ctx, made[0])
		root.walk(func(n node) {
			if n.Relation != "" && (n.Index != index || n.Rows > 51 || n.Removed > 0) || strings.Contains(n.Type, "Sort") {
				t.Errorf("%s: %.0f rows by %s, %.0f of no use, want %s", n.Type, n.Rows, n.Index, n.Removed, index)
			}
		})
	}
}

// checkSweepPlans: the worker touches only what is due, and finds where there is work
// without reading what there is.
func (w *world) checkSweepPlans(t *testing.T) {
	var work node
	err := w.db.WithoutScope(t.Context(), func(tx *sql.Tx) error {
		return explain(tx, &work, "SELECT * FROM obligation_work('2026-03-01')")
	})
	if err != nil {
		t.Fatal(err)
	}
	if work.Rows != 1 || work.Hit+work.Read > 200 {
		t.Errorf("where there is work: %.0f rows, %.0f blocks", work.Rows, work.Hit+work.Read)
	}
	// Of the day 100 rungs are due, and as many rows change.
	changed := func(column string, f func()) int {
		before := w.number("SELECT sum(" + column + ") FROM obligation")
		f()
		return w.number("SELECT sum("+column+") FROM obligation") - before
	}
	made := w.queries(service(), func() error {
		if n := changed("version", w.sweep); n != many/1000 {
			t.Errorf("the sweep changed %d rows", n)
		}
		return nil
	})
	if _, err := w.admin.Exec("UPDATE obligation SET version = version + 1, calendar_version = 'SC-2025' WHERE rung_date = '2026-05-01'"); err != nil {
		t.Fatal(err)
	}
	made = append(made[:1], w.queries(service(), func() error {
		if n := changed("change_count", w.sweep); n != many/1000 {
			t.Errorf("the recomputation recorded %d changes", n)
		}
		return nil
	})...)
	for i, index := range []string{"obligation_by_rung", "obligation_by_calendar"} {
		q := made[i]
		for j, arg := range q.args { // of the next day, and of the others
			switch arg {
			case row.Day(date("2026-03-01")):
				q.args[j] = row.Day(date("2026-03-02"))
			case "SC-2025":
				q.args[j] = "SC-2026"
			}
		}
		root := w.explained(service(), q)
		root.walk(func(n node) {
			if n.Relation == "obligation" && (n.Index != index || n.Rows > 200 || n.Removed > 0) {
				t.Errorf("the worker reads %.0f rows by %s %s, %.0f of no use", n.Rows, n.Type, n.Index, n.Removed)
			}
			if n.Type == "Seq Scan" || strings.Contains(n.Type, "Sort") {
				t.Errorf("%s in %s", n.Type, q.sql)
			}
		})
		if root.Hit+root.Read > 2000 || root.Rows < 100 {
			t.Errorf("the worker reads %.0f rows in %.0f blocks by %s", root.Rows, root.Hit+root.Read, index)
		}
	}
}
