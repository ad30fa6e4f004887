package regulation

// The documents of CN-COUNTY-2012.
const (
	HearingRecord          DocumentName = "hearing_record"
	UrgentReport           DocumentName = "urgent_report"
	ImmediateRectification DocumentName = "immediate_rectification_opinion"
	InspectionReport       DocumentName = "inspection_report"
	SpecialReport          DocumentName = "special_report"
	FeedbackOpinion        DocumentName = "feedback_opinion"
	EntryNotice            DocumentName = "entry_notice"
	TransferPackage        DocumentName = "transfer_package"
	AnnualAnalysis         DocumentName = "annual_analysis"
	LiaisonRegistration    DocumentName = "liaison_registration"
	RectificationPlan      DocumentName = "rectification_plan"
	RectificationReport    DocumentName = "rectification_report"
	PrincipalReport        DocumentName = "principal_report"
	GroupOpinion           DocumentName = "group_opinion"
	PersonnelNotification  DocumentName = "personnel_notification"
)

func county2012Documents() []Document {
	return []Document{
		{Name: HearingRecord, From: LeadingGroup, To: []Body{Office}, Article: "5"},
		{Name: UrgentReport, From: Group, To: []Body{LeadingGroup}, Article: "9"},
		{Name: ImmediateRectification, From: Group, To: []Body{CountyBody}, Article: "9",
			Comment: "To the county's Party organisation or its principal; never to one whom the matter concerns."},
		{Name: InspectionReport, From: Group, To: []Body{LeadingGroup}, Article: "10",
			Comment: "Accusations against leading members go to the responsible comrades apart, in a suitable form."},
		{Name: SpecialReport, From: Group, To: []Body{LeadingGroup, ProvincialCommittee}, Article: "10"},
		{Name: FeedbackOpinion, From: Group, To: []Body{CountyBody}, CopyTo: []Body{CityCommittee}, Article: "11"},
		{Name: EntryNotice, From: Office, To: []Body{CountyBody, CityCommittee}, Article: "12(2)"},
		{Name: TransferPackage, From: Office, To: []Body{DisciplineBody, OrganizationBody, CountyBody}, Article: "13",
			Comment: "Each item to the one body that it concerns; the county gets general problems only."},
		{Name: AnnualAnalysis, From: Office, To: []Body{LeadingGroup, ProvincialCommittee}, CopyTo: []Body{CentralOffice}, Article: "14"},
		{Name: LiaisonRegistration, From: CityCommittee, To: []Body{Office}, Article: "16"},
		{Name: RectificationPlan, From: CountyBody, To: []Body{Group, Office, LeadingGroup}, CopyTo: []Body{CityCommittee}, Article: "17"},
		{Name: RectificationReport, From: CountyBody, To: []Body{Group, Office, LeadingGroup}, CopyTo: []Body{CityCommittee}, Article: "17"},
		{Name: GroupOpinion, From: Group, To: []Body{DisciplineBody, OrganizationBody}, Article: "18"},
		{Name: PersonnelNotification, From: DisciplineBody, To: []Body{Group}, Article: "18",
			Comment: "Or from the organisation department, whichever acts."},
	}
}

// The clocks.
const (
	HearingClock        ClockName = "hearing"
	NoticeClock         ClockName = "entry_notice"
	PlanClock           ClockName = "plan"
	ReportClock         ClockName = "rectification_report"
	OpinionClock        ClockName = "group_opinion"
	PersonnelClock      ClockName = "personnel_notification"
	TransferResultClock ClockName = "transfer_result"

	ImmediateClock        ClockName = "immediate_rectification"
	InspectionReportClock ClockName = "inspection_report"
	FeedbackClock         ClockName = "feedback"
	FeedbackCopyClock     ClockName = "feedback_copy"
	TransferClock         ClockName = "transfer"
	BriefingClock         ClockName = "city_briefing"
	LiaisonClock          ClockName = "liaison_registration"
	CityMeasuresClock     ClockName = "city_measures"
)

