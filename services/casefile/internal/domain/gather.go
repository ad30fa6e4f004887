package domain

import (
	"slices"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// ReasonStayNotBegun is the refusal of source material before entry.
const ReasonStayNotBegun = "STAY_NOT_BEGUN"

// MayRegister refuses a petition before the group entered (进驻, art. 8) and once
// the report is agreed (art. 10). Letters still come after the group has left.
// The report is nil while there is none.
func MayRegister(file *CaseFile, report *Report) error {
	return mayGather(file, report, ReportAgreed)
}

// MayWrite refuses a working paper or a finding before the group entered (art. 8)
// and while the report is not with the group: what was submitted rests on what
// was found by then (art. 10).
func MayWrite(file *CaseFile, report *Report) error {
	return mayGather(file, report, ReportSubmitted, ReportAgreed)
}

func mayGather(file *CaseFile, report *Report, closed ...ReportState) error {
	if file.r.EntryDate.IsZero() {
		return fault.Refuse("8", ReasonStayNotBegun)
	}
	if report != nil && slices.Contains(closed, report.r.State) {
		return fault.Refuse("10", ReasonReportState, "state", string(report.r.State))
	}
	return nil
}
