package filter_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// FuzzCompile: no filter panics, and every condition is made of nothing but the
// columns, operators and placeholders that the package itself writes.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		`state = STATE_OPEN AND NOT (title : "x" OR plan.year >= -3)`, `title = "' or 1=1 --"`, `note:* active = true`,
		`pg_sleep(10)`, `((((`, `create_time < "2026-09-03T08:00:00+08:00"`, `entry_date != "2026-09-03"`,
		`county="provinces/51/counties/510104"`, `title = "\u0000\x41\'"`, `-active=true`, "a.b.c(d,(e))", "\xff",
	} {
		f.Add(s)
	}
	known := regexp.MustCompile(`^(\(|\)| |AND|OR|NOT|NULL|IS|DISTINCT|FROM|ILIKE|ESCAPE '\\'|''|<>|<=|>=|<|>|=|\?|` +
		`state|i\.title|note|year|active|entry_date|created_at|county_code|ready)*$`)
	columns := table()
	f.Fuzz(func(t *testing.T, s string) {
		c, err := columns.Compile(s)
		if err != nil {
			if !fault.Is(err, fault.ReasonFieldInvalid) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if !known.MatchString(c.SQL) {
			t.Fatalf("%q gave %q", s, c.SQL)
		}
		if n := strings.Count(c.SQL, "?"); n != len(c.Args) {
			t.Fatalf("%q gave %d placeholders and %d arguments", s, n, len(c.Args))
		}
		if open, closed := strings.Count(c.SQL, "("), strings.Count(c.SQL, ")"); open != closed {
			t.Fatalf("%q gave %q", s, c.SQL)
		}
	})
}
