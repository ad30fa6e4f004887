package api_test

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// TestListRectifications: filters by state, county and city; pages meet without
// gap or overlap.
func TestListRectifications(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	a := w.rectifying(w.jinjiang())
	b := w.planning(w.authorize("510105", "510100", "chen"))
	_, c := w.received(w.authorize("510185", "510300", "qian"))
	list := func(token, filter string, size int32) []string {
		t.Helper()
		req := &rectificationv1.ListRectificationsRequest{Parent: sichuan, Filter: filter, PageSize: size}
		var names []string
		for {
			page := do(w.cases.ListRectifications(w.as(token), req))(t)
			for _, r := range page.GetRectifications() {
				names = append(names, r.GetName())
			}
			if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
				return names
			}
		}
	}
	all := []string{a.rectification, b.rectification, c.rectification}
	for _, tt := range []struct {
		token, filter string
		want          []string
	}{
		{office, "", all},
		{leading, `state = STATE_RECTIFYING`, all[:1]},
		{office, `state = STATE_PLANNING`, all[1:]},
		{office, `county = "provinces/51/counties/510105"`, all[1:2]},
		{office, `city = "provinces/51/cities/510100" AND NOT state = STATE_RECTIFYING`, all[1:2]},
		{office, `city = "provinces/51/cities/510300" OR state = STATE_RECTIFYING`, []string{all[0], all[2]}},
		{b.group, "", all[1:2]},
		{a.city, "", all[:2]},
		{b.county, `county = "provinces/51/counties/510104"`, nil},
		{c.city, "", nil}, // not copied yet (art. 11)
	} {
		for _, size := range []int32{0, 1, 2} {
			if got := list(tt.token, tt.filter, size); !slices.Equal(got, tt.want) {
				t.Errorf("%s, filter %q, pages of %d: %v, want %v", tt.token, tt.filter, size, got, tt.want)
			}
		}
	}
	for _, filter := range []string{`rule_set = "x"`, `state = "OPEN"`, `county = "x"`, `state`} {
		_, err := w.cases.ListRectifications(w.as(office), &rectificationv1.ListRectificationsRequest{Parent: sichuan, Filter: filter})
		refused(t, err, "FIELD_INVALID", "")
	}
}

// TestItemsPageByNumber, past nine: by number and not by its text.
func TestItemsPageByNumber(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	var answers [][]int32
	for range 12 {
		answers = append(answers, []int32{1, 2, 3})
	}
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures(answers...))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)
	req := &rectificationv1.ListRectificationItemsRequest{Parent: k.rectification, PageSize: 5}
	var numbers []int32
	for {
		page := do(w.items.ListRectificationItems(w.as(k.liaison), req))(t)
		for _, i := range page.GetRectificationItems() {
			numbers = append(numbers, i.GetMeasure().GetNumber())
		}
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			break
		}
		_, err := w.items.ListRectificationItems(w.as(k.county), req)
		refused(t, err, "PAGE_TOKEN_MISMATCH", "")
	}
	if len(numbers) != 12 || !slices.IsSorted(numbers) {
		t.Errorf("numbers %v", numbers)
	}
}

// TestEnumsAreTheDomains: the wire has every value of the domain and no other.
func TestEnumsAreTheDomains(t *testing.T) {
	check := func(e protoreflect.EnumDescriptor, prefix string, values ...string) {
		t.Helper()
		if e.Values().Len() != len(values)+1 {
			t.Errorf("%s has %d values, the domain %d", e.FullName(), e.Values().Len()-1, len(values))
		}
		for _, v := range values {
			if e.Values().ByName(protoreflect.Name(prefix+v)) == nil {
				t.Errorf("%s has no %s%s", e.FullName(), prefix, v)
			}
		}
	}
	check(rectificationv1.Feedback_State(0).Descriptor(), "STATE_", texts(domain.FeedbackStates())...)
	check(rectificationv1.Rectification_State(0).Descriptor(), "STATE_", texts(domain.RectificationStates())...)
	check(rectificationv1.RectificationItem_State(0).Descriptor(), "STATE_", texts(domain.ItemStates())...)
	check(rectificationv1.SubmissionState(0).Descriptor(), "SUBMISSION_STATE_", texts(domain.SubmissionStates())...)
	check(rectificationv1.Delivery_Kind(0).Descriptor(), "KIND_", texts(domain.DeliveryKinds())...)
	check(rectificationv1.ImmediateRectification_State(0).Descriptor(), "STATE_", texts(domain.ImmediateStates())...)
	check(rectificationv1.NoticeRecipient(0).Descriptor(), "NOTICE_RECIPIENT_", texts(domain.Recipients())...)
	check(rectificationv1.Verdict(0).Descriptor(), "VERDICT_", string(domain.Pass), string(domain.Return))
	check(rectificationv1.NotApplicableReason(0).Descriptor(), "NOT_APPLICABLE_REASON_", string(domain.NoCityCommittee))
}

func texts[S ~string](in []S) []string {
	var out []string
	for _, s := range in {
		out = append(out, string(s))
	}
	return out
}
