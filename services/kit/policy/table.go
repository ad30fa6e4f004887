package policy

import (
	"errors"
	"maps"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/xunshi/xunshi/services/kit/principal"
)

// Table holds the rules of all methods of a server. It does not change once made.
type Table struct {
	rules map[string]Rule
}

// Load compiles the policy of the services. It fails, naming every fault, if any
// method lacks a complete one: such a server must not start.
func Load(services ...protoreflect.ServiceDescriptor) (*Table, error) {
	rules, errs := compileAll(services)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &Table{rules: rules}, nil
}

// Check gives what Load would fail on, one error for each fault.
func Check(services ...protoreflect.ServiceDescriptor) []error {
	_, errs := compileAll(services)
	return errs
}

// Without gives the table of a server that these parties may not call at all,
// whatever the protos grant: they are refused as if no grant named them. It is for a
// server that answers services which others answer too (design.md §1, promise 3).
func (t *Table) Without(parties ...principal.Party) *Table {
	less := &Table{rules: make(map[string]Rule, len(t.rules))}
	for method, rule := range t.rules {
		rule.scopes = maps.Clone(rule.scopes)
		maps.DeleteFunc(rule.scopes, func(p principal.Party, _ Scope) bool { return slices.Contains(parties, p) })
		less.rules[method] = rule
	}
	return less
}

// Rule gives the rule of a full method, e.g.
// "/xunshi.scheduling.v1.PlanService/GetPlan".
func (t *Table) Rule(fullMethod string) (Rule, bool) {
	r, ok := t.rules[fullMethod]
	return r, ok
}

// AnyReceipt tells whether any method gives receipts.
func (t *Table) AnyReceipt() bool {
	for _, r := range t.rules {
		if r.receipt {
			return true
		}
	}
	return false
}

// Methods lists the full methods that have a rule, in order.
func (t *Table) Methods() []string { return slices.Sorted(maps.Keys(t.rules)) }
