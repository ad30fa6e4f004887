package api_test

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

const (
	pass     = rectificationv1.Verdict_VERDICT_PASS
	sendBack = rectificationv1.Verdict_VERDICT_RETURN
	noCity   = rectificationv1.NotApplicableReason_NOT_APPLICABLE_REASON_NO_CITY_COMMITTEE
)

// Requests about items.

func cityVerdict(i *rectificationv1.RectificationItem, v rectificationv1.Verdict, opinion string) *rectificationv1.VerifyItemByCityRequest {
	return &rectificationv1.VerifyItemByCityRequest{
		Name: i.GetName(), Verdict: v, Opinion: opinion, Etag: i.GetEtag(), RequestId: requestID(),
	}
}

func verdict(i *rectificationv1.RectificationItem, v rectificationv1.Verdict, opinion string) *rectificationv1.VerifyItemRequest {
	return &rectificationv1.VerifyItemRequest{
		Name: i.GetName(), Verdict: v, Opinion: opinion, Etag: i.GetEtag(), RequestId: requestID(),
	}
}

func closeItem(i *rectificationv1.RectificationItem) *rectificationv1.CloseItemRequest {
	return &rectificationv1.CloseItemRequest{Name: i.GetName(), Etag: i.GetEtag(), RequestId: requestID()}
}

// deferral puts an item off to a day, by a decision that names it.
func (w *world) deferral(i *rectificationv1.RectificationItem, due string) *rectificationv1.DeferItemRequest {
	w.t.Helper()
	decision := sichuan + "/decisions/" + uuid.NewString()
	w.peers.decide(decision, schedulingv1.DecisionItem_KIND_DEFER_RECTIFICATION_ITEM, i.GetName())
	return &rectificationv1.DeferItemRequest{
		Name: i.GetName(), Decision: decision, Reason: "资金未到位", DueDate: day(w.t, due), Etag: i.GetEtag(), RequestId: requestID(),
	}
}

func (w *world) lookBack(i *rectificationv1.RectificationItem) *rectificationv1.LookBackAtItemRequest {
	w.t.Helper()
	return &rectificationv1.LookBackAtItemRequest{
		Name: i.GetName(), Reason: "问题反弹", Description: "再整改", Owner: "李，副县长", DueDate: day(w.t, "2025-06-30"),
		Etag: i.GetEtag(), RequestId: requestID(),
	}
}

// batch reports all of the items done, each with a document of its own.
func batch(k task, items ...*rectificationv1.RectificationItem) *rectificationv1.BatchReportItemProgressRequest {
	req := &rectificationv1.BatchReportItemProgressRequest{Parent: k.rectification, RequestId: requestID()}
	for _, i := range items {
		n := i.GetMeasure().GetNumber()
		req.Updates = append(req.Updates, &rectificationv1.ItemProgress{
			Number: n, State: rectificationv1.RectificationItem_STATE_DONE, Percent: 100, Progress: fmt.Sprintf("完成第%d项", n),
			Evidence: []*rectificationv1.Evidence{{Sha256: hash(int(n)), Title: "会议纪要"}}, Etag: i.GetEtag(),
		})
	}
	return req
}

// hash is the hash of some document.
func hash(n int) string { return fmt.Sprintf("%064x", n) }

// withMeasures gives a task with so many items; word tells its measures from others'.
func (w *world) withMeasures(k task, n int, word string) task {
	w.t.Helper()
	k = w.planning(k)
	var answers [][]int32
	for range n {
		answers = append(answers, []int32{1, 2, 3})
	}
	all := w.measures(answers...)
	for i, m := range all {
		m.Description = strings.Repeat(fmt.Sprintf("%s第%d项措施；", word, i+1), 3)
	}
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, all)))(w.t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(w.t)
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, pass, "")))(w.t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(w.t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(w.t)
	return k
}

// itemAs reads the n-th item of a task, from 0.
func (w *world) itemAs(token string, k task, n int) *rectificationv1.RectificationItem {
	w.t.Helper()
	return w.itemsOf(token, k)[n]
}

// doneItem gives the first item of a task, claimed done.
func (w *world) doneItem(k task) *rectificationv1.RectificationItem {
	w.t.Helper()
	return do(w.items.ReportItemProgress(w.as(k.county), progress(w.itemAs(k.county, k, 0), rectificationv1.RectificationItem_STATE_DONE, 100)))(w.t)
}

// closedItem gives the first item of a task, closed: the city verified it if there
// is one, the group, and the office closed.
func (w *world) closedItem(k task) *rectificationv1.RectificationItem {
	w.t.Helper()
	i := w.doneItem(k)
	if k.city != "" {
		i = do(w.items.VerifyItemByCity(w.as(k.liaison), cityVerdict(i, pass, "")))(w.t)
	}
	v := verdict(i, pass, "")
	if k.city == "" {
		v.NotApplicableReason = noCity
	}
	i = do(w.items.VerifyItem(w.as(k.group), v))(w.t)
	return do(w.items.CloseItem(w.as(office), closeItem(i)))(w.t)
}

// updates lists the steps of an item.
func (w *world) updates(token string, i *rectificationv1.RectificationItem) []*rectificationv1.ProgressUpdate {
	w.t.Helper()
	return do(w.items.ListProgressUpdates(w.as(token), &rectificationv1.ListProgressUpdatesRequest{Parent: i.GetName()}))(w.t).GetProgressUpdates()
}
