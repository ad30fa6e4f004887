package domain

import (
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// ReportDuty is what the group owes once it has left the county: its inspection
// report (巡视了解工作结束后, art. 10). The first submission meets it; what the office
// or the leading group sends back is owed to them and not to the calendar.
const ReportDuty = regulation.DutyInspectionReport

// ReportOpening is the obligation that the end of the stay opens. Nobody outside may
// know of it: that there is a report at all is not the county's or its city's.
func (c *CaseFile) ReportOpening() obligation.Opening {
	return obligation.Opening{
		Duty: ReportDuty, Subject: c.r.Name(), Start: c.r.OnSiteEndDate,
		Place: obligation.Place{
			Province: c.r.Province, City: c.r.City, County: c.r.County, Inspection: c.r.ID,
		},
	}
}
