package regulation

// The gates of CN-COUNTY-2012.
const (
	CloseTerm                   GateName = "close_term"
	ActivatePlan                GateName = "activate_plan"
	ExtendOnSite                GateName = "extend_on_site"
	IssueEntryNotice            GateName = "issue_entry_notice"
	ConfirmEntry                GateName = "confirm_entry"
	CloseMobilisationMeeting    GateName = "close_mobilisation_meeting"
	IssueImmediateRectification GateName = "issue_immediate_rectification"
	SubmitInspectionReport      GateName = "submit_inspection_report"
	SendSpecialReport           GateName = "send_special_report"
	GiveFeedback                GateName = "give_feedback"
	ReceiveFeedback             GateName = "receive_feedback"
	CopyFeedback                GateName = "copy_feedback"
	CloseFeedbackMeeting        GateName = "close_feedback_meeting"
	Transfer                    GateName = "transfer"
	SendAnalysis                GateName = "send_analysis"
	RegisterLiaison             GateName = "register_liaison"
	SubmitPlan                  GateName = "submit_plan"
	ForwardPlan                 GateName = "forward_plan"
	SubmitRectificationReport   GateName = "submit_rectification_report"
	CloseRectification          GateName = "close_rectification"
	DecideAppointment           GateName = "decide_appointment"
	ChangeParameter             GateName = "change_parameter"
)

// The conditions that those gates ask for. "Or no city" holds for a county that
// has no city committee above it, when that is on record.
const (
	LeadingGroupDecided          Predicate = "leading_group_decided"
	AllCountiesCoveredOrExcepted Predicate = "all_counties_covered_or_excepted"
	OnSiteNotEnded               Predicate = "on_site_not_ended"
	PlanApproved                 Predicate = "plan_approved"
	CountyNotifiedInTime         Predicate = "county_notified_in_time"
	CityNotifiedInTime           Predicate = "city_notified_in_time_or_no_city"
	GroupBriefed                 Predicate = "group_briefed"
	CityBriefedGroup             Predicate = "city_briefed_group_or_no_city"
	CityLeaderAttended           Predicate = "city_leader_attended_or_no_city"
	ThreeConditionsHold          Predicate = "three_conditions_hold"
	LeadingGroupConsented        Predicate = "leading_group_consented"
	CityHeard                    Predicate = "city_heard_or_no_city"
	RecipientNotSubject          Predicate = "recipient_not_subject"
	OnSiteEnded                  Predicate = "on_site_ended"
	WorkingPapersSettled         Predicate = "working_papers_settled"
	LeaderSigned                 Predicate = "leader_signed"
	FocusSubjectsCovered         Predicate = "focus_subjects_covered"
	GrassrootsVisited            Predicate = "grassroots_visited"
	ReportAgreed                 Predicate = "report_agreed_by_leading_group"
	CityConsulted                Predicate = "city_consulted_or_no_city"
	SourcesProtected             Predicate = "sources_protected"
	FeedbackGiven                Predicate = "feedback_given"
	CountyReceived               Predicate = "county_received"
	ItemInDecision               Predicate = "item_in_decision"
	RecipientLawful              Predicate = "recipient_lawful"
	LedByCityLeader              Predicate = "led_by_city_leader"
	BothLeadBodiesNamed          Predicate = "both_lead_bodies_named"
	EveryProblemCovered          Predicate = "every_problem_covered"
	GroupPassed                  Predicate = "group_passed"
	PlanSubmitted                Predicate = "plan_submitted"
	EveryProblemReported         Predicate = "every_problem_reported"
	LeadingGroupReceived         Predicate = "leading_group_received"
	CityCopied                   Predicate = "city_copied_or_no_city"
	GroupOpinionHeard            Predicate = "group_opinion_heard"
	InterpretationCited          Predicate = "interpretation_cited"
)

func county2012Gates() []Gate {
	must := func(p Predicate, article string) Requirement {
		return Requirement{Holds: p, Article: article, Severity: Block}
	}
	waivable := func(p Predicate, article string) Requirement {
		return Requirement{Holds: p, Article: article, Severity: Block,
			Comment: "For an emergency inspection the leading group may waive it by a decision with a reason."}
	}
	should := func(p Predicate, article, comment string) Requirement {
		return Requirement{Holds: p, Article: article, Severity: Warn, Comment: comment}
	}
	return []Gate{
		{CloseTerm, []Requirement{must(AllCountiesCoveredOrExcepted, "2")}},
		{ExtendOnSite, []Requirement{must(LeadingGroupDecided, "3"), must(OnSiteNotEnded, "3")}},
		{ActivatePlan, []Requirement{must(LeadingGroupDecided, "5")}},
		{IssueImmediateRectification, []Requirement{
			must(ThreeConditionsHold, "9"), must(LeadingGroupConsented, "9"), must(CityHeard, "9"), must(RecipientNotSubject, "9"),
		}},
		{SubmitInspectionReport, []Requirement{
			must(OnSiteEnded, "10"), must(WorkingPapersSettled, "10"), must(LeaderSigned, "10"),
			should(FocusSubjectsCovered, "6", "A section on each focus subject; the text asks for the focus, not for the form."),
			should(GrassrootsVisited, "8", "The text wants weight on such visits and gives no number."),
		}},
		{SendSpecialReport, []Requirement{must(LeadingGroupDecided, "10")}},
		{GiveFeedback, []Requirement{must(ReportAgreed, "11"), must(CityConsulted, "11"), must(SourcesProtected, "11")}},
		{ReceiveFeedback, []Requirement{must(FeedbackGiven, "11")}},
		{CopyFeedback, []Requirement{must(CountyReceived, "11")}},
		{IssueEntryNotice, []Requirement{must(PlanApproved, "12(2)")}},
		{ConfirmEntry, []Requirement{
			waivable(CountyNotifiedInTime, "12(2)"), waivable(CityNotifiedInTime, "12(2)"),
			should(GroupBriefed, "12(3)", "The office coordinates; no day is set."),
			should(CityBriefedGroup, "15(1)", "No day is set."),
		}},
		{Transfer, []Requirement{must(FeedbackGiven, "13"), must(ItemInDecision, "13"), must(RecipientLawful, "13")}},
		{SendAnalysis, []Requirement{must(LeadingGroupDecided, "14")}},
		{CloseMobilisationMeeting, []Requirement{must(CityLeaderAttended, "15(2)")}},
		{CloseFeedbackMeeting, []Requirement{must(CityLeaderAttended, "15(2)")}},
		{RegisterLiaison, []Requirement{must(LedByCityLeader, "16"), must(BothLeadBodiesNamed, "16")}},
		{SubmitPlan, []Requirement{must(CountyReceived, "17"), must(EveryProblemCovered, "17")}},
		{ForwardPlan, []Requirement{must(GroupPassed, "17")}},
		{SubmitRectificationReport, []Requirement{must(PlanSubmitted, "17"), must(EveryProblemReported, "17")}},
		{CloseRectification, []Requirement{must(GroupPassed, "17"), must(LeadingGroupReceived, "17"), must(CityCopied, "17")}},
		{DecideAppointment, []Requirement{
			should(GroupOpinionHeard, "18", "The personnel decision is not ours to refuse; a missing opinion is put on its record."),
		}},
		{ChangeParameter, []Requirement{must(InterpretationCited, "19")}},
	}
}
