package policy

import (
	"errors"
	"maps"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
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

// Rule gives the rule of a full method, e.g.
// "/xunshi.scheduling.v1.PlanService/GetPlan".
func (t *Table) Rule(fullMethod string) (Rule, bool) {
	r, ok := t.rules[fullMethod]
	return r, ok
}

// Methods lists the full methods that have a rule, in order.
func (t *Table) Methods() []string { return slices.Sorted(maps.Keys(t.rules)) }
