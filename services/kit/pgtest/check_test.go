package pgtest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/xunshi/xunshi/services/kit/pgtest"
)

// recorder is a test that notes what it is told instead of failing.
type recorder struct {
	testing.TB
	told []string
}

func (r *recorder) Error(args ...any) { r.told = append(r.told, fmt.Sprint(args...)) }

// TestCheckIsolationFindsEachHole makes one hole at a time.
func TestCheckIsolationFindsEachHole(t *testing.T) {
	const guarded = `CREATE TABLE t (n int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON t TO hole_inside USING (n = 1);`
	for name, tt := range map[string]struct{ sql, want string }{
		"no RLS":               {"CREATE TABLE t (n int)", "t: row-level security is off"},
		"not forced":           {"CREATE TABLE t (n int); ALTER TABLE t ENABLE ROW LEVEL SECURITY", "not forced"},
		"no policy":            {"CREATE TABLE t (n int); ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY", "no policy"},
		"view":                 {guarded + "CREATE VIEW v AS SELECT * FROM t", "v: a view"},
		"materialized view":    {guarded + "CREATE MATERIALIZED VIEW v AS SELECT * FROM t", "v: a view"},
		"definer's path":       {"CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; REVOKE ALL ON FUNCTION f() FROM PUBLIC", "without SET search_path"},
		"definer for all":      {"CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT 1'", "everybody may call"},
		"TRUNCATE":             {guarded + "GRANT TRUNCATE ON t TO hole_inside", "hole_inside has TRUNCATE"},
		"REFERENCES":           {guarded + "GRANT REFERENCES ON t TO hole_outside", "hole_outside has REFERENCES"},
		"everybody may read":   {guarded + "GRANT SELECT ON t TO PUBLIC", "everybody has SELECT"},
		"nothing wrong":        {guarded + "CREATE VIEW v WITH (security_invoker = true) AS SELECT * FROM t; GRANT SELECT ON v TO hole_inside", ""},
		"owned by a superuser": {"", "owned by postgres"},
	} {
		t.Run(name, func(t *testing.T) {
			migration := "-- +goose Up\n" + tt.sql + ";\n-- +goose Down\nSELECT 1;\n"
			s := pgtest.Service{Name: "hole", Migrations: fstest.MapFS{"00001_hole.sql": {Data: []byte(migration)}}}
			if tt.sql == "" {
				s.Migrations = nil
			}
			d := pgtest.New(t, s)
			if tt.sql == "" {
				if _, err := d.Admin(t).Exec(strings.Replace(guarded, "hole_inside", "PUBLIC", 1)); err != nil {
					t.Fatal(err)
				}
			}
			r := &recorder{TB: t}
			pgtest.CheckIsolation(r, d)
			switch {
			case tt.want == "" && len(r.told) > 0:
				t.Errorf("told %q; want nothing", r.told)
			case tt.want != "" && (len(r.told) != 1 || !strings.Contains(r.told[0], tt.want)):
				t.Errorf("told %q; want %q alone", r.told, tt.want)
			}
		})
	}
}

func TestOtherMigrationsGetAnotherTemplate(t *testing.T) {
	for _, table := range []string{"first", "second"} {
		migration := "-- +goose Up\nCREATE TABLE " + table + " (n int);\n-- +goose Down\nDROP TABLE " + table + ";\n"
		d := pgtest.New(t, pgtest.Service{Name: "twofaced", Migrations: fstest.MapFS{"00001_x.sql": {Data: []byte(migration)}}})
		if _, err := d.Admin(t).Exec("SELECT n FROM " + table); err != nil {
			t.Error(err)
		}
	}
}
