package filter

import (
	"strings"

	"go.einride.tech/aip/filtering"
	expr "google.golang.org/genproto/googleapis/api/expr/v1alpha1"
)

// compiler writes the condition. The only texts it writes are its own and the
// column names of the table.
type compiler struct {
	table        *Table
	sql          strings.Builder
	args         []any
	restrictions int
}

func (c *compiler) condition(e *expr.Expr) error {
	call := e.GetCallExpr()
	if call == nil {
		return refuse("a field needs an operator and a value")
	}
	args := call.GetArgs()
	switch call.GetFunction() {
	case filtering.FunctionAnd:
		return c.join(" AND ", args)
	case filtering.FunctionOr:
		return c.join(" OR ", args)
	case filtering.FunctionNot:
		return c.not(args)
	case filtering.FunctionFuzzyAnd:
		return refuse("write AND or OR between two restrictions")
	case filtering.FunctionEquals, filtering.FunctionNotEquals, filtering.FunctionHas,
		filtering.FunctionLessThan, filtering.FunctionLessEquals,
		filtering.FunctionGreaterThan, filtering.FunctionGreaterEquals:
		return c.restriction(call.GetFunction(), args)
	default:
		return refuse("functions cannot be called")
	}
}

func (c *compiler) join(word string, args []*expr.Expr) error {
	if len(args) != 2 {
		return refuse("not a filter")
	}
	c.sql.WriteByte('(')
	if err := c.condition(args[0]); err != nil {
		return err
	}
	c.sql.WriteString(word)
	if err := c.condition(args[1]); err != nil {
		return err
	}
	c.sql.WriteByte(')')
	return nil
}

func (c *compiler) not(args []*expr.Expr) error {
	if len(args) != 1 {
		return refuse("not a filter")
	}
	c.sql.WriteString("(NOT ")
	if err := c.condition(args[0]); err != nil {
		return err
	}
	c.sql.WriteByte(')')
	return nil
}

func (c *compiler) restriction(operator string, args []*expr.Expr) error {
	if len(args) != 2 {
		return refuse("not a filter")
	}
	c.restrictions++
	if c.restrictions > maxRestrictions {
		return refuse("must not have more than 63 restrictions")
	}
	field, ok := path(args[0])
	if !ok {
		return refuse("the left side must be a field")
	}
	column, ok := c.table.columns[field]
	if !ok {
		return refuse("only these fields can be filtered by: " + c.table.fields())
	}
	if operator == filtering.FunctionHas {
		return c.has(field, column, args[1])
	}
	if !allows(column.Kind, operator) {
		return refuse("the field " + field + " does not have this operator")
	}
	value, err := valueOf(field, column, args[1])
	if err != nil {
		return err
	}
	c.compare(column, operator, value)
	return nil
}

// compare writes a comparison that is true or false, never NULL, so that NOT and
// != mean what they say for a field that is not set.
func (c *compiler) compare(column Column, operator string, value any) {
	c.args = append(c.args, value)
	switch {
	case operator == filtering.FunctionNotEquals && column.Nullable:
		c.sql.WriteString("(" + column.SQL + " IS DISTINCT FROM ?)")
	case operator == filtering.FunctionNotEquals:
		c.sql.WriteString("(" + column.SQL + " <> ?)")
	default:
		c.sql.WriteString("(" + present(column) + column.SQL + " " + sqlOperator(operator) + " ?)")
	}
}

// has writes a search for a part of a text, or for whether a field is set.
func (c *compiler) has(field string, column Column, arg *expr.Expr) error {
	text, ok := textOf(arg)
	switch {
	case ok && text == "*" && column.Kind == Text:
		c.sql.WriteString("(" + present(column) + column.SQL + " <> '')")
		return nil
	case ok && text == "*":
		c.sql.WriteString("(" + column.SQL + " IS NOT NULL)")
		return nil
	case column.Kind != Text:
		return refuse("the field " + field + " has the operator : only with *")
	case !ok || text == "":
		return refuse("the field " + field + " needs a text in quotes")
	}
	c.args = append(c.args, "%"+escapeLike(text)+"%")
	c.sql.WriteString("(" + present(column) + column.SQL + ` ILIKE ? ESCAPE '\')`)
	return nil
}

func present(c Column) string {
	if c.Nullable {
		return c.SQL + " IS NOT NULL AND "
	}
	return ""
}

// escapeLike makes the wildcards of LIKE ordinary characters.
func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

func allows(k Kind, operator string) bool {
	if operator == filtering.FunctionEquals || operator == filtering.FunctionNotEquals {
		return true
	}
	return k == Int || k == Date || k == Time
}

func sqlOperator(operator string) string {
	switch operator {
	case filtering.FunctionLessThan:
		return "<"
	case filtering.FunctionLessEquals:
		return "<="
	case filtering.FunctionGreaterThan:
		return ">"
	case filtering.FunctionGreaterEquals:
		return ">="
	default:
		return "="
	}
}

// path gives the dotted name of a field.
func path(e *expr.Expr) (string, bool) {
	switch {
	case e.GetIdentExpr() != nil:
		return e.GetIdentExpr().GetName(), true
	case e.GetSelectExpr() != nil:
		parent, ok := path(e.GetSelectExpr().GetOperand())
		return parent + "." + e.GetSelectExpr().GetField(), ok
	default:
		return "", false
	}
}
