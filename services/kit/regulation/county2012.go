package regulation

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// County2012 is the id of the default rule set.
const County2012 = "CN-COUNTY-2012"

// countedArticles are those that set a period of days or months.
const countedArticles = "5, 12(2), 17, 18"

// county2012 is 《省、自治区、直辖市党委对县（市、区、旗）巡视工作实施办法》 of
// 2012-08-02, the text in regulation-2012.zh.txt. Where a comment stands the
// text is open, and an interpretation (art. 19) may set another value.
func county2012() *RuleSet {
	return &RuleSet{
		ID:         County2012,
		Title:      "省、自治区、直辖市党委对县（市、区、旗）巡视工作实施办法",
		From:       workday.NewDate(2012, time.August, 2), // art. 20: on the day of issue
		AppliesTo:  []TargetKind{County, FunctionalZone, Regiment},
		Verified:   true,
		Parameters: county2012Parameters(),
		Documents:  county2012Documents(),
		Gates:      county2012Gates(),
		Clocks:     county2012Clocks(),
		Duties:     county2012Duties(),
		Ladders:    county2012Ladders(),
	}
}

func county2012Parameters() []Parameter {
	return []Parameter{
		// Art. 2: coverage.
		{Name: CoverageMinimum, Value: Number(1), Unit: Times, Article: "2"},
		{Name: CoverageCountsWhen, Value: Choice("entered_in_term_and_feedback_received"), Article: "2",
			Options: []Choice{"entered_in_term", "on_site_ended_in_term"},
			Comment: "The text says inspected (巡视) once per term and not when an inspection counts."},
		{Name: CoverageSpecialCounts, Value: Flag(false), Article: "2",
			Comment: "A special inspection looks at one matter, not at the county; the text knows none."},
		{Name: CoverageLookBackCounts, Value: Flag(false), Article: "2",
			Comment: "A look-back (回头看) continues an inspection; the text knows none."},
		{Name: CoverageSuccessorInherits, Value: Choice("same_committee"), Article: "2",
			Options: []Choice{"always", "never"},
			Comment: "A merged or renamed county is covered by its predecessor if the same Party committee goes on; a new county is not."},

		// Art. 3: on-site time, "about one month" (一般为1个月左右).
		{Name: OnSiteDefault, Value: Number(30), Unit: CalendarDays, Article: "3", Soft: true,
			Comment: "About one month; the day of entry and the last day both count."},
		{Name: OnSiteMinimum, Value: Number(20), Unit: CalendarDays, Article: "3",
			Comment: "May be adjusted fittingly (适当调整); a shorter stay needs a recorded reason."},
		{Name: OnSiteMaximum, Value: Number(45), Unit: CalendarDays, Article: "3",
			Comment: "May be extended, without a cap; a longer stay needs a recorded reason."},

		// Art. 5: the hearing, "in principle" (原则上).
		{Name: HearingPeriod, Value: Number(30), Unit: WorkingDays, Article: "5", Soft: true},

		// Arts 7 and 8: content and methods.
		{Name: ContentCodes, Article: "7", Value: Codes{"C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10"},
			Comment: "C1–C6 are art. 12 of the trial regulations of 2009, C7–C10 are added here: livelihood, stability, hot issues, harm to the public."},
		{Name: FindingMinimumCodes, Value: Number(1), Unit: Times, Article: "7",
			Comment: "A finding outside the content of inspection has no place; ours."},
		{Name: GrassrootsVisits, Value: Number(1), Unit: Times, Article: "8", Soft: true,
			Comment: "The text wants weight on visits to townships and villages and gives no number."},

		// Art. 9: rectification on the spot; the three conditions are cumulative.
		{Name: ImmediateRectifyWhen, Article: "9",
			Value: Codes{"strongly_reported", "clearly_against_rules", "solvable_at_once"}},
		{Name: ImmediatePeriod, Value: Number(15), Unit: WorkingDays, Article: "9", Soft: true,
			Comment: "The text says promptly (及时); it should be done during the stay."},

		// Art. 10: the inspection report.
		{Name: InspectionReportPeriod, Value: Number(30), Unit: WorkingDays, Article: "10", Soft: true,
			Comment: "The text says after the work ended (结束后); it has to be there for the hearing of art. 5."},

		// Art. 11: feedback.
		{Name: FeedbackAuthoriser, Value: Choice(LeadingGroup), Article: "11"},
		{Name: FeedbackAddressees, Value: Codes{string(CountyBody)}, Article: "11"},
		{Name: FeedbackPeriod, Value: Number(15), Unit: WorkingDays, Article: "11", Soft: true,
			Comment: "The text says promptly (及时) after the leading group agreed."},
		{Name: FeedbackCopyPeriod, Value: Number(5), Unit: WorkingDays, Article: "11", Soft: true,
			Comment: "The text has the city copied (抄送) and sets no day."},
		{Name: FeedbackTerms, Article: "11", Soft: true,
			Value:   Codes{"举报人", "反映人", "检举人", "控告人", "信访人", "来信人", "实名举报", "匿名举报", "举报信", "信访", "线索"},
			Comment: "That sources are protected the text takes for granted; which words give one away is ours. A word is warned of, and a person decides."},
		{Name: FeedbackScans, Article: "11", Soft: true, Value: Codes{ScanIdentityNumber, ScanPhoneNumber, ScanOtherCounty},
			Comment: "What a feedback should not have beside words: numbers of persons, and other counties."},
		{Name: FeedbackSupersededClock, Value: FirstReceipt, Article: "17", Options: []Choice{NewReceipt},
			Comment: "The text knows one feedback. Who superseded it could otherwise give or take time without a decision."},
		{Name: FeedbackAttended, Value: Number(2), Unit: Times, Article: "15(2)", Soft: true,
			Comment: "The text wants a member at each meeting and does not say at how many on one day; more counties than this are warned of."},

		// Art. 12(2): notice of entry.
		{Name: NoticePeriod, Value: Number(10), Unit: WorkingDays, Article: "12(2)"},
		{Name: NoticeAddressees, Value: Codes{string(CountyBody), string(CityCommittee)}, Article: "12(2)",
			Comment: "A county without a city committee has the county only."},
		{Name: NoticeMode, Value: Choice(workday.BackFromEntry), Article: "12(2)",
			Options: []Choice{Choice(workday.ClearDays)},
			Comment: "Whether the ten days are whole days between notice and entry; then the notice is due one working day earlier."},
		{Name: NoticeDate, Value: LaterReceipt, Article: "12(2)", Options: []Choice{IssueDay},
			Comment: "The text says notified (通知); one who has not received it is not notified. The later addressee decides."},
		{Name: NoticePostponement, Value: Number(30), Unit: CalendarDays, Article: "12(2)", Soft: true,
			Comment: "A notice stays good if the entry is put off; by more than this it is warned of."},

		// Art. 13: transfer.
		{Name: TransferPeriod, Value: Number(20), Unit: WorkingDays, Article: "13", Soft: true,
			Comment: "The text says in time (及时) after the leading group decided."},

		// Art. 14: yearly analysis.
		{Name: AnalysisDueMonth, Value: Number(3), Unit: MonthOfYear, Article: "14", Soft: true,
			Comment: "The text says of the year (当年) and sets no day; 31 March of the next year is ours."},
		{Name: AnalysisDueDay, Value: Number(31), Unit: DayOfMonth, Article: "14", Soft: true,
			Comment: "See the month."},
		{Name: AnalysisYearBy, Value: Choice("feedback_date"), Article: "14",
			Options: []Choice{"entry_date", "on_site_end_date"},
			Comment: "Which date puts an inspection into a year."},

		// Arts 15 and 16: the city.
		{Name: CityBriefers, Article: "15(1)", Value: Codes{string(CityPrincipal), string(DisciplineBody),
			string(OrganizationBody), string(AuditBody), string(PetitionBody)}},
		{Name: BriefingLead, Value: Number(1), Unit: WorkingDays, Article: "15(1)", Soft: true,
			Comment: "The group is briefed before it enters; the text sets no day."},
		{Name: LiaisonPeriod, Value: Number(5), Unit: WorkingDays, Article: "16", Soft: true,
			Comment: "The text sets no day; it is needed from the notice on."},
		{Name: CityMeasuresPeriod, Value: Number(30), Unit: WorkingDays, Article: "15(4)", Soft: true,
			Comment: "The text has the city direct its bodies and sets no day; it is reminded while its register is empty. As long as the county has for its plan."},
		{Name: LiaisonLeads, Article: "16", Value: Codes{string(DisciplineBody), string(OrganizationBody)}},

		// Art. 17: plan and report.
		{Name: PlanPeriod, Value: Number(30), Unit: WorkingDays, Article: "17"},
		{Name: PlanMeasuresPerItem, Value: Number(1), Unit: Times, Article: "17",
			Comment: "A plan that leaves a problem out is not complete."},
		{Name: PlanReturnKeepsDate, Value: Flag(true), Article: "17",
			Comment: "Returned for revision, a plan that was complete keeps the day of its first submission."},
		{Name: ReportPeriod, Value: Number(6), Unit: Months, Article: "17"},
		{Name: ReportLatePlanStart, Value: PlanDateOrDueDay, Article: "17",
			Options: []Choice{"actual_date_of_plan"},
			Comment: "While a late plan is missing, the six months run from the day it was due, so that silence gains no time."},
		{Name: ReportItemStates, Value: Codes{"done", "basically_done", "in_progress", "not_done"}, Article: "17",
			Comment: "What the report says of each problem; the text asks for the state of rectification (整改情况)."},
		{Name: ItemSecondPerson, Value: Flag(true), Article: "17",
			Comment: "The text does not say who closes an item; nobody closes what he has reported or verified himself."},
		{Name: FlagAlikeMeasures, Value: Number(80), Unit: Percent, Article: "17", Soft: true,
			Comment: "The text knows no flags; two measures are alike from this share of common trigrams on."},
		{Name: FlagBurstShare, Value: Number(80), Unit: Percent, Article: "17", Soft: true,
			Comment: "The text knows no flags; of the items due on a day, the share that is called done only on it."},
		{Name: FlagBurstItems, Value: Number(3), Unit: Times, Article: "17", Soft: true,
			Comment: "See the share; one or two items are no burst."},
		{Name: ReviewChain, Value: Codes{string(Group), string(Office), string(LeadingGroup)}, Article: "17"},
		{Name: PublicationRequired, Value: Flag(false), Article: "17",
			Comment: "The text asks for none; later versions do."},

		// Art. 18: appointments.
		{Name: OpinionWindow, Value: Number(1), Unit: Years, Article: "18"},
		{Name: PersonnelNoticePeriod, Value: Number(5), Unit: WorkingDays, Article: "18", Soft: true,
			Comment: "The text says promptly (及时)."},

		// Arts 19 and 20.
		{Name: InterpretationSources, Value: Codes{"central_discipline_commission", "central_organization_department"},
			Article: "19", Comment: "The first interprets, after consulting the second."},
		{Name: CommencementCovers, Value: Choice("inspections_entered_from_that_day"), Article: "20",
			Options: []Choice{"all_open_inspections"},
			Comment: "Inspections that began before stay under what was in force then."},

		// Counting, by analogy with Civil Code arts 201–203: the articles that
		// set a period do not say how it is counted, so the comment names the source.
		{Name: CountStartDay, Value: Choice(workday.StartExcluded), Article: countedArticles, Options: []Choice{Choice(workday.StartIncluded)},
			Comment: "Civil Code art. 201: the first day is not counted."},
		{Name: CountRoll, Value: Choice(workday.RollForward), Article: countedArticles, Options: []Choice{Choice(workday.RollNone)},
			Comment: "Civil Code art. 203: a last day that is off gives way to the next working day; a worked Saturday is not off."},
		{Name: CountCutOff, Value: Number(24), Unit: HourOfDay, Article: countedArticles,
			Comment: "Civil Code art. 203(2): the end of the day, not of business hours, because the edge takes documents at any hour."},
		{Name: CountZone, Value: Choice("Asia/Shanghai"), Article: countedArticles,
			Comment: "One legal day for the whole country; Xinjiang's later office hours change nothing."},
		{Name: CountSuspension, Value: Choice("by_leading_group_decision"), Article: countedArticles, Options: []Choice{NoSuspension},
			Comment: "The text knows no suspension; a period is extended by a recorded decision only."},
		{Name: CountShorterLater, Value: Choice("keep_announced"), Article: countedArticles, Options: []Choice{"follow_calendar"},
			Comment: "A due date that was announced does not move earlier because a later holiday notice does; one counted back from the entry does (art. 12(2))."},
	}
}
