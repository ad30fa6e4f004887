package api_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

// step is a writing that is lawful at its place in the life of a case.
type step struct {
	name string
	who  []string // tokens that may
	do   func(ctx context.Context, w *world) error
}

// fingerprint is a digest of all business of the database.
func (w *world) fingerprint() string {
	w.t.Helper()
	var sum string
	admin := w.db.Admin(w.t)
	defer admin.Close() // a test looks more often than the server has connections
	err := admin.QueryRow(`SELECT md5(string_agg(t, '|' ORDER BY t)) FROM (
  SELECT f::text AS t FROM feedback f UNION ALL SELECT d::text FROM delivery d
  UNION ALL SELECT x::text FROM immediate_rectification x UNION ALL SELECT a::text FROM answer a
  UNION ALL SELECT r::text FROM rectification r UNION ALL SELECT s::text FROM submission s UNION ALL SELECT v::text FROM submission_version v
  UNION ALL SELECT p::text FROM submission_step p UNION ALL SELECT y::text FROM submission_reply y UNION ALL SELECT q::text FROM submission_review q
  UNION ALL SELECT i::text FROM item i UNION ALL SELECT h::text FROM item_change h UNION ALL SELECT e::text FROM evidence e UNION ALL SELECT o.type_url FROM outbox o
  UNION ALL SELECT b::text FROM obligation b UNION ALL SELECT c::text FROM obligation_change c UNION ALL SELECT n::text FROM notification n
  UNION ALL SELECT g::text FROM city_guidance g UNION ALL SELECT y::text FROM city_measure y
  UNION ALL SELECT k::text FROM task k UNION ALL SELECT m::text FROM task_member m) AS all_rows`).Scan(&sum)
	if err != nil {
		w.t.Fatal(err)
	}
	return sum
}

