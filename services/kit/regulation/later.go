package regulation

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// The other versions, as far as their text was read (domain.md §1.3–§1.7). None
// is verified, so none can be selected; what is not read is not here, and stays
// a fault instead of a guess. The trial regulations of 2009 are not among them:
// of their deadlines nothing was read.

// regulations2015 has 《中国共产党巡视工作条例》 of 2015-08-03, arts 8–12 and 21–32.
func regulations2015() *RuleSet {
	return &RuleSet{
		ID:        "CN-REGULATIONS-2015",
		Title:     "中国共产党巡视工作条例（2015）",
		From:      workday.NewDate(2015, time.August, 3),
		AppliesTo: []TargetKind{County, FunctionalZone, Regiment},
		Parameters: []Parameter{
			{Name: FeedbackAuthoriser, Value: Choice(ProvincialCommittee), Article: "26"},
			{Name: FeedbackAddressees, Value: Codes{string(CountyBody), string(CountyPrincipal)}, Article: "26"},
			{Name: ReportPeriod, Value: Number(2), Unit: Months, Article: "27"},
			{Name: TransferResultPeriod, Value: Number(3), Unit: Months, Article: "29"},
			{Name: PublicationRequired, Value: Flag(true), Article: "32"},
		},
		Documents: []Document{
			{Name: RectificationReport, From: CountyBody, To: []Body{Office}, Article: "27"},
			{Name: PrincipalReport, From: CountyPrincipal, To: []Body{Office}, Article: "27",
				Comment: "The principal's own report on how the work was organised; the principal answers first."},
		},
		Gates: []Gate{
			{GiveFeedback, []Requirement{{Holds: CommitteeAgreed, Article: "26", Severity: Block}}},
		},
		Clocks: []Clock{
			{Name: ReportClock, Starts: FeedbackReceivedByBody, Period: ReportPeriod, Article: "27",
				Comment: "There is no plan in between any more."},
			{Name: TransferResultClock, Starts: TransferPackageDelivered, Period: TransferResultPeriod, Article: "29"},
		},
	}
}

// CommitteeAgreed is the condition that took the place of ReportAgreed in 2015.
const CommitteeAgreed Predicate = "report_agreed_by_provincial_committee"

// regulations2017 has the amendment of 2017: the two and three months stayed, and
// full coverage within a term became a duty. The day it took effect was not read.
func regulations2017() *RuleSet {
	rs := regulations2015()
	rs.ID, rs.Title, rs.From = "CN-REGULATIONS-2017", "中国共产党巡视工作条例（2017修改）", workday.Date{}
	rs.Parameters = append(rs.Parameters, Parameter{
		Name: CoverageMinimum, Value: Number(1), Unit: Times, Article: "not read",
		Comment: "Full coverage within a term (一届任期内全覆盖).",
	})
	return rs
}

// regulations2024 has the revision of 2024-02-08, of which arts 4–6 were read.
func regulations2024() *RuleSet {
	return &RuleSet{
		ID:        "CN-REGULATIONS-2024",
		Title:     "中国共产党巡视工作条例（2024修订）",
		From:      workday.NewDate(2024, time.February, 8),
		AppliesTo: []TargetKind{County, FunctionalZone, Regiment},
		Parameters: []Parameter{
			{Name: CoverageMinimum, Value: Number(1), Unit: Times, Article: "6"},
		},
	}
}
