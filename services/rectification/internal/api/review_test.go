package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

const (
	discipline   = "DISCIPLINE_ORGAN provinces/51 inspector"
	organization = "ORGANIZATION_DEPARTMENT provinces/51/cities/510100 cadre"
	office2      = "INSPECTION_OFFICE provinces/51 deputy"
)

func (w *world) invite(k task, d rectificationv1.RectificationReview_Document, body rectificationv1.RectificationReview_Reviewer, ofCity bool) *rectificationv1.CreateRectificationReviewRequest {
	return &rectificationv1.CreateRectificationReviewRequest{
		Parent: k.rectification, RequestId: requestID(),
		RectificationReview: &rectificationv1.RectificationReview{Document: d, Reviewer: body, OfCity: ofCity},
	}
}

func (w *world) reviewsOf(token string) []*rectificationv1.RectificationReview {
	w.t.Helper()
	return do(w.reviews.ListRectificationReviews(w.as(token), &rectificationv1.ListRectificationReviewsRequest{Parent: sichuan}))(w.t).GetRectificationReviews()
}

// TestArt17SeveralReviewersOneReply: each body invited sees the plan and says what it has to
// say; the county learns the one reply and nothing else, and its city not even that.
func TestArt17SeveralReviewersOneReply(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.submittedPlan(w.jinjiang())
	drill := w.without()
	const document = rectificationv1.RectificationReview_DOCUMENT_PLAN
	for _, token := range []string{discipline, organization} {
		if got := w.reviewsOf(token); len(got) != 0 {
			t.Errorf("before the invitation %s sees %v", token, got)
		}
	}
	create := func(token string, body rectificationv1.RectificationReview_Reviewer, ofCity bool) string {
		t.Helper()
		return do(w.reviews.CreateRectificationReview(w.as(token), w.invite(k, document, body, ofCity)))(t).GetName()
	}
	first := create(k.group, rectificationv1.RectificationReview_REVIEWER_DISCIPLINE_ORGAN, false)
	create(office, rectificationv1.RectificationReview_REVIEWER_ORGANIZATION_DEPARTMENT, true)
	create(k.group, rectificationv1.RectificationReview_REVIEWER_INSPECTION_OFFICE, false)
	create(k.group, rectificationv1.RectificationReview_REVIEWER_INSPECTION_GROUP, false)
	_, err := w.reviews.CreateRectificationReview(w.as(k.group), w.invite(k, document, rectificationv1.RectificationReview_REVIEWER_DISCIPLINE_ORGAN, false))
	refused(t, err, "ALREADY_EXISTS", "")
	_, err = w.reviews.CreateRectificationReview(w.as(k.group), w.invite(k, document, rectificationv1.RectificationReview_REVIEWER_INSPECTION_OFFICE, true))
	refused(t, err, "REVIEWER_NOT_ELIGIBLE", "17")

	for i, token := range []string{discipline, organization, office} {
		var mine []*rectificationv1.RectificationReview
		for _, r := range w.reviewsOf(token) {
			if strings.HasPrefix(token, strings.TrimPrefix(r.GetReviewer().String(), "REVIEWER_")+" ") {
				mine = append(mine, r)
			} else if i < 2 {
				t.Errorf("%s sees %v", token, r)
			}
		}
		if len(mine) != 1 || len(mine[0].GetPlan().GetMeasures()) != 2 || len(mine[0].GetProblems()) != 3 {
			t.Fatalf("%s was invited to %v", token, mine)
		}
		give := &rectificationv1.GiveRectificationReviewRequest{
			Name: mine[0].GetName(), Opinion: "内部意见", Etag: mine[0].GetEtag(), RequestId: requestID(),
			ItemOpinions: []*rectificationv1.ItemOpinion{{Number: 1, Opinion: "内部逐项意见"}},
		}
		for _, other := range []string{k.county, k.city, k.liaison, leading, "DISCIPLINE_ORGAN provinces/51/cities/510100 x", "ORGANIZATION_DEPARTMENT provinces/51 x"} {
			if _, err := w.reviews.GiveRectificationReview(w.as(other), give); err == nil {
				t.Errorf("%s gives the review of %s", other, token)
			}
			if _, err := drill.reviews.GiveRectificationReview(drill.as(other), give); err == nil {
				t.Errorf("%s gives the review of %s, for all that row-level security does", other, token)
			}
		}
		given := do(w.reviews.GiveRectificationReview(w.as(token), give))(t)
		give.Etag, give.RequestId = given.GetEtag(), requestID()
		_, err = w.reviews.GiveRectificationReview(w.as(token), give)
		refused(t, err, "REVIEW_STATE_INVALID", "17")
	}
	for _, token := range []string{k.county, k.city, k.liaison} {
		_, err := w.reviews.ListRectificationReviews(w.as(token), &rectificationv1.ListRectificationReviewsRequest{Parent: sichuan})
		if status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s lists reviews: %v", token, err)
		}
		list, err := drill.reviews.ListRectificationReviews(drill.as(token), &rectificationv1.ListRectificationReviewsRequest{Parent: sichuan})
		if err != nil || len(list.GetRectificationReviews()) != 0 {
			t.Errorf("of row-level security %s gets %v, %v", token, list, err)
		}
	}
	for _, name := range []string{"GetRectification", "GetRectificationPlan", "GetRectificationPlanVersion", "GetRectificationReport"} {
		for _, r := range readings() {
			if r.name != name {
				continue
			}
			for _, token := range []string{discipline, organization} {
				if _, err := r.read(drill.as(token), drill, map[string]string{"rectification": k.rectification, "version": w.planVersions(k.county, k)[0].GetName()}); err == nil {
					t.Errorf("%s, being invited, reads %s", token, name)
				}
			}
		}
	}

	req := w.reviewPlan(k, rectificationv1.Verdict_VERDICT_RETURN, "综合意见")
	req.ItemOpinions = []*rectificationv1.ItemOpinion{{Number: 2, Opinion: "明确时限"}}
	do(w.plans.ReviewRectificationPlan(w.as(k.group), req))(t)
	p := w.plan(k.county, k)
	reply := p.GetReply()
	if reply.GetOpinion() != "综合意见" || len(reply.GetItemOpinions()) != 1 || reply.GetVerdict() != rectificationv1.Verdict_VERDICT_RETURN ||
		text(reply.GetReplyDate()) != "2024-02-26" || !proto.Equal(w.planVersions(k.county, k)[0].GetReply(), reply) {
		t.Errorf("reply %v", reply)
	}
	if v := w.planVersions(k.city, k)[0]; v.GetReply() != nil {
		t.Errorf("the city reads the reply %v", v.GetReply())
	}
	states := []string{}
	for _, r := range w.reviewsOf(leading) {
		states = append(states, r.GetState().String())
	}
	if !slices.Equal(states, []string{"STATE_GIVEN", "STATE_GIVEN", "STATE_GIVEN", "STATE_CLOSED"}) {
		t.Errorf("reviews end as %v", states)
	}
	for _, m := range []proto.Message{p, w.planVersions(k.county, k)[0], w.delivery(k.city, rectificationv1.Delivery_KIND_PLAN_COPY)} {
		if strings.Contains(prototext.Format(m), "内部") {
			t.Errorf("a review reaches the outside: %v", m)
		}
	}
	late := do(w.reviews.GetRectificationReview(w.as(discipline), &rectificationv1.GetRectificationReviewRequest{Name: first}))(t)
	if late.GetState() != rectificationv1.RectificationReview_STATE_GIVEN {
		t.Errorf("review %v", late)
	}
	_, err = w.reviews.CreateRectificationReview(w.as(k.group), w.invite(k, document, rectificationv1.RectificationReview_REVIEWER_DISCIPLINE_ORGAN, false))
	refused(t, err, "PLAN_STATE_INVALID", "17")
}

