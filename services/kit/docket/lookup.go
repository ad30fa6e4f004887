package docket

import (
	"fmt"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// CalendarOf gives the calendar of a version, by which a stored date was counted.
func (d *Docket) CalendarOf(tx *pg.Tx, version string) (*workday.Calendar, error) {
	cal, ok, err := d.cals.AtVersion(tx, version)
	if err == nil && !ok {
		cause := fmt.Errorf("calendar version %q was never known to province %s", version, tx.Principal().Province)
		err = fault.New(fault.Internal, fault.ReasonInternal).Wrap(cause)
	}
	return cal, err
}

// Recipient is a body of the law as a caller's party, with the area of its
// jurisdiction for a place.
func Recipient(body regulation.Body, p obligation.Place) (party principal.Party, jurisdiction string) {
	province := "provinces/" + p.Province
	switch body {
	case regulation.CountyBody, regulation.CountyPrincipal:
		return principal.CountyCommittee, province + "/counties/" + p.County
	case regulation.CityCommittee, regulation.CityPrincipal:
		return principal.CityCommittee, province + "/cities/" + p.City
	case regulation.Office:
		return principal.InspectionOffice, province
	case regulation.Group:
		return principal.InspectionGroup, province
	case regulation.LeadingGroup:
		return principal.LeadingGroup, province
	case regulation.ProvincialCommittee:
		return principal.ProvincialCommittee, province
	case regulation.DisciplineBody:
		return principal.DisciplineOrgan, province
	case regulation.OrganizationBody:
		return principal.OrganizationDepartment, province
	default:
		return principal.OtherDepartment, province
	}
}
