package archtest

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const most = 400

// checkSize counts lines of what people write and review.
func checkSize(texts map[string]string) []string {
	var complaints []string
	for name, text := range texts {
		if lines := strings.Count(text, "\n"); lines > most {
			complaints = append(complaints, fmt.Sprintf("%s has %d lines, more than %d: split it", name, lines, most))
		}
	}
	return complaints
}

// checkScope refuses settings that outlive their transaction: the next caller of
// a pooled connection would inherit another's scope (security.md D3).
func checkScope(texts map[string]string) []string {
	session := regexp.MustCompile(`(?is)set_config\s*\([^)]*,\s*false\s*\)|\bset\s+(session\s+|local\s+)?app\.`)
	var complaints []string
	for name, text := range texts {
		if found := session.FindString(text); found != "" {
			complaints = append(complaints, fmt.Sprintf("%s sets the scope in another way than set_config(…, true): %s", name, found))
		}
	}
	return complaints
}

// checkLeftovers refuses what was put off: a skipped test proves nothing, and a
// note to oneself is read by nobody.
func checkLeftovers(texts map[string]string) []string {
	leftover := regexp.MustCompile(`\b[tbf]\.Skip(f|Now)?\(|\b(TODO|FIXME|XXX)\b`)
	var complaints []string
	for name, text := range texts {
		if found := leftover.FindString(text); found != "" {
			complaints = append(complaints, fmt.Sprintf("%s has a %s", name, found))
		}
	}
	return complaints
}

// checkRowSecurity wants, for every table, row-level security that holds for its
// owner too. Texts are the migrations of one folder. Without a policy such a
// table is closed to everyone, so policies are not counted here.
func checkRowSecurity(texts map[string]string) []string {
	table := regexp.MustCompile(`(?im)^\s*create\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?([a-z_.]+)`)
	weak := regexp.MustCompile(`(?i)(disable|no\s+force)\s+row\s+level\s+security|[^o]bypassrls`)
	var up strings.Builder
	for _, text := range texts {
		forward, _, _ := strings.Cut(text, "-- +goose Down")
		up.WriteString(forward)
	}
	all := up.String()
	var complaints []string
	if found := weak.FindString(all); found != "" {
		complaints = append(complaints, "a migration weakens row-level security: "+found)
	}
	for _, m := range table.FindAllStringSubmatch(all, -1) {
		name := regexp.QuoteMeta(m[1])
		for what, pattern := range map[string]string{
			"ENABLE ROW LEVEL SECURITY": `(?i)alter\s+table\s+` + name + `\s+enable\s+row\s+level\s+security`,
			"FORCE ROW LEVEL SECURITY":  `(?i)alter\s+table\s+` + name + `\s+force\s+row\s+level\s+security`,
		} {
			if !regexp.MustCompile(pattern).MatchString(all) {
				complaints = append(complaints, fmt.Sprintf("table %s lacks %s", m[1], what))
			}
		}
	}
	return complaints
}

// checkKeys wants the province first in every primary key of a service, so that
// a table can be distributed by it (design.md §7).
func checkKeys(texts map[string]string) []string {
	body := regexp.MustCompile(`(?ims)^\s*create\s+table\s+([a-z_.]+)\s*\((.*?)^\)`)
	key := regexp.MustCompile(`(?is)primary\s+key\s*\(\s*province\b|\bprovince\s+text\s+(not\s+null\s+)?(constraint\s+\w+\s+)?primary\s+key`)
	var complaints []string
	for name, text := range texts {
		for _, m := range body.FindAllStringSubmatch(text, -1) {
			if !key.MatchString(m[2]) {
				complaints = append(complaints, fmt.Sprintf("%s: the primary key of %s does not begin with province", name, m[1]))
			}
		}
	}
	return complaints
}

// checkDrilled wants the migrations of a service run against PostgreSQL and its
// catalogue looked through (pgtest.CheckIsolation): text alone proves little.
func checkDrilled(dir string, all []source) []string {
	for _, s := range all {
		if s.dir() != dir || !s.isTest() {
			continue
		}
		check := reserved{pkg: module + "services/kit/pgtest", names: []string{"CheckIsolation"}}
		if len(mentions(s.file, importNames(s.file), check)) > 0 {
			return nil
		}
	}
	return []string{dir + " has no test that calls pgtest.CheckIsolation"}
}

func written(extensions ...string) func(string) bool {
	return func(name string) bool { return slices.Contains(extensions, path.Ext(name)) }
}

func TestFilesAreShort(t *testing.T) {
	code := written(".go", ".proto", ".sql", ".sh")
	report(t, checkSize(textOf(t, func(name string) bool { return code(name) || strings.HasPrefix(name, ".ci/") })))
}

