package api_test

import (
	"testing"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

// TestArt9DraftIsRewritten by the rules of drafting, as far as the mask says, and no more
// once the leading group consented.
func TestArt9DraftIsRewritten(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	m := w.draftedMatter(k)
	req := rewrite(m, "proposal")
	m = once(t, w, func() (*rectificationv1.ImmediateRectification, error) {
		return w.matters.UpdateImmediateRectification(w.as(k.group), req)
	})
	if m.GetProposal() != "立即清退" || m.GetProblem() != "违规收费" || m.GetState() != rectificationv1.ImmediateRectification_STATE_DRAFT {
		t.Errorf("rewritten as %v", m)
	}
	for reason, change := range map[string]func(*rectificationv1.ImmediateRectification) string{
		"IMMEDIATE_CONDITION_UNMET": func(m *rectificationv1.ImmediateRectification) string {
			m.SolvableAtOnce.Holds = false
			return "solvable_at_once"
		},
		"RECIPIENT_IS_SUBJECT": func(m *rectificationv1.ImmediateRectification) string {
			m.ConcernsPrincipal = true
			return "concerns_principal"
		},
		"IMMEDIATE_SPECIFIC_CASE": func(m *rectificationv1.ImmediateRectification) string {
			m.OrdersSpecificCase = true
			return "orders_specific_case"
		},
		"IMMEDIATE_URGENT_REPORT": func(m *rectificationv1.ImmediateRectification) string {
			m.ConcernsProvincialCadre = true
			return "concerns_provincial_cadre"
		},
	} {
		req := rewrite(m)
		req.UpdateMask = mask(change(req.GetImmediateRectification()))
		_, err := w.matters.UpdateImmediateRectification(w.as(k.group), req)
		refused(t, err, reason, "9")
		create := draftMatter(k)
		change(create.GetImmediateRectification())
		_, err = w.matters.CreateImmediateRectification(w.as(k.group), create)
		refused(t, err, reason, "9")
	}
	for _, path := range []string{"state", "decision", "inspection", ""} {
		_, err := w.matters.UpdateImmediateRectification(w.as(k.group), rewrite(m, path))
		refused(t, err, "FIELD_INVALID", "")
	}
	empty := rewrite(m, "problem")
	empty.ImmediateRectification.Problem = ""
	_, err := w.matters.UpdateImmediateRectification(w.as(k.group), empty)
	refused(t, err, "FIELD_INVALID", "")
	m = do(w.matters.ConfirmImmediateRectificationConsent(w.as(office), w.consent(m)))(t)
	_, err = w.matters.UpdateImmediateRectification(w.as(k.group), rewrite(m, "proposal"))
	refused(t, err, "IMMEDIATE_STATE_INVALID", "9")
}

// TestArt9WithdrawnBeforeTheIssue: from each state before it, and then it is over.
func TestArt9WithdrawnBeforeTheIssue(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	for name, m := range map[string]*rectificationv1.ImmediateRectification{
		"drafted": w.draftedMatter(k), "consented": w.consentedMatter(k), "heard": w.heardMatter(k),
	} {
		t.Run(name, func(t *testing.T) {
			req := withdraw(m)
			m = once(t, w, func() (*rectificationv1.ImmediateRectification, error) {
				return w.matters.WithdrawImmediateRectification(w.as(k.group), req)
			})
			if m.GetState() != rectificationv1.ImmediateRectification_STATE_WITHDRAWN || m.GetWithdrawReason() != "问题已解决" {
				t.Errorf("withdrawn as %v", m)
			}
			_, err := w.matters.IssueImmediateRectification(w.as(k.group), issue(m))
			refused(t, err, "IMMEDIATE_STATE_INVALID", "9")
			_, err = w.matters.WithdrawImmediateRectification(w.as(k.group), withdraw(m))
			refused(t, err, "IMMEDIATE_STATE_INVALID", "9")
		})
	}
	if all := w.deliveriesOf(k.county); len(all) != 0 {
		t.Errorf("the county has %v", all)
	}
	_, err := w.matters.WithdrawImmediateRectification(w.as(k.group), withdraw(w.issuedMatter(k)))
	refused(t, err, "IMMEDIATE_STATE_INVALID", "9")
}

// TestArt9ResultAfterTheStayIsWarnedOf inside, for good, and the county learns nothing of it.
func TestArt9ResultAfterTheStayIsWarnedOf(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	m := w.issuedMatter(k)
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.notice(k))))(t)
	w.at("2024-03-01")
	w.leave(k)
	w.at("2024-03-02")
	do(w.deliveries.AnswerDelivery(w.as(k.county), answerTo(d)))(t)
	if m = w.matter(m.GetName()); m.GetResultAfterStay() {
		t.Error("warned of before the group looked")
	}
	m = do(w.matters.VerifyImmediateRectification(w.as(k.group), verify(m, passes, "")))(t)
	do(w.matters.CloseImmediateRectification(w.as(office), closeMatter(m)))(t)
	for _, token := range []string{office, leading, k.group} {
		got := do(w.matters.GetImmediateRectification(w.as(token), &rectificationv1.GetImmediateRectificationRequest{Name: m.GetName()}))(t)
		if !got.GetResultAfterStay() || got.GetState() != rectificationv1.ImmediateRectification_STATE_CLOSED {
			t.Errorf("%s reads %v", token, got)
		}
	}
}

// deliveriesOf are those that a token has.
func (w *world) deliveriesOf(token string) []*rectificationv1.Delivery {
	w.t.Helper()
	return do(w.deliveries.ListDeliveries(w.as(token), &rectificationv1.ListDeliveriesRequest{Parent: sichuan}))(w.t).GetDeliveries()
}
