package filter_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/filter"
)

func table() *filter.Table {
	return filter.Must(map[string]filter.Column{
		"state":          {SQL: "state", Kind: filter.Enum, Values: map[string]any{"STATE_OPEN": "open", "STATE_CLOSED": "closed"}},
		"title":          {SQL: "i.title", Kind: filter.Text},
		"note":           {SQL: "note", Kind: filter.Text, Nullable: true},
		"plan.year":      {SQL: "year", Kind: filter.Int},
		"active":         {SQL: "active", Kind: filter.Bool},
		"entry_date":     {SQL: "entry_date", Kind: filter.Date, Nullable: true},
		"create_time":    {SQL: "created_at", Kind: filter.Time},
		"county":         {SQL: "county_code", Kind: filter.Name, Convert: countyCode},
		"supplier_ready": {SQL: "ready", Kind: filter.Int, Nullable: true},
	})
}

func countyCode(name string) (any, error) {
	code, ok := strings.CutPrefix(name, "provinces/51/counties/")
	if !ok {
		return nil, errors.New("not a county")
	}
	return code, nil
}

func TestCompile(t *testing.T) {
	day := time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		filter string
		sql    string
		args   []any
	}{
		{``, ``, nil},
		{`   `, ``, nil},
		{`state = STATE_OPEN`, `(state = ?)`, []any{"open"}},
		{`state="STATE_OPEN"`, `(state = ?)`, []any{"open"}},
		{`state != STATE_OPEN`, `(state <> ?)`, []any{"open"}},
		{`title = "a*"`, `(i.title = ?)`, []any{"a*"}},
		{`title : "50%_\\"`, `(i.title ILIKE ? ESCAPE '\')`, []any{`%50\%\_\\%`}},
		{`title:县`, `(i.title ILIKE ? ESCAPE '\')`, []any{"%县%"}},
		{`title:*`, `(i.title <> '')`, nil},
		{`note:*`, `(note IS NOT NULL AND note <> '')`, nil},
		{`note != "x"`, `(note IS DISTINCT FROM ?)`, []any{"x"}},
		{`note = ""`, `(note IS NOT NULL AND note = ?)`, []any{""}},
		{`NOT note = "x"`, `(NOT (note IS NOT NULL AND note = ?))`, []any{"x"}},
		{`-active = true`, `(NOT (active = ?))`, []any{true}},
		{`active = false`, `(active = ?)`, []any{false}},
		{`plan.year >= 2026`, `(year >= ?)`, []any{int64(2026)}},
		{`plan.year < -1`, `(year < ?)`, []any{int64(-1)}},
		{`supplier_ready <= 3`, `(ready IS NOT NULL AND ready <= ?)`, []any{int64(3)}},
		{`entry_date > "2026-09-03"`, `(entry_date IS NOT NULL AND entry_date > ?)`, []any{day}},
		{`entry_date:*`, `(entry_date IS NOT NULL)`, nil},
		{`create_time = "2026-09-03T00:00:00Z"`, `(created_at = ?)`, []any{day}},
		{`county = "provinces/51/counties/510104"`, `(county_code = ?)`, []any{"510104"}},
		{`active = true AND plan.year = 1 OR plan.year = 2`, `((active = ?) AND ((year = ?) OR (year = ?)))`, []any{true, int64(1), int64(2)}},
		{`(active = true AND plan.year = 1) OR plan.year = 2`, `(((active = ?) AND (year = ?)) OR (year = ?))`, []any{true, int64(1), int64(2)}},
		{`NOT (plan.year = 1 OR plan.year = 2)`, `(NOT ((year = ?) OR (year = ?)))`, []any{int64(1), int64(2)}},
		{`title = "' or 1=1 --"`, `(i.title = ?)`, []any{"' or 1=1 --"}},
		{`title = "\"; drop table x"`, `(i.title = ?)`, []any{`"; drop table x`}},
	}
	for _, tt := range tests {
		t.Run(tt.filter, func(t *testing.T) {
			got, err := table().Compile(tt.filter)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(filter.Condition{SQL: tt.sql, Args: tt.args}, got); diff != "" {
				t.Errorf("condition (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	nested := func(n int) string {
		return strings.Repeat("(", n) + "plan.year = 1" + strings.Repeat(")", n)
	}
	many := func(n int) string {
		return strings.TrimSuffix(strings.Repeat("active=true OR ", n), " OR ")
	}
	for _, ok := range []string{nested(16), many(63), `title = "` + strings.Repeat("县", 1014) + `"`,
		strings.Repeat(" ", 1024), `title = "` + strings.Repeat("(", 100) + `"`} {
		if _, err := table().Compile(ok); err != nil {
			t.Errorf("at the limit %.30q: %v", ok, err)
		}
	}
	tests := []struct{ name, filter, want string }{
		{"SQL", `' or 1=1 --`, "not a filter"},
		{"more SQL", `"; drop`, "not a filter"},
		{"unknown field", `sender = "x"`, "only these fields"},
		{"unknown sub-field", `state.sender = "x"`, "only these fields"},
		{"column name", `county_code = "x"`, "only these fields"},
		{"field name in quotes", `"title" = "x"`, "left side"},
		{"number on the left", `1 = 1`, "left side"},
		{"bare word", `foo`, "needs an operator"},
		{"bare field", `active`, "needs an operator"},
		{"bare text", `"foo"`, "needs an operator"},
		{"sequence", `active = true active = false`, "write AND or OR"},
		{"function", `pg_sleep(10)`, "functions"},
		{"function on the right", `title = pg_sleep(10)`, "text in quotes"},
		{"field on the right", `title = note`, "text in quotes"},
		{"composite on the right", `plan.year = (1 OR 2)`, "whole number"},
		{"number for a text", `title = 5`, "text in quotes"},
		{"text for a number", `plan.year = "5"`, "whole number"},
		{"fraction", `plan.year = 1.5`, "whole number"},
		{"huge number", `plan.year = 9223372036854775808`, ""},
		{"text for a bool", `active = "true"`, "true or false"},
		{"unknown state", `state = STATE_SECRET`, "one of its values"},
		{"number for a state", `state = 1`, "one of its values"},
		{"order of states", `state > STATE_OPEN`, "does not have this operator"},
		{"order of texts", `title > "a"`, "does not have this operator"},
		{"order of names", `county > "provinces/51/counties/510104"`, "does not have this operator"},
		{"has on a number", `plan.year : 5`, "only with *"},
		{"has on a state", `state : "STATE_OPEN"`, "only with *"},
		{"has nothing", `title : ""`, "text in quotes"},
		{"impossible date", `entry_date = "2026-02-30"`, "a date"},
		{"year 10000", `entry_date = "10000-01-01"`, "a date"},
		{"year 0", `entry_date = "0000-01-01"`, "a date"},
		{"date without quotes", `entry_date = 2026-09-03`, ""},
		{"date for a time", `create_time = "2026-09-03"`, "a time"},
		{"foreign name", `county = "provinces/44/counties/440104"`, "resource name"},
		{"NUL", "title = \"a\x00\"", "control"},
		{"escaped NUL", `title = "a\u0000"`, "text in quotes"},
		{"escaped newline", `title : "a\n"`, "text in quotes"},
		{"invalid UTF-8", "title = \"\xff\"", "UTF-8"},
		{"open text", `title = "a`, "not a filter"},
		{"open parenthesis", `(active = true`, "not a filter"},
		{"no value", `title =`, "not a filter"},
		{"too deep", nested(17), "nested"},
		{"never closed", strings.Repeat("(", 1000), "nested"},
		{"too many", many(64), "63"},
		{"too long", `title = "` + strings.Repeat("县", 1015) + `"`, "1024"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := table().Compile(tt.filter)
			e, ok := fault.As(err)
			if !ok || e.Kind != fault.Invalid || e.Reason != "FIELD_INVALID" || e.Fields[0].Path != "filter" || c.SQL != "" {
				t.Fatalf("got %+v, %v", c, err)
			}
			if !strings.Contains(e.Fields[0].Description, tt.want) {
				t.Errorf("refused with %q, want %q", e.Fields[0].Description, tt.want)
			}
		})
	}
}

func TestNewTableNamesEveryFault(t *testing.T) {
	_, err := filter.NewTable(map[string]filter.Column{
		"a": {SQL: "a; drop", Kind: filter.Int},
		"b": {SQL: "b"},
		"c": {SQL: "c", Kind: filter.Enum},
		"d": {SQL: "d", Kind: filter.Text, Values: map[string]any{"X": 1}},
		"e": {SQL: "e", Kind: filter.Name},
		"f": {SQL: "f", Kind: filter.Int, Convert: countyCode},
		"g": {SQL: "g", Kind: filter.Kind(99)},
		"h": {SQL: "h", Kind: filter.Int},
	})
	for _, field := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		if err == nil || !strings.Contains(err.Error(), "filter field "+field) {
			t.Errorf("field %s is accepted: %v", field, err)
		}
	}
	if strings.Contains(err.Error(), "filter field h") {
		t.Errorf("a good field is refused: %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("Must did not panic")
		}
	}()
	filter.Must(map[string]filter.Column{"b": {}})
}
