package domain

import "time"

// ReasonCountyOutsideJurisdiction is the refusal of a city body's briefing about a
// county that its city does not supervise (art. 15(1)).
const ReasonCountyOutsideJurisdiction = "COUNTY_OUTSIDE_JURISDICTION"

// Briefing is what a city committee or a department tells the group of a county's
// leading body (arts 12(3), 15(1)). It never changes, so it is a value.
type Briefing struct {
	Province    string
	ID          string
	County      string
	AuthorParty string // as in package principal
	AuthorCity  string // code of the author's city; "" for a provincial body
	Content     string
	CreateTime  time.Time
}

// Name is the resource name.
func (b Briefing) Name() string { return BriefingName(b.Province, b.ID) }

// AuthorJurisdiction is the resource name of the author's area.
func (b Briefing) AuthorJurisdiction() string {
	if b.AuthorCity != "" {
		return CityName(b.Province, b.AuthorCity)
	}
	return ProvinceName(b.Province)
}
