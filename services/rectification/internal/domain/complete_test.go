package domain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// fields writes what a refusal names, one a line.
func fields(f *fault.Error) []string {
	var out []string
	for _, f := range f.Fields {
		out = append(out, f.Path+" "+f.Reason+": "+f.Description)
	}
	return out
}

// TestArt17PlanOf11Of12Problems: the twelfth is named, and the clock does not start.
func TestArt17PlanOf11Of12Problems(t *testing.T) {
	r := domain.RehydrateRectification(domain.RectificationRecord{
		ID: "c1", Place: place(), Problems: problems(12), State: domain.RectificationPlanning,
	})
	p := plan(domain.SubmissionDraft)
	ok(t, p.Write(measures([]int32{1, 2, 3, 4, 5, 6}, []int32{7, 8, 9, 10, 11}), noon(t, today)))
	_, _, err := r.SubmitPlan(p, signed(), "v1", moment(t, today))
	f := refused(t, err, "PLAN_INCOMPLETE", "17")
	if f.Meta["problems"] != "12" || !cmp.Equal(fields(f), []string{"measures PROBLEM_UNCOVERED: problems 12"}) {
		t.Errorf("names %v, %v", f.Meta, fields(f))
	}
	if !r.Record().PlanSubmitDate.IsZero() || p.Record().Count != 0 {
		t.Error("an incomplete plan counts")
	}
}

// TestArt17EverythingThatIsMissingIsNamedAtOnce.
func TestArt17EverythingThatIsMissingIsNamedAtOnce(t *testing.T) {
	r, p := rectification(t, domain.RectificationPlanning), plan(domain.SubmissionDraft)
	all := measures([]int32{1}, []int32{1, 9}, nil, []int32{1}, []int32{1}, []int32{1})
	all[0].Owner, all[1].Owner, all[2].Owner, all[4].Owner = "", " \n", "", ""
	all[3].OwnerPost = "\t"
	all[4].Due = workday.Date{}
	all[5].AcceptanceTest = ""
	ok(t, p.Write(all, noon(t, today)))
	before := p.Record()
	_, _, err := r.SubmitPlan(p, domain.Signature{Name: "王", Post: "县委书记"}, "v1", moment(t, today))
	f := refused(t, err, "PROBLEM_UNKNOWN", "17")
	want := []string{
		"measures.problem_numbers PROBLEM_UNKNOWN: problems 9",
		"measures PROBLEM_UNCOVERED: problems 2-3",
		"measures.problem_numbers PROBLEMS_MISSING: measures 3",
		"measures.owner OWNER_MISSING: measures 1-3, 5",
		"measures.owner_post OWNER_POST_MISSING: measures 4",
		"measures.due_date DUE_DATE_MISSING: measures 5",
		"measures.acceptance_test ACCEPTANCE_TEST_MISSING: measures 6",
		"truthfulness_commitment COMMITMENT_MISSING: missing",
	}
	if diff := cmp.Diff(want, fields(f)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, p.Record()); diff != "" {
		t.Errorf("a refusal changed it:\n%s", diff)
	}
}

// TestArt17EachElementOfAMeasureIsRequired, and the commitment, each with its own refusal.
func TestArt17EachElementOfAMeasureIsRequired(t *testing.T) {
	for name, spoil := range map[string]func(*domain.Measure){
		"owner":           func(m *domain.Measure) { m.Owner = "" },
		"owner_post":      func(m *domain.Measure) { m.OwnerPost = "" },
		"due_date":        func(m *domain.Measure) { m.Due = workday.Date{} },
		"acceptance_test": func(m *domain.Measure) { m.AcceptanceTest = "" },
	} {
		p, all := plan(domain.SubmissionReturned), measures([]int32{1, 2}, []int32{3})
		spoil(&all[1])
		ok(t, p.Write(all, noon(t, today)))
		_, _, err := rectification(t, domain.RectificationPlanning).SubmitPlan(p, signed(), "v1", moment(t, today))
		f := refused(t, err, "MEASURES_INCOMPLETE", "17")
		want := []string{"measures." + name + " " + strings.ToUpper(name) + "_MISSING: measures 2"}
		if f.Meta["measures"] != "2" || !cmp.Equal(want, fields(f)) {
			t.Errorf("without %s: %v, %v", name, f.Meta, fields(f))
		}
	}
	s := signed()
	s.Truthful = false
	_, _, err := rectification(t, domain.RectificationPlanning).SubmitPlan(plan(domain.SubmissionDraft), s, "v1", moment(t, today))
	refused(t, err, "COMMITMENT_MISSING", "17")
}

