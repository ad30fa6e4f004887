package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/grpcserver/grpcservertest"
)

// strangers are bodies that have nothing to do with Jinjiang's inspection.
func strangers() []string {
	return []string{
		"COUNTY_COMMITTEE provinces/51/counties/510105 clerk", // of the same city
		"COUNTY_COMMITTEE provinces/51/counties/510185 clerk", // of no city
		"CITY_COMMITTEE provinces/51/cities/510300 clerk",
		"CITY_LIAISON_BODY provinces/51/cities/510300 clerk",
		"INSPECTION_GROUP provinces/51 zhao",
		"INSPECTION_OFFICE provinces/33 office",
		"LEADING_GROUP provinces/33 chair",
		"INSPECTION_GROUP provinces/33 li", // the same subject in another province
		"PROVINCIAL_COMMITTEE provinces/51 secretary",
		"DISCIPLINE_ORGAN provinces/51 clerk",
		"SYSTEM_ADMINISTRATOR provinces/51 root",
		"AUDIT_ADMINISTRATOR provinces/51 auditor",
	}
}

// reading is one way to read; it gives how many objects came.
type reading struct {
	name string
	read func(ctx context.Context, w *world, names map[string]string) (int, error)
}

func readings() []reading {
	return []reading{
		{"GetFeedback", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			_, err := w.feedbacks.GetFeedback(ctx, &rectificationv1.GetFeedbackRequest{Name: n["feedback"]})
			return 1, err
		}},
		{"GetDelivery", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			_, err := w.deliveries.GetDelivery(ctx, &rectificationv1.GetDeliveryRequest{Name: n["delivery"]})
			return 1, err
		}},
		{"GetRectification", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			_, err := w.cases.GetRectification(ctx, &rectificationv1.GetRectificationRequest{Name: n["rectification"]})
			return 1, err
		}},
		{"GetRectificationPlan", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			_, err := w.plans.GetRectificationPlan(ctx, &rectificationv1.GetRectificationPlanRequest{Name: n["rectification"] + "/plan"})
			return 1, err
		}},
		{"GetRectificationReport", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			_, err := w.reports.GetRectificationReport(ctx, &rectificationv1.GetRectificationReportRequest{Name: n["rectification"] + "/report"})
			return 1, err
		}},
		{"GetRectificationPlanVersion", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			_, err := w.versions.GetRectificationPlanVersion(ctx, &rectificationv1.GetRectificationPlanVersionRequest{Name: n["version"]})
			return 1, err
		}},
		{"CompareRectificationPlanVersions", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			_, err := w.versions.CompareRectificationPlanVersions(ctx, &rectificationv1.CompareRectificationPlanVersionsRequest{Name: n["version"], Base: n["version"]})
			return 1, err
		}},
		{"ListRectificationPlanVersions", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			r, err := w.versions.ListRectificationPlanVersions(ctx, &rectificationv1.ListRectificationPlanVersionsRequest{Parent: n["rectification"] + "/plan"})
			return len(r.GetRectificationPlanVersions()), err
		}},
		{"GetRectificationLists", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			_, err := w.lists.GetRectificationLists(ctx, &rectificationv1.GetRectificationListsRequest{Name: n["rectification"] + "/lists"})
			return 1, err
		}},
		{"GetRectificationItem", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			_, err := w.items.GetRectificationItem(ctx, &rectificationv1.GetRectificationItemRequest{Name: n["item"]})
			return 1, err
		}},
		{"ListProgressUpdates", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			_, err := w.items.ListProgressUpdates(ctx, &rectificationv1.ListProgressUpdatesRequest{Parent: n["item"]})
			return 1, err
		}},
		{"ListRectificationItems", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			r, err := w.items.ListRectificationItems(ctx, &rectificationv1.ListRectificationItemsRequest{Parent: n["rectification"]})
			return len(r.GetRectificationItems()), err
		}},
		{"ListFeedbacks", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			r, err := w.feedbacks.ListFeedbacks(ctx, &rectificationv1.ListFeedbacksRequest{Parent: n["province"]})
			return len(r.GetFeedbacks()), err
		}},
		{"ListDeliveries", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			r, err := w.deliveries.ListDeliveries(ctx, &rectificationv1.ListDeliveriesRequest{Parent: n["province"]})
			return len(r.GetDeliveries()), err
		}},
		{"ListRectifications", func(ctx context.Context, w *world, n map[string]string) (int, error) {
			r, err := w.cases.ListRectifications(ctx, &rectificationv1.ListRectificationsRequest{Parent: n["province"]})
			return len(r.GetRectifications()), err
		}},
	}
}

