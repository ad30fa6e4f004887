package domain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// TestArt9Consent: by a decision that consents to this very matter.
func TestArt9Consent(t *testing.T) {
	i := immediate(t, domain.ImmediateDraft, place())
	refused(t, i.Consent("d1", false, noon(t, today)), "IMMEDIATE_NOT_CONSENTED", "9")
	ok(t, i.Consent("d1", true, noon(t, today)))
	if i.Record().Decision != "d1" {
		t.Errorf("consented by %q", i.Record().Decision)
	}
}

// TestArt9LeadingGroupConsentsButCityObjects: the city is heard (听取意见) and has no veto;
// its dissent is on record and the notice goes out.
func TestArt9LeadingGroupConsentsButCityObjects(t *testing.T) {
	i := immediate(t, domain.ImmediateDraft, place())
	ok(t, i.Consent("d1", true, noon(t, today)))
	ok(t, i.HearCity(heard(t, today), noon(t, today)))
	_, err := i.Issue("v1", "1号", "CN-COUNTY-2012", noon(t, today))
	ok(t, err)
	if c := i.Record().Consultation; !c.Dissent || c.Opinion != "不同意" {
		t.Errorf("recorded %+v", c)
	}
}

// TestArt9CityConsultedAfterIssue: what was issued without the city is not issued, and what
// was issued is not heard on afterwards.
func TestArt9CityConsultedAfterIssue(t *testing.T) {
	_, err := immediate(t, domain.ImmediateConsented, place()).Issue("v1", "1号", "CN-COUNTY-2012", noon(t, today))
	refused(t, err, "CITY_NOT_HEARD", "9")
	issued := immediate(t, domain.ImmediateIssued, place())
	refused(t, issued.HearCity(heard(t, today), noon(t, today)), "IMMEDIATE_STATE_INVALID", "9")
}

// TestArt9TheCityIsHeard: with day, opinion and, by phone, a record; none only where there
// is none.
func TestArt9TheCityIsHeard(t *testing.T) {
	none := domain.Consultation{NotApplicable: domain.NoCityCommittee}
	for name, tt := range map[string]struct {
		place           domain.Place
		c               domain.Consultation
		reason, article string
	}{
		"dissent":              {place(), heard(t, today), "", ""},
		"on the day of draft":  {place(), heard(t, "2024-02-21"), "", ""},
		"before the draft":     {place(), heard(t, "2024-02-20"), "DATE_OUT_OF_ORDER", "9"},
		"tomorrow":             {place(), heard(t, "2024-02-27"), "DATE_OUT_OF_ORDER", "9"},
		"no day":               {place(), domain.Consultation{Opinion: "同意"}, "FIELD_INVALID", ""},
		"no opinion":           {place(), domain.Consultation{Date: day(t, today), Opinion: " "}, "FIELD_INVALID", ""},
		"by phone, no record":  {place(), domain.Consultation{Date: day(t, today), Opinion: "同意", Form: domain.ByPhone}, "CONSULTATION_NOT_RECORDED", "9"},
		"by phone, on record":  {place(), domain.Consultation{Date: day(t, today), Opinion: "同意", Form: domain.ByPhone, Record: "记录一份"}, "", ""},
		"there is a city":      {place(), none, "CITY_NOT_HEARD", "9"},
		"no city":              {withoutCity(), none, "", ""},
		"no city, but heard":   {withoutCity(), heard(t, today), "NO_CITY_TO_HEAR", "9"},
		"no city, and opinion": {withoutCity(), domain.Consultation{NotApplicable: domain.NoCityCommittee, Opinion: "x"}, "FIELD_INVALID", ""},
	} {
		t.Run(name, func(t *testing.T) {
			i := immediate(t, domain.ImmediateConsented, tt.place)
			err := i.HearCity(tt.c, noon(t, today))
			if tt.reason != "" {
				refused(t, err, tt.reason, tt.article)
				return
			}
			ok(t, err)
			if i.Record().Consultation != tt.c || i.Record().State != domain.ImmediateCityHeard {
				t.Errorf("recorded %+v", i.Record())
			}
		})
	}
}

// TestArt9AnImplicatedCityIsBypassedByDecision and by nothing else.
func TestArt9AnImplicatedCityIsBypassedByDecision(t *testing.T) {
	b := domain.Bypass{Decision: "d2", Reason: "市委主要负责人涉及该问题"}
	i := immediate(t, domain.ImmediateConsented, place())
	refused(t, i.BypassCity(b, false, noon(t, today)), "CITY_BYPASS_NOT_DECIDED", "9")
	ok(t, i.BypassCity(b, true, noon(t, today)))
	if r := i.Record(); r.Bypass != b || r.Consultation != (domain.Consultation{}) {
		t.Errorf("bypassed as %+v", r)
	}
	refused(t, immediate(t, domain.ImmediateConsented, withoutCity()).BypassCity(b, true, noon(t, today)), "NO_CITY_TO_HEAR", "9")
}