func TestScopeEndsWithItsTransaction(t *testing.T) {
	code := written(".go", ".sql")
	report(t, checkScope(textOf(t, func(name string) bool {
		return code(name) && !strings.HasPrefix(name, "deploy/archtest/")
	})))
}

func TestNothingIsPutOff(t *testing.T) {
	code := written(".go", ".proto", ".sql", ".sh")
	report(t, checkLeftovers(textOf(t, func(name string) bool {
		return code(name) && !strings.HasPrefix(name, "deploy/archtest/")
	})))
}

// folders are where migrations lie: those of the kit run in every database.
func folders(t *testing.T) []string {
	t.Helper()
	var dirs []string
	for _, name := range must(t, files) {
		if path.Ext(name) == ".sql" && strings.HasPrefix(name, "services/") && !strings.Contains(name, "/testdata/") {
			dirs = append(dirs, path.Dir(name))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

func TestEveryTableIsBehindRowSecurity(t *testing.T) {
	dirs := folders(t)
	for _, wanted := range []string{
		"services/casefile/migrations", "services/kit/migrate/sql",
		"services/rectification/migrations", "services/scheduling/migrations",
	} {
		if !slices.Contains(dirs, wanted) {
			t.Errorf("no migrations in %s: the rule checks nothing", wanted)
		}
	}
	for _, dir := range dirs {
		texts := textOf(t, func(name string) bool { return path.Dir(name) == dir && path.Ext(name) == ".sql" })
		for _, c := range checkRowSecurity(texts) {
			t.Errorf("%s: %s", dir, c)
		}
		if strings.HasSuffix(dir, "/migrations") {
			report(t, checkKeys(texts))
			report(t, checkDrilled(dir, must(t, sources)))
		}
	}
}

func TestFileRulesBite(t *testing.T) {
	bites(t, checkSize(map[string]string{"a.go": strings.Repeat("\n", most)}), 0, "")
	bites(t, checkSize(map[string]string{"a.go": strings.Repeat("\n", most+1)}), 1, "a.go")
	bites(t, checkLeftovers(map[string]string{"a.go": "t.Skip()", "b.go": "// TODO(#1): later", "c.go": "r.Skip(1)"}), 2, "a.go")
	for text, want := range map[string]int{
		"select set_config('app.scope', $1, true)":    0,
		"select set_config('app.scope', $1, false)":   1,
		"select set_config('app.scope',\n$1, FALSE )": 1,
		"SET app.scope = 'x'":                         1,
		"SET SESSION app.scope TO 'x'":                1,
		"SET search_path = authz":                     0,
	} {
		bites(t, checkScope(map[string]string{"a.sql": text}), want, "a.sql")
	}
}

func TestMigrationRulesBite(t *testing.T) {
	const whole = `-- +goose Up
CREATE TABLE thing (
    province text NOT NULL,
    id uuid NOT NULL,
    CONSTRAINT thing_pk PRIMARY KEY (province, id)
);
ALTER TABLE thing ENABLE ROW LEVEL SECURITY;
ALTER TABLE thing FORCE ROW LEVEL SECURITY;
CREATE POLICY inside ON thing TO x_inside USING (province = (SELECT authz.province()));
-- +goose Down
DROP TABLE thing;
`
	sql := func(from, to string) map[string]string {
		return map[string]string{"1.sql": strings.Replace(whole, from, to, 1)}
	}
	bites(t, checkRowSecurity(sql("", "")), 0, "")
	bites(t, checkRowSecurity(sql("ENABLE", "-- ")), 1, "lacks ENABLE")
	bites(t, checkRowSecurity(sql("FORCE", "NO FORCE")), 2, "lacks FORCE")
	bites(t, checkRowSecurity(sql("FORCE", "DISABLE")), 2, "weakens")
	bites(t, checkRowSecurity(sql("-- +goose Down", "CREATE TABLE other (a int);")), 2, "other")
	bites(t, checkRowSecurity(map[string]string{"1.sql": "ALTER ROLE a BYPASSRLS;"}), 1, "weakens")
	bites(t, checkRowSecurity(map[string]string{"1.sql": "ALTER ROLE a NOBYPASSRLS;"}), 0, "")
	drill := parse(t, "m/m_test.go", `package m; import "github.com/xunshi/xunshi/services/kit/pgtest"; var F = pgtest.CheckIsolation`)
	bites(t, checkDrilled("m", []source{drill}), 0, "")
	bites(t, checkDrilled("m", []source{parse(t, "m/m_test.go", "package m")}), 1, "CheckIsolation")
	bites(t, checkDrilled("n", []source{drill}), 1, "CheckIsolation")
	bites(t, checkKeys(sql("", "")), 0, "")
	bites(t, checkKeys(sql("(province, id)", "(id, province)")), 1, "thing")
}
