package api

import (
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

func decodeDrafting(m *rectificationv1.ImmediateRectification) domain.Drafting {
	return domain.Drafting{
		Conditions: domain.Conditions{
			StronglyReported:    decodeCondition(m.GetStronglyReported()),
			ClearlyAgainstRules: decodeCondition(m.GetClearlyAgainstRules()),
			SolvableAtOnce:      decodeCondition(m.GetSolvableAtOnce()),
		},
		Notice: domain.Notice{
			Recipient: decodeEnum[domain.Recipient](m.GetRecipient(), prefixRecipient),
			Problem:   m.GetProblem(), Proposal: m.GetProposal(),
		},
		ConcernsPrincipal: m.GetConcernsPrincipal(), OrdersSpecificCase: m.GetOrdersSpecificCase(),
		ConcernsProvincialCadre: m.GetConcernsProvincialCadre(),
	}
}

func decodeCondition(m *rectificationv1.ImmediateCondition) domain.Condition {
	return domain.Condition{Holds: m.GetHolds(), Text: m.GetText()}
}

func encodeCondition(c domain.Condition) *rectificationv1.ImmediateCondition {
	return &rectificationv1.ImmediateCondition{Holds: c.Holds, Text: c.Text}
}

// encodedImmediate writes one with the date of its answer.
func (d Deps) encodedImmediate(tx *pg.Tx, i *domain.Immediate) (*rectificationv1.ImmediateRectification, error) {
	all, err := d.encodedImmediates(tx, []*domain.Immediate{i})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// encodedImmediates reads the dates of a page of them at once.
func (d Deps) encodedImmediates(tx *pg.Tx, matters []*domain.Immediate) ([]*rectificationv1.ImmediateRectification, error) {
	var notices []string
	for _, i := range matters {
		if name := noticeOf(i); name != "" {
			notices = append(notices, name)
		}
	}
	dates, err := d.Docket.DatesOf(tx, notices...)
	if err != nil {
		return nil, err
	}
	return mapped(matters, func(i *domain.Immediate) *rectificationv1.ImmediateRectification {
		return encodeImmediate(i, told(dates[noticeOf(i)], regulation.DutyImmediate))
	}), nil
}

// noticeOf is the delivery of the notice, which is the subject of the duty to answer: by
// that name the county knows it.
func noticeOf(i *domain.Immediate) string {
	return nameOf(deliveryName, i.Record().Place.Province, i.Record().Handover.Delivery)
}

func encodeImmediate(i *domain.Immediate, due *regulationv1.StatutoryDate) *rectificationv1.ImmediateRectification {
	r := i.Record()
	m := &rectificationv1.ImmediateRectification{
		Name:                immediateName.Format(r.Place.Province, r.ID),
		Inspection:          inspectionOf(r.Place),
		County:              countyOf(r.Place),
		City:                cityOf(r.Place),
		StronglyReported:    encodeCondition(r.Conditions.StronglyReported),
		ClearlyAgainstRules: encodeCondition(r.Conditions.ClearlyAgainstRules),
		SolvableAtOnce:      encodeCondition(r.Conditions.SolvableAtOnce),
		Problem:             r.Notice.Problem,
		Proposal:            r.Notice.Proposal,
		ConcernsPrincipal:   r.ConcernsPrincipal,
		Recipient:           encodeEnum[rectificationv1.NoticeRecipient](r.Notice.Recipient, prefixRecipient),
		State:               encodeEnum[rectificationv1.ImmediateRectification_State](r.State, prefixState),
		Decision:            nameOf(decisionName, r.Place.Province, r.Decision),
		CityConsultation:    encodeConsultation(r.Consultation),
		BypassDecision:      nameOf(decisionName, r.Place.Province, r.Bypass.Decision),
		BypassReason:        r.Bypass.Reason,
		DocumentNumber:      r.DocumentNumber,
		WithdrawReason:      r.WithdrawReason,
		ResultAfterStay:     r.ResultAfterStay,
		Delivery:            noticeOf(i),
		AnswerDue:           due,
		Answers:             mapped(r.Handover.Answers, encodeAnswer),
		CreateTime:          wire.Time(r.CreateTime),
		UpdateTime:          wire.Time(r.UpdateTime),
		Etag:                etag.Format(i.Edition()),
	}
	if !r.Handover.Receipt.IsZero() {
		m.ReceiveDate = wire.Date(workday.DateOf(r.Handover.Receipt))
	}
	for _, changed := range i.Outside() {
		if changed.After(m.GetUpdateTime().AsTime()) {
			m.UpdateTime = wire.Time(changed)
		}
	}
	return m
}

func encodeAnswer(a domain.Answer) *rectificationv1.DeliveryAnswer {
	return &rectificationv1.DeliveryAnswer{
		Text: a.Text, Signer: a.Signer, AnswerTime: wire.Time(a.AnswerTime),
		Verdict: encodeEnum[rectificationv1.Verdict](a.Verdict, prefixVerdict), Opinion: a.Opinion,
		VerifyTime: wire.Time(a.VerifyTime),
	}
}
