package domain

import (
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

const immediateState = "IMMEDIATE_STATE_INVALID"

// The moves of an immediate rectification. The county's answer is not among them:
// it is a move of its Delivery.
var (
	consentImmediate = move[ImmediateState]{[]ImmediateState{ImmediateDraft}, ImmediateConsented}
	hearCity         = move[ImmediateState]{[]ImmediateState{ImmediateConsented}, ImmediateCityHeard}
	issueImmediate   = move[ImmediateState]{[]ImmediateState{ImmediateCityHeard}, ImmediateIssued}
	returnImmediate  = move[ImmediateState]{[]ImmediateState{ImmediateAnswered}, ImmediateIssued}
	verifyImmediate  = move[ImmediateState]{[]ImmediateState{ImmediateAnswered}, ImmediateVerified}
	closeImmediate   = move[ImmediateState]{[]ImmediateState{ImmediateVerified}, ImmediateClosed}

	reviseImmediate   = move[ImmediateState]{[]ImmediateState{ImmediateDraft}, ImmediateDraft}
	withdrawImmediate = move[ImmediateState]{
		[]ImmediateState{ImmediateDraft, ImmediateConsented, ImmediateCityHeard}, ImmediateWithdrawn,
	}
)

// Revise rewrites a draft: what the leading group consented to is not changed afterwards.
func (i *Immediate) Revise(d Drafting, now time.Time) error {
	if err := i.require(reviseImmediate); err != nil {
		return err
	}
	if err := d.check(); err != nil {
		return err
	}
	i.r.Conditions, i.r.Notice, i.r.ConcernsPrincipal = d.Conditions, d.Notice, d.ConcernsPrincipal
	return i.take(reviseImmediate, now)
}

// Withdraw gives up what the county does not have yet.
func (i *Immediate) Withdraw(reason string, now time.Time) error {
	if err := i.take(withdrawImmediate, now); err != nil {
		return err
	}
	i.r.WithdrawReason = reason
	return nil
}

// Consent takes the first gate (报经领导小组同意, art. 9); covered is what scheduling says
// of the decision.
func (i *Immediate) Consent(decision string, covered bool, now time.Time) error {
	if err := i.require(consentImmediate); err != nil {
		return err
	}
	if !covered {
		return fault.Refuse(artImmediate, "IMMEDIATE_NOT_CONSENTED", "state", string(i.r.State))
	}
	i.r.Decision = decision
	return i.take(consentImmediate, now)
}

// HearCity takes the second gate (听取所在的市委意见, art. 9): the city is heard and has no
// veto, or it is on record that there is none.
func (i *Immediate) HearCity(c Consultation, now time.Time) error {
	if err := i.require(hearCity); err != nil {
		return err
	}
	if err := i.checkHearing(c, workday.DateOf(now)); err != nil {
		return err
	}
	i.r.Consultation = c
	return i.take(hearCity, now)
}

func (i *Immediate) checkHearing(c Consultation, today workday.Date) error {
	const field = "city_consultation"
	switch {
	case i.r.Place.HasCity() && c.NotApplicable != Applies:
		return fault.Refuse(artImmediate, "CITY_NOT_HEARD", "state", string(i.r.State))
	case !i.r.Place.HasCity() && c.NotApplicable == Applies:
		return fault.Refuse(artImmediate, "NO_CITY_TO_HEAR")
	case c.NotApplicable != Applies && c != Consultation{NotApplicable: c.NotApplicable}:
		return fault.InvalidField(field, "NOT_APPLICABLE_WITH_CONTENT",
			"where there is no city committee there is no date, opinion or dissent")
	case c.NotApplicable != Applies:
		return nil
	case c.Date.IsZero():
		return fault.InvalidField(field+".consult_date", "REQUIRED", "the day of the hearing is required")
	case strings.TrimSpace(c.Opinion) == "":
		return fault.InvalidField(field+".opinion", "REQUIRED", "what the city said is required")
	case !c.recorded():
		return fault.Refuse(artImmediate, "CONSULTATION_NOT_RECORDED")
	case c.Date.After(today), c.Date.Before(workday.DateOf(i.r.CreateTime)):
		return outOfOrder(artImmediate, c.Date)
	}
	return nil
}

// BypassCity takes the second gate without the city, which is implicated itself, by a
// decision of the leading group; covered is what scheduling says of it.
func (i *Immediate) BypassCity(b Bypass, covered bool, now time.Time) error {
	if err := i.require(hearCity); err != nil {
		return err
	}
	if !i.r.Place.HasCity() {
		return fault.Refuse(artImmediate, "NO_CITY_TO_HEAR")
	}
	if !covered {
		return fault.Refuse(artImmediate, "CITY_BYPASS_NOT_DECIDED")
	}
	i.r.Bypass = b
	return i.take(hearCity, now)
}

// Issue takes the third gate: with the consent and after the city was heard, the
// notice goes to the county (提出处理意见, art. 9).
func (i *Immediate) Issue(deliveryID, number, ruleSet string, now time.Time) (*Delivery, error) {
	switch i.r.State {
	case ImmediateDraft:
		return nil, fault.Refuse(artImmediate, "IMMEDIATE_NOT_CONSENTED", "state", string(i.r.State))
	case ImmediateConsented:
		return nil, fault.Refuse(artImmediate, "CITY_NOT_HEARD", "state", string(i.r.State))
	}
	if err := i.take(issueImmediate, now); err != nil {
		return nil, err
	}
	i.r.DocumentNumber, i.r.Handover = number, Handover{Delivery: deliveryID}
	return newDelivery(DeliveryRecord{
		ID: deliveryID, Place: i.r.Place, Kind: DeliverImmediate, Immediate: i.r.ID, RuleSet: ruleSet,
		DocumentNumber: number, DeliverTime: now, Content: Content{Notice: i.r.Notice},
	}), nil
}

// Verify is the group's check of the last answer, which it gives as it is then
// (督促及时进行整改, art. 9). A return has the county answer again. The result should be there
// before the stay ends, of which leave is the last day, zero while it goes on; one that
// comes later is taken all the same and warned of.
func (i *Immediate) Verify(v Verdict, opinion string, leave workday.Date, now time.Time) (Answer, error) {
	if err := i.require(verifyImmediate); err != nil {
		return Answer{}, err
	}
	m := verifyImmediate
	if v == Return {
		if strings.TrimSpace(opinion) == "" {
			return Answer{}, fault.Refuse(artImmediate, "OPINION_REQUIRED")
		}
		m = returnImmediate
	}
	checked := i.r.Handover.Answers[len(i.r.Handover.Answers)-1]
	checked.Verdict, checked.Opinion, checked.VerifyTime = v, opinion, now
	answers := append([]Answer(nil), i.r.Handover.Answers...)
	answers[len(answers)-1] = checked
	i.r.Handover.Answers = answers
	i.r.ResultAfterStay = m.to == ImmediateVerified && !leave.IsZero() && workday.DateOf(checked.AnswerTime).After(leave)
	return checked, i.take(m, now)
}

// Close ends the matter.
func (i *Immediate) Close(now time.Time) error { return i.take(closeImmediate, now) }

func (i *Immediate) require(m move[ImmediateState]) error {
	return require(i.r.State, artImmediate, immediateState, m.from...)
}

func (i *Immediate) take(m move[ImmediateState], now time.Time) error {
	if err := m.apply(&i.r.State, artImmediate, immediateState); err != nil {
		return err
	}
	i.r.UpdateTime = now
	return nil
}
