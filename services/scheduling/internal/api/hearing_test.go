package api_test

import (
	"context"
	"fmt"
	"testing"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

func (w *world) hear(token string, b *schedulingv1.Batch, on string) (*schedulingv1.Batch, error) {
	return w.batches().RecordBatchHearing(w.as(token), &schedulingv1.RecordBatchHearingRequest{
		Name: b.GetName(), HearingDate: day(w.t, on), Etag: b.GetEtag(), RequestId: requestID(),
	})
}

func (w *world) batch(name string) *schedulingv1.Batch {
	w.t.Helper()
	return do(w.batches().GetBatch(w.as(leading), &schedulingv1.GetBatchRequest{Name: name}))(w.t)
}

// TestArt5Hearing: the leading group, or its office for it, records the hearing of a
// batch that has ended, once, from the end of the batch to today; that meets the
// obligation.
func TestArt5Hearing(t *testing.T) {
	for _, token := range []string{leading, office} {
		t.Run(token, func(t *testing.T) {
			w := newWorld(t, "2026-01-15")
			s := w.stage()
			_, err := w.hear(token, s.batch, "2026-01-15")
			refused(t, err, "BATCH_STATE_INVALID")
			i := w.onSite(s, func(int) *schedulingv1.InspectionGroup { return s.group }, jinjiang)[0]
			running := w.batch(s.batch.GetName())
			_, err = w.hear(token, running, "2026-03-02")
			if f := refused(t, err, "BATCH_STATE_INVALID"); f.Meta["state"] != "APPROVED" || f.Meta["article"] != "5" {
				t.Errorf("metadata %v", f.Meta)
			}
			hearings := `duty = "DUTY_HEARING"`
			equal(t, "before the end", w.owed(token, hearings), []string{})
			w.at("2026-03-31")
			do(w.leave(i))(t)
			b := w.batch(s.batch.GetName())
			equal(t, "after the end", w.owed(token, hearings), []string{"HEARING OPEN 2026-05-15"})
			if due := b.GetHearingDue(); text(due.GetDate()) != "2026-05-15" || due.GetClock() != "hearing" ||
				due.GetObligation() != w.listed(token, hearings)[0].GetName() || text(due.GetStartDate()) != "2026-03-31" {
				t.Errorf("due %v", due)
			}

			w.at("2026-05-18")
			for _, on := range []string{"2026-03-30", "2026-05-19"} {
				_, err = w.hear(token, b, on)
				if f := refused(t, err, "HEARING_DATE_INVALID"); f.Meta["hearing_date"] != on || f.Meta["end_date"] != "2026-03-31" ||
					f.Meta["today"] != "2026-05-18" || f.Meta["article"] != "5" {
					t.Errorf("metadata %v", f.Meta)
				}
			}
			_, err = w.hear(token, running, "2026-05-18")
			refused(t, err, "ETAG_MISMATCH")
			for _, stranger := range []string{province, member, county, city} {
				_, err = w.hear(stranger, b, "2026-05-15")
				refused(t, err, "METHOD_NOT_GRANTED")
			}
			equal(t, "refused", w.owed(token, hearings), []string{"HEARING OPEN 2026-05-15 late"})

			// A hearing in time that was recorded later was in time.
			heard := do(w.hear(token, b, "2026-05-15"))(t)
			if text(heard.GetHearingDate()) != "2026-05-15" || heard.GetEtag() == b.GetEtag() ||
				text(heard.GetHearingDue().GetDate()) != "2026-05-15" {
				t.Errorf("heard as %v", heard)
			}
			equal(t, "heard", w.owed(token, hearings), []string{"HEARING SATISFIED 2026-05-15 met 2026-05-15"})
			_, err = w.hear(token, heard, "2026-05-15")
			if f := refused(t, err, "HEARING_ALREADY_RECORDED"); f.Meta["hearing_date"] != "2026-05-15" {
				t.Errorf("metadata %v", f.Meta)
			}
			list := do(w.batches().ListBatches(w.as(token), &schedulingv1.ListBatchesRequest{Parent: sichuan}))(t).GetBatches()
			if len(list) != 1 || text(list[0].GetHearingDate()) != "2026-05-15" || list[0].GetHearingDue().GetObligation() == "" {
				t.Errorf("listed %v", list)
			}
		})
	}
}

// TestArt5RowSecurityOfTheHearing: the leading group writes nothing of a batch but
// its hearing, and that once.
func TestArt5RowSecurityOfTheHearing(t *testing.T) {
	w, i := played(t)
	db := w.db.Open(t)
	group := pgtest.As(t.Context(), principal.LeadingGroup, sichuan, "chair")
	rows := func(ctx context.Context, statement string) (n int64, err error) {
		err = db.Write(ctx, func(tx *pg.Tx) error {
			result, err := tx.SQL().Exec(statement)
			if err != nil {
				return err
			}
			n, err = result.RowsAffected()
			return err
		})
		return n, err
	}
	const hear = "UPDATE batch SET hearing_date = '2026-03-31'"
	if n, err := rows(group, hear); n != 0 || err != nil {
		t.Errorf("of a running batch: %d rows, %v", n, err)
	}
	w.at("2026-03-31")
	do(w.leave(i))(t)
	if n, err := rows(group, "UPDATE batch SET display_name = 'x'"); err == nil {
		t.Errorf("another field: %d rows", n)
	}
	if n, err := rows(group, hear); n != 1 || err != nil {
		t.Errorf("of one that ended: %d rows, %v", n, err)
	}
	if n, err := rows(group, hear); n != 0 || err != nil {
		t.Errorf("again: %d rows, %v", n, err)
	}
}

// TestArt5DecisionsMoveObligations: of any service, by a decision that names this very
// one; this service asks its own store.
func TestArt5DecisionsMoveObligations(t *testing.T) {
	w, _ := played(t)
	coverage := w.listed(office, `duty = "DUTY_COVERAGE"`)[0]
	decide := func(number string, kind schedulingv1.DecisionItem_Kind, subject string) (*schedulingv1.Decision, error) {
		return w.decisions().CreateDecision(w.as(leading), &schedulingv1.CreateDecisionRequest{
			Parent: sichuan, RequestId: requestID(), Decision: &schedulingv1.Decision{
				DocumentNumber: number, DecideDate: day(t, "2026-03-02"),
				Items: []*schedulingv1.DecisionItem{{Kind: kind, Subject: subject}},
			},
		})
	}
	const id = "0198c0de-0000-7000-8000-000000000001"
	kinds := []schedulingv1.DecisionItem_Kind{
		schedulingv1.DecisionItem_KIND_EXTEND_OBLIGATION, schedulingv1.DecisionItem_KIND_SUSPEND_OBLIGATION,
		schedulingv1.DecisionItem_KIND_RESUME_OBLIGATION, schedulingv1.DecisionItem_KIND_SHORTEN_OBLIGATION,
	}
	for n, kind := range kinds {
		of := do(decide(fmt.Sprintf("%d号", n), kind, sichuan+"/obligations/rectification-"+id))(t)
		read := do(w.decisions().GetDecision(w.as(leading), &schedulingv1.GetDecisionRequest{Name: of.GetName()}))(t)
		if read.GetItems()[0].GetKind() != kind {
			t.Errorf("stored %v as %v", kind, read)
		}
		for subject, reason := range map[string]string{
			sichuan + "/obligations/" + id: "NAME_INVALID", sichuan + "/batches/" + id: "NAME_INVALID",
			"provinces/44/obligations/rectification-" + id: "NOT_FOUND",
		} {
			_, err := decide("x号", kind, subject)
			refused(t, err, reason)
		}
	}

	extend := func(by *schedulingv1.Decision) (*obligationv1.Obligation, error) {
		return obligationv1.NewObligationDecisionServiceClient(w.edge()).ExtendObligation(w.as(office),
			&obligationv1.ExtendObligationRequest{
				Name: coverage.GetName(), Decision: by.GetName(), Days: 10, Etag: coverage.GetEtag(), RequestId: requestID(),
			})
	}
	_, err := extend(do(decide("10号", kinds[1], coverage.GetName()))(t))
	refused(t, err, "OBLIGATION_NOT_DECIDED")
	_, err = extend(&schedulingv1.Decision{Name: sichuan + "/decisions/" + id})
	refused(t, err, "NOT_FOUND")
	_, err = extend(&schedulingv1.Decision{Name: "provinces/44/decisions/" + id})
	refused(t, err, "NOT_FOUND")
	if longer := do(extend(do(decide("11号", kinds[0], coverage.GetName()))(t)))(t); text(longer.GetDueDate()) != "2027-06-09" {
		t.Errorf("extended to %v", longer)
	}
}

// TestArt9DecisionsOnImmediateRectification: consent and bypass name one by its name,
// and a deferral an item, which the rectification service checks when it asks.
func TestArt9DecisionsOnImmediateRectification(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	decide := func(number string, kind schedulingv1.DecisionItem_Kind, subject string) (*schedulingv1.Decision, error) {
		return w.decisions().CreateDecision(w.as(leading), &schedulingv1.CreateDecisionRequest{
			Parent: sichuan, RequestId: requestID(), Decision: &schedulingv1.Decision{
				DocumentNumber: number, DecideDate: day(t, "2026-03-02"),
				Items: []*schedulingv1.DecisionItem{{Kind: kind, Subject: subject}},
			},
		})
	}
	const id = "0198c0de-0000-7000-8000-000000000001"
	item := do(decide("延期一号", schedulingv1.DecisionItem_KIND_DEFER_RECTIFICATION_ITEM, sichuan+"/rectifications/"+id+"/items/"+id))(t)
	if got := item.GetItems()[0].GetKind(); got != schedulingv1.DecisionItem_KIND_DEFER_RECTIFICATION_ITEM {
		t.Errorf("stored %v", got)
	}
	_, err := decide("延期二号", schedulingv1.DecisionItem_KIND_DEFER_RECTIFICATION_ITEM, sichuan+"/rectifications/"+id)
	refused(t, err, "NAME_INVALID")
	for n, kind := range []schedulingv1.DecisionItem_Kind{
		schedulingv1.DecisionItem_KIND_CONSENT_IMMEDIATE_RECTIFICATION, schedulingv1.DecisionItem_KIND_BYPASS_CITY,
	} {
		of := do(decide(fmt.Sprintf("立行立改%d号", n), kind, sichuan+"/immediateRectifications/"+id))(t)
		read := do(w.decisions().GetDecision(w.as(leading), &schedulingv1.GetDecisionRequest{Name: of.GetName()}))(t)
		if read.GetItems()[0].GetKind() != kind {
			t.Errorf("stored %v as %v", kind, read)
		}
		_, err := decide("x号", kind, sichuan+"/rectifications/"+id)
		refused(t, err, "NAME_INVALID")
	}
}
