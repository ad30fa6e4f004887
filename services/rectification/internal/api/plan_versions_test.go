package api_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

func span(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestArt17ARehearsalStoresNothing: it is refused as the submission would be, or answers with
// the date that counts and the dates that follow; the plan stays as it was.
func TestArt17ARehearsalStoresNothing(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	w.at("2024-04-01")
	rehearse := func() (*rectificationv1.RectificationPlan, error) {
		req := w.submitPlan(k)
		req.ValidateOnly = true
		return w.plans.SubmitRectificationPlan(w.as(k.county), req)
	}
	lacking := w.measures([]int32{1, 2})
	lacking[0].OwnerPost, lacking[0].DueDate = "", nil
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, lacking)))(t)
	before := w.fingerprint()
	_, err := rehearse()
	tried := refused(t, err, "PLAN_INCOMPLETE", "17")
	_, err = w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k))
	if done := refused(t, err, "PLAN_INCOMPLETE", "17"); len(done.Fields) != 3 || !slices.Equal(tried.Fields, done.Fields) {
		t.Errorf("rehearsed %v, done %v", tried.Fields, done.Fields)
	}
	if w.fingerprint() != before {
		t.Error("a refusal changed something")
	}
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	before = w.fingerprint()
	would := do(rehearse())(t)
	if text(would.GetSubmitDate()) != "2024-04-01" || text(would.GetReportDue().GetDate()) != "2024-10-08" ||
		would.GetState() != rectificationv1.SubmissionState_SUBMISSION_STATE_SUBMITTED || would.GetVersion() != 1 {
		t.Errorf("would be %v", would)
	}
	if w.fingerprint() != before {
		t.Error("a rehearsal changed something")
	}
	if n := len(w.planVersions(k.county, k)); n != 0 {
		t.Errorf("%d versions", n)
	}
	is := do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	would.GetReportDue().Obligation = is.GetReportDue().GetObligation() // it was never opened
	if diff := cmp.Diff(would, is, protocmp.Transform()); diff != "" {
		t.Errorf("it would have been, and is (-+):\n%s", diff)
	}
}

// TestArt17VersionsNeverChange: each submission is kept as it was signed, is compared with
// the others, and nobody can write it again, not by hand of the tables either.
func TestArt17VersionsNeverChange(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.submittedPlan(w.jinjiang())
	first := w.planVersions(k.county, k)[0]
	if first.GetNumber() != 1 || first.GetSigner() != "王" || first.GetSignerPost() != "县委书记" || !first.GetTruthfulnessCommitment() {
		t.Errorf("version %v", first)
	}
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_RETURN, "不实")))(t)
	measures := w.measures([]int32{1, 2}, []int32{3})
	measures[0].AcceptanceTest = "审计确认"
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, measures)))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	versions := w.planVersions(office, k)
	versions[0].Reply = nil // came after, beside the version
	if len(versions) != 2 || !proto.Equal(versions[0], first) {
		t.Fatalf("versions %v", versions)
	}
	for _, token := range []string{k.county, k.city, k.liaison, k.group, office, leading} {
		got := do(w.versions.CompareRectificationPlanVersions(w.as(token), &rectificationv1.CompareRectificationPlanVersionsRequest{
			Name: versions[1].GetName(), Base: first.GetName(),
		}))(t)
		want := &rectificationv1.CompareRectificationPlanVersionsResponse{
			Measures: []*rectificationv1.MeasureChange{{Number: 1, Kind: rectificationv1.MeasureChange_KIND_CHANGED,
				Fields: []*rectificationv1.FieldChange{{Field: "acceptance_test", Before: "制度印发并公开", After: "审计确认"}}}},
			Problems: []*rectificationv1.ProblemChange{
				{Number: 1, Before: []int32{1}, After: []int32{1}, Changed: []int32{1}},
				{Number: 2, Before: []int32{1}, After: []int32{1}, Changed: []int32{1}},
			},
		}
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("%s reads (-want +got):\n%s", token, diff)
		}
	}
	all := []write{}
	for _, token := range []string{k.county, k.city, k.group, office, leading} {
		all = append(all, write{token + " rewrites", token, "UPDATE submission_version SET signer = 'x'"},
			write{token + " deletes", token, "DELETE FROM submission_version"},
			write{token + " adds", token, `INSERT INTO submission_version SELECT province, gen_random_uuid(), rectification_id, kind, 3, inspection_id,
county_code, city_code, measures, accounts, signer, signer_post, truthful, submit_time, submit_date FROM submission_version LIMIT 1`})
	}
	w.mustRefuse(t, "submitted", append(all,
		write{"another text under the number", k.county, `INSERT INTO submission_version SELECT province, gen_random_uuid(), rectification_id, kind, 2, inspection_id,
county_code, city_code, '[]', accounts, signer, signer_post, truthful, submit_time, submit_date FROM submission`},
		write{"the text under review", k.county, "UPDATE submission SET measures = '[]'"},
		write{"a withdrawal with another text", k.county, "UPDATE submission SET state = 'WITHDRAWN', withdraw_reason = 'x', measures = '[]' WHERE kind = 'PLAN'"},
		write{"a return by the county", k.county, "UPDATE submission SET state = 'RETURNED' WHERE kind = 'PLAN'"},
		write{"a withdrawal by the group", k.group, "UPDATE submission SET state = 'WITHDRAWN' WHERE kind = 'PLAN'"},
		write{"a submission that does not count", k.county, "UPDATE submission SET state = 'SUBMITTED', signer = 'x' WHERE kind = 'REPORT'"},
	))
	w.mustTake(t, "submitted", write{"a withdrawal", k.county, "UPDATE submission SET state = 'WITHDRAWN', withdraw_reason = 'x' WHERE kind = 'PLAN'"})
}

