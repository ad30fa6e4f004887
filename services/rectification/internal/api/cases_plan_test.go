package api_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/rectification"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// fillCases makes so many cases of 21 cities and 183 counties in four states. Keys to
// other tables are off: a case is all that is read.
const fillCases = `
ALTER TABLE rectification DISABLE TRIGGER ALL;
INSERT INTO rectification (province, id, inspection_id, county_code, city_code, delivery_id, rule_set, problems, state, receive_date,
  plan_submit_date, report_submit_date, decision_id, close_date, city_may_see, version, create_time, update_time)
SELECT '51', ('01900004-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,
  ('01900001-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, (510000 + i % 183)::text,
  (510000 + 100 * (1 + i % 21))::text, ('01900003-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'CN-COUNTY-2012', '[{"number": 1, "description": "问题", "suggestion": "建议"}]',
  s.state, '2026-01-08', CASE WHEN s.state <> 'PLANNING' THEN '2026-02-09'::date END,
  CASE WHEN s.state IN ('REPORTED', 'CLOSED') THEN '2026-08-07'::date END, CASE s.state WHEN 'CLOSED' THEN gen_random_uuid() END,
  CASE s.state WHEN 'CLOSED' THEN '2026-09-01'::date END, true, 1, now(), now()
FROM generate_series(1, 200000) AS i
CROSS JOIN LATERAL (SELECT (ARRAY['PLANNING', 'RECTIFYING', 'REPORTED', 'CLOSED'])[1 + (i / 21) % 4] AS state) AS s;
ALTER TABLE rectification ENABLE TRIGGER ALL;
ANALYZE rectification`

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

// explained gives what the one statement on a table did that f makes.
func explained(t *testing.T, db *pg.DB, ctx context.Context, table string, f func(tx *pg.Tx) error) (root node) {
	t.Helper()
	type statement struct {
		sql  string
		args []any
	}
	var made []statement
	const name = "test:note"
	err := db.Read(ctx, func(tx *pg.Tx) error {
		hooks := tx.Gorm().Callback().Query()
		err := hooks.After("gorm:query").Register(name, func(on *gorm.DB) {
			if on.Statement.Table == table {
				made = append(made, statement{on.Statement.SQL.String(), slices.Clone(on.Statement.Vars)})
			}
		})
		if err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return hooks.Remove(name)
	})
	if err != nil || len(made) != 1 {
		t.Fatalf("%d statements on %s: %v", len(made), table, err)
	}
	if err := db.Read(ctx, func(tx *pg.Tx) error { return explain(tx.SQL(), &root, made[0].sql, made[0].args...) }); err != nil {
		t.Fatal(err)
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

// TestPlansOfManyRectifications: of 200,000 cases by city and state, the fiftieth page of
// fifty comes from one index in its order, and no more of it is read than the page
// has, for the city itself, for a county and for the office.
func TestPlansOfManyRectifications(t *testing.T) {
	database := pgtest.New(t, pgtest.Service{Name: rectification.Name, Migrations: rectification.Program().Migrations})
	if _, err := database.Admin(t).Exec(fillCases); err != nil {
		t.Fatal(err)
	}
	db := database.Open(t)
	as := func(party principal.Party, area string, scope policy.Scope) context.Context {
		return policy.WithGrant(pgtest.As(t.Context(), party, area, "clerk"), policy.Grant{Scope: scope})
	}
	byOffice := as(principal.InspectionOffice, sichuan, policy.ScopeProvince)
	byCity := as(principal.CityCommittee, sichuan+"/cities/510400", policy.ScopeOwnJurisdiction)
	byCounty := as(principal.CountyCommittee, sichuan+"/counties/510007", policy.ScopeOwnJurisdiction)
	rectifying := filter.Condition{SQL: "state = ?", Args: []any{"RECTIFYING"}}
	there := filter.Condition{SQL: "(city_code = ? AND state = ?)", Args: []any{"510400", "RECTIFYING"}}
	// 2,380 of a city are in a state: its fiftieth page would be its last.
	late := page.Cursor{ID: "01900004-0000-7000-8000-" + fmt.Sprintf("%012x", 150_000)}
	for name, tt := range map[string]struct {
		ctx   context.Context
		query store.Query
		index string
	}{
		"a city's in a state":             {byCity, store.Query{Filter: rectifying}, "rectification_by_city_state"},
		"a city's in a state, late":       {byCity, store.Query{Filter: rectifying, Cursor: late}, "rectification_by_city_state"},
		"a city's, all, late":             {byCity, store.Query{Cursor: late}, "rectification_by_city"},
		"the office's of a city, state":   {byOffice, store.Query{Filter: there}, "rectification_by_city_state"},
		"the office's of a city, late":    {byOffice, store.Query{Filter: there, Cursor: late}, "rectification_by_city_state"},
		"the office's in a state, late":   {byOffice, store.Query{Filter: rectifying, Cursor: late}, "rectification_by_state"},
		"the office's, all, late":         {byOffice, store.Query{Cursor: late}, "rectification_pkey"},
		"a county's":                      {byCounty, store.Query{}, "rectification_by_county"},
		"a city's, by its own scope only": {pgtest.As(t.Context(), principal.CityCommittee, sichuan+"/cities/510400", "clerk"), store.Query{Filter: there}, "rectification_by_city_state"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.query.Size = 50
			root := explained(t, db, tt.ctx, "rectification", func(tx *pg.Tx) error {
				found, err := store.Rectifications(tx, tt.query)
				if len(found) != 51 {
					t.Errorf("%d cases", len(found))
				}
				return err
			})
			root.walk(func(n node) {
				switch {
				case n.Type == "Seq Scan", strings.Contains(n.Type, "Sort"), strings.Contains(n.Type, "Bitmap"):
					t.Errorf("%s on %s", n.Type, n.Relation)
				case n.Relation == "rectification" && (n.Index != tt.index || n.Rows > 51 || n.Removed > 0):
					t.Errorf("%.0f rows by %s, %.0f of no use, want %s", n.Rows, n.Index, n.Removed, tt.index)
				}
			})
			if root.Rows != 51 || root.Hit+root.Read > 250 {
				t.Errorf("%.0f rows, %.0f blocks", root.Rows, root.Hit+root.Read)
			}
		})
	}
}
