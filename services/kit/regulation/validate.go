package regulation

import (
	"errors"
	"fmt"
	"slices"
)

// validate finds what would otherwise fail only when somebody asks for it.
func (rs *RuleSet) validate() error {
	var errs []error
	if rs.ID == "" || len(rs.AppliesTo) == 0 {
		errs = append(errs, errors.New("it has no id or applies to nothing"))
	}
	if rs.Verified && rs.From.IsZero() {
		errs = append(errs, errors.New("it is verified and has no first day"))
	}
	if !rs.To.IsZero() && rs.To.Before(rs.From) {
		errs = append(errs, errors.New("it ends before it begins"))
	}
	errs = append(errs, once("parameter", rs.Parameters, func(p Parameter) string { return string(p.Name) })...)
	errs = append(errs, once("document", rs.Documents, func(d Document) string { return string(d.Name) })...)
	errs = append(errs, once("gate", rs.Gates, func(g Gate) string { return string(g.Name) })...)
	errs = append(errs, once("clock", rs.Clocks, func(c Clock) string { return string(c.Name) })...)
	errs = append(errs, once("duty", rs.Duties, func(d Duty) string { return string(d.Name) })...)
	errs = append(errs, once("ladder", rs.Ladders, func(l Ladder) string { return string(l.Name) })...)
	errs = append(errs, rs.validateDuties()...)
	for _, p := range rs.Parameters {
		errs = append(errs, p.validate()...)
	}
	for _, c := range rs.Clocks {
		if _, err := rs.Number(c.Period); err != nil {
			errs = append(errs, fmt.Errorf("clock %s: %w", c.Name, err))
		}
	}
	if rs.Verified {
		_, err := rs.Convention()
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func once[T any](what string, list []T, name func(T) string) []error {
	var errs []error
	seen := map[string]bool{}
	for _, v := range list {
		if n := name(v); n == "" || seen[n] {
			errs = append(errs, fmt.Errorf("%s %q has no name or is there twice", what, n))
		}
		seen[name(v)] = true
	}
	return errs
}

func (p Parameter) validate() []error {
	var errs []error
	bad := func(why string) { errs = append(errs, fmt.Errorf("parameter %s: %s", p.Name, why)) }
	if p.Article == "" {
		bad("no article")
	}
	switch v := p.Value.(type) {
	case Number:
		if v <= 0 || p.Unit == "" {
			bad("not positive or without unit")
		}
	case Numbers:
		if len(v) == 0 || slices.Min(v) <= 0 || p.Unit == "" {
			bad("not all positive or without unit")
		}
	case Choice:
		if v == "" || slices.Contains(p.Options, v) {
			bad("no choice, or one that is its own alternative")
		}
	case Codes:
		if len(v) == 0 {
			bad("no codes")
		}
	case Flag:
	default:
		bad("no value")
	}
	if len(p.Options) > 0 && p.Comment == "" {
		bad("options without a comment on what the text leaves open")
	}
	return errs
}
