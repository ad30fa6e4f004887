package regulation

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Every number of the 2012 text and every default of domain.md §5.1 and §7,
// written a second time: a changed value has to be changed here too.
func TestCounty2012Values(t *testing.T) {
	want := map[Name]string{
		CoverageMinimum:           "2: 1 times",
		CoverageCountsWhen:        "2: entered_in_term_and_feedback_received",
		CoverageSpecialCounts:     "2: no",
		CoverageLookBackCounts:    "2: no",
		CoverageSuccessorInherits: "2: same_committee",
		OnSiteDefault:             "3: 30 calendar_days, soft",
		OnSiteMinimum:             "3: 20 calendar_days",
		OnSiteMaximum:             "3: 45 calendar_days",
		HearingPeriod:             "5: 30 working_days, soft",
		ContentCodes:              "7: C1,C2,C3,C4,C5,C6,C7,C8,C9,C10",
		FindingMinimumCodes:       "7: 1 times",
		GrassrootsVisits:          "8: 1 times, soft",
		ImmediateRectifyWhen:      "9: strongly_reported,clearly_against_rules,solvable_at_once",
		ImmediatePeriod:           "9: 15 working_days, soft",
		InspectionReportPeriod:    "10: 30 working_days, soft",
		FeedbackAuthoriser:        "11: leading_group",
		FeedbackAddressees:        "11: county_leading_body",
		FeedbackTerms:             "11: 举报人,反映人,检举人,控告人,信访人,来信人,实名举报,匿名举报,举报信,信访,线索, soft",
		FeedbackScans:             "11: identity_number,phone_number,other_county, soft",
		FeedbackSupersededClock:   "17: first_receipt",
		FeedbackAttended:          "15(2): 2 times, soft",
		FeedbackPeriod:            "11: 15 working_days, soft",
		FeedbackCopyPeriod:        "11: 5 working_days, soft",
		NoticePeriod:              "12(2): 10 working_days",
		NoticeAddressees:          "12(2): county_leading_body,city_committee",
		NoticeMode:                "12(2): back_from_entry",
		NoticeDate:                "12(2): later_receipt",
		NoticePostponement:        "12(2): 30 calendar_days, soft",
		TransferPeriod:            "13: 20 working_days, soft",
		AnalysisDueMonth:          "14: 3 month_of_year, soft",
		AnalysisDueDay:            "14: 31 day_of_month, soft",
		AnalysisYearBy:            "14: feedback_date",
		CityBriefers:              "15(1): city_principal,discipline_body,organization_body,audit_body,petition_body",
		BriefingLead:              "15(1): 1 working_days, soft",
		CityMeasuresPeriod:        "15(4): 30 working_days, soft",
		LiaisonPeriod:             "16: 5 working_days, soft",
		LiaisonLeads:              "16: discipline_body,organization_body",
		PlanPeriod:                "17: 30 working_days",
		PlanMeasuresPerItem:       "17: 1 times",
		PlanReturnKeepsDate:       "17: yes",
		ReportPeriod:              "17: 6 months",
		ReportLatePlanStart:       "17: actual_or_due_date_of_plan",
		ReportItemStates:          "17: done,basically_done,in_progress,not_done",
		ItemSecondPerson:          "17: yes",
		FlagAlikeMeasures:         "17: 80 percent, soft",
		FlagBurstShare:            "17: 80 percent, soft",
		FlagBurstItems:            "17: 3 times, soft",
		ReviewChain:               "17: inspection_group,office,leading_group",
		PublicationRequired:       "17: no",
		OpinionWindow:             "18: 1 years",
		PersonnelNoticePeriod:     "18: 5 working_days, soft",
		InterpretationSources:     "19: central_discipline_commission,central_organization_department",
		CommencementCovers:        "20: inspections_entered_from_that_day",
		CountStartDay:             "5, 12(2), 17, 18: excluded",
		CountRoll:                 "5, 12(2), 17, 18: forward_off_days_only",
		CountCutOff:               "5, 12(2), 17, 18: 24 hour_of_day",
		CountZone:                 "5, 12(2), 17, 18: Asia/Shanghai",
		CountSuspension:           "5, 12(2), 17, 18: by_leading_group_decision",
		CountShorterLater:         "5, 12(2), 17, 18: keep_announced",
	}
	got := map[Name]string{}
	for _, p := range county2012().Parameters {
		text := strings.TrimSpace(p.Article + ": " + p.Value.String() + " " + string(p.Unit))
		if p.Soft {
			text += ", soft"
		}
		got[p.Name] = text
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}

func TestGates(t *testing.T) {
	rs := county2012()
	for _, tt := range []struct {
		gate    GateName
		holding []Predicate
		want    []Predicate
		article string
	}{
		{GiveFeedback, []Predicate{ReportAgreed, SourcesProtected}, []Predicate{CityConsulted}, "11"},
		{GiveFeedback, []Predicate{ReportAgreed, SourcesProtected, CityConsulted}, nil, ""},
		{ConfirmEntry, []Predicate{CountyNotifiedInTime, GroupBriefed, CityBriefedGroup}, []Predicate{CityNotifiedInTime}, "12(2)"},
		{IssueImmediateRectification, []Predicate{ThreeConditionsHold, LeadingGroupConsented, RecipientNotSubject}, []Predicate{CityHeard}, "9"},
		{CloseRectification, nil, []Predicate{GroupPassed, LeadingGroupReceived, CityCopied}, "17"},
	} {
		gate, err := rs.Gate(tt.gate)
		if err != nil {
			t.Fatal(err)
		}
		var got []Predicate
		for _, r := range gate.Unmet(tt.holding...) {
			got = append(got, r.Holds)
			if r.Article != tt.article || r.Severity != Block {
				t.Errorf("%s: %s is of art. %s, severity %s", tt.gate, r.Holds, r.Article, r.Severity)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s unmet (-want +got):\n%s", tt.gate, diff)
		}
	}
}

func TestClocksAndDocuments(t *testing.T) {
	rs := county2012()
	starts := map[ClockName]Event{
		HearingClock: BatchEnded, NoticeClock: Entered, PlanClock: FeedbackReceivedByBody,
		ReportClock: PlanFirstComplete, OpinionClock: InspectionOnSiteEnded, PersonnelClock: PersonnelMeasureDecided,
		ImmediateClock: ImmediateNoticeReceived, InspectionReportClock: InspectionOnSiteEnded, FeedbackClock: ReportAgreedOn,
		FeedbackCopyClock: FeedbackReceivedByBody, TransferClock: TransferDecided, BriefingClock: Entered,
		LiaisonClock: EntryNoticeIssued, CityMeasuresClock: FeedbackCopiedToCity,
	}
	for name, want := range starts {
		clock, err := rs.Clock(name)
		if err != nil || clock.Starts != want || clock.Article == "" {
			t.Errorf("clock %s starts on %s under art. %q (%v), want %s", name, clock.Starts, clock.Article, err, want)
		}
	}
	if len(rs.Clocks) != len(starts) {
		t.Errorf("%d clocks, want %d", len(rs.Clocks), len(starts))
	}
	for _, d := range rs.Documents {
		if d.Article == "" || d.From == "" || len(d.To) == 0 {
			t.Errorf("document %s lacks its article, maker or addressee", d.Name)
		}
	}
	notice, err := rs.Document(EntryNotice)
	if diff := cmp.Diff([]Body{CountyBody, CityCommittee}, notice.To); diff != "" || err != nil {
		t.Errorf("notice of entry goes to (-want +got):\n%s%v", diff, err)
	}
}

func TestUnknownIsAFaultOfOurs(t *testing.T) {
	rs := regulations2015()
	cal, err := workday.National()
	if err != nil {
		t.Fatal(err)
	}
	_, noPlan := rs.Deadline(PlanClock, cal, "51", workday.NewDate(2016, 3, 1)) // the 2015 text has no plan
	_, noGate := rs.Gate(CloseTerm)
	_, noDocument := rs.Document(RectificationPlan)
	_, wrongType := county2012().Choice(PlanPeriod)
	for what, err := range map[string]error{"clock plan": noPlan, "gate": noGate, "document": noDocument, "is a regulation.Number": wrongType} {
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.Internal || !strings.Contains(f.Error(), what) {
			t.Errorf("%s: %v, want an internal fault that says so", what, err)
		}
	}
}

func TestArt20Select(t *testing.T) {
	book, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		kind TargetKind
		day  string
		want string
	}{
		{County, "2012-08-01", ""},
		{County, "2012-08-02", County2012},
		{Regiment, "2012-08-02", County2012},
		{FunctionalZone, "2013-01-01", County2012},
		{County, "2016-01-01", County2012}, // that of 2015 is not verified
		{County, "2026-01-01", County2012},
		{"CITY_DEPARTMENT", "2013-01-01", ""},
	} {
		day, err := workday.ParseDate(tt.day)
		if err != nil {
			t.Fatal(err)
		}
		rs, err := book.Select(tt.kind, day)
		switch {
		case tt.want == "" && !fault.Is(err, ReasonRuleSetUnavailable):
			t.Errorf("%s on %s: %v, want %s", tt.kind, tt.day, err, ReasonRuleSetUnavailable)
		case tt.want != "" && (err != nil || rs.ID != tt.want):
			t.Errorf("%s on %s: %v (%v), want %s", tt.kind, tt.day, rs, err, tt.want)
		}
	}
}

func TestUnverifiedCannotBeSelected(t *testing.T) {
	book, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	verified := 0
	for _, rs := range book.All() {
		_, err := book.Get(rs.ID)
		if (err == nil) != rs.Verified {
			t.Errorf("%s, verified %t: %v", rs.ID, rs.Verified, err)
		}
		if rs.Verified {
			verified++
		}
	}
	if verified != 1 || len(book.All()) != 4 {
		t.Errorf("%d rule sets, %d verified, want 4 and 1", len(book.All()), verified)
	}
	if _, err := book.Get("CN-COUNTY-1912"); err == nil {
		t.Error("an unknown rule set is found")
	}
}

func TestSelectTakesTheLatestInForce(t *testing.T) {
	old, next := county2012(), county2012()
	next.ID, next.From = "NEXT", workday.NewDate(2030, 1, 1)
	ended := county2012()
	ended.ID, ended.From, ended.To = "ENDED", workday.NewDate(2020, 1, 1), workday.NewDate(2020, 12, 31)
	book, err := newBook(next, old, ended)
	if err != nil {
		t.Fatal(err)
	}
	for year, want := range map[int]string{2019: County2012, 2020: "ENDED", 2021: County2012, 2029: County2012, 2030: "NEXT"} {
		rs, err := book.Select(County, workday.NewDate(year, 1, 1))
		if err != nil || rs.ID != want {
			t.Errorf("%d: %v (%v), want %s", year, rs, err, want)
		}
	}
}

func TestBookRefusesFaultySets(t *testing.T) {
	for _, tt := range []struct {
		want  string
		spoil func(rs *RuleSet)
	}{
		{"no first day", func(rs *RuleSet) { rs.From = workday.Date{} }},
		{"ends before", func(rs *RuleSet) { rs.To = workday.NewDate(2012, 8, 1) }},
		{"applies to nothing", func(rs *RuleSet) { rs.AppliesTo = nil }},
		{"is there twice", func(rs *RuleSet) { rs.Parameters = append(rs.Parameters, rs.Parameters[0]) }},
		{"no article", func(rs *RuleSet) { rs.Parameters[0].Article = "" }},
		{"not positive", func(rs *RuleSet) { rs.Parameters[0].Value = Number(0) }},
		{"no value", func(rs *RuleSet) { rs.Parameters[0].Value = nil }},
		{"has no parameter", func(rs *RuleSet) { rs.Clocks[0].Period = "no.such" }},
		{"start day \"other\" is not known", func(rs *RuleSet) {
			for i, p := range rs.Parameters {
				if p.Name == CountStartDay {
					rs.Parameters[i].Value = Choice("other")
				}
			}
		}},
	} {
		rs := county2012()
		tt.spoil(rs)
		if _, err := newBook(rs); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	if _, err := newBook(county2012(), county2012()); err == nil {
		t.Error("the same rule set twice is taken")
	}
}
