package filter

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	expr "google.golang.org/genproto/googleapis/api/expr/v1alpha1"
)

// valueOf gives the right side of a comparison as the database takes it.
func valueOf(field string, column Column, e *expr.Expr) (any, error) {
	var (
		value any
		ok    bool
		want  string
	)
	switch column.Kind {
	case Text:
		want = "a text in quotes"
		value, ok = textOf(e)
	case Enum:
		want = "one of its values"
		value, ok = column.Values[wordOf(e)]
	case Name:
		want = "a resource name in quotes"
		value, ok = nameOf(column, e)
	case Int:
		want = "a whole number"
		value, ok = intOf(e)
	case Bool:
		want = "true or false"
		value, ok = boolOf(e)
	case Date:
		want = `a date like "2026-09-03"`
		value, ok = timeOf(e, time.DateOnly)
	case Time:
		want = `a time like "2026-09-03T08:00:00Z"`
		value, ok = timeOf(e, time.RFC3339)
	}
	if !ok {
		return nil, refuse("the field " + field + " needs " + want)
	}
	return value, nil
}

// textOf gives a text in quotes. It looks at the text once more, because an
// escape such as \u0000 only now has become a character.
func textOf(e *expr.Expr) (string, bool) {
	s, ok := e.GetConstExpr().GetConstantKind().(*expr.Constant_StringValue)
	if !ok || !utf8.ValidString(s.StringValue) || strings.ContainsFunc(s.StringValue, unicode.IsControl) {
		return "", false
	}
	return s.StringValue, true
}

// wordOf gives a word with or without quotes, or nothing.
func wordOf(e *expr.Expr) string {
	if s, ok := textOf(e); ok {
		return s
	}
	return e.GetIdentExpr().GetName()
}

func nameOf(column Column, e *expr.Expr) (any, bool) {
	name, ok := textOf(e)
	if !ok {
		return nil, false
	}
	value, err := column.Convert(name)
	return value, err == nil
}

func intOf(e *expr.Expr) (int64, bool) {
	n, ok := e.GetConstExpr().GetConstantKind().(*expr.Constant_Int64Value)
	if !ok {
		return 0, false
	}
	return n.Int64Value, true
}

func boolOf(e *expr.Expr) (value, ok bool) {
	switch e.GetIdentExpr().GetName() {
	case "true":
		return true, true
	case "false":
		return false, true
	default:
		return false, false
	}
}

// timeOf reads a moment; years outside 1 to 9999 are not dates here.
func timeOf(e *expr.Expr, layout string) (time.Time, bool) {
	s, ok := textOf(e)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(layout, s)
	return t, err == nil && t.UTC().Year() >= 1 && t.UTC().Year() <= 9999
}