// TestArt17NothingMissingIsCutOff: five hundred measures of which every second lacks its
// owner are all named, in parts that an answer can carry.
func TestArt17NothingMissingIsCutOff(t *testing.T) {
	var all []domain.Measure
	var want []string
	for n := int32(1); n <= 500; n++ {
		m := measures([]int32{1, 2, 3})[0]
		if m.Number = n; n%2 == 0 {
			m.Owner = ""
			want = append(want, fmt.Sprint(n))
		}
		all = append(all, m)
	}
	p := plan(domain.SubmissionDraft)
	ok(t, p.Write(all, noon(t, today)))
	_, _, err := rectification(t, domain.RectificationPlanning).SubmitPlan(p, signed(), "v1", moment(t, today))
	var got []string
	for _, f := range refused(t, err, "MEASURES_INCOMPLETE", "17").Fields {
		if len(f.Description) > 256 {
			t.Errorf("%d bytes in one part", len(f.Description))
		}
		got = append(got, strings.Split(strings.TrimPrefix(f.Description, "measures "), ", ")...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("names %v", got)
	}
}

// TestArt17TheDayThatCounts: any day, also a day off, in Asia/Shanghai; 24:00 is still of
// the day that ends.
func TestArt17TheDayThatCounts(t *testing.T) {
	last := day(t, "2024-04-09").Time()
	for name, tt := range map[string]struct{ offset, want string }{
		"in the night":              {"3h", "2024-04-09"},
		"a second before 24:00":     {"23h59m59s", "2024-04-09"},
		"at 24:00":                  {"24h", "2024-04-09"},
		"a microsecond after 24:00": {"24h0m0.000001s", "2024-04-10"},
		"on the Saturday after":     {"108h", "2024-04-13"},
	} {
		at := moment(t, "2024-04-09")
		at.Now = last.Add(duration(t, tt.offset))
		r, p := rectification(t, domain.RectificationPlanning), plan(domain.SubmissionDraft)
		_, dues, err := r.SubmitPlan(p, signed(), "v1", at)
		ok(t, err)
		want := day(t, tt.want)
		if r.Record().PlanSubmitDate != want || p.Record().SubmitDate != want || dues.Met[0].On != want || dues.Counted[0].Start != want {
			t.Errorf("%s: of the case %v, of the plan %v, %+v; want %s", name, r.Record().PlanSubmitDate, p.Record().SubmitDate, dues, tt.want)
		}
		if v := p.Version("x1"); v.SubmitDate != want || !v.SubmitTime.Equal(at.Now) || v.Content.Submission != 1 || v.Signature != signed() {
			t.Errorf("%s: version %+v", name, v)
		}
	}
}

// TestArt17WithdrawnInEveryState: only before the group's reply, and only once.
func TestArt17WithdrawnInEveryState(t *testing.T) {
	for _, s := range domain.SubmissionStates() {
		p := plan(s)
		before := p.Record()
		err := p.Withdraw("责任分工调整", noon(t, today))
		if s != domain.SubmissionSubmitted {
			refused(t, err, "PLAN_STATE_INVALID", "17")
			if diff := cmp.Diff(before, p.Record()); diff != "" {
				t.Errorf("%s: a refusal changed it:\n%s", s, diff)
			}
			continue
		}
		ok(t, err)
		if got := p.Record(); got.State != domain.SubmissionWithdrawn || got.WithdrawReason != "责任分工调整" || got.Count != 1 {
			t.Errorf("withdrawn as %+v", got)
		}
	}
}
