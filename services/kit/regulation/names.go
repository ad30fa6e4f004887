package regulation

// The parameters, in the order of the articles of CN-COUNTY-2012.
const (
	CoverageMinimum           Name = "coverage.minimum_per_term"
	CoverageCountsWhen        Name = "coverage.counts_when"
	CoverageSpecialCounts     Name = "coverage.special_inspection_counts"
	CoverageLookBackCounts    Name = "coverage.look_back_counts"
	CoverageSuccessorInherits Name = "coverage.successor_inherits"

	OnSiteDefault Name = "on_site.default"
	OnSiteMinimum Name = "on_site.minimum_without_reason"
	OnSiteMaximum Name = "on_site.maximum_without_reason"

	HearingPeriod Name = "hearing.period"

	ContentCodes            Name = "content.codes"
	FindingMinimumCodes     Name = "content.minimum_codes_per_finding"
	GrassrootsVisits        Name = "methods.minimum_grassroots_visits"
	ImmediateRectifyWhen    Name = "immediate_rectification.conditions"
	ImmediatePeriod         Name = "immediate_rectification.period"
	InspectionReportPeriod  Name = "inspection_report.period"
	FeedbackPeriod          Name = "feedback.period"
	FeedbackCopyPeriod      Name = "feedback.copy_period"
	FeedbackAuthoriser      Name = "feedback.authoriser"
	FeedbackAddressees      Name = "feedback.addressees"
	FeedbackTerms           Name = "feedback.terms_warned_of"
	FeedbackScans           Name = "feedback.scanned_for"
	FeedbackSupersededClock Name = "feedback.clock_when_superseded"
	FeedbackAttended        Name = "feedback.meetings_attended_per_day"
	NoticePeriod            Name = "notice.period"
	NoticeAddressees        Name = "notice.addressees"
	NoticeMode              Name = "notice.mode"
	NoticeDate              Name = "notice.date"
	NoticePostponement      Name = "notice.postponement_without_warning"
	TransferResultPeriod    Name = "transfer.result_period"
	AnalysisDueMonth        Name = "analysis.due_month"
	AnalysisDueDay          Name = "analysis.due_day"
	AnalysisYearBy          Name = "analysis.year_by"
	TransferPeriod          Name = "transfer.period"
	BriefingLead            Name = "city.briefing_lead"
	LiaisonPeriod           Name = "liaison.period"
	CityBriefers            Name = "city.briefers"
	LiaisonLeads            Name = "liaison.leads"
	CityMeasuresPeriod      Name = "city.measures_period"
	PlanPeriod              Name = "plan.period"
	PlanMeasuresPerItem     Name = "plan.minimum_measures_per_item"
	PlanReturnKeepsDate     Name = "plan.return_keeps_date"
	ReportPeriod            Name = "report.period"
	ReportLatePlanStart     Name = "report.start_when_plan_late"
	ReportItemStates        Name = "report.item_states"
	ItemSecondPerson        Name = "item.closed_by_second_person"
	FlagAlikeMeasures       Name = "flag.alike_measures"
	FlagBurstShare          Name = "flag.last_day_share"
	FlagBurstItems          Name = "flag.last_day_items"
	ReviewChain             Name = "rectification.review_chain"
	PublicationRequired     Name = "rectification.publication_required"
	OpinionWindow           Name = "opinion.window"
	PersonnelNoticePeriod   Name = "personnel_notification.period"
	InterpretationSources   Name = "interpretation.sources"
	CommencementCovers      Name = "commencement.covers"
)

// How periods are counted: no article of 2012 says it, so the civil code's
// convention applies by analogy (domain.md §5.1).
const (
	CountStartDay     Name = "count.start_day"
	CountRoll         Name = "count.month_roll"
	CountCutOff       Name = "count.cut_off"
	CountZone         Name = "count.zone"
	CountSuspension   Name = "count.suspension"
	CountShorterLater Name = "count.recomputed_earlier"
)

// What FeedbackScans may have.
const (
	ScanIdentityNumber = "identity_number" // 居民身份证号
	ScanPhoneNumber    = "phone_number"
	ScanOtherCounty    = "other_county" // the name of another county that is known to be inspected
)

// Choices that code asks for.
const (
	LaterReceipt Choice = "later_receipt" // of NoticeDate: the day the last addressee signed
	IssueDay     Choice = "issue"         // of NoticeDate: the day of the document
	// PlanDateOrDueDay is of ReportLatePlanStart: the day the plan came or, while it
	// is missing, the day it was due.
	PlanDateOrDueDay Choice = "actual_or_due_date_of_plan"
	// FirstReceipt and NewReceipt are of FeedbackSupersededClock: from which receipt the plan is
	// counted.
	FirstReceipt Choice = "first_receipt"
	NewReceipt   Choice = "receipt_of_the_superseding"
	NoSuspension Choice = "none" // of CountSuspension: no period stands still
	// FollowCalendar is of CountShorterLater: an earlier date stands by itself.
	FollowCalendar Choice = "follow_calendar"
)
