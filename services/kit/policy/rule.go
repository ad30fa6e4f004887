package policy

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// Rule is the compiled policy of one method. It does not change once made.
type Rule struct {
	method   string
	scopes   map[principal.Party]Scope
	field    string // resource_field, e.g. "inspection.name"
	articles []string
	audited  bool
	receipt  bool
}

// Method is the full method, e.g. "/xunshi.scheduling.v1.PlanService/GetPlan".
func (r Rule) Method() string { return r.method }

// Receipt tells whether a county or a city gets a receipt for a call.
func (r Rule) Receipt() bool { return r.receipt }

// Scope is the scope in which the party may call the method; ScopeNone if it may not.
func (r Rule) Scope(p principal.Party) Scope { return r.scopes[p] }

// Decide allows or refuses a call by p. The party is looked at before the
// request, so that a party without the method learns nothing about objects.
func (r Rule) Decide(p principal.Principal, req proto.Message) (Grant, error) {
	scope := r.scopes[p.Party]
	if scope == ScopeNone || (p.Party != principal.Service && p.Province == "") {
		// Every refusal names its article (design.md §1).
		return Grant{}, fault.New(fault.Denied, fault.ReasonMethodNotGranted,
			"permission", r.method, fault.MetaArticle, strings.Join(r.articles, ", "))
	}
	object, ok := stringAt(req.ProtoReflect(), r.field)
	if !ok {
		return Grant{}, fault.New(fault.Internal, fault.ReasonInternal, "method", r.method, "field", r.field)
	}
	province, err := r.provinceOf(object, scope)
	if err != nil {
		return Grant{}, err
	}
	if p.Party != principal.Service && province != "" && province != p.Province {
		// Another province's object answers exactly like one that never existed.
		return Grant{}, fault.Missing(object)
	}
	return Grant{
		Method:      r.method,
		Scope:       scope,
		Articles:    r.articles,
		AuditedRead: r.audited,
		Object:      object,
		Province:    province,
	}, nil
}

// provinceOf finds the province of the object. Only a grant of any scope may
// reach a name that belongs to no province, e.g. a rule set.
func (r Rule) provinceOf(object string, scope Scope) (string, error) {
	if object == "" {
		return "", fault.InvalidField(r.field, "REQUIRED", "the resource name is required")
	}
	if province, ok := Province(object); ok {
		return province, nil
	}
	if scope == ScopeAny && !slices.Contains(strings.Split(object, "/"), "provinces") {
		return "", nil
	}
	return "", fault.New(fault.Invalid, fault.ReasonNameInvalid).
		WithField(r.field, fault.ReasonNameInvalid, "the name must begin with provinces/ and two digits")
}

// Province gives the province that a resource name begins with, e.g. "51" for
// "provinces/51/inspections/…". A wildcard is not a province.
func Province(name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, "provinces/")
	if !ok {
		return "", false
	}
	code, rest, _ := strings.Cut(rest, "/")
	if len(code) != 2 || !digit(code[0]) || !digit(code[1]) {
		return "", false
	}
	// With two provinces in a name, which one is meant must not be guessed.
	if slices.Contains(strings.Split(rest, "/"), "provinces") {
		return "", false
	}
	return code, true
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// stringAt reads the string field at a dotted path. It goes by name, because a
// request may come from another copy of the descriptors than the rule.
func stringAt(m protoreflect.Message, path string) (string, bool) {
	for {
		head, rest, nested := strings.Cut(path, ".")
		f := m.Descriptor().Fields().ByName(protoreflect.Name(head))
		switch {
		case f == nil || f.IsList() || f.IsMap():
			return "", false
		case !nested:
			return m.Get(f).String(), f.Kind() == protoreflect.StringKind
		case f.Message() == nil:
			return "", false
		}
		m, path = m.Get(f).Message(), rest
	}
}