// names are those of the objects of a task.
func (w *world) names(k task) map[string]string {
	w.t.Helper()
	return map[string]string{
		"province": sichuan, "feedback": w.list(office)[0].GetName(), "rectification": k.rectification,
		"delivery": w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK).GetName(),
		"item":     w.itemsOf(k.county, k)[0].GetName(),
		"version":  w.planVersions(k.county, k)[0].GetName(),
	}
}

// without starts a second server over the same database, with the policy off.
func (w *world) without() *world {
	w.t.Helper()
	drill := *w
	drill.addr = w.serve(grpcservertest.WithoutPolicy())
	drill.connect()
	return &drill
}

// TestStrangersReadNothing, neither through both layers nor, as a drill, through
// row-level security alone (security.md §2.4).
func TestStrangersReadNothing(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	names := w.names(w.rectifying(w.jinjiang()))
	for layer, at := range map[string]*world{"both layers": w, "row-level security alone": w.without()} {
		for _, token := range strangers() {
			for _, r := range readings() {
				n, err := r.read(at.as(token), at, names)
				if err == nil && n > 0 {
					t.Errorf("%s: %s reads %d by %s", layer, token, n, r.name)
				}
				if code := status.Code(err); err != nil && code != codes.NotFound && code != codes.PermissionDenied {
					t.Errorf("%s: %s by %s: %v", layer, token, r.name, err)
				}
			}
		}
	}
}

