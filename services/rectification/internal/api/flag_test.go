package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// flagsOf reads all flags of a case, in pages of one.
func (w *world) flagsOf(token string, k task) (all []*rectificationv1.RectificationFlag) {
	w.t.Helper()
	req := &rectificationv1.ListRectificationFlagsRequest{Parent: k.rectification, PageSize: 1}
	for {
		page := do(w.flags.ListRectificationFlags(w.as(token), req))(w.t)
		all = append(all, page.GetRectificationFlags()...)
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			return all
		}
	}
}

// evidenced has the county hand in documents with an item, and not yet be done.
func (w *world) evidenced(k task, n int, evidence ...*rectificationv1.Evidence) *rectificationv1.RectificationItem {
	w.t.Helper()
	req := progress(w.itemAs(k.county, k, n), rectificationv1.RectificationItem_STATE_IN_PROGRESS, 50)
	req.Evidence = evidence
	return do(w.items.ReportItemProgress(w.as(k.county), req))(w.t)
}

// TestArt17FlagOfTheSameEvidence: one document for two items, of one county or of two,
// with both as they were handed in; the group sees what is of its own tasks.
func TestArt17FlagOfTheSameEvidence(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	a, b := w.withMeasures(w.jinjiang(), 2, "锦江"), w.withMeasures(w.authorize("510105", "510100", "chen"), 1, "青羊区另定")
	one, two := &rectificationv1.Evidence{Sha256: hash(7), Title: "名册"}, &rectificationv1.Evidence{Sha256: hash(7), Title: "另一名册"}
	first := w.evidenced(a, 0, one)
	w.evidenced(a, 0, one) // the item's own document again is no flag
	if got := same(w.flagsOf(office, a)); len(got) != 0 {
		t.Errorf("one item, and flags %v", got)
	}
	w.evidenced(a, 1, two)
	elsewhere := w.evidenced(b, 0, one)
	ours := same(w.flagsOf(office, a))
	if len(ours) != 3 { // with each other, and each with the other county
		t.Fatalf("flags %v", ours)
	}
	across := ours[slices.IndexFunc(ours, func(f *rectificationv1.RectificationFlag) bool {
		return f.GetItem() == first.GetName() && f.GetSameEvidence().GetOtherItem() == elsewhere.GetName()
	})].GetSameEvidence()
	if across.GetOtherCounty() != b.countyArea || !proto.Equal(across.GetOtherEvidence(), elsewhere.GetEvidence()[0]) ||
		!proto.Equal(across.GetEvidence(), first.GetEvidence()[0]) {
		t.Errorf("proof %v", across)
	}
	if got := same(w.flagsOf(leading, b)); len(got) != 2 {
		t.Errorf("the other county's flags %v", got)
	}
	within := same(w.flagsOf(a.group, a))
	if len(within) != 1 || strings.Contains(within[0].String(), b.rectification) {
		t.Errorf("the group sees %v", within)
	}
}

// same keeps the flags of one document for two items.
func same(all []*rectificationv1.RectificationFlag) []*rectificationv1.RectificationFlag {
	return slices.DeleteFunc(all, func(f *rectificationv1.RectificationFlag) bool { return f.GetSameEvidence() == nil })
}

// TestArt17FlagOfEarlyEvidence: a document older than the receipt of the feedback, or
// than the look-back that it answers, proves nothing of what was done about it.
func TestArt17FlagOfEarlyEvidence(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.withMeasures(w.jinjiang(), 1, "锦江")
	w.at("2024-03-20")
	i := w.evidenced(k, 0,
		&rectificationv1.Evidence{Sha256: hash(1), Title: "旧文件", DocumentDate: day(t, "2024-02-25")},
		&rectificationv1.Evidence{Sha256: hash(2), Title: "当日文件", DocumentDate: day(t, "2024-02-26")},
		&rectificationv1.Evidence{Sha256: hash(3), Title: "无日期"})
	flags := w.flagsOf(k.group, k)
	if len(flags) != 1 || flags[0].GetItem() != i.GetName() || text(flags[0].GetEarlyEvidence().GetSince()) != "2024-02-26" ||
		!proto.Equal(flags[0].GetEarlyEvidence().GetEvidence(), i.GetEvidence()[0]) {
		t.Fatalf("flags %v", flags)
	}
	w.closedItem(k)
	w.at("2024-09-02")
	again := do(w.items.LookBackAtItem(w.as(office), w.lookBack(w.itemAs(office, k, 0))))(t)
	w.evidenced(k, 1, &rectificationv1.Evidence{Sha256: hash(4), Title: "整改材料", DocumentDate: day(t, "2024-09-01")})
	early := slices.DeleteFunc(w.flagsOf(office, k), func(f *rectificationv1.RectificationFlag) bool { return f.GetEarlyEvidence() == nil })
	if len(early) != 2 || !slices.ContainsFunc(early, func(f *rectificationv1.RectificationFlag) bool {
		return f.GetItem() == again.GetName() && text(f.GetEarlyEvidence().GetSince()) == "2024-09-02"
	}) {
		t.Errorf("flags %v", early)
	}
}

