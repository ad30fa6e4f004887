package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
)

func TestNew(t *testing.T) {
	tests := []struct {
		name string
		kv   []string
		want map[string]string
	}{
		{"no metadata", nil, nil},
		{"pairs", []string{"verb", "submit", "state", "CLOSED"}, map[string]string{"verb": "submit", "state": "CLOSED"}},
		{"key without value", []string{"verb"}, map[string]string{"verb": ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := fault.New(fault.Stale, "ETAG_MISMATCH", tt.kv...)
			if e.Kind != fault.Stale || e.Reason != "ETAG_MISMATCH" {
				t.Errorf("got kind %v, reason %q", e.Kind, e.Reason)
			}
			if diff := cmp.Diff(tt.want, e.Meta); diff != "" {
				t.Errorf("metadata (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefuseCitesTheArticle(t *testing.T) {
	e := fault.Refuse("12(2)", "NOTICE_TOO_LATE", "days", "9")
	want := map[string]string{"article": "12(2)", "days": "9"}
	if diff := cmp.Diff(want, e.Meta); diff != "" || e.Kind != fault.Precondition {
		t.Errorf("kind %v, metadata (-want +got):\n%s", e.Kind, diff)
	}
	if bare := fault.Refuse("17", "PLAN_MISSING"); bare.Meta["article"] != "17" {
		t.Errorf("without other metadata the article is %q", bare.Meta["article"])
	}
}

func TestAddingLeavesTheOriginalAlone(t *testing.T) {
	base := fault.InvalidField("a", "REQUIRED", "a is required").With("k", "v")
	more := base.WithField("b", "TOO_LONG", "b is too long").With("k", "w").Wrap(io.EOF)
	if len(base.Fields) != 1 || base.Meta["k"] != "v" || base.Unwrap() != nil {
		t.Errorf("the original changed: %v", base)
	}
	if len(more.Fields) != 2 || more.Meta["k"] != "w" || !errors.Is(more, io.EOF) {
		t.Errorf("the copy lacks what was added: %v", more)
	}
}

func TestAsAndIs(t *testing.T) {
	inner := fault.Missing("provinces/51/inspections/x")
	var none *fault.Error
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"nil", nil, false},
		{"nil fault", none, false},
		{"plain error", io.EOF, false},
		{"fault", inner, true},
		{"wrapped with %w", fmt.Errorf("load: %w", inner), true},
		{"as a cause", fault.New(fault.Internal, "INTERNAL").Wrap(inner), false},
		{"another reason", fault.New(fault.Stale, "ETAG_MISMATCH"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fault.Is(tt.err, fault.ReasonNotFound); got != tt.want {
				t.Errorf("Is = %v, want %v", got, tt.want)
			}
			e, ok := fault.As(tt.err)
			if ok != (e != nil) {
				t.Errorf("As gave %v, %v", e, ok)
			}
		})
	}
}

func TestErrorTextIsStable(t *testing.T) {
	e := fault.New(fault.Invalid, "FIELD_INVALID", "z", "1", "a", "2").
		WithField("name", "REQUIRED", "").Wrap(io.EOF)
	const want = `FIELD_INVALID a="2" z="1"; name: REQUIRED: EOF`
	for range 20 {
		if got := e.Error(); got != want {
			t.Fatalf("Error() = %s, want %s", got, want)
		}
	}
}

func TestKinds(t *testing.T) {
	stored := map[fault.Kind]bool{
		fault.Invalid: true, fault.NotFound: true, fault.Exists: true,
		fault.Stale: true, fault.Precondition: true,
	}
	seen := make(map[string]bool)
	for k := fault.Invalid; k <= fault.Internal; k++ {
		if name := k.String(); name == "Unknown" || seen[name] {
			t.Errorf("kind %d is named %q", k, name)
		}
		seen[k.String()] = true
		if got := k.Deterministic(); got != stored[k] {
			t.Errorf("%v.Deterministic() = %v, want %v", k, got, stored[k])
		}
	}
	if got := fault.Kind(0).String(); got != "Unknown" {
		t.Errorf("the zero kind is named %q", got)
	}
}
