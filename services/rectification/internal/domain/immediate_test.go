package domain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

func drafting() domain.Drafting {
	holds := domain.Condition{Holds: true, Text: "属实"}
	return domain.Drafting{
		Conditions: domain.Conditions{StronglyReported: holds, ClearlyAgainstRules: holds, SolvableAtOnce: holds},
		Notice:     domain.Notice{Recipient: domain.Principal, Problem: "违规收费", Proposal: "立即退还"},
	}
}

func onSite(t *testing.T) domain.Task {
	t.Helper()
	return domain.Task{Place: place(), RuleSet: "CN-COUNTY-2012", EntryDate: day(t, "2024-02-20")}
}

// answers are those of a matter in the state.
func answers(t *testing.T, s domain.ImmediateState) []domain.Answer {
	t.Helper()
	one := domain.Answer{Number: 1, Text: "已退还", Signer: "赵", AnswerTime: noon(t, today)}
	switch s {
	case domain.ImmediateAnswered:
		return []domain.Answer{one}
	case domain.ImmediateVerified, domain.ImmediateClosed:
		one.Verdict, one.VerifyTime = domain.Pass, noon(t, today)
		return []domain.Answer{one}
	}
	return nil
}

// immediate is one in the state, with what it has by then.
func immediate(t *testing.T, s domain.ImmediateState, p domain.Place) *domain.Immediate {
	t.Helper()
	d := drafting()
	r := domain.ImmediateRecord{
		ID: "m1", Place: p, Conditions: d.Conditions, Notice: d.Notice, State: s, Version: 4,
		CreateTime: noon(t, "2024-02-21"), UpdateTime: noon(t, "2024-02-21"),
	}
	if all := answers(t, s); s == domain.ImmediateIssued || len(all) > 0 {
		r.Handover = domain.Handover{Delivery: "v1", Receipt: noon(t, "2024-02-22"), Answers: all}
	}
	if s == domain.ImmediateAnswered {
		r.State = domain.ImmediateIssued // as it is stored
	}
	return domain.RehydrateImmediate(r)
}

func heard(t *testing.T, on string) domain.Consultation {
	t.Helper()
	return domain.Consultation{Date: day(t, on), Opinion: "不同意", Dissent: true}
}

// TestArt9EveryMoveInEveryState: only the gate that is next opens.
func TestArt9EveryMoveInEveryState(t *testing.T) {
	now := noon(t, today)
	for _, tt := range []struct {
		verb     string
		from, to domain.ImmediateState
		do       func(*domain.Immediate) error
		reason   map[domain.ImmediateState]string // where it is not the usual one
	}{
		{"consent", domain.ImmediateDraft, domain.ImmediateConsented, func(i *domain.Immediate) error {
			return i.Consent("d1", true, now)
		}, nil},
		{"hear", domain.ImmediateConsented, domain.ImmediateCityHeard, func(i *domain.Immediate) error {
			return i.HearCity(heard(t, today), now)
		}, nil},
		{"bypass", domain.ImmediateConsented, domain.ImmediateCityHeard, func(i *domain.Immediate) error {
			return i.BypassCity(domain.Bypass{Decision: "d2", Reason: "涉及"}, true, now)
		}, nil},
		{"issue", domain.ImmediateCityHeard, domain.ImmediateIssued, func(i *domain.Immediate) error {
			_, err := i.Issue("v1", "1号", "CN-COUNTY-2012", now)
			return err
		}, map[domain.ImmediateState]string{
			domain.ImmediateDraft: "IMMEDIATE_NOT_CONSENTED", domain.ImmediateConsented: "CITY_NOT_HEARD",
		}},
		{"verify", domain.ImmediateAnswered, domain.ImmediateVerified, func(i *domain.Immediate) error {
			_, err := i.Verify(domain.Pass, "", workday.Date{}, now)
			return err
		}, nil},
		{"return", domain.ImmediateAnswered, domain.ImmediateIssued, func(i *domain.Immediate) error {
			_, err := i.Verify(domain.Return, "不实", workday.Date{}, now)
			return err
		}, nil},
		{"revise", domain.ImmediateDraft, domain.ImmediateDraft, func(i *domain.Immediate) error {
			return i.Revise(drafting(), now)
		}, nil},
		{"close", domain.ImmediateVerified, domain.ImmediateClosed, func(i *domain.Immediate) error { return i.Close(now) }, nil},
	} {
		for _, s := range domain.ImmediateStates() {
			t.Run(tt.verb+"/"+string(s), func(t *testing.T) {
				i := immediate(t, s, place())
				before := i.Record()
				err := tt.do(i)
				if s == tt.from {
					ok(t, err)
					if r := i.Record(); r.State != tt.to || !r.UpdateTime.Equal(now) {
						t.Errorf("became %s at %s, want %s", r.State, r.UpdateTime, tt.to)
					}
					return
				}
				reason := "IMMEDIATE_STATE_INVALID"
				if r, special := tt.reason[s]; special {
					reason = r
				}
				if got := refused(t, err, reason, "9").Meta["state"]; got != string(s) {
					t.Errorf("tells the state %q", got)
				}
				if diff := cmp.Diff(before, i.Record()); diff != "" {
					t.Errorf("a refusal changed it (-before +after):\n%s", diff)
				}
			})
		}
	}
}

