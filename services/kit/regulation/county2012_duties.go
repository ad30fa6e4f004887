package regulation

// The duties.
const (
	DutyCoverage          DutyName = "COVERAGE"
	DutyOnSitePeriod      DutyName = "ON_SITE_PERIOD"
	DutyHearing           DutyName = "HEARING"
	DutyImmediate         DutyName = "IMMEDIATE_RECTIFICATION"
	DutyInspectionReport  DutyName = "INSPECTION_REPORT"
	DutyFeedback          DutyName = "FEEDBACK"
	DutyFeedbackCopy      DutyName = "FEEDBACK_COPY"
	DutyEntryNotice       DutyName = "ENTRY_NOTICE"
	DutyTransfer          DutyName = "TRANSFER"
	DutyAnnualAnalysis    DutyName = "ANNUAL_ANALYSIS"
	DutyCityBriefing      DutyName = "CITY_BRIEFING"
	DutyLiaison           DutyName = "LIAISON_REGISTRATION"
	DutyCityMeasures      DutyName = "CITY_MEASURES"
	DutyPlan              DutyName = "RECTIFICATION_PLAN"
	DutyReport            DutyName = "RECTIFICATION_REPORT"
	DutyPersonnelNotified DutyName = "PERSONNEL_NOTIFICATION"
)

// The ladders.
const (
	UsualLadder    LadderName = "usual"
	HearingLadder  LadderName = "hearing"
	CoverageLadder LadderName = "coverage"
)

func county2012Duties() []Duty {
	return []Duty{
		{Name: DutyCoverage, Obligor: Office, Ladder: CoverageLadder, Article: "2",
			Comment: "Each county at least once in the term; due on the term's last day. The office plans it for the committee."},
		{Name: DutyOnSitePeriod, Obligor: Group, Ladder: UsualLadder, Article: "3", Soft: true,
			Comment: "The planned last day; a longer stay is extended by a decision before it."},
		{Name: DutyHearing, Obligor: LeadingGroup, Clock: HearingClock, Ladder: HearingLadder, Article: "5"},
		{Name: DutyImmediate, Obligor: CountyBody, Clock: ImmediateClock, Ladder: UsualLadder, Article: "9"},
		{Name: DutyInspectionReport, Obligor: Group, Clock: InspectionReportClock, Ladder: UsualLadder, Article: "10"},
		{Name: DutyFeedback, Obligor: Group, Clock: FeedbackClock, Ladder: UsualLadder, Article: "11"},
		{Name: DutyFeedbackCopy, Obligor: Office, Clock: FeedbackCopyClock, Ladder: UsualLadder, Article: "11"},
		{Name: DutyEntryNotice, Obligor: Office, Clock: NoticeClock, Ladder: UsualLadder, Article: "12(2)",
			Comment: "Met when the last addressee has signed."},
		{Name: DutyTransfer, Obligor: Office, Clock: TransferClock, Ladder: UsualLadder, Article: "13"},
		{Name: DutyAnnualAnalysis, Obligor: Office, Ladder: UsualLadder, Article: "14", Soft: true,
			Comment: "A day of ours, see analysis.due_month."},
		{Name: DutyCityBriefing, Obligor: CityCommittee, Clock: BriefingClock, Ladder: UsualLadder, Article: "15(1)",
			Comment: "Opened when the notice goes out, so that the city learns of the inspection by the notice."},
		{Name: DutyLiaison, Obligor: CityCommittee, Clock: LiaisonClock, Ladder: UsualLadder, Article: "16"},
		{Name: DutyCityMeasures, Obligor: CityCommittee, Clock: CityMeasuresClock, Ladder: UsualLadder, Article: "15(4)",
			Comment: "Met by the first measure entered; how many there have to be is not said."},
		{Name: DutyPlan, Obligor: CountyBody, Clock: PlanClock, Ladder: UsualLadder, Article: "17"},
		{Name: DutyReport, Obligor: CountyBody, Clock: ReportClock, Ladder: UsualLadder, Article: "17"},
		{Name: DutyPersonnelNotified, Obligor: DisciplineBody, Clock: PersonnelClock, Ladder: UsualLadder, Article: "18",
			Comment: "Or the organisation department, whichever acts."},
	}
}

// The ladders are ours: the text sets periods and not who reminds whom of them.
func county2012Ladders() []Ladder {
	everybody := []Body{Obligor, CityCommittee, Office, LeadingGroup}
	return []Ladder{
		{Name: UsualLadder, Unit: WorkingDays, Yellow: 10, Every: 5, After: everybody, Article: countedArticles,
			Rungs: []Rung{
				{20, []Body{Obligor}}, {10, []Body{Obligor}}, {5, []Body{Obligor, CityCommittee}},
				{0, []Body{Obligor, CityCommittee, Office}},
			},
			Comment: "The city supervises the county's rectification (arts 15(3), 16) and is told of what it may see only."},
		{Name: HearingLadder, Unit: WorkingDays, Yellow: 10, Every: 5, After: []Body{Obligor, Office}, Article: "5",
			Rungs:   []Rung{{10, []Body{Office}}, {5, []Body{Obligor, Office}}, {0, []Body{Obligor, Office}}},
			Comment: "The 20th, 25th and 30th working day after the batch ended."},
		{Name: CoverageLadder, Unit: Months, Yellow: 6, Every: 5, After: []Body{Obligor, LeadingGroup}, Article: "2",
			Rungs:   []Rung{{18, []Body{Obligor}}, {12, []Body{Obligor}}, {6, []Body{Obligor}}, {0, []Body{Obligor, LeadingGroup}}},
			Comment: "When to ask whether the remaining counties can still be inspected in the term."},
	}
}
