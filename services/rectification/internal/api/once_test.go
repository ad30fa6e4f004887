package api_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
)

// TestArt11CountyReceivesInTwoCopies: it is received once. A repeat with the same request_id
// answers the same and changes nothing; another content under it is refused; a second
// signature is refused.
func TestArt11CountyReceivesInTwoCopies(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	w.given(k)
	d := w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK)
	req := acknowledge(d)
	first := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), req))(t)
	after := w.fingerprint()
	w.at("2024-03-01")
	if again := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), req))(t); !proto.Equal(first, again) {
		t.Errorf("first %v, again %v", first, again)
	}
	other := acknowledge(d)
	other.RequestId, other.Receiver = req.GetRequestId(), "钱"
	_, err := w.deliveries.AcknowledgeDelivery(w.as(k.county), other)
	refused(t, err, "REQUEST_ID_REUSED", "")
	_, err = w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(d))
	refused(t, err, "ETAG_MISMATCH", "")
	_, err = w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(first))
	refused(t, err, "DELIVERY_ALREADY_RECEIVED", "11")
	if w.fingerprint() != after {
		t.Error("something changed")
	}
	w.wantEvents(k, "FeedbackReceived")
}

// TestArts5And11RepeatAsksNoPeer: what a decision of the leading group let through,
// or kept out, is answered again while casefile and scheduling are down.
func TestArts5And11RepeatAsksNoPeer(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	f := w.drafted(k)
	w.peers.report(k.report, k.inspection, "")
	early := confirm(f)
	_, err := w.feedbacks.ConfirmFeedbackAgreement(w.as(office), early)
	refused(t, err, "REPORT_NOT_AGREED", "11")
	w.peers.report(k.report, k.inspection, k.decision)
	confirmation := confirm(f)
	agreed := do(w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirmation))(t)

	other := w.rectifying(w.authorize("510105", "510100", "chen"))
	w.reported(other)
	closing := w.closing(other, sichuan+"/decisions/"+uuid.NewString())
	closed := do(w.cases.CloseRectification(w.as(office), closing))(t)

	w.peers.fail(true)
	_, err = w.feedbacks.ConfirmFeedbackAgreement(w.as(office), early)
	refused(t, err, "REPORT_NOT_AGREED", "11")
	if again := do(w.feedbacks.ConfirmFeedbackAgreement(w.as(office), confirmation))(t); !proto.Equal(agreed, again) {
		t.Errorf("first %v, again %v", agreed, again)
	}
	if again := do(w.cases.CloseRectification(w.as(office), closing))(t); !proto.Equal(closed, again) {
		t.Errorf("first %v, again %v", closed, again)
	}
	closing.Decision = k.decision
	_, err = w.cases.CloseRectification(w.as(office), closing)
	refused(t, err, "REQUEST_ID_REUSED", "")
}

// TestArt17TwentySignOneOpens: of twenty signatures at once one opens the case.
func TestArt17TwentySignOneOpens(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	w.given(k)
	d := w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK)
	errs := make([]error, 20)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(d)) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		f, _ := fault.As(faultstatus.FromStatus(err))
		if f.Reason != "ETAG_MISMATCH" && f.Reason != "OVERLOADED" {
			t.Errorf("a loser got %v", err)
		}
	}
	cases := do(w.cases.ListRectifications(w.as(office), &rectificationv1.ListRectificationsRequest{Parent: sichuan}))(t)
	if won != 1 || len(cases.GetRectifications()) != 1 {
		t.Errorf("%d won, %d cases", won, len(cases.GetRectifications()))
	}
	w.wantEvents(k, "FeedbackReceived")
}

// TestArt11CopyWhileThePlanIsReceived: the plan is received after the copy or not
// at all, so the city sees every item.
func TestArt11CopyWhileThePlanIsReceived(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	f, k := w.received(w.jinjiang())
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	receive := w.receivePlan(k)
	var copied, received error
	var wg sync.WaitGroup
	wg.Go(func() { _, copied = w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(f)) })
	wg.Go(func() { _, received = w.plans.ReceiveRectificationPlan(w.as(leading), receive) })
	wg.Wait()
	if copied != nil {
		t.Fatalf("copy: %v", copied)
	}
	if received != nil {
		refused(t, received, "FEEDBACK_NOT_COPIED", "11")
		do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)
	}
	if n := len(w.itemsOf(k.city, k)); n != 2 {
		t.Errorf("the city sees %d items", n)
	}
}

