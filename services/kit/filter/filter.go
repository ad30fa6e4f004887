package filter

import (
	"unicode"
	"unicode/utf8"

	"go.einride.tech/aip/filtering"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Limits of a filter, against parsers and planners kept busy.
const (
	maxLength       = 1024 // characters
	maxDepth        = 16   // open parentheses
	maxRestrictions = 63
)

// Condition is a compiled filter, for a WHERE clause.
type Condition struct {
	SQL  string // with a ? for each argument; empty if there is no filter
	Args []any
}

// Compile turns a filter into a condition; the empty filter gives the empty
// condition. Every refusal is a fault on the field "filter".
func (t *Table) Compile(filter string) (Condition, error) {
	if err := checkText(filter); err != nil {
		return Condition{}, err
	}
	if isBlank(filter) {
		return Condition{}, nil
	}
	var p filtering.Parser
	p.Init(filter)
	parsed, err := p.Parse()
	if err != nil {
		return Condition{}, refuse("not a filter").Wrap(err)
	}
	c := compiler{table: t}
	if err := c.condition(parsed.GetExpr()); err != nil {
		return Condition{}, err
	}
	return Condition{SQL: c.sql.String(), Args: c.args}, nil
}

func refuse(description string) *fault.Error {
	return fault.InvalidField("filter", "FILTER_INVALID", description)
}

// checkText refuses, before the parser runs, what it should not be given.
func checkText(filter string) error {
	if !utf8.ValidString(filter) || utf8.RuneCountInString(filter) > maxLength {
		return refuse("must be UTF-8 and at most 1024 characters long")
	}
	for _, r := range filter {
		if unicode.IsControl(r) {
			return refuse("must not hold control characters")
		}
	}
	var (
		lexer filtering.Lexer
		depth int
	)
	lexer.Init(filter)
	for {
		token, err := lexer.Lex()
		if err != nil {
			return nil // the end, or something that the parser refuses
		}
		switch token.Type {
		case filtering.TokenTypeLeftParen:
			depth++
		case filtering.TokenTypeRightParen:
			depth--
		}
		if depth > maxDepth {
			return refuse("must not be nested deeper than 16")
		}
	}
}

func isBlank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}
