package domain

// Names are computed from a record, never stored (AIP-122). The province leads
// every one of them.

// ProvinceName is the resource name of a province.
func ProvinceName(province string) string { return "provinces/" + province }

// InspectionName is the resource name of an inspection, which scheduling owns.
func InspectionName(province, id string) string {
	return ProvinceName(province) + "/inspections/" + id
}

// CountyName is the resource name of a county, which scheduling owns.
func CountyName(province, code string) string {
	return ProvinceName(province) + "/counties/" + code
}

// DecisionName is the resource name of a decision, which scheduling owns; empty
// where there is none.
func DecisionName(province, id string) string {
	if id == "" {
		return ""
	}
	return ProvinceName(province) + "/decisions/" + id
}

// CaseFileName is the resource name of a case file; its id is the inspection's.
func CaseFileName(province, id string) string {
	return ProvinceName(province) + "/caseFiles/" + id
}

// ReportName is the resource name of an inspection report.
func ReportName(province, id string) string {
	return ProvinceName(province) + "/inspectionReports/" + id
}

// Key names a thing within a case file.
type Key struct {
	Province string
	CaseFile string
	ID       string
}

// PetitionName is the resource name of a petition.
func (k Key) PetitionName() string { return k.in("petitions") }

// PaperName is the resource name of a working paper.
func (k Key) PaperName() string { return k.in("workingPapers") }

// FindingName is the resource name of a finding.
func (k Key) FindingName() string { return k.in("findings") }

func (k Key) in(collection string) string {
	return CaseFileName(k.Province, k.CaseFile) + "/" + collection + "/" + k.ID
}