// TestArt17TheGroupIsDissolvedBeforeTheReportArrives: the office replies, with the last
// leader's countersignature, and another person of the office forwards.
func TestArt17TheGroupIsDissolvedBeforeTheReportArrives(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	do(w.reports.UpdateRectificationReport(w.as(k.county), w.writeReport(k, accounts(1, 2))))(t)
	do(w.reports.SubmitRectificationReport(w.as(k.county), w.submitReport(k)))(t)
	req := func() *rectificationv1.ReviewRectificationReportRequest {
		r := w.reviewReport(k, rectificationv1.Verdict_VERDICT_PASS, "")
		r.Countersignature = &rectificationv1.Countersignature{Leader: "组长", SignDate: day(t, "2024-02-26")}
		return r
	}
	_, err := w.reports.ReviewRectificationReport(w.as(office), req())
	refused(t, err, "GROUP_STANDS", "17")
	byHand := write{"the office by hand", office, "UPDATE submission SET state = 'GROUP_PASSED' WHERE kind = 'REPORT'"}
	w.mustRefuse(t, "the group stands", []write{byHand})

	w.announce(k.inspection, 2, &eventv1.TaskMembershipChanged{Inspection: k.inspection})
	_, err = w.reports.ReviewRectificationReport(w.as(k.group), req())
	refused(t, err, "NOT_FOUND", "")
	w.mustTake(t, "dissolved", byHand)
	bare, other := req(), req()
	bare.Countersignature, other.Countersignature.Leader = nil, "赵"
	for _, r := range []*rectificationv1.ReviewRectificationReportRequest{bare, other} {
		_, err = w.reports.ReviewRectificationReport(w.as(office), r)
		if got := refused(t, err, "COUNTERSIGNATURE_REQUIRED", "17").Meta["leader"]; got != "组长" {
			t.Errorf("asks for %q", got)
		}
	}
	do(w.reports.ReviewRectificationReport(w.as(office), req()))(t)
	signed := w.report(k.county, k).GetReply().GetCountersignature()
	if signed.GetLeader() != "组长" || text(signed.GetSignDate()) != "2024-02-26" {
		t.Errorf("countersigned %v", signed)
	}
	forward := func() *rectificationv1.ForwardRectificationReportRequest {
		return &rectificationv1.ForwardRectificationReportRequest{Name: k.reportName(), Etag: w.report(k.county, k).GetEtag(), RequestId: requestID()}
	}
	_, err = w.reports.ForwardRectificationReport(w.as(office), forward())
	refused(t, err, "SAME_PERSON", "17")
	do(w.reports.ForwardRectificationReport(w.as(office2), forward()))(t)
}

