package api_test

import (
	"slices"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

// TestArt17ManyItemsAtOnce: all or none, each by the rules of one alone, and each with
// its own step in the history.
func TestArt17ManyItemsAtOnce(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.withMeasures(w.jinjiang(), 20, "锦江")
	items := w.itemsOf(k.county, k)
	before := w.fingerprint()
	for name, tt := range map[string]struct {
		change          func(*rectificationv1.BatchReportItemProgressRequest)
		reason, article string
	}{
		"an item that is not there": {func(r *rectificationv1.BatchReportItemProgressRequest) { r.Updates[7].Number = 99 }, "ITEM_UNKNOWN", "17"},
		"one stale":                 {func(r *rectificationv1.BatchReportItemProgressRequest) { r.Updates[19].Etag = `"7"` }, "ETAG_MISMATCH", ""},
		"one against the rules":     {func(r *rectificationv1.BatchReportItemProgressRequest) { r.Updates[19].Percent = 99 }, "PERCENT_INVALID", "17"},
		"one twice":                 {func(r *rectificationv1.BatchReportItemProgressRequest) { r.Updates[3].Number = 1 }, "FIELD_INVALID", ""},
		"verified by the county":    {func(r *rectificationv1.BatchReportItemProgressRequest) { r.Updates[3].State = 6 }, "FIELD_INVALID", ""},
		"none":                      {func(r *rectificationv1.BatchReportItemProgressRequest) { r.Updates = nil }, "FIELD_INVALID", ""},
		"a hash that is none":       {func(r *rectificationv1.BatchReportItemProgressRequest) { r.Updates[3].Evidence[0].Sha256 = "AB" }, "FIELD_INVALID", ""},
	} {
		t.Run(name, func(t *testing.T) {
			req := batch(k, items...)
			tt.change(req)
			_, err := w.items.BatchReportItemProgress(w.as(k.county), req)
			refused(t, err, tt.reason, tt.article)
			if w.fingerprint() != before {
				t.Error("something changed")
			}
		})
	}
	req := batch(k, items...)
	first := do(w.items.BatchReportItemProgress(w.as(k.county), req))(t)
	if again := do(w.items.BatchReportItemProgress(w.as(k.county), req))(t); !proto.Equal(first, again) {
		t.Errorf("first %v, again %v", first, again)
	}
	for n, i := range w.itemsOf(k.county, k) {
		if i.GetState() != rectificationv1.RectificationItem_STATE_DONE || !proto.Equal(i, first.GetRectificationItems()[n]) {
			t.Errorf("item %v", i)
		}
		if steps := w.updates(k.city, i); len(steps) != 1 || len(steps[0].GetEvidence()) != 1 || steps[0].GetNumber() != 2 {
			t.Errorf("steps %v", steps)
		}
	}
}

// TestArt17TwentyReportOneCounts: of twenty reports on one item at once one is taken.
func TestArt17TwentyReportOneCounts(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	i := w.itemAs(k.county, k, 0)
	errs := make([]error, 20)
	var all sync.WaitGroup
	for n := range errs {
		all.Go(func() {
			if n%2 == 0 {
				_, errs[n] = w.items.BatchReportItemProgress(w.as(k.county), batch(k, i))
			} else {
				_, errs[n] = w.items.ReportItemProgress(w.as(k.county), progress(i, rectificationv1.RectificationItem_STATE_IN_PROGRESS, 10))
			}
		})
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		}
	}
	if steps := w.updates(office, i); won != 1 || len(steps) != 1 {
		t.Errorf("%d won, %d steps", won, len(steps))
	}
}

// TestArt17TheSameFileUploadedTwice is accepted, with the item and with another one,
// and answered as any other: the county learns nothing by it, and the office sees both.
func TestArt17TheSameFileUploadedTwice(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	uploads := []*documentv1.Document{w.handIn(k.county, k, pdf(1000)), w.handIn(k.county, k, pdf(1000))}
	report := func(n int, percent int32) *rectificationv1.RectificationItem {
		req := progress(w.itemAs(k.county, k, n), rectificationv1.RectificationItem_STATE_IN_PROGRESS, percent)
		req.Evidence = []*rectificationv1.Evidence{{Document: uploads[n].GetName(), Title: "名册"}, {Sha256: uploads[n].GetSha256(), Title: "名册"}}
		return do(w.items.ReportItemProgress(w.as(k.county), req))(t)
	}
	for n, percent := range []int32{10, 10, 20} {
		if i := report(n%2, percent); len(i.GetEvidence()) != 2 || i.GetEvidence()[0].GetSha256() != uploads[0].GetSha256() {
			t.Errorf("reported as %v", i)
		}
	}
	flags := same(w.flagsOf(office, k))
	if len(flags) != 1 {
		t.Fatalf("flags %v", flags)
	}
	f := flags[0].GetSameEvidence()
	seen := []string{f.GetEvidence().GetDocument(), f.GetOtherEvidence().GetDocument()}
	slices.Sort(seen)
	want := []string{uploads[0].GetName(), uploads[1].GetName()}
	if slices.Sort(want); !slices.Equal(seen, want) || want[0] == want[1] {
		t.Errorf("the office sees %v, want %v", seen, want)
	}
}