// TestArts15And17WhoReadsVersionsAndLists: the city and its liaison body from the copy of
// the feedback on, and never what the county has not submitted.
func TestArts15And17WhoReadsVersionsAndLists(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	drill := w.without()
	f, k := w.received(w.jinjiang())
	w.submitted(k)
	version := w.planVersions(k.county, k)[0].GetName()
	see := func(at *world, token string) bool {
		t.Helper()
		_, version := at.versions.GetRectificationPlanVersion(at.as(token), &rectificationv1.GetRectificationPlanVersionRequest{Name: version})
		_, lists := at.lists.GetRectificationLists(at.as(token), &rectificationv1.GetRectificationListsRequest{Name: k.rectification + "/lists"})
		if status.Code(version) != status.Code(lists) || version != nil && status.Code(version) != codes.NotFound {
			t.Errorf("%s: version %v, lists %v", token, version, lists)
		}
		return version == nil
	}
	for _, at := range []*world{w, drill} {
		for token, sees := range map[string]bool{k.county: true, k.group: true, office: true, leading: true, k.city: false, k.liaison: false} {
			if see(at, token) != sees {
				t.Errorf("before the copy %s sees it: %t", token, !sees)
			}
		}
	}
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(f)))(t)
	for _, at := range []*world{w, drill} {
		if !see(at, k.city) || !see(at, k.liaison) {
			t.Error("after the copy the city does not see it")
		}
	}
}

// TestArt17ThreeListsFollowThePlanAndTheItems, the same for county, city and inside.
func TestArt17ThreeListsFollowThePlanAndTheItems(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	lists := func(token string) *rectificationv1.RectificationLists {
		t.Helper()
		return do(w.lists.GetRectificationLists(w.as(token), &rectificationv1.GetRectificationListsRequest{Name: k.rectification + "/lists"}))(t)
	}
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	for _, token := range []string{k.county, k.city, k.group} {
		if l := lists(token); len(l.GetProblems()) != 3 || len(l.GetTasks())+len(l.GetOwners()) != 0 || l.GetPlanVersion() != "" {
			t.Errorf("before a submission %s reads %v", token, l)
		}
	}
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)
	do(w.items.ReportItemProgress(w.as(k.county), progress(w.itemsOf(k.county, k)[1], rectificationv1.RectificationItem_STATE_IN_PROGRESS, 40)))(t)
	want := lists(k.county)
	owner := want.GetOwners()[0]
	if want.GetPlanVersion() != w.planVersions(k.county, k)[0].GetName() || len(want.GetTasks()) != 2 || want.GetTasks()[1].GetPercent() != 40 ||
		want.GetProblems()[2].GetState() != rectificationv1.RectificationItem_STATE_IN_PROGRESS || len(want.GetOwners()) != 1 ||
		owner.GetOwner() != "李" || owner.GetOwnerPost() != "县委副书记" || !slices.Equal(owner.GetProblemNumbers(), []int32{1, 2, 3}) ||
		want.GetTasks()[0].GetAcceptanceTest() != "制度印发并公开" {
		t.Errorf("lists %v", want)
	}
	for _, token := range []string{k.city, k.liaison, k.group, office, leading} {
		if got := lists(token); !proto.Equal(want, got) {
			t.Errorf("%s reads %v", token, got)
		}
	}
}