// TestArt17TwoPersons: who submitted does not reply, who replied does not forward, also not
// by hand of the tables.
func TestArt17TwoPersons(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	w.announce(k.inspection, 2, &eventv1.TaskMembershipChanged{Inspection: k.inspection, Members: []*eventv1.TaskMember{
		{Subject: "li", DisplayName: "组长", Leader: true}, {Subject: "clerk", DisplayName: "兼职"},
	}})
	k = w.submittedPlan(k)
	_, err := w.plans.ReviewRectificationPlan(w.as("INSPECTION_GROUP provinces/51 clerk"), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, ""))
	refused(t, err, "SAME_PERSON", "17")
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(t)
	_, err = w.plans.ForwardRectificationPlan(w.as("INSPECTION_OFFICE provinces/51 li"), w.forwardPlan(k))
	refused(t, err, "SAME_PERSON", "17")
	step := `WITH moved AS (UPDATE submission SET state = 'FORWARDED' WHERE kind = 'PLAN' RETURNING province)
INSERT INTO submission_step SELECT province, rectification_id, kind, number, 'GROUP_PASSED', inspection_id, county_code, city_code, 'office', step_date, step_time
FROM submission_step WHERE state = 'SUBMITTED'`
	w.mustRefuse(t, "passed", []write{
		{"a step twice", office, step},
		{"a step of another person", office, strings.Replace(strings.Replace(step, "'GROUP_PASSED'", "'FORWARDED'", 1), "'office'", "'deputy'", 1)},
		{"a step of the county", k.county, strings.Replace(step, "'office'", "'clerk'", 1)},
		{"another person", office, "UPDATE submission_step SET actor = 'x'"},
		{"no record", office, "DELETE FROM submission_step"},
		{"the reply", k.group, "UPDATE submission_reply SET opinion = 'x'"},
		{"a reply of the county", k.county, "DELETE FROM submission_reply"},
	})
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
}

