package page

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Cursor is where the page before ended. The zero value is the start of the list.
type Cursor struct {
	Keys []string // the sort key of the last row, without the id, as text
	ID   string   // the id of the last row, which makes the order total
}

// First reports whether the cursor is at the start.
func (c Cursor) First() bool { return c.ID == "" }

// Condition gives the SQL condition for the rows after the cursor, with its
// arguments; an empty one for the first page. columns are those of the sort key
// and then the id, all sorted in one direction and none of them NULL; they come
// from the code, never from a request.
func (c Cursor) Condition(descending bool, columns ...string) (string, []any, error) {
	column := regexp.MustCompile(`^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$`)
	for _, name := range columns {
		if !column.MatchString(name) {
			return "", nil, fmt.Errorf("page: %q is not the name of a column", name)
		}
	}
	if c.First() {
		return "", nil, nil
	}
	if len(columns) != len(c.Keys)+1 {
		return "", nil, mismatch() // made by a version with another order
	}
	comparator := ">"
	if descending {
		comparator = "<"
	}
	holes := strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ")
	args := make([]any, 0, len(columns))
	for _, v := range append(slices.Clone(c.Keys), c.ID) {
		args = append(args, v)
	}
	return fmt.Sprintf("(%s) %s (%s)", strings.Join(columns, ", "), comparator, holes), args, nil
}

// mismatch is the one answer to every token that does not fit.
func mismatch() *fault.Error {
	return fault.New(fault.Invalid, fault.ReasonPageTokenMismatch).
		WithField("page_token", fault.ReasonPageTokenMismatch, "start from the first page")
}
