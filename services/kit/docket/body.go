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

// PartyOf is the party by which a body calls; "" for one that no duty knows.
func PartyOf(body regulation.Body) principal.Party { return bodies()[body] }

func bodyOf(party string) regulation.Body {
	for body, p := range bodies() {
		if string(p) == party {
			return body
		}
	}
	return ""
}

// Jurisdiction is the resource name of the area of a body with regard to a place:
// the county's, its city's, or else the province.
func Jurisdiction(body regulation.Body, at obligation.Place) string {
	province := "provinces/" + at.Province
	switch {
	case body == regulation.CountyBody && at.County != "":
		return province + "/counties/" + at.County
	case body == regulation.CityCommittee && at.City != "":
		return province + "/cities/" + at.City
	default:
		return province
	}
}