// TestArt9ProblemNotSolvableAtOnce must not go this way, nor must one that lacks another of
// the three conditions, neither drafted so nor rewritten so.
func TestArt9ProblemNotSolvableAtOnce(t *testing.T) {
	for name, unmet := range map[string]func(*domain.Conditions){
		"strongly_reported":     func(c *domain.Conditions) { c.StronglyReported.Holds = false },
		"clearly_against_rules": func(c *domain.Conditions) { c.ClearlyAgainstRules.Holds = false },
		"solvable_at_once":      func(c *domain.Conditions) { c.SolvableAtOnce.Holds = false },
	} {
		d := drafting()
		unmet(&d.Conditions)
		refusedDraft(t, d, "IMMEDIATE_CONDITION_UNMET", "condition", name)
	}
}

// TestArt9NoticeToTheSubjectOfTheMatter: whom it concerns does not get it; the body does.
func TestArt9NoticeToTheSubjectOfTheMatter(t *testing.T) {
	d := drafting()
	d.ConcernsPrincipal = true
	refusedDraft(t, d, "RECIPIENT_IS_SUBJECT", "", "")
	d.Notice.Recipient = domain.PartyOrganization
	ok(t, immediate(t, domain.ImmediateDraft, place()).Revise(d, noon(t, today)))
}

// TestArt9GroupOrdersTheCountyToHandleASpecificCase: that is not for a group to do.
func TestArt9GroupOrdersTheCountyToHandleASpecificCase(t *testing.T) {
	d := drafting()
	d.OrdersSpecificCase = true
	refusedDraft(t, d, "IMMEDIATE_SPECIFIC_CASE", "", "")
}

// TestArt9ProvincialCadreNeedsAnUrgentReport to the leading group and the committee's
// principal, and not a notice to the county.
func TestArt9ProvincialCadreNeedsAnUrgentReport(t *testing.T) {
	d := drafting()
	d.ConcernsProvincialCadre = true
	refusedDraft(t, d, "IMMEDIATE_URGENT_REPORT", "", "")
}

// refusedDraft tests that a matter is neither drafted nor rewritten so.
func refusedDraft(t *testing.T, d domain.Drafting, reason, key, value string) {
	t.Helper()
	i := immediate(t, domain.ImmediateDraft, place())
	before := i.Record()
	_, err := domain.NewImmediate("m1", onSite(t), d, noon(t, today))
	for _, err := range []error{err, i.Revise(d, noon(t, today))} {
		if f := refused(t, err, reason, "9"); key != "" && f.Meta[key] != value {
			t.Errorf("tells %v", f.Meta)
		}
	}
	if diff := cmp.Diff(before, i.Record()); diff != "" {
		t.Errorf("a refusal changed it (-before +after):\n%s", diff)
	}
}

// TestArt9WithdrawInEveryState: what the county does not have can be given up.
func TestArt9WithdrawInEveryState(t *testing.T) {
	lawful := map[domain.ImmediateState]bool{
		domain.ImmediateDraft: true, domain.ImmediateConsented: true, domain.ImmediateCityHeard: true,
	}
	for _, s := range domain.ImmediateStates() {
		i := immediate(t, s, place())
		before := i.Record()
		err := i.Withdraw("已无必要", noon(t, today))
		if lawful[s] {
			if r := i.Record(); err != nil || r.State != domain.ImmediateWithdrawn || r.WithdrawReason != "已无必要" {
				t.Errorf("%s: %+v, %v", s, r, err)
			}
			continue
		}
		refused(t, err, "IMMEDIATE_STATE_INVALID", "9")
		if diff := cmp.Diff(before, i.Record()); diff != "" {
			t.Errorf("%s: a refusal changed it (-before +after):\n%s", s, diff)
		}
	}
}

// TestArt9ResultAfterTheEndOfTheStay is taken and warned of; what counts is the day of the
// county's result and not that of the check.
func TestArt9ResultAfterTheEndOfTheStay(t *testing.T) {
	for name, tt := range map[string]struct {
		leave   workday.Date
		verdict domain.Verdict
		want    bool
	}{
		"still on site":         {workday.Date{}, domain.Pass, false},
		"left after the result": {day(t, "2024-02-27"), domain.Pass, false},
		"left on that day":      {day(t, today), domain.Pass, false},
		"left before":           {day(t, "2024-02-25"), domain.Pass, true},
		"left before, returned": {day(t, "2024-02-25"), domain.Return, false},
	} {
		t.Run(name, func(t *testing.T) {
			i := immediate(t, domain.ImmediateAnswered, place()) // answered today
			_, err := i.Verify(tt.verdict, "意见", tt.leave, noon(t, "2024-03-20"))
			ok(t, err)
			if got := i.Record().ResultAfterStay; got != tt.want {
				t.Errorf("warned: %t", got)
			}
		})
	}
}

// TestArt9ARefusalNamesTheRoute: the text of the urgent report tells where to go instead.
func TestArt9ARefusalNamesTheRoute(t *testing.T) {
	d := drafting()
	d.ConcernsProvincialCadre, d.OrdersSpecificCase = true, true
	_, err := domain.NewImmediate("m1", onSite(t), d, noon(t, today))
	if !fault.Is(err, "IMMEDIATE_URGENT_REPORT") {
		t.Errorf("the urgent report goes before everything: %v", err)
	}
}
