package api_test

import (
	"context"
	"strings"
	"testing"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

// own drops what every call makes: the transaction, its scope, the request log, the
// savepoint and the audit entry.
func own(all []string) (left []string) {
	frame := []string{"begin", "commit", "rollback", "savepoint", "request_log", "set_config", "audit_entry"}
	for _, s := range all {
		of := false
		for _, word := range frame {
			of = of || strings.Contains(strings.ToLower(s), word)
		}
		if !of {
			left = append(left, s)
		}
	}
	return left
}

// TestNothingIsAskedForEachRow: the statements of a call do not grow with the rows of
// its answer or of its request, and are no more than it needs.
func TestNothingIsAskedForEachRow(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.withMeasures(w.jinjiang(), 60, "锦江")
	w.rectifying(w.authorize("510105", "510100", "chen"))
	w.rectifying(w.authorize("510185", "510300", "qian"))
	items := w.itemsOf(k.county, k)
	first := items[0].GetName()
	for n := range 3 { // steps to list
		req := progress(w.itemAs(k.county, k, 0), rectificationv1.RectificationItem_STATE_IN_PROGRESS, int32(n))
		req.Evidence = []*rectificationv1.Evidence{{Sha256: hash(n), Title: "名册"}, {Sha256: hash(n + 9), Title: "名册"}}
		do(w.items.ReportItemProgress(w.as(k.county), req))(t)
	}
	next := func() *rectificationv1.RectificationItem { // one that has not moved yet
		items = items[1:]
		return items[0]
	}
	county, inside := w.as(k.county), w.as(office)
	count := func(name string, want int, call func(ctx context.Context) error, as context.Context) {
		t.Helper()
		var err error
		if made := own(w.made.Of(func() { err = call(as) })); err != nil || len(made) != want {
			t.Errorf("%s makes %d statements, want %d: %v\n%s", name, len(made), want, err, strings.Join(made, "\n"))
		}
	}
	for _, size := range []int32{1, 200} {
		count("ListRectificationItems", 1, func(ctx context.Context) error {
			_, err := w.items.ListRectificationItems(ctx, &rectificationv1.ListRectificationItemsRequest{Parent: k.rectification, PageSize: size})
			return err
		}, county)
		count("ListProgressUpdates", 3, func(ctx context.Context) error {
			_, err := w.items.ListProgressUpdates(ctx, &rectificationv1.ListProgressUpdatesRequest{Parent: first, PageSize: size})
			return err
		}, county)
		count("ListRectifications", 2, func(ctx context.Context) error {
			_, err := w.cases.ListRectifications(ctx, &rectificationv1.ListRectificationsRequest{Parent: sichuan, PageSize: size})
			return err
		}, inside)
	}
	one := progress(next(), rectificationv1.RectificationItem_STATE_DONE, 100)
	count("ReportItemProgress", 2, func(ctx context.Context) error { _, err := w.items.ReportItemProgress(ctx, one); return err }, county)
	// The documents that evidence names are one statement more, however many they are.
	documents := []*rectificationv1.Evidence{{Document: w.handIn(k.county, k, pdf(100)).GetName(), Title: "名册"}, {Document: w.handIn(k.county, k, pdf(200)).GetName(), Title: "名册"}}
	one = progress(next(), rectificationv1.RectificationItem_STATE_DONE, 100)
	one.Evidence = documents
	count("ReportItemProgress with documents", 3, func(ctx context.Context) error { _, err := w.items.ReportItemProgress(ctx, one); return err }, county)
	some, many := batch(k, next(), next()), batch(k, items[1:21]...)
	items = items[20:]
	all := batch(k, items[1:]...)
	for _, u := range many.GetUpdates() {
		u.Evidence = append(u.Evidence, documents...)
	}
	for req, want := range map[*rectificationv1.BatchReportItemProgressRequest]int{some: 2, many: 3, all: 2} {
		count("BatchReportItemProgress", want, func(ctx context.Context) error {
			_, err := w.items.BatchReportItemProgress(ctx, req)
			return err
		}, county)
	}
}
