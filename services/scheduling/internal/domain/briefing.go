package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

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

// CheckJurisdiction refuses a city body on a county that its city does not
// supervise on the day; a county that does not exist is refused alike (art. 15(1)).
// A provincial body briefs on any county (art. 12(3)).
func (b Briefing) CheckJurisdiction(supervised bool) error {
	if b.AuthorCity != "" && !supervised {
		return fault.Refuse("15(1)", ReasonCountyOutsideJurisdiction)
	}
	return nil
}

// AuthorJurisdiction is the resource name of the author's area.
func (b Briefing) AuthorJurisdiction() string {
	if b.AuthorCity != "" {
		return CityName(b.Province, b.AuthorCity)
	}
	return ProvinceName(b.Province)
}
