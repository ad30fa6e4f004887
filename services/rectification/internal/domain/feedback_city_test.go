package domain_test

import (
	"testing"

	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// TestArt11Consultation: who has a city consults it, who has none says so.
func TestArt11Consultation(t *testing.T) {
	for _, tt := range []struct {
		name    string
		place   domain.Place
		c       domain.Consultation
		reason  string
		article string
	}{
		{"today", place(), domain.Consultation{Date: day(t, today), Opinion: "同意"}, "", ""},
		{"dissent is no veto", place(), domain.Consultation{Date: day(t, today), Opinion: "不同意", Dissent: true}, "", ""},
		{"tomorrow", place(), domain.Consultation{Date: day(t, "2024-02-27"), Opinion: "同意"}, "DATE_OUT_OF_ORDER", "11"},
		{"no day", place(), domain.Consultation{Opinion: "电话沟通"}, "FIELD_INVALID", ""},
		{"city, yet not applicable", place(), domain.Consultation{NotApplicable: domain.NoCityCommittee}, "CITY_CONSULTATION_REQUIRED", "11"},
		{"no city, not applicable", withoutCity(), domain.Consultation{NotApplicable: domain.NoCityCommittee}, "", ""},
		{"no city, no reason", withoutCity(), domain.Consultation{}, "CITY_NOT_APPLICABLE", "11"},
		{"no city, consulted", withoutCity(), domain.Consultation{Date: day(t, today)}, "CITY_NOT_APPLICABLE", "11"},
		{"no city, reason and content", withoutCity(), domain.Consultation{Opinion: "同意", NotApplicable: domain.NoCityCommittee}, "FIELD_INVALID", ""},
		{"no city, reason and form", withoutCity(), domain.Consultation{Form: domain.ByLetter, NotApplicable: domain.NoCityCommittee}, "FIELD_INVALID", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := feedback(t, domain.FeedbackAgreed, tt.place).RecordCityConsultation(tt.c, noon(t, today))
			if tt.reason == "" {
				ok(t, err)
				return
			}
			refused(t, err, tt.reason, tt.article)
		})
	}
}

// TestArt11CityConsultedByPhoneWithNoRecord: a talk of which nothing is on file is none.
func TestArt11CityConsultedByPhoneWithNoRecord(t *testing.T) {
	for name, tt := range map[string]struct {
		opinion, record string
		form            domain.ConsultationForm
		lawful          bool
	}{
		"nothing said":        {" ", "", "", false},
		"phone, no record":    {"同意", " ", domain.ByPhone, false},
		"phone, no opinion":   {"", "市委办王主任，记录一份", domain.ByPhone, false},
		"phone, both":         {"同意", "市委办王主任，记录一份", domain.ByPhone, true},
		"letter":              {"同意", "", domain.ByLetter, true},
		"meeting":             {"同意", "", domain.InMeeting, true},
		"form not said":       {"同意", "", "", true},
		"letter, no opinion":  {"", "成委函〔2024〕1号", domain.ByLetter, false},
		"meeting, no opinion": {"", "纪要", domain.InMeeting, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := feedback(t, domain.FeedbackAgreed, place())
			c := domain.Consultation{Date: day(t, today), Opinion: tt.opinion, Form: tt.form, Record: tt.record}
			err := f.RecordCityConsultation(c, noon(t, today))
			if !tt.lawful {
				refused(t, err, "CONSULTATION_NOT_RECORDED", "11")
				return
			}
			ok(t, err)
			if f.Record().Consultation != c {
				t.Errorf("recorded %+v", f.Record().Consultation)
			}
		})
	}
}

func meeting(d workday.Date, cityLeader bool) domain.Meeting {
	return domain.Meeting{Date: d, Attendees: []domain.Attendee{
		{Name: "王", Post: "县委书记"}, {Name: "张", Post: "市委常委", CityLeadingBody: cityLeader},
	}}
}

// give gives a feedback that the city was consulted on 2024-02-20.
func give(t *testing.T, p domain.Place, m domain.Meeting) (*domain.Feedback, *domain.Delivery, error) {
	t.Helper()
	f := feedback(t, domain.FeedbackCityConsulted, p)
	d, _, err := f.Give("v1", "川巡办〔2024〕1号", m, moment(t, today))
	return f, d, err
}

// TestArt11ConsultationDatedAfterFeedback: the city is consulted before (反馈前), on the
// same day at the latest; and nothing is given in the future.
func TestArt11ConsultationDatedAfterFeedback(t *testing.T) {
	for on, lawful := range map[string]bool{
		"2024-02-19": false, "2024-02-20": true, today: true, "2024-02-27": false,
	} {
		_, _, err := give(t, place(), meeting(day(t, on), true))
		if lawful {
			ok(t, err)
			continue
		}
		if f := refused(t, err, "DATE_OUT_OF_ORDER", "11"); f.Meta["date"] != on {
			t.Errorf("tells %v", f.Meta)
		}
	}
	given := feedback(t, domain.FeedbackGiven, place())
	late := domain.Consultation{Date: day(t, today), Opinion: "同意"}
	refused(t, given.RecordCityConsultation(late, noon(t, today)), "FEEDBACK_STATE_INVALID", "11")
}

