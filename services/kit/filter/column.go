package filter

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Kind is what a field holds; it decides the operators and the form of values.
type Kind int

// The kinds.
const (
	Text Kind = iota + 1 // = != :          "text"
	Enum                 // = !=            STATE_OPEN or "STATE_OPEN"
	Name                 // = !=            "provinces/51/counties/510104"
	Int                  // = != < <= > >=  7
	Bool                 // = !=            true
	Date                 // = != < <= > >=  "2026-09-03"
	Time                 // = != < <= > >=  "2026-09-03T08:00:00Z"
)

// Column says where a field is stored and what may be asked about it.
type Column struct {
	// SQL is the name of the column, e.g. "county_code" or "i.county_code".
	SQL  string
	Kind Kind
	// Nullable says that the column may be NULL. A NULL is not equal to anything,
	// and NOT turns that into true.
	Nullable bool
	// Values maps the names of an Enum to what is stored.
	Values map[string]any
	// Convert turns the resource name of a Name into what is stored; a fault of
	// its own says no more than that the value is refused.
	Convert func(name string) (any, error)
}

// Table lists the fields that may be filtered by. It does not change once made.
type Table struct {
	columns map[string]Column
}

// NewTable checks the columns, naming every fault.
func NewTable(columns map[string]Column) (*Table, error) {
	sql := regexp.MustCompile(`^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$`)
	var errs []error
	for _, field := range slices.Sorted(maps.Keys(columns)) {
		c := columns[field]
		switch {
		case !sql.MatchString(c.SQL):
			errs = append(errs, fmt.Errorf("filter field %s: %q is not the name of a column", field, c.SQL))
		case c.Kind < Text || c.Kind > Time:
			errs = append(errs, fmt.Errorf("filter field %s has no kind", field))
		case (c.Kind == Enum) != (len(c.Values) > 0):
			errs = append(errs, fmt.Errorf("filter field %s: values belong to an enum, and an enum needs them", field))
		case (c.Kind == Name) != (c.Convert != nil):
			errs = append(errs, fmt.Errorf("filter field %s: a conversion belongs to a name, and a name needs it", field))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &Table{columns: maps.Clone(columns)}, nil
}

// Must is NewTable for columns that are written in the code; it panics on wrong ones.
func Must(columns map[string]Column) *Table {
	t, err := NewTable(columns)
	if err != nil {
		panic(err)
	}
	return t
}

// fields lists the fields for the text of a refusal.
func (t *Table) fields() string {
	return strings.Join(slices.Sorted(maps.Keys(t.columns)), ", ")
}
