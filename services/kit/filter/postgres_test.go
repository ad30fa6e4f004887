package filter_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pgtest"
)

// TestMeaningInPostgres asks a real database which rows a filter finds: above all
// what NOT and != say about a field that is not set, and that the wildcards of
// LIKE are ordinary characters.
func TestMeaningInPostgres(t *testing.T) {
	db := pgtest.New(t, pgtest.Service{Name: "filtertest"}).Admin(t)
	if _, err := db.Exec(`
		CREATE TABLE public.thing (id int, state text, title text, note text, year int, active bool,
			entry_date date, created_at timestamptz, county_code text, ready int);
		INSERT INTO public.thing VALUES
			(1, 'open',   '50% done',   NULL, 2025, true,  NULL,         '2026-09-03T08:00:00Z', '510104', NULL),
			(2, 'closed', '500 done',   '',   2026, true,  '2026-09-03', '2026-09-03T08:00:01Z', '510104', 3),
			(3, 'open',   'Über 县 a\b', 'x',  2026, false, '2026-09-04', '2026-09-02T16:00:00Z', '510105', 4)`); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ filter, want string }{
		{``, "1 2 3"},
		{`state = STATE_OPEN`, "1 3"},
		{`state != STATE_OPEN`, "2"},
		{`note = "x"`, "3"},
		{`note != "x"`, "1 2"},
		{`NOT note = "x"`, "1 2"},
		{`NOT note != "x"`, "3"},
		{`note:*`, "3"},
		{`NOT note:*`, "1 2"},
		{`note : "X"`, "3"},
		{`NOT note : "X"`, "1 2"},
		{`title : "50%"`, "1"},
		{`title : "50_"`, ""},
		{`title : "DONE"`, "1 2"},
		{`title : "a\\b"`, "3"},
		{`title : 县`, "3"},
		{`entry_date:*`, "2 3"},
		{`entry_date <= "2026-09-03"`, "2"},
		{`NOT entry_date <= "2026-09-03"`, "1 3"},
		{`create_time > "2026-09-03T16:00:00+08:00"`, "2"},
		{`supplier_ready != 3`, "1 3"},
		{`county = "provinces/51/counties/510105"`, "3"},
		{`active = true AND plan.year = 2025 OR state = STATE_CLOSED`, "1 2"},
		{`(state = STATE_OPEN AND plan.year = 2026) OR state = STATE_CLOSED`, "2 3"},
		{`title = "' OR 1=1 --"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.filter, func(t *testing.T) {
			c, err := table().Compile(tt.filter)
			if err != nil {
				t.Fatal(err)
			}
			where := "true"
			if c.SQL != "" {
				where = numbered(c.SQL)
			}
			rows, err := db.Query("SELECT id FROM public.thing i WHERE "+where+" ORDER BY id", c.Args...)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var found []string
			for rows.Next() {
				var id int
				if err := rows.Scan(&id); err != nil {
					t.Fatal(err)
				}
				found = append(found, fmt.Sprint(id))
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(found, " "); got != tt.want {
				t.Errorf("%s\nfinds %q, want %q", c.SQL, got, tt.want)
			}
		})
	}
	t.Run("with a page cursor", func(t *testing.T) {
		sql, args, err := page.Cursor{Keys: []string{"2026-09-03T08:00:00Z"}, ID: "1"}.Condition(false, "created_at", "id")
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := db.QueryRow("SELECT count(*) FROM public.thing WHERE "+numbered(sql), args...).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d rows after the first, %v", n, err)
		}
	})
}

// numbered turns each ? into $1, $2 …, as GORM does.
func numbered(sql string) string {
	var b strings.Builder
	n := 0
	for _, r := range sql {
		if r == '?' {
			n++
			fmt.Fprintf(&b, "$%d", n)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