// steps are the life of a case under a city, each writing in its turn. What a step
// is about is read when its turn has come.
func (w *world) steps(k *task) []step {
	feedback := func() *rectificationv1.Feedback { return w.list(office)[0] }
	county, group, office, leading := []string{k.county}, []string{k.group}, []string{office}, []string{leading}
	return []step{
		{"CreateFeedback", group, func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.CreateFeedback(ctx, draft(*k))
			return err
		}},
		{"UpdateFeedback", group, func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.UpdateFeedback(ctx, &rectificationv1.UpdateFeedbackRequest{
				Feedback: &rectificationv1.Feedback{Name: feedback().GetName(), Summary: "新"}, UpdateMask: mask("summary"),
				Etag: feedback().GetEtag(), RequestId: requestID(),
			})
			return err
		}},
		{"UpdateFeedback, with a word that is warned of", group, func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.UpdateFeedback(ctx, reword(feedback(), "信访工作薄弱"))
			return err
		}},
		{"ConfirmFeedbackWarnings", slices.Concat(office, group), func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.ConfirmFeedbackWarnings(ctx, confirmWarnings(feedback()))
			return err
		}},
		{"ConfirmFeedbackAgreement", office, func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.ConfirmFeedbackAgreement(ctx, confirm(feedback()))
			return err
		}},
		{"RecordCityConsultation", slices.Concat(office, group), func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.RecordCityConsultation(ctx, w.consult(feedback()))
			return err
		}},
		{"GiveFeedback", group, func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.GiveFeedback(ctx, w.give(feedback()))
			return err
		}},
		{"AcknowledgeDelivery", county, func(ctx context.Context, at *world) error {
			d, err := at.deliveries.AcknowledgeDelivery(ctx, acknowledge(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK)))
			if err == nil {
				k.rectification = d.GetRectification()
			}
			return err
		}},
		{"CopyFeedbackToCity", office, func(ctx context.Context, at *world) error {
			_, err := at.feedbacks.CopyFeedbackToCity(ctx, copyToCity(feedback()))
			return err
		}},
		{"AcknowledgeDelivery of the copy", []string{k.city}, func(ctx context.Context, at *world) error {
			_, err := at.deliveries.AcknowledgeDelivery(ctx, acknowledge(w.delivery(k.city, rectificationv1.Delivery_KIND_FEEDBACK_COPY)))
			return err
		}},
		{"UpdateRectificationPlan", county, func(ctx context.Context, at *world) error {
			_, err := at.plans.UpdateRectificationPlan(ctx, w.writePlan(*k, w.measures([]int32{1, 2}, []int32{3})))
			return err
		}},
		w.submission(k, "SubmitRectificationPlan", county),
		{"WithdrawRectificationPlan", county, func(ctx context.Context, at *world) error {
			_, err := at.plans.WithdrawRectificationPlan(ctx, w.withdrawPlan(*k))
			return err
		}},
		w.submission(k, "SubmitRectificationPlan, replaced", county),
		{"ReviewRectificationPlan, return", group, func(ctx context.Context, at *world) error {
			_, err := at.plans.ReviewRectificationPlan(ctx, w.reviewPlan(*k, rectificationv1.Verdict_VERDICT_RETURN, "不实"))
			return err
		}},
		{"UpdateRectificationPlan again", county, func(ctx context.Context, at *world) error {
			_, err := at.plans.UpdateRectificationPlan(ctx, w.writePlan(*k, w.measures([]int32{1, 2}, []int32{3})))
			return err
		}},
		w.submission(k, "SubmitRectificationPlan again", county),
		{"ReviewRectificationPlan", group, func(ctx context.Context, at *world) error {
			_, err := at.plans.ReviewRectificationPlan(ctx, w.reviewPlan(*k, rectificationv1.Verdict_VERDICT_PASS, ""))
			return err
		}},
		{"ForwardRectificationPlan", office, func(ctx context.Context, at *world) error {
			_, err := at.plans.ForwardRectificationPlan(ctx, w.forwardPlan(*k))
			return err
		}},
		{"ReceiveRectificationPlan", leading, func(ctx context.Context, at *world) error {
			_, err := at.plans.ReceiveRectificationPlan(ctx, w.receivePlan(*k))
			return err
		}},
		{"ReportItemProgress", county, func(ctx context.Context, at *world) error {
			i := w.itemsOf(k.county, *k)[0]
			_, err := at.items.ReportItemProgress(ctx, progress(i, rectificationv1.RectificationItem_STATE_IN_PROGRESS, 30))
			return err
		}},
		{"BatchReportItemProgress", county, func(ctx context.Context, at *world) error {
			_, err := at.items.BatchReportItemProgress(ctx, batch(*k, w.itemsOf(k.county, *k)...))
			return err
		}},
		{"VerifyItemByCity, return", []string{k.liaison, k.city}, func(ctx context.Context, at *world) error {
			_, err := at.items.VerifyItemByCity(ctx, cityVerdict(w.itemsOf(k.county, *k)[0], rectificationv1.Verdict_VERDICT_RETURN, "不实"))
			return err
		}},
		{"DeferItem", office, func(ctx context.Context, at *world) error {
			_, err := at.items.DeferItem(ctx, w.deferral(w.itemsOf(k.county, *k)[0], "2024-12-31"))
			return err
		}},
		{"ReportItemProgress, done", county, func(ctx context.Context, at *world) error {
			i := w.itemsOf(k.county, *k)[0]
			_, err := at.items.ReportItemProgress(ctx, progress(i, rectificationv1.RectificationItem_STATE_DONE, 100))
			return err
		}},
		{"VerifyItemByCity", []string{k.city, k.liaison}, func(ctx context.Context, at *world) error {
			_, err := at.items.VerifyItemByCity(ctx, cityVerdict(w.itemsOf(k.county, *k)[0], rectificationv1.Verdict_VERDICT_PASS, ""))
			return err
		}},
		{"VerifyItem", []string{k.group, office[0]}, func(ctx context.Context, at *world) error {
			_, err := at.items.VerifyItem(ctx, verdict(w.itemsOf(k.county, *k)[0], rectificationv1.Verdict_VERDICT_PASS, ""))
			return err
		}},
		{"CloseItem", office, func(ctx context.Context, at *world) error {
			_, err := at.items.CloseItem(ctx, closeItem(w.itemsOf(k.county, *k)[0]))
			return err
		}},
		{"UpdateRectificationReport", county, func(ctx context.Context, at *world) error {
			_, err := at.reports.UpdateRectificationReport(ctx, w.writeReport(*k, accounts(1, 2)))
			return err
		}},
		{"SubmitRectificationReport", county, func(ctx context.Context, at *world) error {
			_, err := at.reports.SubmitRectificationReport(ctx, w.submitReport(*k))
			return err
		}},
		{"ReviewRectificationReport", group, func(ctx context.Context, at *world) error {
			_, err := at.reports.ReviewRectificationReport(ctx, w.reviewReport(*k, rectificationv1.Verdict_VERDICT_PASS, ""))
			return err
		}},
		{"ForwardRectificationReport", office, func(ctx context.Context, at *world) error {
			_, err := at.reports.ForwardRectificationReport(ctx, &rectificationv1.ForwardRectificationReportRequest{
				Name: k.reportName(), Etag: w.report(k.county, *k).GetEtag(), RequestId: requestID(),
			})
			return err
		}},
		{"ReceiveRectificationReport", leading, func(ctx context.Context, at *world) error {
			_, err := at.reports.ReceiveRectificationReport(ctx, &rectificationv1.ReceiveRectificationReportRequest{
				Name: k.reportName(), Etag: w.report(k.county, *k).GetEtag(), RequestId: requestID(),
			})
			return err
		}},
		{"CloseRectification", office, func(ctx context.Context, at *world) error {
			_, err := at.cases.CloseRectification(ctx, w.closing(*k, sichuan+"/decisions/"+uuid.NewString()))
			return err
		}},
		{"LookBackAtItem of a closed case", slices.Concat(office, group), func(ctx context.Context, at *world) error {
			_, err := at.items.LookBackAtItem(ctx, w.lookBack(w.itemsOf(k.county, *k)[0]))
			return err
		}},
		{"ReportItemProgress of the look-back", county, func(ctx context.Context, at *world) error {
			_, err := at.items.ReportItemProgress(ctx, progress(w.itemsOf(k.county, *k)[2], rectificationv1.RectificationItem_STATE_IN_PROGRESS, 10))
			return err
		}},
	}
}