// TestStaleEtagIsRefused on every resource that changes.
func TestStaleEtagIsRefused(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	f := w.drafted(k)
	req := confirm(f)
	req.Etag = `"2"`
	_, err := w.feedbacks.ConfirmFeedbackAgreement(w.as(office), req)
	refused(t, err, "ETAG_MISMATCH", "")

	k = w.rectifying(w.authorize("510105", "510100", "chen"))
	item := progress(w.itemsOf(k.county, k)[0], rectificationv1.RectificationItem_STATE_DONE, 100)
	item.Etag = `"9"`
	_, err = w.items.ReportItemProgress(w.as(k.county), item)
	refused(t, err, "ETAG_MISMATCH", "")
	report := w.writeReport(k, accounts(1))
	report.Etag = `"9"`
	_, err = w.reports.UpdateRectificationReport(w.as(k.county), report)
	refused(t, err, "ETAG_MISMATCH", "")
}

// TestMembershipDecidesAtOnce: who leaves the group has lost access with the next
// call, and the event is taken once (domain.md §8).
func TestMembershipDecidesAtOnce(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	f := w.drafted(k)
	get := func(token string) error {
		_, err := w.feedbacks.GetFeedback(w.as(token), &rectificationv1.GetFeedbackRequest{Name: f.GetName()})
		return err
	}
	const wang = "INSPECTION_GROUP provinces/51 wang"
	refused(t, get(wang), "NOT_FOUND", "")
	change := w.event(k.inspection, 2, &eventv1.TaskMembershipChanged{
		Inspection: k.inspection, Members: []*eventv1.TaskMember{{Subject: "wang", DisplayName: "王", Leader: true}},
	})
	for range 2 { // a repeat changes nothing
		do(w.events.DeliverEvent(w.plain(), change))(t)
	}
	refused(t, get(k.group), "NOT_FOUND", "")
	if err := get(wang); err != nil {
		t.Fatal(err)
	}
}

// TestEventsThatCannotBeTaken are refused and leave nothing, so that they are
// parked at the sender and not lost.
func TestEventsThatCannotBeTaken(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	before := w.fingerprint()
	unknown := sichuan + "/inspections/" + uuid.NewString()
	for name, e := range map[string]struct {
		req    *eventv1.DeliverEventRequest
		reason string
	}{
		"a task twice": {w.event(k.inspection, 2, &eventv1.TaskAuthorized{
			Inspection: k.inspection, County: k.countyArea, City: k.cityArea, RuleSet: "CN-COUNTY-2012",
		}), "ALREADY_EXISTS"},
		"a rule set that is not known": {w.event(unknown, 1, &eventv1.TaskAuthorized{
			Inspection: unknown, County: k.countyArea, City: k.cityArea, RuleSet: "CN-COUNTY-1999",
		}), "INTERNAL"},
		"members of no task": {w.event(unknown, 1, &eventv1.TaskMembershipChanged{Inspection: unknown}), "NOT_FOUND"},
		"a county without a code": {w.event(unknown, 1, &eventv1.TaskAuthorized{
			Inspection: unknown, County: "provinces/51/counties/x", RuleSet: "CN-COUNTY-2012",
		}), "NAME_INVALID"},
		"a county of another province": {w.event(unknown, 1, &eventv1.TaskAuthorized{
			Inspection: unknown, County: "provinces/33/counties/330106", RuleSet: "CN-COUNTY-2012",
		}), "NOT_FOUND"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.events.DeliverEvent(w.plain(), e.req)
			f, ok := fault.As(faultstatus.FromStatus(err))
			if !ok || f.Reason != e.reason {
				t.Errorf("got %v, want %s", err, e.reason)
			}
		})
	}
	if w.fingerprint() != before {
		t.Error("something was kept")
	}
}
