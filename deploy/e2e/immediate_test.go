package e2e_test

import (
	"testing"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// draftAtOnce takes a matter of immediate rectification up to its notice (art. 9).
func (l *life) draftAtOnce(t *testing.T) *rectificationv1.ImmediateRectification {
	office, leader := as(t, "office", "INSPECTION_OFFICE", sichuan), as(t, l.leader, "INSPECTION_GROUP", sichuan)
	matters := rectificationv1.NewImmediateRectificationServiceClient(conn(t, "rectification"))
	holds := func() *rectificationv1.ImmediateCondition {
		return &rectificationv1.ImmediateCondition{Holds: true, Text: internal("依据")}
	}
	draft := &rectificationv1.CreateImmediateRectificationRequest{Parent: sichuan, RequestId: rid(),
		ImmediateRectification: &rectificationv1.ImmediateRectification{Inspection: l.inspection, Problem: l.says("违规收费"), Proposal: l.says("立即退还"),
			StronglyReported: holds(), ClearlyAgainstRules: holds(), SolvableAtOnce: holds(),
			Recipient: rectificationv1.NoticeRecipient_NOTICE_RECIPIENT_PARTY_ORGANIZATION}}
	var m *rectificationv1.ImmediateRectification
	eventually(t, func() (err error) { // the entry is announced a moment later
		m, err = matters.CreateImmediateRectification(leader, draft)
		return err
	})
	l.matter = m.Name
	decision := l.decide(t, schedulingv1.DecisionItem_KIND_CONSENT_IMMEDIATE_RECTIFICATION, l.matter)
	m = must[*rectificationv1.ImmediateRectification](t)(matters.ConfirmImmediateRectificationConsent(office,
		&rectificationv1.ConfirmImmediateRectificationConsentRequest{Name: m.Name, Decision: decision, Etag: m.Etag, RequestId: rid()}))
	return must[*rectificationv1.ImmediateRectification](t)(matters.HearCity(leader, &rectificationv1.HearCityRequest{Name: m.Name, Etag: m.Etag, RequestId: rid(),
		CityConsultation: &rectificationv1.CityConsultation{ConsultDate: day(2012, 10, 15), Opinion: internal("市委意见")}}))
}

// issueAtOnce hands the notice to the county.
func (l *life) issueAtOnce(t *testing.T) {
	m := l.draftAtOnce(t)
	matters := rectificationv1.NewImmediateRectificationServiceClient(conn(t, "rectification"))
	l.notified = must[*rectificationv1.ImmediateRectification](t)(matters.IssueImmediateRectification(as(t, l.leader, "INSPECTION_GROUP", sichuan),
		&rectificationv1.IssueImmediateRectificationRequest{Name: m.Name, DocumentNumber: "立改 " + l.leader, Etag: m.Etag, RequestId: rid()})).Delivery
}

// rectifyAtOnce has the county answer the notice.
func (l *life) rectifyAtOnce(t *testing.T) {
	l.issueAtOnce(t)
	county := as(t, "clerk", "COUNTY_COMMITTEE", l.county)
	deliveries := rectificationv1.NewDeliveryServiceClient(conn(t, "rectification"))
	d := must[*rectificationv1.Delivery](t)(deliveries.GetDelivery(county, &rectificationv1.GetDeliveryRequest{Name: l.notified}))
	d = must[*rectificationv1.Delivery](t)(deliveries.AcknowledgeDelivery(county,
		&rectificationv1.AcknowledgeDeliveryRequest{Name: d.Name, Receiver: "主任", Etag: d.Etag, RequestId: rid()}))
	must[*rectificationv1.Delivery](t)(deliveries.AnswerDelivery(county,
		&rectificationv1.AnswerDeliveryRequest{Name: d.Name, Text: "已退还", Signer: "县委书记", Etag: d.Etag, RequestId: rid()}))
}
