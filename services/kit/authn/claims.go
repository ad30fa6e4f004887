package authn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/resourcename"
)

const maxSubject = 200 // bytes

// claims are those that we read of a token.
type claims struct {
	Subject      string `json:"sub"`
	Party        string `json:"xunshi_party"`        // e.g. "COUNTY_COMMITTEE"
	Jurisdiction string `json:"xunshi_jurisdiction"` // e.g. "provinces/51/counties/510104"
}

// level is the kind of area that a body is responsible for.
type level int

const (
	provinceLevel level = 1 << iota
	cityLevel
	countyLevel
)

// principal gives the caller, if the claims fit each other.
func (c claims) principal() (principal.Principal, error) {
	// The subject enters the signed scope of the database and the audit log; it
	// must be one plain word there.
	if c.Subject == "" || len(c.Subject) > maxSubject || strings.ContainsFunc(c.Subject, unfit) {
		return principal.Principal{}, errors.New("claim sub is missing or malformed")
	}
	party := principal.Party(c.Party)
	p, at, err := parseJurisdiction(c.Jurisdiction)
	if err != nil {
		return principal.Principal{}, err
	}
	if levelsOf(party)&at == 0 {
		return principal.Principal{}, fmt.Errorf("party %q does not fit jurisdiction %q", c.Party, c.Jurisdiction)
	}
	p.Subject, p.Party = c.Subject, party
	return p, nil
}

func unfit(r rune) bool {
	return r <= ' ' || r == '|' || r > '~'
}

func parseJurisdiction(name string) (principal.Principal, level, error) {
	if v, err := resourcename.Must("provinces/{province}").Parse(name); err == nil {
		return principal.Principal{Province: v["province"]}, provinceLevel, nil
	}
	if v, err := resourcename.Must("provinces/{province}/cities/{city}").Parse(name); err == nil {
		return principal.Principal{Province: v["province"], City: v["city"]}, cityLevel, nil
	}
	v, err := resourcename.Must("provinces/{province}/counties/{county}").Parse(name)
	if err != nil {
		return principal.Principal{}, 0, fmt.Errorf("claim xunshi_jurisdiction: %w", err)
	}
	return principal.Principal{Province: v["province"], County: v["county"]}, countyLevel, nil
}

// levelsOf gives the levels at which a party exists. A service has no token, and
// an unknown party no level.
func levelsOf(p principal.Party) level {
	switch p {
	case principal.CountyCommittee:
		return countyLevel
	case principal.CityCommittee, principal.CityLiaisonBody:
		return cityLevel
	case principal.DisciplineOrgan, principal.OrganizationDepartment, principal.OtherDepartment:
		return provinceLevel | cityLevel // arts 13, 18: provincial or city
	case principal.ProvincialCommittee, principal.LeadingGroup, principal.InspectionOffice,
		principal.InspectionGroup, principal.CentralOffice,
		principal.SystemAdministrator, principal.SecurityAdministrator, principal.AuditAdministrator:
		return provinceLevel
	default:
		return 0
	}
}