// TestArt9Drafting: on site, all three conditions, and not to the person whom it concerns.
func TestArt9Drafting(t *testing.T) {
	stay := func(entry, end string) func(*testing.T, *domain.Task, *domain.Drafting) {
		return func(t *testing.T, k *domain.Task, _ *domain.Drafting) {
			k.EntryDate, k.EndDate = workday.Date{}, workday.Date{}
			if entry != "" {
				k.Enter(day(t, entry))
			}
			if end != "" {
				k.EndStay(day(t, end))
			}
		}
	}
	for name, tt := range map[string]struct {
		change func(*testing.T, *domain.Task, *domain.Drafting)
		reason string
	}{
		"on site":         {stay("2024-02-20", ""), ""},
		"day of entry":    {stay(today, ""), ""},
		"before entry":    {stay("", ""), "NOT_ON_SITE"},
		"entry tomorrow":  {stay("2024-02-27", ""), "NOT_ON_SITE"},
		"left":            {stay("2024-02-01", "2024-02-25"), "NOT_ON_SITE"},
		"left today":      {stay("2024-02-01", today), "NOT_ON_SITE"},
		"entry not known": {stay("", today), "NOT_ON_SITE"},
		"not reported": {func(_ *testing.T, _ *domain.Task, d *domain.Drafting) {
			d.Conditions.StronglyReported.Holds = false
		}, "IMMEDIATE_CONDITION_UNMET"},
		"not against rules": {func(_ *testing.T, _ *domain.Task, d *domain.Drafting) {
			d.Conditions.ClearlyAgainstRules.Holds = false
		}, "IMMEDIATE_CONDITION_UNMET"},
		"not solvable at once": {func(_ *testing.T, _ *domain.Task, d *domain.Drafting) {
			d.Conditions.SolvableAtOnce.Holds = false
		}, "IMMEDIATE_CONDITION_UNMET"},
		"to the subject": {func(_ *testing.T, _ *domain.Task, d *domain.Drafting) {
			d.ConcernsPrincipal = true
		}, "RECIPIENT_IS_SUBJECT"},
		"about the principal, to the body": {func(_ *testing.T, _ *domain.Task, d *domain.Drafting) {
			d.ConcernsPrincipal, d.Notice.Recipient = true, domain.PartyOrganization
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			task, d := onSite(t), drafting()
			tt.change(t, &task, &d)
			i, err := domain.NewImmediate("m1", task, d, noon(t, today))
			if tt.reason != "" {
				refused(t, err, tt.reason, "9")
				return
			}
			ok(t, err)
			if r := i.Record(); r.State != domain.ImmediateDraft || r.Place != place() || r.Notice != d.Notice {
				t.Errorf("drafted %+v", r)
			}
		})
	}
}

// TestArt9TheFirstAnnouncementStands: a day of the stay that was announced does not move.
func TestArt9TheFirstAnnouncementStands(t *testing.T) {
	task := onSite(t)
	task.Enter(day(t, "2024-02-01"))
	task.EndStay(day(t, "2024-03-20"))
	task.EndStay(day(t, "2024-03-25"))
	if task.EntryDate != day(t, "2024-02-20") || task.EndDate != day(t, "2024-03-20") {
		t.Errorf("stay %v to %v", task.EntryDate, task.EndDate)
	}
}

// TestArt9Notice: the delivery has the final words and nothing of what led to them.
func TestArt9Notice(t *testing.T) {
	i := immediate(t, domain.ImmediateCityHeard, place())
	d, err := i.Issue("v1", "川巡三组〔2024〕1号", "CN-COUNTY-2012", noon(t, today))
	ok(t, err)
	want := domain.DeliveryRecord{
		ID: "v1", Place: place(), Kind: domain.DeliverImmediate, Immediate: "m1", RuleSet: "CN-COUNTY-2012",
		DocumentNumber: "川巡三组〔2024〕1号", DeliverTime: noon(t, today), Version: 1,
		Content: domain.Content{Notice: drafting().Notice},
	}
	if diff := cmp.Diff(want, d.Record()); diff != "" {
		t.Errorf("delivery (-want +got):\n%s", diff)
	}
	if r := i.Record(); r.Handover.Delivery != "v1" || r.DocumentNumber == "" || !domain.DeliverImmediate.ToCounty() {
		t.Errorf("issued as %+v", r)
	}
}

