package domain

import (
	"slices"
)

// ChangeKind is what became of a measure from one version to another.
type ChangeKind string

// The kinds of change.
const (
	MeasureAdded   ChangeKind = "ADDED"
	MeasureRemoved ChangeKind = "REMOVED"
	MeasureChanged ChangeKind = "CHANGED"
)

// ChangeKinds lists them.
func ChangeKinds() []ChangeKind {
	return []ChangeKind{MeasureAdded, MeasureRemoved, MeasureChanged}
}

// MeasureChange is one measure in two versions.
type MeasureChange struct {
	Number int32
	Kind   ChangeKind
	Fields []FieldChange
}

// FieldChange is one field of it, as text; the names are those of the wire.
type FieldChange struct{ Field, Before, After string }

// ProblemChange is a problem that is answered otherwise in the two.
type ProblemChange struct {
	Number                 int32
	Before, After, Changed []int32 // measures
}

// ComparePlans tells what the later version has otherwise. Measures are the same if
// their numbers are; a problem is answered otherwise by other measures, or by the same
// ones with other words.
func ComparePlans(before, after Version) ([]MeasureChange, []ProblemChange) {
	earlier, later := byNumber(before.Content.Measures), byNumber(after.Content.Measures)
	var measures []MeasureChange
	var changed []int32
	for _, n := range unionOf(earlier, later) {
		was, had := earlier[n]
		is, has := later[n]
		c := MeasureChange{Number: n, Kind: MeasureChanged, Fields: fieldChanges(was, is)}
		switch {
		case !had:
			c.Kind = MeasureAdded
		case !has:
			c.Kind = MeasureRemoved
		case len(c.Fields) == 0:
			continue
		}
		measures, changed = append(measures, c), append(changed, n)
	}
	was, is := byProblem(before.Content.Measures), byProblem(after.Content.Measures)
	var problems []ProblemChange
	for _, n := range unionOf(was, is) {
		c := ProblemChange{Number: n, Before: was[n], After: is[n]}
		for _, m := range changed {
			if slices.Contains(c.Before, m) || slices.Contains(c.After, m) {
				c.Changed = append(c.Changed, m)
			}
		}
		if len(c.Changed) > 0 {
			problems = append(problems, c)
		}
	}
	return measures, problems
}

func fieldChanges(was, is Measure) []FieldChange {
	var out []FieldChange
	for _, f := range []struct {
		name string
		of   func(Measure) string
	}{
		{"problem_numbers", func(m Measure) string { return list(m.Problems) }},
		{"description", func(m Measure) string { return m.Description }},
		{"owner", func(m Measure) string { return m.Owner }},
		{"owner_post", func(m Measure) string { return m.OwnerPost }},
		{"due_date", func(m Measure) string {
			if m.Due.IsZero() {
				return ""
			}
			return m.Due.String()
		}},
		{"acceptance_test", func(m Measure) string { return m.AcceptanceTest }},
	} {
		if before, after := f.of(was), f.of(is); before != after {
			out = append(out, FieldChange{f.name, before, after})
		}
	}
	return out
}

func byNumber(measures []Measure) map[int32]Measure {
	out := make(map[int32]Measure, len(measures))
	for _, m := range measures {
		out[m.Number] = m
	}
	return out
}

// byProblem gives the numbers of the measures that answer each problem, in order.
func byProblem(measures []Measure) map[int32][]int32 {
	out := make(map[int32][]int32)
	for _, m := range measures {
		for _, p := range m.Problems {
			out[p] = append(out[p], m.Number)
		}
	}
	return out
}

// unionOf gives the numbers of both, in order.
func unionOf[V any](a, b map[int32]V) []int32 {
	var all []int32
	for n := range a {
		all = append(all, n)
	}
	for n := range b {
		all = append(all, n)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
