package policy

import (
	"strings"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// Scope says which objects a grant reaches, named like the values of
// xunshi.policy.v1.Scope without prefix. The empty scope reaches nothing.
type Scope string

// The scopes.
const (
	ScopeNone            Scope = ""                 // not granted
	ScopeAny             Scope = "ANY"              // everything, of every province
	ScopeProvince        Scope = "PROVINCE"         // the caller's province
	ScopeOwnJurisdiction Scope = "OWN_JURISDICTION" // the county, or the city with its counties
	ScopeOwnTask         Scope = "OWN_TASK"         // inspections of which the caller is a member
	ScopeAddressee       Scope = "ADDRESSEE"        // what was sent to the caller's body
)

// scopeOf gives ScopeNone for UNSPECIFIED and for a number that is not in the enum.
func scopeOf(s policyv1.Scope) Scope {
	v := s.Descriptor().Values().ByNumber(s.Number())
	if v == nil || s == policyv1.Scope_SCOPE_UNSPECIFIED {
		return ScopeNone
	}
	return Scope(strings.TrimPrefix(string(v.Name()), "SCOPE_"))
}

// partyOf gives a party that is not Known for UNSPECIFIED and for a number that
// is not in the enum.
func partyOf(p policyv1.Party) principal.Party {
	return principal.Party(strings.TrimPrefix(p.String(), "PARTY_"))
}
