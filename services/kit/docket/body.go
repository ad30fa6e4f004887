package docket

import (
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// bodies are those that owe or are told, as the law and as the callers name them.
func bodies() map[regulation.Body]principal.Party {
	return map[regulation.Body]principal.Party{
		regulation.ProvincialCommittee: principal.ProvincialCommittee,
		regulation.LeadingGroup:        principal.LeadingGroup,
		regulation.Office:              principal.InspectionOffice,
		regulation.Group:               principal.InspectionGroup,
		regulation.CityCommittee:       principal.CityCommittee,
		regulation.CountyBody:          principal.CountyCommittee,
		regulation.DisciplineBody:      principal.DisciplineOrgan,
		regulation.OrganizationBody:    principal.OrganizationDepartment,
	}
}

// Recipient is a body of the law as a caller's party, with the area of its
// jurisdiction for a place: the county, its city, or else the province.
func Recipient(body regulation.Body, p obligation.Place) (party principal.Party, jurisdiction string) {
	jurisdiction = "provinces/" + p.Province
	switch {
	case body == regulation.CountyBody && p.County != "":
		jurisdiction += "/counties/" + p.County
	case body == regulation.CityCommittee && p.City != "":
		jurisdiction += "/cities/" + p.City
	}
	return bodies()[body], jurisdiction
}

// bodyOf is the body of the law that a stored party stands for.
func bodyOf(party string) regulation.Body {
	for body, p := range bodies() {
		if string(p) == party {
			return body
		}
	}
	return ""
}
