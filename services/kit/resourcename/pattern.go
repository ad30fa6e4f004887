package resourcename

import (
	"errors"
	"fmt"
	"strings"

	"go.einride.tech/aip/resourcename"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Variables whose segments are codes of GB/T 2260, and that of a rule set, which is
// written like CN-COUNTY-2012; every other variable is a UUID.
const (
	province = "province"
	city     = "city"
	county   = "county"
	ruleSet  = "rule_set"
)

// Pattern is the form of the names of one type of resource. It does not change
// once made.
type Pattern struct {
	pattern   string
	variables []string
}

// New reads a pattern such as "provinces/{province}/inspections/{inspection}".
func New(pattern string) (*Pattern, error) {
	if err := resourcename.ValidatePattern(pattern); err != nil {
		return nil, fmt.Errorf("resource name pattern %q: %w", pattern, err)
	}
	p := &Pattern{pattern: pattern}
	seen := make(map[string]bool)
	for segment := range strings.SplitSeq(pattern, "/") {
		s := resourcename.Segment(segment)
		if !s.IsVariable() {
			continue
		}
		variable := string(s.Literal())
		if seen[variable] {
			return nil, fmt.Errorf("resource name pattern %q: {%s} comes twice", pattern, variable)
		}
		seen[variable] = true
		p.variables = append(p.variables, variable)
	}
	return p, nil
}

// Must is New for a pattern that is written in the code; it panics on a wrong one.
func Must(pattern string) *Pattern {
	p, err := New(pattern)
	if err != nil {
		panic(err)
	}
	return p
}

// String gives the pattern.
func (p *Pattern) String() string { return p.pattern }

// Parse reads the variables out of the field "name" of a request.
func (p *Pattern) Parse(name string) (map[string]string, error) {
	return p.ParseField("name", name)
}

// ParseField reads the variables out of a name; field says where in the request
// it stands, for the fault.
func (p *Pattern) ParseField(field, name string) (map[string]string, error) {
	values, err := p.match(name)
	if err != nil {
		return nil, fault.New(fault.Invalid, fault.ReasonNameInvalid).
			WithField(field, fault.ReasonNameInvalid, "must have the form "+p.pattern).Wrap(err)
	}
	return values, nil
}

// Format writes a name; the values stand for the variables in order. They are
// values of our own, from a parsed name or a table.
func (p *Pattern) Format(values ...string) string {
	return resourcename.Sprint(p.pattern, values...)
}

func (p *Pattern) match(name string) (map[string]string, error) {
	segments := make([]string, len(p.variables))
	targets := make([]*string, len(segments))
	for i := range segments {
		targets[i] = &segments[i]
	}
	if err := resourcename.Sscan(name, p.pattern, targets...); err != nil {
		return nil, err
	}
	// The scanner forgives a leading slash, a host and braces; an object with two
	// spellings would be two objects to a comparison.
	if p.Format(segments...) != name {
		return nil, errors.New("the name is not in its canonical form")
	}
	values := make(map[string]string, len(segments))
	for i, variable := range p.variables {
		values[variable] = segments[i]
	}
	for variable, value := range values {
		if !valid(variable, value, values[province]) {
			return nil, fmt.Errorf("segment {%s} has a wrong form", variable)
		}
	}
	return values, nil
}

// valid tells whether value fits the variable. A city or county code begins with
// the code of its province.
func valid(variable, value, within string) bool {
	switch variable {
	case province:
		return digits(value, 2)
	case city, county:
		return digits(value, 6) && strings.HasPrefix(value, within)
	case ruleSet:
		return isRuleSet(value)
	case "obligation", "notification", "receipt":
		// The service that keeps it stands before its id: <service>-<uuid>.
		service, id, ok := strings.Cut(value, "-")
		return ok && service != "" && strings.Trim(service, "abcdefghijklmnopqrstuvwxyz") == "" && IsUUID(id)
	case "audit_log": // the service whose it is
		return value != "" && len(value) <= 32 && strings.Trim(value, "abcdefghijklmnopqrstuvwxyz") == ""
	default:
		return IsUUID(value)
	}
}

func isRuleSet(s string) bool {
	if s == "" || len(s) > 64 || s[0] < 'A' || 'Z' < s[0] {
		return false
	}
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

func digits(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for _, b := range []byte(s) {
		if b < '0' || '9' < b {
			return false
		}
	}
	return true
}

// IsUUID tells whether s is a UUID in lower case with hyphens, the only form in
// which this system writes one.
func IsUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, b := range []byte(s) {
		switch i {
		case 8, 13, 18, 23:
			if b != '-' {
				return false
			}
		default:
			if (b < '0' || '9' < b) && (b < 'a' || 'f' < b) {
				return false
			}
		}
	}
	return true
}
