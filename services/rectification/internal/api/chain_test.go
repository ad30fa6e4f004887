package api_test

import (
	"google.golang.org/genproto/googleapis/type/date"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func (w *world) today() *date.Date { return day(w.t, workday.DateOf(w.clock.Now()).String()) }

// Readings that have to succeed.

func (w *world) feedback(name string) *rectificationv1.Feedback {
	w.t.Helper()
	return do(w.feedbacks.GetFeedback(w.as(office), &rectificationv1.GetFeedbackRequest{Name: name}))(w.t)
}

// delivery gives the newest delivery of the kind that the body has.
func (w *world) delivery(token string, kind rectificationv1.Delivery_Kind) *rectificationv1.Delivery {
	w.t.Helper()
	all := do(w.deliveries.ListDeliveries(w.as(token), &rectificationv1.ListDeliveriesRequest{Parent: sichuan}))(w.t)
	var found *rectificationv1.Delivery
	for _, d := range all.GetDeliveries() {
		if d.GetKind() == kind {
			found = d
		}
	}
	if found == nil {
		w.t.Fatalf("%s has no delivery of %v", token, kind)
	}
	return found
}

func (w *world) rectification(token string, k task) *rectificationv1.Rectification {
	w.t.Helper()
	return do(w.cases.GetRectification(w.as(token), &rectificationv1.GetRectificationRequest{Name: k.rectification}))(w.t)
}

func (w *world) plan(token string, k task) *rectificationv1.RectificationPlan {
	w.t.Helper()
	return do(w.plans.GetRectificationPlan(w.as(token), &rectificationv1.GetRectificationPlanRequest{Name: k.plan()}))(w.t)
}

func (w *world) planVersions(token string, k task) []*rectificationv1.RectificationPlanVersion {
	w.t.Helper()
	return do(w.versions.ListRectificationPlanVersions(w.as(token), &rectificationv1.ListRectificationPlanVersionsRequest{Parent: k.plan()}))(w.t).GetRectificationPlanVersions()
}

func (w *world) report(token string, k task) *rectificationv1.RectificationReport {
	w.t.Helper()
	return do(w.reports.GetRectificationReport(w.as(token), &rectificationv1.GetRectificationReportRequest{Name: k.reportName()}))(w.t)
}

func (w *world) itemsOf(token string, k task) []*rectificationv1.RectificationItem {
	w.t.Helper()
	return do(w.items.ListRectificationItems(w.as(token), &rectificationv1.ListRectificationItemsRequest{Parent: k.rectification}))(w.t).GetRectificationItems()
}

// Requests along the chain of art. 17, with the etag as it is now.

// measures gives one measure for each list of problems.
func (w *world) measures(answers ...[]int32) []*rectificationv1.Measure {
	var out []*rectificationv1.Measure
	for i, problems := range answers {
		out = append(out, &rectificationv1.Measure{
			Number: int32(i + 1), ProblemNumbers: problems, Description: "制定制度", Owner: "李", OwnerPost: "县委副书记", DueDate: w.today(),
			AcceptanceTest: "制度印发并公开",
		})
	}
	return out
}

func (w *world) writePlan(k task, measures []*rectificationv1.Measure) *rectificationv1.UpdateRectificationPlanRequest {
	w.t.Helper()
	return &rectificationv1.UpdateRectificationPlanRequest{
		RectificationPlan: &rectificationv1.RectificationPlan{Name: k.plan(), Measures: measures},
		UpdateMask:        mask("measures"), Etag: w.plan(k.county, k).GetEtag(), RequestId: requestID(),
	}
}

func (w *world) submitPlan(k task) *rectificationv1.SubmitRectificationPlanRequest {
	w.t.Helper()
	return &rectificationv1.SubmitRectificationPlanRequest{
		Name: k.plan(), Signer: "王", SignerPost: "县委书记", TruthfulnessCommitment: true, Etag: w.plan(k.county, k).GetEtag(), RequestId: requestID(),
	}
}

func (w *world) withdrawPlan(k task) *rectificationv1.WithdrawRectificationPlanRequest {
	w.t.Helper()
	return &rectificationv1.WithdrawRectificationPlanRequest{
		Name: k.plan(), Reason: "责任分工需要调整", Etag: w.plan(k.county, k).GetEtag(), RequestId: requestID(),
	}
}

func (w *world) reviewPlan(k task, v rectificationv1.Verdict, opinion string) *rectificationv1.ReviewRectificationPlanRequest {
	w.t.Helper()
	return &rectificationv1.ReviewRectificationPlanRequest{
		Name: k.plan(), Verdict: v, Opinion: opinion, Etag: w.plan(k.county, k).GetEtag(), RequestId: requestID(),
	}
}

func (w *world) forwardPlan(k task) *rectificationv1.ForwardRectificationPlanRequest {
	w.t.Helper()
	return &rectificationv1.ForwardRectificationPlanRequest{
		Name: k.plan(), Etag: w.plan(k.county, k).GetEtag(), RequestId: requestID(),
	}
}

func (w *world) receivePlan(k task) *rectificationv1.ReceiveRectificationPlanRequest {
	w.t.Helper()
	return &rectificationv1.ReceiveRectificationPlanRequest{
		Name: k.plan(), Etag: w.plan(k.county, k).GetEtag(), RequestId: requestID(),
	}
}

// accounts gives an account of each of these items.
func accounts(numbers ...int32) []*rectificationv1.ItemAccount {
	var out []*rectificationv1.ItemAccount
	for _, n := range numbers {
		out = append(out, &rectificationv1.ItemAccount{
			Number: n, State: rectificationv1.RectificationItem_STATE_BASICALLY_DONE, Evidence: "已出台制度3项",
		})
	}
	return out
}

func (w *world) writeReport(k task, accounts []*rectificationv1.ItemAccount) *rectificationv1.UpdateRectificationReportRequest {
	w.t.Helper()
	return &rectificationv1.UpdateRectificationReportRequest{
		RectificationReport: &rectificationv1.RectificationReport{Name: k.reportName(), Accounts: accounts},
		UpdateMask:          mask("accounts"), Etag: w.report(k.county, k).GetEtag(), RequestId: requestID(),
	}
}

func (w *world) submitReport(k task) *rectificationv1.SubmitRectificationReportRequest {
	w.t.Helper()
	return &rectificationv1.SubmitRectificationReportRequest{
		Name: k.reportName(), Signer: "王", SignerPost: "县委书记", TruthfulnessCommitment: true, Etag: w.report(k.county, k).GetEtag(), RequestId: requestID(),
	}
}

func (w *world) reviewReport(k task, v rectificationv1.Verdict, opinion string) *rectificationv1.ReviewRectificationReportRequest {
	w.t.Helper()
	return &rectificationv1.ReviewRectificationReportRequest{
		Name: k.reportName(), Verdict: v, Opinion: opinion, Etag: w.report(k.county, k).GetEtag(), RequestId: requestID(),
	}
}

// reported takes a task that is rectifying to where the leading group has the report.
func (w *world) reported(k task) {
	w.t.Helper()
	do(w.reports.UpdateRectificationReport(w.as(k.county), w.writeReport(k, accounts(1, 2))))(w.t)
	do(w.reports.SubmitRectificationReport(w.as(k.county), w.submitReport(k)))(w.t)
	do(w.reports.ReviewRectificationReport(w.as(k.group), w.reviewReport(k, rectificationv1.Verdict_VERDICT_PASS, "")))(w.t)
	do(w.reports.ForwardRectificationReport(w.as(office), &rectificationv1.ForwardRectificationReportRequest{
		Name: k.reportName(), Etag: w.report(k.county, k).GetEtag(), RequestId: requestID(),
	}))(w.t)
	do(w.reports.ReceiveRectificationReport(w.as(leading), &rectificationv1.ReceiveRectificationReportRequest{
		Name: k.reportName(), Etag: w.report(k.county, k).GetEtag(), RequestId: requestID(),
	}))(w.t)
}

// closing decides on the closing of the case and gives the request.
func (w *world) closing(k task, decision string) *rectificationv1.CloseRectificationRequest {
	w.t.Helper()
	w.peers.decide(decision, schedulingv1.DecisionItem_KIND_CLOSE_RECTIFICATION, k.rectification)
	return &rectificationv1.CloseRectificationRequest{
		Name: k.rectification, Decision: decision, Etag: w.rectification(office, k).GetEtag(), RequestId: requestID(),
	}
}
