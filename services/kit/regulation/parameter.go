package regulation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Name is the name of a parameter; the names are in names.go.
type Name string

// Parameter is one value of the law, or one that the law needs and leaves open.
type Parameter struct {
	Name    Name
	Value   Value
	Unit    Unit   // of a Number or of Numbers
	Article string // e.g. "12(2)"; an "art." of this rule set's text
	// Soft: the text itself says "in principle" (原则上) or gives no number.
	// Missing it is warned of and recorded, never refused.
	Soft bool
	// Options are the other values that a Choice may be given.
	Options []Choice
	// Comment says what the text leaves open and why this value was taken; empty
	// if the text settles it.
	Comment string
}

// Unit is what a number counts.
type Unit string

// The units.
const (
	WorkingDays  Unit = "working_days"
	CalendarDays Unit = "calendar_days"
	Months       Unit = "months"
	Years        Unit = "years"
	Times        Unit = "times"
	Percent      Unit = "percent"
	HourOfDay    Unit = "hour_of_day"
	DayOfMonth   Unit = "day_of_month"
	MonthOfYear  Unit = "month_of_year"
)

// Value is a Number, Numbers, a Flag, a Choice or Codes.
type Value interface {
	String() string
	value()
}

// Number is a count of a Unit.
type Number int

// Numbers are several counts of one Unit, e.g. the rungs of a ladder.
type Numbers []int

// Flag is a yes or no.
type Flag bool

// Choice is one of a Parameter's Options.
type Choice string

// Codes is a list of names or codes.
type Codes []string

// String writes the number in digits.
func (v Number) String() string { return fmt.Sprint(int(v)) }

// String writes the numbers with commas between.
func (v Numbers) String() string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint([]int(v))), ","), "[]")
}

// String writes yes or no.
func (v Flag) String() string {
	if v {
		return "yes"
	}
	return "no"
}

// String is the choice itself.
func (v Choice) String() string { return string(v) }

// String writes the codes with commas between.
func (v Codes) String() string { return strings.Join(v, ",") }

func (Number) value()  {}
func (Numbers) value() {}
func (Flag) value()    {}
func (Choice) value()  {}
func (Codes) value()   {}

// Parameter returns a parameter by its name.
func (rs *RuleSet) Parameter(name Name) (Parameter, error) {
	at := slices.IndexFunc(rs.Parameters, func(p Parameter) bool { return p.Name == name })
	if at < 0 {
		return Parameter{}, rs.lacks("parameter", string(name))
	}
	return rs.Parameters[at], nil
}

// Number returns the value of a parameter that is a Number.
func (rs *RuleSet) Number(name Name) (int, error) {
	v, err := valueOf[Number](rs, name)
	return int(v), err
}

// Numbers returns the value of a parameter that is Numbers.
func (rs *RuleSet) Numbers(name Name) ([]int, error) {
	v, err := valueOf[Numbers](rs, name)
	return slices.Clone(v), err
}

// Flag returns the value of a parameter that is a Flag.
func (rs *RuleSet) Flag(name Name) (bool, error) {
	v, err := valueOf[Flag](rs, name)
	return bool(v), err
}

// Choice returns the value of a parameter that is a Choice.
func (rs *RuleSet) Choice(name Name) (Choice, error) {
	return valueOf[Choice](rs, name)
}

// Codes returns the value of a parameter that is Codes.
func (rs *RuleSet) Codes(name Name) ([]string, error) {
	v, err := valueOf[Codes](rs, name)
	return slices.Clone(v), err
}

func valueOf[T Value](rs *RuleSet, name Name) (T, error) {
	var none T
	p, err := rs.Parameter(name)
	if err != nil {
		return none, err
	}
	v, ok := p.Value.(T)
	if !ok {
		cause := fmt.Errorf("parameter %s of rule set %s is a %T, not a %T", name, rs.ID, p.Value, none)
		return none, fault.New(fault.Internal, fault.ReasonInternal).Wrap(cause)
	}
	return v, nil
}

// lacks is a fault of ours: code asked a rule set for what its law does not
// have, e.g. the regulation of 2015 for a plan.
func (rs *RuleSet) lacks(what, name string) error {
	cause := fmt.Errorf("rule set %s has no %s %s", rs.ID, what, name)
	return fault.New(fault.Internal, fault.ReasonInternal).Wrap(cause)
}