// TestArt17FlagOfAlikeMeasures: measures in nearly the same words, with both texts and
// how much they share.
func TestArt17FlagOfAlikeMeasures(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	const words = "修订议事规则，明确责任清单，对照反馈意见逐条制定整改措施，完善长效机制并组织专项检查"
	set := func(k task, text string) task {
		k = w.withMeasures(k, 1, "x")
		if _, err := w.db.Admin(t).Exec(`ALTER TABLE item DISABLE TRIGGER USER`); err != nil {
			t.Fatal(err)
		}
		_, err := w.db.Admin(t).Exec(`UPDATE item SET measure = jsonb_set(measure, '{description}', to_jsonb($1::text)) WHERE rectification_id = $2`,
			text, idOf(k.rectification))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	a := set(w.jinjiang(), words+"。")
	b := set(w.authorize("510105", "510100", "chen"), words+"！")
	set(w.authorize("510106", "510100", "qian"), "开展违规吃喝问题专项治理，追缴违纪款项，并通报典型案例。")
	flags := w.flagsOf(office, a)
	if len(flags) != 1 {
		t.Fatalf("flags %v", flags)
	}
	alike := flags[0].GetAlikeMeasures()
	if alike.GetMeasure() != words+"。" || alike.GetOtherMeasure() != words+"！" || alike.GetSimilarityPercent() != 100 ||
		alike.GetThresholdPercent() != 80 || alike.GetOtherCounty() != b.countyArea || alike.GetOtherItem() != w.itemAs(office, b, 0).GetName() {
		t.Errorf("proof %v", alike)
	}
	if got := w.flagsOf(a.group, a); len(got) != 0 {
		t.Errorf("the group sees another task's measure: %v", got)
	}
}

// TestArt17FlagOfALastDayBurst: what was called done only on the last day, many at
// once; before it, or a few, is no burst.
func TestArt17FlagOfALastDayBurst(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	a, b := w.withMeasures(w.jinjiang(), 5, "锦江"), w.withMeasures(w.authorize("510105", "510100", "chen"), 5, "青羊区另定")
	burst := func(k task) []*rectificationv1.RectificationFlag {
		return slices.DeleteFunc(w.flagsOf(office, k), func(f *rectificationv1.RectificationFlag) bool { return f.GetLastDayBurst() == nil })
	}
	due := w.itemAs(office, a, 0).GetDueDate()
	last := time.Date(int(due.GetYear()), time.Month(due.GetMonth()), int(due.GetDay()), 10, 0, 0, 0, time.UTC)
	w.clock.Set(last.AddDate(0, 0, -1))
	do(w.items.BatchReportItemProgress(w.as(a.county), batch(a, w.itemsOf(a.county, a)[0])))(t)
	do(w.items.BatchReportItemProgress(w.as(b.county), batch(b, w.itemsOf(b.county, b)[:2]...)))(t)
	w.clock.Set(last)
	do(w.items.BatchReportItemProgress(w.as(a.county), batch(a, w.itemsOf(a.county, a)[1:]...)))(t)
	do(w.items.BatchReportItemProgress(w.as(b.county), batch(b, w.itemsOf(b.county, b)[2:]...)))(t)
	got := burst(a)
	if len(got) != 1 || got[0].GetItem() != "" || !proto.Equal(got[0].GetLastDayBurst(), &rectificationv1.RectificationFlag_LastDayBurst{
		DueDate: due, DueItems: 5, Numbers: []int32{2, 3, 4, 5}, ThresholdPercent: 80,
	}) {
		t.Errorf("flags %v", got)
	}
	if got := burst(b); len(got) != 0 { // three of five
		t.Errorf("flags %v", got)
	}
}

// TestArt17NoCountyOrCityLearnsOfFlags: by no layer, and by no answer of its own.
func TestArt17NoCountyOrCityLearnsOfFlags(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	drill := w.without()
	k := w.withMeasures(w.jinjiang(), 2, "锦江")
	twice := &rectificationv1.Evidence{Sha256: hash(7), Title: "名册"}
	first, second := w.evidenced(k, 0, twice), w.evidenced(k, 1, twice)
	if got := same(w.flagsOf(office, k)); len(got) != 1 {
		t.Fatalf("flags %v", got)
	}
	for _, token := range append(strangers(), k.county, k.city, k.liaison) {
		for layer, at := range map[string]*world{"both layers": w, "row-level security alone": drill} {
			answer, err := at.flags.ListRectificationFlags(at.as(token), &rectificationv1.ListRectificationFlagsRequest{Parent: k.rectification})
			if code := status.Code(err); err == nil || code != codes.PermissionDenied && code != codes.NotFound {
				t.Errorf("%s, %s: %v, %v", layer, token, answer, err)
			}
		}
		if takes(t, w.db.Open(t), token, "SELECT * FROM item_alike('"+idOf(k.rectification)+"')") {
			t.Errorf("%s compares measures", token)
		}
	}
	// The second is answered like the first: shape and states are the same.
	if first.GetState() != second.GetState() || len(first.GetEvidence()) != len(second.GetEvidence()) || second.GetOpinion() != "" {
		t.Errorf("the first is answered %v, the second %v", first, second)
	}
}

// TestFlagsHaveTheirKinds: each kind of the domain has a proof on the wire.
func TestFlagsHaveTheirKinds(t *testing.T) {
	proofs := (&rectificationv1.RectificationFlag{}).ProtoReflect().Descriptor().Oneofs().ByName("proof").Fields()
	if proofs.Len() != int(domain.LastDayBurst) {
		t.Errorf("%d proofs of %d kinds", proofs.Len(), domain.LastDayBurst)
	}
}