// TestArt15AttendeeIsNotALeadingBodyMember: a member of the city's leading body attends the
// meeting (art. 15(2)); no other post stands in, and a reason only where there is no city.
func TestArt15AttendeeIsNotALeadingBodyMember(t *testing.T) {
	excused := meeting(day(t, today), true)
	excused.NotApplicable = domain.NoCityCommittee
	for name, m := range map[string]domain.Meeting{
		"another post": meeting(day(t, today), false), "excused": excused,
		"nobody": {Date: day(t, today)},
	} {
		t.Run(name, func(t *testing.T) {
			f, _, err := give(t, place(), m)
			refused(t, err, "CITY_LEADER_ABSENT", "15(2)")
			if f.Record().State != domain.FeedbackCityConsulted {
				t.Errorf("became %s", f.Record().State)
			}
		})
	}
	_, d, err := give(t, place(), meeting(day(t, today), true))
	ok(t, err)
	if r := d.Record(); r.Kind != domain.DeliverFeedback || r.Feedback != "f1" || r.RuleSet != "CN-COUNTY-2012" ||
		len(r.Content.Problems) != 3 || r.DocumentNumber != "川巡办〔2024〕1号" || r.Place != place() {
		t.Errorf("delivery %+v", r)
	}
}

// TestArt15MeetingOfACountyWithNoCity: nobody of a city attends, and that is on record.
func TestArt15MeetingOfACountyWithNoCity(t *testing.T) {
	f := feedback(t, domain.FeedbackAgreed, withoutCity())
	none := domain.Consultation{NotApplicable: domain.NoCityCommittee}
	ok(t, f.RecordCityConsultation(none, noon(t, today)))
	_, _, err := f.Give("v1", "1号", meeting(day(t, today), false), moment(t, today))
	ok(t, err)
	if got := f.Record().Meeting.NotApplicable; got != domain.NoCityCommittee {
		t.Errorf("recorded %q", got)
	}
}

// startOfPlan signs for what was given to the principal on one day and to the body on another.
func startOfPlan(t *testing.T, principal, body string, change ...func(*regulation.RuleSet)) workday.Date {
	t.Helper()
	m := meeting(day(t, today), true)
	if principal != "" {
		m.PrincipalDate = day(t, principal)
	}
	_, d, err := give(t, place(), m)
	ok(t, err)
	at := moment(t, body, change...)
	ok(t, d.Acknowledge("赵", at.Now))
	opened, err := d.Open("c1", at.Rules)
	ok(t, err)
	return opened.Dues.Counted[0].Start
}

// TestArt11BodyAndPrincipalOnDifferentDays: the duty is the leading body's (领导班子), so its
// receipt starts the thirty days, unless the rule set has the first receipt by anybody do.
func TestArt11BodyAndPrincipalOnDifferentDays(t *testing.T) {
	first := func(rs *regulation.RuleSet) {
		for i, c := range rs.Clocks {
			if c.Name == regulation.PlanClock {
				rs.Clocks[i].Starts = regulation.FeedbackFirstReceived
			}
		}
	}
	for name, tt := range map[string]struct {
		principal, body, want string
		change                []func(*regulation.RuleSet)
	}{
		"the body later":                   {"2024-02-23", "2024-03-01", "2024-03-01", nil},
		"the principal not apart":          {"", "2024-03-01", "2024-03-01", nil},
		"first receipt, the principal's":   {"2024-02-23", "2024-03-01", "2024-02-23", []func(*regulation.RuleSet){first}},
		"first receipt, on the same day":   {today, today, today, []func(*regulation.RuleSet){first}},
		"first receipt, none of principal": {"", "2024-03-01", "2024-03-01", []func(*regulation.RuleSet){first}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := startOfPlan(t, tt.principal, tt.body, tt.change...); got != day(t, tt.want) {
				t.Errorf("starts on %s, want %s", got, tt.want)
			}
		})
	}
	for _, on := range []string{"2024-02-19", "2024-02-27"} { // before the city was consulted, and tomorrow
		m := meeting(day(t, today), true)
		m.PrincipalDate = day(t, on)
		_, _, err := give(t, place(), m)
		refused(t, err, "DATE_OUT_OF_ORDER", "11")
	}
}

// TestArt11FeedbackOnADayOff is lawful: the day of receipt counts, and from the next day on
// working days are counted (art. 17).
func TestArt11FeedbackOnADayOff(t *testing.T) {
	m := meeting(day(t, "2024-02-24"), true) // a Saturday
	_, d, err := give(t, place(), m)
	ok(t, err)
	at := moment(t, "2024-03-02") // a Saturday, too
	ok(t, d.Acknowledge("赵", at.Now))
	opened, err := d.Open("c1", at.Rules)
	ok(t, err)
	docket := dates{}
	docket.enter(t, at, opened.Dues)
	if r := docket[regulation.DutyPlan].Record(); r.Start != day(t, "2024-03-02") || docket.due(regulation.DutyPlan) != "2024-04-15" {
		t.Errorf("runs from %s to %s", r.Start, docket.due(regulation.DutyPlan))
	}
}

// TestArt11CountyReceivesInTwoCopies, one of them by hand: it is received once, and a second
// receipt moves nothing.
func TestArt11CountyReceivesInTwoCopies(t *testing.T) {
	_, d, err := give(t, place(), meeting(day(t, today), true))
	ok(t, err)
	ok(t, d.Acknowledge("赵", noon(t, today)))
	refused(t, d.Acknowledge("钱", noon(t, "2024-03-01")), "DELIVERY_ALREADY_RECEIVED", "11")
	if r := d.Record(); r.Receiver != "赵" || !r.ReceiveTime.Equal(noon(t, today)) {
		t.Errorf("received by %s at %s", r.Receiver, r.ReceiveTime)
	}
}