func (w *world) submission(k *task, name string, who []string) step {
	return step{name, who, func(ctx context.Context, at *world) error {
		_, err := at.plans.SubmitRectificationPlan(ctx, w.submitPlan(*k))
		return err
	}}
}

// TestEachStepIsOfOneBody: at every step of a case all other bodies, those of the
// case and strangers, are refused and change nothing, by both layers and by
// row-level security alone (arts 5, 11, 15, 17).
func TestEachStepIsOfOneBody(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	w.eachOfOneBody(k, w.steps(&k))
}

// eachOfOneBody takes the steps in their turn, and before each has everybody else try.
func (w *world) eachOfOneBody(k task, steps []step) {
	t := w.t
	t.Helper()
	drill := w.without()
	everybody := append(strangers(), office, leading, k.group, k.county, k.city, k.liaison)
	for _, s := range steps {
		before := w.fingerprint()
		for _, token := range everybody {
			if slices.Contains(s.who, token) {
				continue
			}
			if s.do(w.as(token), w) == nil {
				t.Errorf("%s may %s", token, s.name)
			}
			if s.do(drill.as(token), drill) == nil {
				t.Errorf("%s may %s, for all that row-level security does", token, s.name)
			}
		}
		if w.fingerprint() != before {
			t.Fatalf("%s: somebody changed something", s.name)
		}
		if err := s.do(w.as(s.who[0]), w); err != nil {
			t.Fatalf("%s by %s: %v", s.name, s.who[0], err)
		}
		if w.fingerprint() == before {
			t.Fatalf("%s changed nothing", s.name)
		}
	}
}