// The events that start them.
const (
	BatchEnded               Event = "batch_ended"
	Entered                  Event = "entered"
	FeedbackReceivedByBody   Event = "feedback_received_by_body"
	FeedbackFirstReceived    Event = "feedback_first_received_by_anyone"
	PlanFirstComplete        Event = "plan_first_complete_submission"
	PlanLastSubmitted        Event = "plan_last_submission"
	PlanPassedByGroup        Event = "plan_passed_by_group"
	InspectionOnSiteEnded    Event = "inspection_on_site_ended"
	InspectionFeedbackGiven  Event = "inspection_feedback_given"
	PersonnelMeasureDecided  Event = "personnel_measure_decided"
	TransferPackageDelivered Event = "transfer_package_delivered"
	ImmediateNoticeReceived  Event = "immediate_rectification_notice_received"
	ReportAgreedOn           Event = "report_agreed_by_leading_group"
	TransferDecided          Event = "transfer_decided"
	EntryNoticeIssued        Event = "entry_notice_issued"
	FeedbackCopiedToCity     Event = "feedback_copied_to_city"
)

func county2012Clocks() []Clock {
	return []Clock{
		{Name: HearingClock, Starts: BatchEnded, Period: HearingPeriod, Article: "5",
			Comment: "The batch (每批) ends with the last of its on-site stays; one extended county starts the count anew for all."},
		{Name: NoticeClock, Starts: Entered, Period: NoticePeriod, Back: true, Article: "12(2)"},
		{Name: PlanClock, Starts: FeedbackReceivedByBody, Options: []Event{FeedbackFirstReceived}, Period: PlanPeriod, Article: "17",
			Comment: "The duty is the leading body's (领导班子), so its own receipt counts and not that of one member."},
		{Name: ReportClock, Starts: PlanFirstComplete, Options: []Event{PlanLastSubmitted, PlanPassedByGroup}, Period: ReportPeriod, Article: "17",
			Comment: "From the day the plan is submitted (报送之日); a return for revision neither stops nor restarts it."},
		{Name: OpinionClock, Starts: InspectionOnSiteEnded, Options: []Event{InspectionFeedbackGiven}, Period: OpinionWindow, Article: "18",
			Comment: "Within one year of having been inspected (一年之内接受过巡视)."},
		{Name: ImmediateClock, Starts: ImmediateNoticeReceived, Period: ImmediatePeriod, Article: "9",
			Comment: "The text has the group urge it in time (及时) and names no start; nobody can put right what has not reached him."},
		{Name: InspectionReportClock, Starts: InspectionOnSiteEnded, Period: InspectionReportPeriod, Article: "10",
			Comment: "After the work of understanding ended (了解工作结束后); that is the end of the stay."},
		{Name: FeedbackClock, Starts: ReportAgreedOn, Period: FeedbackPeriod, Article: "11",
			Comment: "After the leading group agreed (经领导小组同意后): the day of its decision, not of its record."},
		{Name: FeedbackCopyClock, Starts: FeedbackReceivedByBody, Period: FeedbackCopyPeriod, Article: "11",
			Comment: "The text has the city copied and does not say after what; the county has it first."},
		{Name: TransferClock, Starts: TransferDecided, Period: TransferPeriod, Article: "13",
			Comment: "After the feedback, for matters that the leading group decided: the day of that decision."},
		{Name: BriefingClock, Starts: Entered, Period: BriefingLead, Back: true, Article: "15(1)",
			Comment: "The text sets no day; a briefing after the entry comes too late for its purpose."},
		{Name: LiaisonClock, Starts: EntryNoticeIssued, Period: LiaisonPeriod, Article: "16",
			Comment: "The text sets no day; from the notice on the office needs somebody to turn to."},
		{Name: CityMeasuresClock, Starts: FeedbackCopiedToCity, Period: CityMeasuresPeriod, Article: "15(4)",
			Comment: "The city can use results from the day that it has them: the copy of the feedback (art. 11)."},
		{Name: PersonnelClock, Starts: PersonnelMeasureDecided, Period: PersonnelNoticePeriod, Article: "18",
			Comment: "In time (及时) from the decision, which is when there is something to tell."},
	}
}
