package regulation

import (
	"errors"
	"reflect"
	"slices"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Reasons of refusal of an interpretation; values of the ErrorReason enum of the
// scheduling service.
const (
	ReasonInterpretationNotCited = "INTERPRETATION_NOT_CITED"
	ReasonInterpretationValue    = "INTERPRETATION_VALUE_INVALID"
)

// Interpretation is a reading of what the text leaves open, by a body that may
// interpret it (解释, art. 19).
type Interpretation struct {
	Parameter      Name
	Value          Value
	Issuer         string // one of the InterpretationSources
	DocumentNumber string
	IssueDate      workday.Date
	Text           string // its wording, where it is known
}

// Interpret returns a rule set of its own with the values of the interpretations,
// which stay recorded in it. It is for tasks that are authorised from the last issue
// on; what was pinned before is not touched.
//
// An interpretation that does not cite a competent issuer, a document number and a
// day on which the text was in force is refused with INTERPRETATION_NOT_CITED; a
// value of another type, none of the options, or of a parameter that the text
// itself settles, with INTERPRETATION_VALUE_INVALID (art. 19).
func (rs *RuleSet) Interpret(id string, in ...Interpretation) (*RuleSet, error) {
	if id == "" || id == rs.ID || len(in) == 0 {
		return nil, errors.New("an interpreted rule set has an id of its own and at least one interpretation")
	}
	next := *rs
	next.ID, next.Interprets = id, rs.ID
	next.Parameters = slices.Clone(rs.Parameters)
	next.Interpretations = slices.Concat(rs.Interpretations, in)
	for _, i := range in {
		if err := next.interpret(i); err != nil {
			return nil, err
		}
		if i.IssueDate.After(next.From) {
			next.From = i.IssueDate
		}
	}
	return &next, next.validate()
}

// interpret gives one parameter its value. rs is not anybody else's yet.
func (rs *RuleSet) interpret(i Interpretation) error {
	sources, err := rs.Codes(InterpretationSources)
	if err != nil {
		return err
	}
	if !slices.Contains(sources, i.Issuer) || i.DocumentNumber == "" || !i.IssueDate.Valid() || i.IssueDate.Before(rs.From) {
		return fault.Refuse("19", ReasonInterpretationNotCited, "parameter", string(i.Parameter),
			"issuer", i.Issuer, "document_number", i.DocumentNumber, "issue_date", i.IssueDate.String())
	}
	at := slices.IndexFunc(rs.Parameters, func(p Parameter) bool { return p.Name == i.Parameter })
	if at < 0 || !rs.Parameters[at].takes(i.Value) {
		return valueRefused(i)
	}
	rs.Parameters[at] = rs.Parameters[at].interpreted(i.Value)
	if _, err := rs.Convention(); err != nil {
		return valueRefused(i).Wrap(err)
	}
	return nil
}

// takes reports whether an interpretation may set the value: only what the text
// leaves open, which the comment says, and only to a value of the same kind.
func (p Parameter) takes(v Value) bool {
	if p.Comment == "" || reflect.TypeOf(v) != reflect.TypeOf(p.Value) {
		return false
	}
	if choice, ok := v.(Choice); ok {
		return slices.Contains(p.Options, choice)
	}
	p.Value = v
	return len(p.validate()) == 0
}

// interpreted is the parameter with the value; a choice that it had becomes an
// option.
func (p Parameter) interpreted(v Value) Parameter {
	choice, isChoice := v.(Choice)
	if old, ok := p.Value.(Choice); ok && isChoice {
		p.Options = slices.Clone(p.Options)
		p.Options[slices.Index(p.Options, choice)] = old
	}
	p.Value = v
	return p
}

func valueRefused(i Interpretation) *fault.Error {
	text := ""
	if i.Value != nil {
		text = i.Value.String()
	}
	return fault.Refuse("19", ReasonInterpretationValue, "parameter", string(i.Parameter), "value", text)
}
