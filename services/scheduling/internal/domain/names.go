package domain

// Names are computed from a record, never stored (AIP-122). The province leads
// every one of them.

// ProvinceName is the resource name of a province.
func ProvinceName(province string) string { return "provinces/" + province }

// CityName is the resource name of a city; empty where there is none.
func CityName(province, code string) string { return child(province, "cities", code) }

// CountyName is the resource name of a county.
func CountyName(province, code string) string { return child(province, "counties", code) }

// TermName is the resource name of a term.
func TermName(province, id string) string { return child(province, "terms", id) }

// BatchName is the resource name of a batch.
func BatchName(province, id string) string { return child(province, "batches", id) }

// InspectionName is the resource name of an inspection.
func InspectionName(province, id string) string { return child(province, "inspections", id) }

// GroupName is the resource name of an inspection group; empty where none is set.
func GroupName(province, id string) string { return child(province, "inspectionGroups", id) }

// DecisionName is the resource name of a decision; empty where none is set.
func DecisionName(province, id string) string { return child(province, "decisions", id) }

// EntryNoticeName is the resource name of a notice of entry.
func EntryNoticeName(province, id string) string { return child(province, "entryNotices", id) }

// BriefingName is the resource name of a briefing.
func BriefingName(province, id string) string { return child(province, "briefings", id) }

// LiaisonBodyName is the resource name of a city's liaison body.
func LiaisonBodyName(province, id string) string { return child(province, "liaisonBodies", id) }

// LiaisonTaskName is the resource name of a task of a liaison body.
func LiaisonTaskName(province, id string) string { return child(province, "liaisonTasks", id) }

// HolidayNoticeName is the resource name of a holiday notice.
func HolidayNoticeName(province, id string) string { return child(province, "holidayNotices", id) }

// RuleSetName is the resource name of a rule set as a province sees it.
func RuleSetName(province, id string) string { return child(province, "ruleSets", id) }

func child(province, collection, id string) string {
	if id == "" {
		return ""
	}
	return ProvinceName(province) + "/" + collection + "/" + id
}