// notice is a delivery of a notice, signed unless received is empty.
func notice(t *testing.T, received string, answers ...domain.Answer) *domain.Delivery {
	t.Helper()
	r := domain.DeliveryRecord{
		ID: "v1", Place: place(), Kind: domain.DeliverImmediate, Immediate: "m1", RuleSet: "CN-COUNTY-2012", Version: 1, Answers: answers,
	}
	if received != "" {
		r.ReceiveTime, r.Receiver, r.Version = noon(t, received), "赵", 2
	}
	return domain.RehydrateDelivery(r)
}

// TestArt9AnswerInEveryStateOfItsDelivery: after the receipt, once, and again after each
// return.
func TestArt9AnswerInEveryStateOfItsDelivery(t *testing.T) {
	checked := func(v domain.Verdict) domain.Answer {
		a := domain.Answer{Number: 1, Text: "已办", Signer: "赵", Verdict: v}
		if v == domain.Return {
			a.Opinion = "不实"
		}
		return a
	}
	feedback := domain.RehydrateDelivery(domain.DeliveryRecord{ID: "v2", Place: place(), Kind: domain.DeliverFeedback, ReceiveTime: noon(t, today)})
	for name, tt := range map[string]struct {
		d      *domain.Delivery
		number int32 // 0: not due
	}{
		"delivered": {notice(t, ""), 0}, "signed": {notice(t, today), 1}, "answered": {notice(t, today, checked("")), 0},
		"returned": {notice(t, today, checked(domain.Return)), 2}, "passed": {notice(t, today, checked(domain.Pass)), 0},
		"a feedback": {feedback, 0},
	} {
		t.Run(name, func(t *testing.T) {
			before, edition := tt.d.Record(), tt.d.Edition()
			a, dues, err := tt.d.Answer("已退还", "赵，县委书记", noon(t, today))
			if tt.number == 0 {
				refused(t, err, "ANSWER_NOT_DUE", "9")
				if diff := cmp.Diff(before, tt.d.Record()); diff != "" {
					t.Errorf("a refusal changed it (-before +after):\n%s", diff)
				}
				return
			}
			ok(t, err)
			first := len(dues.Met) == 1 && dues.Met[0].Duty == regulation.DutyImmediate
			if a.Number != tt.number || first != (tt.number == 1) || len(dues.Counted) != 0 {
				t.Errorf("answer %+v, dues %+v", a, dues)
			}
			if tt.d.Edition() != edition+1 {
				t.Errorf("edition %d after %d", tt.d.Edition(), edition)
			}
		})
	}
}

// TestArt9ReturnNeedsAReason, which the county reads.
func TestArt9ReturnNeedsAReason(t *testing.T) {
	i := immediate(t, domain.ImmediateAnswered, place())
	_, err := i.Verify(domain.Return, " ", workday.Date{}, noon(t, today))
	refused(t, err, "OPINION_REQUIRED", "9")
	a, err := i.Verify(domain.Return, "不实", workday.Date{}, noon(t, today))
	if ok(t, err); a.Opinion != "不实" || a.Verdict != domain.Return || i.Stored() != domain.ImmediateIssued {
		t.Errorf("returned %+v", a)
	}
}

// TestArt9ReceiptStartsTheAnswerClock: fifteen working days, soft, the county's and never
// the city's; the first answer meets it and a return does not start it again.
func TestArt9ReceiptStartsTheAnswerClock(t *testing.T) {
	d, at := notice(t, ""), moment(t, today)
	ok(t, d.Acknowledge("赵", at.Now))
	refused(t, d.Acknowledge("赵", at.Now), "DELIVERY_ALREADY_RECEIVED", "9")
	dues := d.AnswerDues()
	docket := dates{}
	docket.enter(t, at, dues)
	if got := docket.due(regulation.DutyImmediate); got != "2024-03-18" {
		t.Errorf("due %s", got)
	}
	r := docket[regulation.DutyImmediate].Record()
	if !r.CountySees || r.CitySees || !r.Soft || r.Obligor != regulation.CountyBody || r.Article != "9" {
		t.Errorf("opened %+v", r)
	}
	a, met, err := d.Answer("已退还", "赵", noon(t, "2024-03-01"))
	ok(t, err)
	docket.enter(t, moment(t, "2024-03-01"), met)
	a.Verdict, a.Opinion = domain.Return, "不实"
	_, met, err = notice(t, today, a).Answer("再退", "赵", noon(t, "2024-04-01"))
	ok(t, err)
	docket.enter(t, moment(t, "2024-04-01"), met)
	if r := docket[regulation.DutyImmediate].Record(); r.SatisfyDate != day(t, "2024-03-01") || r.Late {
		t.Errorf("met %+v", r)
	}
}

// TestArt9ReceiptAndAnswerAreChanges that callers see by another edition.
func TestArt9ReceiptAndAnswerAreChanges(t *testing.T) {
	for s, want := range map[domain.ImmediateState]int64{
		domain.ImmediateCityHeard: 4, domain.ImmediateIssued: 5, domain.ImmediateAnswered: 6,
	} {
		if got := immediate(t, s, place()).Edition(); got != want {
			t.Errorf("%s: edition %d, want %d", s, got, want)
		}
	}
}
