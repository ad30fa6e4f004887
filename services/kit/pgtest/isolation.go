package pgtest

import (
	"strings"
	"testing"
)

// CheckIsolation fails the test for everything in the database that lets
// somebody past row-level security (security.md §2.3, §2.4 gate b): a table
// that is not guarded, a view or function that runs with its owner's rights, a
// right that no policy covers.
func CheckIsolation(t testing.TB, d *Database) {
	t.Helper()
	for _, check := range []string{unguardedTables, ownersViews, openFunctions, uncoveredRights} {
		rows, err := d.Admin(t).Query(strings.ReplaceAll(check, "{{service}}", d.Service.Name))
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var fault string
			if err := rows.Scan(&fault); err != nil {
				t.Fatal(err)
			}
			t.Error(fault)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

const unguardedTables = `
SELECT c.oid::regclass || ': ' ||
       CASE WHEN NOT c.relrowsecurity THEN 'row-level security is off'
            WHEN NOT c.relforcerowsecurity THEN 'row-level security is not forced on the owner'
            WHEN pg_get_userbyid(c.relowner) <> '{{service}}_owner' THEN 'owned by ' || pg_get_userbyid(c.relowner)
            ELSE 'no policy' END
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR pg_get_userbyid(c.relowner) <> '{{service}}_owner'
       OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))`

// A materialized view ignores the policies of its tables, and a plain one has
// its owner's eyes unless it says security_invoker (traps 3 and 4).
const ownersViews = `
SELECT c.oid::regclass || ': a view that runs with its owner''s rights'
FROM pg_class c
WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on'], false))`

// What runs with its owner's rights must fix where names are looked up, and must
// be given to roles by name. A trigger function needs no right to be called.
const openFunctions = `
SELECT p.oid::regprocedure || ': SECURITY DEFINER ' ||
       CASE WHEN p.proconfig IS NULL OR NOT EXISTS (
              SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search\_path=pg\_catalog%pg\_temp')
            THEN 'without SET search_path = pg_catalog, …, pg_temp'
            ELSE 'that everybody may call' END
FROM pg_proc p
WHERE p.prosecdef
  AND (p.proconfig IS NULL
       OR NOT EXISTS (SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search\_path=pg\_catalog%pg\_temp')
       OR (p.prorettype <> 'trigger'::regtype
           AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)))`

// No policy stops TRUNCATE, a foreign key or a trigger (traps 7, 13 and 17), so
// only the owner has the right to them; and nobody has rights by being anybody.
const uncoveredRights = `
SELECT c.oid::regclass || ': ' || CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee) END
       || ' has ' || a.privilege_type
FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  AND a.grantee <> c.relowner
  AND (a.grantee = 0 OR a.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER'))`
