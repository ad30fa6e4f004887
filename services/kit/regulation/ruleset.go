package regulation

import (
	"slices"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// TargetKind is a kind of inspected unit.
type TargetKind string

// The kinds of units at county level (县、市、区、旗，以下简称县; art. 1).
const (
	County TargetKind = "COUNTY" // county, district, banner, county-level city, forestry or special district
	// FunctionalZone is a development zone with a Party committee of county
	// rank (功能区); the text does not name it, provinces inspect it as a county.
	FunctionalZone TargetKind = "FUNCTIONAL_ZONE"
	// Regiment is a regiment of the Xinjiang corps (团场), for which the notice
	// of issue has the text applied likewise (参照本办法执行).
	Regiment TargetKind = "REGIMENT"
)

// RuleSet is one version of the rules. It is read by many at once: leave it as
// it is.
type RuleSet struct {
	ID        string
	Title     string
	From      workday.Date // first day in force; zero if that was not read
	To        workday.Date // last day in force; zero if none is known
	AppliesTo []TargetKind
	Verified  bool // its text was read in full: it may be selected

	Parameters []Parameter
	Documents  []Document
	Gates      []Gate
	Clocks     []Clock
	Duties     []Duty
	Ladders    []Ladder

	// Interprets is the id of the rule set whose values the interpretations
	// changed (art. 19); empty if there are none.
	Interprets      string
	Interpretations []Interpretation
}

// Applies reports whether the rule set is meant for a kind of unit on a day.
// Whether it may be used is another question: see Verified.
func (rs *RuleSet) Applies(kind TargetKind, day workday.Date) bool {
	started := !rs.From.IsZero() && !day.Before(rs.From)
	ended := !rs.To.IsZero() && day.After(rs.To)
	return started && !ended && slices.Contains(rs.AppliesTo, kind)
}

// Gate returns the conditions of a step.
func (rs *RuleSet) Gate(name GateName) (Gate, error) {
	for _, g := range rs.Gates {
		if g.Name == name {
			return g, nil
		}
	}
	return Gate{}, rs.lacks("gate", string(name))
}

// Clock returns a clock by its name.
func (rs *RuleSet) Clock(name ClockName) (Clock, error) {
	for _, c := range rs.Clocks {
		if c.Name == name {
			return c, nil
		}
	}
	return Clock{}, rs.lacks("clock", string(name))
}

// Document returns a required document by its name.
func (rs *RuleSet) Document(name DocumentName) (Document, error) {
	for _, d := range rs.Documents {
		if d.Name == name {
			return d, nil
		}
	}
	return Document{}, rs.lacks("document", string(name))
}
