package pgtest

import (
	"testing"
)

// unguarded lists what PostgreSQL itself says of tables that row-level security
// does not guard as it must. The version tables of the migrations hold no
// business and no app role can write them.
const unguarded = `
SELECT n.nspname || '.' || c.relname || ': ' ||
       CASE WHEN NOT c.relrowsecurity THEN 'row-level security is off'
            WHEN NOT c.relforcerowsecurity THEN 'row-level security is not forced on the owner'
            WHEN pg_get_userbyid(c.relowner) <> $1 THEN 'owned by ' || pg_get_userbyid(c.relowner)
            ELSE 'no policy' END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'migrations', 'pg_toast')
  AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR pg_get_userbyid(c.relowner) <> $1
       OR NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))
UNION ALL
SELECT n.nspname || '.' || c.relname || ': a view that runs with its owner''s rights'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT coalesce(c.reloptions::text[] && '{security_invoker=true}', false))`

// CheckIsolation fails the test for every table that row-level security does
// not guard: enabled, forced on the owner, with a policy, owned by the owner role
// (security.md §2.4, gate b).
func CheckIsolation(t *testing.T, d *Database) {
	t.Helper()
	rows, err := d.Admin(t).Query(unguarded, d.Service.Name+"_owner")
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
