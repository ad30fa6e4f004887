package form_test

import (
	"errors"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/type/date"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/form"
)

// paths gives what is wrong, by path and reason.
func paths(t *testing.T, err error) []string {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Invalid {
		t.Fatalf("got %v, want an invalid form", err)
	}
	var out []string
	for _, field := range f.Fields {
		out = append(out, field.Path+" "+field.Reason)
	}
	return out
}

func TestFaultNamesThePathInTheRequest(t *testing.T) {
	bad := &schedulingv1.Term{DisplayName: strings.Repeat("x", 201), StartDate: &date.Date{Year: 2012, Month: 5, Day: 1}, EndDate: &date.Date{Year: 2017, Month: 5, Day: 1}}
	for at, want := range map[string][]string{
		"":     {"display_name STRING_MAX_LEN"},
		"term": {"term.display_name STRING_MAX_LEN"},
	} {
		if diff := cmp.Diff(want, paths(t, form.Fault(protovalidate.Validate(bad), at))); diff != "" {
			t.Errorf("at %q (-want +got):\n%s", at, diff)
		}
	}
	if diff := cmp.Diff([]string{"term.display_name STRING_MAX_LEN"}, paths(t, form.Check("term", bad))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRuleAcrossFields: such a rule has no field, so the message itself is named.
func TestRuleAcrossFields(t *testing.T) {
	for at, want := range map[string]string{"": "request FIELD_INVALID", "term": "term FIELD_INVALID"} {
		err := &protovalidate.ValidationError{Violations: []*protovalidate.Violation{{}}}
		if diff := cmp.Diff([]string{want}, paths(t, form.Fault(err, at))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestBrokenRuleIsNoFaultOfTheCaller: what is no violation stays an error.
func TestBrokenRuleIsNoFaultOfTheCaller(t *testing.T) {
	broken := errors.New("rule does not compile")
	err := form.Fault(broken, "")
	if _, ok := fault.As(err); ok || !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if err := form.Fault(nil, "term"); err != nil {
		t.Errorf("nothing wrong, got %v", err)
	}
}
