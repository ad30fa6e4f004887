package domain_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

func duration(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	ok(t, err)
	return d
}

// TestArt17ThreeLists: each problem with its measures and as far as the one that is least
// far, each measure, and each person with what the person answers for.
func TestArt17ThreeLists(t *testing.T) {
	planned := measures([]int32{1, 2}, []int32{2}, []int32{4})
	planned[1].Owner = "陈"
	planned[2].Due = workday.Date{Year: 2024, Month: 9, Day: 30}
	items := []*domain.Item{
		domain.RehydrateItem(domain.ItemRecord{Measure: planned[0], State: domain.ItemDone, Percent: 100}),
		domain.RehydrateItem(domain.ItemRecord{Measure: planned[1], State: domain.ItemInProgress, Percent: 30}),
	}
	got := domain.MakeLists(problems(4), planned, items)
	all := problems(4)
	want := domain.Lists{
		Problems: []domain.ListedProblem{
			{Problem: all[0], Measures: []int32{1}, State: domain.ItemDone},
			{Problem: all[1], Measures: []int32{1, 2}, State: domain.ItemInProgress},
			{Problem: all[2]},
			{Problem: all[3], Measures: []int32{3}},
		},
		Tasks: []domain.ListedTask{
			{Measure: planned[0], State: domain.ItemDone, Percent: 100},
			{Measure: planned[1], State: domain.ItemInProgress, Percent: 30},
			{Measure: planned[2]},
		},
		Owners: []domain.ListedOwner{
			{Name: "李", Post: "副县长", Measures: []int32{1, 3}, Problems: []int32{1, 2, 4}, Due: planned[2].Due},
			{Name: "陈", Post: "副县长", Measures: []int32{2}, Problems: []int32{2}, Due: planned[1].Due},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
}

// TestArt17VersionsAreCompared by measure, field and problem.
func TestArt17VersionsAreCompared(t *testing.T) {
	version := func(m []domain.Measure) domain.Version { return domain.Version{Content: domain.Content{Measures: m}} }
	before, after := measures([]int32{1}, []int32{2}, []int32{3}), measures([]int32{1}, []int32{2, 3})
	after[1].Due = workday.Date{}
	gotMeasures, gotProblems := domain.ComparePlans(version(before), version(after))
	wantMeasures := []domain.MeasureChange{
		{Number: 2, Kind: domain.MeasureChanged, Fields: []domain.FieldChange{
			{Field: "problem_numbers", Before: "2", After: "2, 3"}, {Field: "due_date", Before: "2024-06-28"}}},
		{Number: 3, Kind: domain.MeasureRemoved, Fields: []domain.FieldChange{
			{Field: "problem_numbers", Before: "3"}, {Field: "description", Before: "措施"}, {Field: "owner", Before: "李"},
			{Field: "owner_post", Before: "副县长"}, {Field: "due_date", Before: "2024-06-28"}, {Field: "acceptance_test", Before: "制度出台并公开"}}},
	}
	wantProblems := []domain.ProblemChange{
		{Number: 2, Before: []int32{2}, After: []int32{2}, Changed: []int32{2}},
		{Number: 3, Before: []int32{3}, After: []int32{2}, Changed: []int32{2, 3}},
	}
	if diff := cmp.Diff(wantMeasures, gotMeasures); diff != "" {
		t.Errorf("measures (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantProblems, gotProblems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if m, p := domain.ComparePlans(version(before), version(before)); m != nil || p != nil {
		t.Errorf("a version differs from itself by %v, %v", m, p)
	}
	if m, _ := domain.ComparePlans(version(after), version(before)); len(m) != 2 || m[1].Kind != domain.MeasureAdded {
		t.Errorf("the other way round %v", m)
	}
}
