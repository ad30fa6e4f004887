package regulation

import "slices"

// Body is who makes, gets or agrees to something.
type Body string

// The bodies.
const (
	ProvincialCommittee Body = "provincial_committee"   // 省委
	LeadingGroup        Body = "leading_group"          // 领导小组
	Office              Body = "office"                 // 巡视办
	Group               Body = "inspection_group"       // 巡视组
	CityCommittee       Body = "city_committee"         // 市委
	CountyBody          Body = "county_leading_body"    // 县党组织领导班子
	CountyPrincipal     Body = "county_principal"       // 县党组织主要负责人
	DisciplineBody      Body = "discipline_body"        // 纪检监察机关
	OrganizationBody    Body = "organization_body"      // 组织部门
	AuditBody           Body = "audit_body"             // 审计部门
	PetitionBody        Body = "petition_body"          // 信访部门
	CityPrincipal       Body = "city_principal"         // 市委主要负责同志
	CentralOffice       Body = "central_leading_office" // 中央巡视工作领导小组办公室
)

// DocumentName names a required document.
type DocumentName string

// Document is one that the law requires.
type Document struct {
	Name    DocumentName
	From    Body
	To      []Body
	CopyTo  []Body
	Article string
	Comment string
}

// Severity is what becomes of a condition that does not hold.
type Severity string

// The severities.
const (
	Block Severity = "block" // the step is refused
	Warn  Severity = "warn"  // the step is taken, and the lack recorded
)

// GateName names a step that has conditions.
type GateName string

// Predicate is a condition that a service can answer.
type Predicate string

// Requirement is one condition of a gate.
type Requirement struct {
	Holds    Predicate
	Article  string
	Severity Severity
	Comment  string
}

// Gate is a step and what must hold before it.
type Gate struct {
	Name     GateName
	Requires []Requirement
}

// Unmet returns the requirements that are not among those that hold.
func (g Gate) Unmet(holding ...Predicate) []Requirement {
	var out []Requirement
	for _, r := range g.Requires {
		if !slices.Contains(holding, r.Holds) {
			out = append(out, r)
		}
	}
	return out
}

// ClockName names a period of the law that runs.
type ClockName string

// Event is what starts a clock.
type Event string

// Clock ties a period to the event that starts it.
type Clock struct {
	Name    ClockName
	Starts  Event
	Options []Event // the other readings of the text
	Period  Name    // the parameter that holds its length
	Back    bool    // the period lies before the event
	Article string
	Comment string
}