// TestArt17TheGroupsReviewIsMissing: what nobody replied to is neither forwarded nor received.
func TestArt17TheGroupsReviewIsMissing(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.submittedPlan(w.jinjiang())
	_, err := w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k))
	refused(t, err, "PLAN_STATE_INVALID", "17")
	_, err = w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k))
	refused(t, err, "PLAN_STATE_INVALID", "17")
	w.mustRefuse(t, "submitted", []write{
		{"forwarded by hand", office, "UPDATE submission SET state = 'FORWARDED' WHERE kind = 'PLAN'"},
		{"received by hand", leading, "UPDATE submission SET state = 'RECEIVED' WHERE kind = 'PLAN'"},
	})
}

// TestArt17TheCityIsCopiedAtEachStep: the copy is of one transaction with the submission, and
// tells the city how far it got, and when.
func TestArt17TheCityIsCopiedAtEachStep(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	admin := w.db.Admin(t)
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2, 3}))))(t)
	if _, err := admin.Exec("REVOKE INSERT ON delivery FROM rectification_outside"); err != nil {
		t.Fatal(err)
	}
	before := w.fingerprint()
	if _, err := w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)); err == nil || w.fingerprint() != before {
		t.Errorf("without the copy: %v, or something is left", err)
	}
	if _, err := admin.Exec("GRANT INSERT ON delivery TO rectification_outside"); err != nil {
		t.Fatal(err)
	}
	want := []string{}
	step := func(line string) {
		t.Helper()
		want = append(want, line)
		var got []string
		d := w.delivery(k.city, rectificationv1.Delivery_KIND_PLAN_COPY)
		for _, s := range d.GetSteps() {
			got = append(got, strings.TrimPrefix(s.GetState().String(), "SUBMISSION_STATE_")+" "+text(s.GetStepDate()))
		}
		if !slices.Equal(got, want) {
			t.Errorf("the city reads %v, want %v", got, want)
		}
		if strings.Contains(prototext.Format(d), "可行") {
			t.Errorf("the city reads the reply: %v", d)
		}
	}
	w.at("2024-03-02") // a Saturday
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	step("SUBMITTED 2024-03-02")
	w.at("2024-03-04")
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "可行")))(t)
	step("GROUP_PASSED 2024-03-04")
	w.at("2024-03-05")
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	step("FORWARDED 2024-03-05")
	w.at("2024-03-06")
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)
	step("RECEIVED 2024-03-06")
}

// TestArt17AClosedReportNeverChanges, nor do its versions: what comes after is another matter.
func TestArt17AClosedReportNeverChanges(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	w.reported(k)
	do(w.cases.CloseRectification(w.as(office), w.closing(k, sichuan+"/decisions/"+uuid.NewString())))(t)
	_, err := w.reports.UpdateRectificationReport(w.as(k.county), w.writeReport(k, accounts(1)))
	refused(t, err, "RECTIFICATION_STATE_INVALID", "17")
	_, err = w.reports.SubmitRectificationReport(w.as(k.county), w.submitReport(k))
	refused(t, err, "RECTIFICATION_STATE_INVALID", "17")
	var all []write
	for _, token := range []string{k.county, k.group, office, leading} {
		all = append(all, write{token + " reopens", token, "UPDATE submission SET state = 'RETURNED' WHERE kind = 'REPORT'"},
			write{token + " rewrites", token, "UPDATE submission SET accounts = '[]'"},
			write{token + " rewrites the version", token, "UPDATE submission_version SET accounts = '[]'"},
			write{token + " replies again", token, "UPDATE submission_reply SET verdict = 'RETURN', opinion = 'x'"})
	}
	w.mustRefuse(t, "closed", all)
}