// TestStrangersReadNothingByTheGrantAlone: the other half of the drill, with
// row-level security off (security.md §2.4).
func TestStrangersReadNothingByTheGrantAlone(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	names := w.names(k)
	f, hidden := w.received(w.authorize("510105", "510100", "chen")) // not copied, no plan yet
	for _, table := range []string{"task_member", "feedback", "delivery", "rectification", "submission", "submission_version", "submission_step", "submission_reply", "submission_review", "item", "item_change", "evidence"} {
		_, err := w.db.Admin(t).Exec("ALTER TABLE " + table + " DISABLE ROW LEVEL SECURITY; GRANT ALL ON " + table + " TO rectification_outside")
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range strangers()[2:] { // the first two have no other object, but the second task is the first's
		for _, r := range readings() {
			if n, err := r.read(w.as(token), w, names); err == nil && n > 0 {
				t.Errorf("%s reads %d by %s", token, n, r.name)
			}
		}
	}
	names = map[string]string{"feedback": f.GetName(), "rectification": hidden.rectification}
	for token, methods := range map[string][]string{
		k.city:  {"GetRectification", "ListRectificationItems", "ListRectificationPlanVersions", "GetRectificationLists"},
		k.group: {"GetFeedback", "GetRectification", "GetRectificationPlan", "GetRectificationReport"},
		office:  {"GetRectificationPlan", "GetRectificationReport"},
	} {
		for _, r := range readings() {
			if !slices.Contains(methods, r.name) {
				continue
			}
			if n, err := r.read(w.as(token), w, names); err == nil {
				t.Errorf("%s reads %d by %s", token, n, r.name)
			}
		}
	}
}

// TestForeignIsMissing: another county's object and one that never existed are
// answered with the same bytes (art. 17; design.md §6).
func TestForeignIsMissing(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	names := w.names(k)
	missing := map[string]string{}
	for kind, name := range names {
		missing[kind] = strings.NewReplacer(idOf(k.rectification), uuid.NewString()).Replace(name)
		if missing[kind] == name && kind != "province" {
			missing[kind] = strings.Replace(name, idOf(name), uuid.NewString(), 1)
		}
	}
	missing["item"] = missing["rectification"] + "/items/" + idOf(names["item"])
	missing["version"] = missing["rectification"] + "/plan/versions/" + idOf(names["version"])
	for _, token := range strangers()[:5] {
		for _, r := range readings() {
			if strings.HasPrefix(r.name, "List") && !strings.HasPrefix(r.name, "ListRectification") && r.name != "ListProgressUpdates" || r.name == "ListRectifications" {
				continue
			}
			_, foreign := r.read(w.as(token), w, names)
			_, absent := r.read(w.as(token), w, missing)
			got, want := bytes(t, foreign, names), bytes(t, absent, missing)
			if got == "" || got != want {
				t.Errorf("%s by %s: foreign %q, missing %q", token, r.name, got, want)
			}
		}
	}
}

// idOf is the last segment of a name.
func idOf(name string) string { return name[strings.LastIndex(name, "/")+1:] }

// bytes gives an answer as it is on the wire, with the names that the caller sent
// taken out.
func bytes(t *testing.T, err error, names map[string]string) string {
	t.Helper()
	raw, marshalErr := proto.Marshal(status.Convert(err).Proto())
	if marshalErr != nil {
		t.Fatal(marshalErr)
	}
	text := string(raw)
	for _, kind := range []string{"item", "version", "rectification", "feedback", "delivery"} {
		text = strings.ReplaceAll(text, names[kind], kind)
	}
	return text
}

// TestArts11And17WhoSeesWhatWhen: the copy opens the case to the city, the
// submission opens plan and report to the inside, and neither opens more.
func TestArts11And17WhoSeesWhatWhen(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	drill := w.without()
	f, k := w.received(w.jinjiang())
	see := func(at *world, token, name string) bool {
		t.Helper()
		for _, r := range readings() {
			if r.name != name {
				continue
			}
			n, err := r.read(at.as(token), at, map[string]string{"province": sichuan, "rectification": k.rectification, "feedback": f.GetName()})
			if code := status.Code(err); err != nil && code != codes.NotFound && code != codes.PermissionDenied {
				t.Errorf("%s by %s: %v", name, token, err)
			}
			return err == nil && n > 0
		}
		t.Fatalf("no reading %s", name)
		return false
	}
	want := func(when string, sees bool, method string, tokens ...string) {
		t.Helper()
		for _, token := range tokens {
			for layer, at := range map[string]*world{"both layers": w, "row-level security alone": drill} {
				if see(at, token, method) != sees {
					t.Errorf("%s, %s: %s by %s is %v", when, layer, token, method, !sees)
				}
			}
		}
	}
	want("received", true, "GetRectification", k.county, k.group, office, leading)
	want("received", false, "GetRectification", k.city, k.liaison)
	want("received", false, "ListDeliveries", k.city)
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(f)))(t)
	want("copied", true, "GetRectification", k.city, k.liaison)
	want("copied", true, "ListDeliveries", k.city)
	want("copied", false, "ListDeliveries", k.liaison)
	want("copied", false, "GetFeedback", k.city, k.county, k.liaison)

	want("planning", true, "GetRectificationPlan", k.county)
	want("planning", false, "GetRectificationPlan", k.group, office, leading, k.city, k.liaison)
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2, 3}))))(t)
	want("written", false, "GetRectificationPlan", k.group, office, leading, k.city)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	want("submitted", true, "GetRectificationPlan", k.county, k.group, office, leading)
	want("submitted", false, "GetRectificationPlan", k.city, k.liaison)
	want("submitted", false, "GetRectificationReport", k.group, office, leading)
}
