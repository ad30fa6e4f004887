package page_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
)

func TestSize(t *testing.T) {
	tests := []struct {
		in   int32
		want int // 0: refused
	}{
		{math.MinInt32, 0}, {-1, 0}, {0, 50}, {1, 1}, {50, 50}, {199, 199}, {200, 200}, {201, 200}, {math.MaxInt32, 200},
	}
	for _, tt := range tests {
		got, err := page.Size(tt.in)
		if got != tt.want || (err != nil) != (tt.want == 0) {
			t.Errorf("Size(%d) = %d, %v, want %d", tt.in, got, err, tt.want)
		}
		if e, ok := fault.As(err); ok && (e.Kind != fault.Invalid || e.Fields[0].Path != "page_size") {
			t.Errorf("Size(%d) failed with %v", tt.in, err)
		}
	}
}

func TestCut(t *testing.T) {
	tests := []struct {
		rows []int
		want []int
		more bool
	}{
		{nil, nil, false}, {[]int{1}, []int{1}, false}, {[]int{1, 2}, []int{1, 2}, false}, {[]int{1, 2, 3}, []int{1, 2}, true},
	}
	for _, tt := range tests {
		if got, more := page.Cut(tt.rows, 2); !cmp.Equal(got, tt.want) || more != tt.more {
			t.Errorf("Cut(%v, 2) = %v, %v", tt.rows, got, more)
		}
	}
}

func TestCondition(t *testing.T) {
	hostile := page.Cursor{Keys: []string{"'; DROP TABLE x --"}, ID: "id"}
	tests := []struct {
		name    string
		c       page.Cursor
		desc    bool
		columns []string
		sql     string
		args    []any
	}{
		{"first page", page.Cursor{}, false, []string{"create_time", "id"}, "", nil},
		{"ascending", hostile, false, []string{"name", "id"}, "(name, id) > (?, ?)", []any{"'; DROP TABLE x --", "id"}},
		{"descending", hostile, true, []string{"i.name", "i.id"}, "(i.name, i.id) < (?, ?)", []any{"'; DROP TABLE x --", "id"}},
		{"id only", page.Cursor{ID: "id"}, false, []string{"id"}, "(id) > (?)", []any{"id"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sql, args, err := tt.c.Condition(tt.desc, tt.columns...)
			if err != nil || sql != tt.sql || !cmp.Equal(args, tt.args) {
				t.Errorf("got %q, %v, %v", sql, args, err)
			}
		})
	}
	if _, _, err := hostile.Condition(false, "id"); !fault.Is(err, "PAGE_TOKEN_MISMATCH") {
		t.Errorf("a token of another order gave %v", err)
	}
	for _, column := range []string{"", "id; --", "Name", "a.b.c", "1"} {
		if sql, _, err := (page.Cursor{}).Condition(false, column); err == nil {
			t.Errorf("column %q gave %q", column, sql)
		}
	}
}
