package principal

import (
	"context"
	"slices"
)

// Party is the kind of body a caller acts for, named like the values of
// xunshi.policy.v1.Party without the prefix PARTY_.
type Party string

// The parties.
const (
	ProvincialCommittee    Party = "PROVINCIAL_COMMITTEE"    // 省委
	LeadingGroup           Party = "LEADING_GROUP"           // 巡视工作领导小组
	InspectionOffice       Party = "INSPECTION_OFFICE"       // 巡视办
	InspectionGroup        Party = "INSPECTION_GROUP"        // 巡视组
	CityCommittee          Party = "CITY_COMMITTEE"          // 市委
	CityLiaisonBody        Party = "CITY_LIAISON_BODY"       // 市巡视工作联络机构
	CountyCommittee        Party = "COUNTY_COMMITTEE"        // 被巡视县党组织
	DisciplineOrgan        Party = "DISCIPLINE_ORGAN"        // 纪检监察机关
	OrganizationDepartment Party = "ORGANIZATION_DEPARTMENT" // 组织部门
	OtherDepartment        Party = "OTHER_DEPARTMENT"        // 审计、信访等部门
	CentralOffice          Party = "CENTRAL_OFFICE"          // 中央巡视工作领导小组办公室
	SystemAdministrator    Party = "SYSTEM_ADMINISTRATOR"    // 系统管理员
	SecurityAdministrator  Party = "SECURITY_ADMINISTRATOR"  // 安全管理员
	AuditAdministrator     Party = "AUDIT_ADMINISTRATOR"     // 安全审计员
	Service                Party = "SERVICE"                 // another service, by its certificate
)

// Parties lists every party in the order of the proto enum.
func Parties() []Party {
	return []Party{
		ProvincialCommittee, LeadingGroup, InspectionOffice, InspectionGroup,
		CityCommittee, CityLiaisonBody, CountyCommittee,
		DisciplineOrgan, OrganizationDepartment, OtherDepartment, CentralOffice,
		SystemAdministrator, SecurityAdministrator, AuditAdministrator, Service,
	}
}

// Known reports whether p is one of the parties.
func (p Party) Known() bool { return slices.Contains(Parties(), p) }

// Inside reports whether the party belongs to the inspection body of the
// province, so that material from inside may reach it. A city, a county and a
// department get delivered copies only (arts 8, 10, 11, 13), and so does the
// central office (art. 14). An unknown party is outside.
func (p Party) Inside() bool {
	switch p {
	case ProvincialCommittee, LeadingGroup, InspectionOffice, InspectionGroup,
		SystemAdministrator, SecurityAdministrator, AuditAdministrator, Service:
		return true
	default:
		return false
	}
}

// Principal is the caller of one request.
type Principal struct {
	Subject  string // the person at the identity provider, or the service's certificate name
	Party    Party
	Province string // two digits of GB/T 2260, e.g. "51"; empty for a service
	City     string // six digits, e.g. "510100"; empty unless the body is a city's
	County   string // six digits, e.g. "510104"; empty unless the body is a county's
}

// Inside reports whether the caller's party is inside.
func (p Principal) Inside() bool { return p.Party.Inside() }

// Jurisdiction is the resource name of the area that the body is responsible
// for; empty for a service.
func (p Principal) Jurisdiction() string {
	switch {
	case p.Province == "":
		return ""
	case p.County != "":
		return "provinces/" + p.Province + "/counties/" + p.County
	case p.City != "":
		return "provinces/" + p.Province + "/cities/" + p.City
	default:
		return "provinces/" + p.Province
	}
}

type contextKey struct{}

// With returns a context that carries p.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From gives the caller of the request. Without one nothing may be read.
func From(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(contextKey{}).(Principal)
	return p, ok
}
