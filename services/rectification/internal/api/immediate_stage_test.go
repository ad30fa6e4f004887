package api_test

import (
	"github.com/google/uuid"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

const passes, returns = rectificationv1.Verdict_VERDICT_PASS, rectificationv1.Verdict_VERDICT_RETURN

// enter has the group of a task enter its county today.
func (w *world) enter(k task) task {
	w.t.Helper()
	w.announce(k.inspection, 2, &eventv1.InspectionEntered{Inspection: k.inspection, EntryDate: w.today()})
	return k
}

// leave has it leave today.
func (w *world) leave(k task) {
	w.t.Helper()
	w.announce(k.inspection, 3, &eventv1.OnSiteEnded{Inspection: k.inspection, EndDate: w.today()})
}

// Requests that the gates of art. 9 let through.

func draftMatter(k task) *rectificationv1.CreateImmediateRectificationRequest {
	holds := func() *rectificationv1.ImmediateCondition {
		return &rectificationv1.ImmediateCondition{Holds: true, Text: "内部依据"}
	}
	return &rectificationv1.CreateImmediateRectificationRequest{
		Parent: sichuan, RequestId: requestID(),
		ImmediateRectification: &rectificationv1.ImmediateRectification{
			Inspection: k.inspection, StronglyReported: holds(), ClearlyAgainstRules: holds(), SolvableAtOnce: holds(),
			Problem: "违规收费", Proposal: "立即退还", Recipient: rectificationv1.NoticeRecipient_NOTICE_RECIPIENT_PRINCIPAL,
		},
	}
}

// rewrite changes fields of a draft.
func rewrite(m *rectificationv1.ImmediateRectification, paths ...string) *rectificationv1.UpdateImmediateRectificationRequest {
	next := draftMatter(task{}).GetImmediateRectification()
	next.Name, next.Problem, next.Proposal = m.GetName(), "违规集资", "立即清退"
	return &rectificationv1.UpdateImmediateRectificationRequest{
		ImmediateRectification: next, UpdateMask: mask(paths...), Etag: m.GetEtag(), RequestId: requestID(),
	}
}

func withdraw(m *rectificationv1.ImmediateRectification) *rectificationv1.WithdrawImmediateRectificationRequest {
	return &rectificationv1.WithdrawImmediateRectificationRequest{
		Name: m.GetName(), Reason: "问题已解决", Etag: m.GetEtag(), RequestId: requestID(),
	}
}

// consent has the leading group consent to a matter.
func (w *world) consent(m *rectificationv1.ImmediateRectification) *rectificationv1.ConfirmImmediateRectificationConsentRequest {
	decision := sichuan + "/decisions/" + uuid.NewString()
	w.peers.decide(decision, schedulingv1.DecisionItem_KIND_CONSENT_IMMEDIATE_RECTIFICATION, m.GetName())
	return &rectificationv1.ConfirmImmediateRectificationConsentRequest{
		Name: m.GetName(), Decision: decision, Etag: m.GetEtag(), RequestId: requestID(),
	}
}

func (w *world) hear(m *rectificationv1.ImmediateRectification) *rectificationv1.HearCityRequest {
	return &rectificationv1.HearCityRequest{
		Name: m.GetName(), Etag: m.GetEtag(), RequestId: requestID(),
		CityConsultation: &rectificationv1.CityConsultation{ConsultDate: w.today(), Opinion: "市委不同意", Dissent: true},
	}
}

// bypass has the leading group decide that the city is not heard.
func (w *world) bypass(m *rectificationv1.ImmediateRectification) *rectificationv1.BypassCityRequest {
	decision := sichuan + "/decisions/" + uuid.NewString()
	w.peers.decide(decision, schedulingv1.DecisionItem_KIND_BYPASS_CITY, m.GetName())
	return &rectificationv1.BypassCityRequest{
		Name: m.GetName(), Decision: decision, Reason: "市委主要负责人涉及该问题", Etag: m.GetEtag(), RequestId: requestID(),
	}
}

func issue(m *rectificationv1.ImmediateRectification) *rectificationv1.IssueImmediateRectificationRequest {
	return &rectificationv1.IssueImmediateRectificationRequest{
		Name: m.GetName(), DocumentNumber: "川巡三组〔2024〕4号", Etag: m.GetEtag(), RequestId: requestID(),
	}
}

func answerTo(d *rectificationv1.Delivery) *rectificationv1.AnswerDeliveryRequest {
	return &rectificationv1.AnswerDeliveryRequest{
		Name: d.GetName(), Text: "已全部退还", Signer: "赵，县委书记", Etag: d.GetEtag(), RequestId: requestID(),
	}
}

func verify(m *rectificationv1.ImmediateRectification, v rectificationv1.Verdict, opinion string) *rectificationv1.VerifyImmediateRectificationRequest {
	return &rectificationv1.VerifyImmediateRectificationRequest{
		Name: m.GetName(), Verdict: v, Opinion: opinion, Etag: m.GetEtag(), RequestId: requestID(),
	}
}

func closeMatter(m *rectificationv1.ImmediateRectification) *rectificationv1.CloseImmediateRectificationRequest {
	return &rectificationv1.CloseImmediateRectificationRequest{Name: m.GetName(), Etag: m.GetEtag(), RequestId: requestID()}
}

// The stages, each from a fresh task on site.

func (w *world) matter(name string) *rectificationv1.ImmediateRectification {
	w.t.Helper()
	return do(w.matters.GetImmediateRectification(w.as(office), &rectificationv1.GetImmediateRectificationRequest{Name: name}))(w.t)
}

// notice gives the notice as the county has it.
func (w *world) notice(k task) *rectificationv1.Delivery {
	w.t.Helper()
	return w.delivery(k.county, rectificationv1.Delivery_KIND_IMMEDIATE_RECTIFICATION)
}

func (w *world) draftedMatter(k task) *rectificationv1.ImmediateRectification {
	w.t.Helper()
	return do(w.matters.CreateImmediateRectification(w.as(k.group), draftMatter(k)))(w.t)
}

func (w *world) consentedMatter(k task) *rectificationv1.ImmediateRectification {
	w.t.Helper()
	return do(w.matters.ConfirmImmediateRectificationConsent(w.as(office), w.consent(w.draftedMatter(k))))(w.t)
}

func (w *world) heardMatter(k task) *rectificationv1.ImmediateRectification {
	w.t.Helper()
	return do(w.matters.HearCity(w.as(k.group), w.hear(w.consentedMatter(k))))(w.t)
}

func (w *world) issuedMatter(k task) *rectificationv1.ImmediateRectification {
	w.t.Helper()
	return do(w.matters.IssueImmediateRectification(w.as(k.group), issue(w.heardMatter(k))))(w.t)
}

// answeredMatter gives one that the county signed for and answered.
func (w *world) answeredMatter(k task) *rectificationv1.ImmediateRectification {
	w.t.Helper()
	m := w.issuedMatter(k)
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.notice(k))))(w.t)
	do(w.deliveries.AnswerDelivery(w.as(k.county), answerTo(d)))(w.t)
	return w.matter(m.GetName())
}
