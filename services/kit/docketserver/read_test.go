package docketserver_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// TestGet: what a rectification plan's date looks like (art. 17).
func TestGet(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	name := w.open(regulation.DutyPlan, "2026-03-02", seenByCity)
	o := w.get(name)
	if o.GetName() != name || o.GetDuty() != obligationv1.Obligation_DUTY_RECTIFICATION_PLAN || o.GetArticle() != "17" || o.GetSoft() ||
		o.GetObligor() != policyv1.Party_PARTY_COUNTY_COMMITTEE || o.GetObligorJurisdiction() != "provinces/51/counties/510104" ||
		o.GetCounty() != "provinces/51/counties/510104" || o.GetCity() != "provinces/51/cities/510100" ||
		o.GetInspection() != "provinces/51/inspections/"+jinjiang().Inspection || o.GetState() != obligationv1.Obligation_STATE_OPEN ||
		o.GetEtag() != `"1"` || !o.GetCreateTime().AsTime().Equal(w.clock.Now()) {
		t.Errorf("got %v", o)
	}
	// Thirty working days from Tuesday 3 March, with 清明 (6 April) off.
	if text(o.GetDueDate()) != "2026-04-14" || !proto.Equal(o.GetComputed().GetDate(), o.GetDueDate()) || o.GetComputed().GetObligation() != name ||
		o.GetComputed().GetProvisional() || o.GetComputed().GetCalendarVersion() == "" || o.GetComputed().GetRuleSet() != ruleSet {
		t.Errorf("due %s by %v", text(o.GetDueDate()), o.GetComputed())
	}
	for _, tt := range []struct {
		day      string
		color    obligationv1.Obligation_Color
		late     bool
		consumed int32
	}{
		{"2026-03-03", obligationv1.Obligation_COLOR_GREEN, false, 1},
		{"2026-04-14", obligationv1.Obligation_COLOR_YELLOW, false, 30},
		{"2026-04-15", obligationv1.Obligation_COLOR_RED, true, 30},
	} {
		w.clock.Set(noon(t, tt.day))
		o, l := w.get(name), w.get(name).GetLedger()
		if o.GetColor() != tt.color || o.GetLate() != tt.late || l.GetUnit() != "working_days" || l.GetBudget() != 30 ||
			l.GetConsumed() != tt.consumed || l.GetConsumed()+l.GetRemaining() != l.GetBudget() {
			t.Errorf("%s: %s, late %v, %v", tt.day, o.GetColor(), o.GetLate(), l)
		}
	}
	w.meet(name, regulation.DutyPlan, "2026-04-15")
	if o := w.get(name); o.GetState() != obligationv1.Obligation_STATE_SATISFIED || text(o.GetSatisfyDate()) != "2026-04-15" || !o.GetLate() ||
		o.GetColor() != obligationv1.Obligation_COLOR_UNSPECIFIED {
		t.Errorf("met: %v", o)
	}
}

// TestForeignIsMissing: what another body may not know, another service's and what
// never was are the same bytes.
func TestForeignIsMissing(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	shown := w.open(regulation.DutyPlan, "2026-03-02")
	hidden := w.open(regulation.DutyInspectionReport, "2026-03-02", func(o *obligation.Opening) { o.CountySees = false })
	never := "provinces/51/obligations/rectification-0198c0de-0000-7000-8000-000000000009"
	elsewhere := strings.Replace(shown, service, "scheduling", 1)
	for _, tt := range []struct {
		who, name string
		sees      bool
	}{
		{office, shown, true}, {office, hidden, true}, {leading, shown, true}, {county, shown, true},
		{county, hidden, false}, {neighbour, shown, false}, {city, shown, false}, {liaison, shown, false}, {otherCity, shown, false},
		{office, never, false}, {county, never, false}, {office, elsewhere, false}, {county, elsewhere, false},
	} {
		_, errGet := w.obligations().GetObligation(w.as(tt.who), &obligationv1.GetObligationRequest{Name: tt.name})
		_, errExplain := w.obligations().ExplainObligation(w.as(tt.who), &obligationv1.ExplainObligationRequest{Name: tt.name})
		_, errThen := w.obligations().GetObligation(w.as(tt.who), &obligationv1.GetObligationRequest{Name: tt.name, AsOfTime: timestamppb.New(w.clock.Now())})
		for _, err := range []error{errGet, errExplain, errThen} {
			if tt.sees != (err == nil) {
				t.Errorf("%s asked for %s: %v", tt.who, tt.name, err)
			}
			if !tt.sees {
				refused(t, err, "NOT_FOUND")
				if got := strings.ReplaceAll(fmt.Sprint(status.Convert(err).Proto()), tt.name, "X"); got != missing(t, w) {
					t.Errorf("%s learns from %s:\n%s", tt.who, tt.name, got)
				}
			}
		}
		l := must(w.obligations().ListObligations(w.as(tt.who), &obligationv1.ListObligationsRequest{Parent: "provinces/51"}))(t)
		if listed := slices.Contains(names(l.GetObligations()), tt.name); listed != tt.sees {
			t.Errorf("%s lists %s: %v", tt.who, tt.name, listed)
		}
	}
	w.open(regulation.DutyReport, "2026-03-02", seenByCity)
	for _, who := range []string{city, liaison} {
		if l := must(w.obligations().ListObligations(w.as(who), &obligationv1.ListObligationsRequest{Parent: "provinces/51"}))(t); len(l.GetObligations()) != 1 {
			t.Errorf("%s lists %v", who, names(l.GetObligations()))
		}
	}
}

// missing is how an obligation that never was is missed.
func missing(t *testing.T, w *world) string {
	t.Helper()
	const name = "provinces/51/obligations/rectification-0198c0de-0000-7000-8000-00000000000a"
	_, err := w.obligations().GetObligation(w.as(office), &obligationv1.GetObligationRequest{Name: name})
	return strings.ReplaceAll(fmt.Sprint(status.Convert(err).Proto()), name, "X")
}

func names(all []*obligationv1.Obligation) []string {
	var out []string
	for _, o := range all {
		out = append(out, o.GetName())
	}
	return out
}

// TestListGoesOnBehindEveryRow: by date and id, and each continue token leads to
// exactly the rows behind its own; that is what the edge merges by.
func TestListGoesOnBehindEveryRow(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	for i := range 23 {
		w.open(regulation.DutyPlan, fmt.Sprintf("2026-02-%02d", 3+i%7))
	}
	list := func(size int32, token string) *obligationv1.ListObligationsResponse {
		t.Helper()
		return must(w.obligations().ListObligations(w.as(office), &obligationv1.ListObligationsRequest{Parent: "provinces/51", PageSize: size, PageToken: token}))(t)
	}
	all := list(200, "")
	if len(all.GetObligations()) != 23 || len(all.GetContinueTokens()) != 23 || all.GetNextPageToken() != "" {
		t.Fatalf("%d rows, %d tokens, next %q", len(all.GetObligations()), len(all.GetContinueTokens()), all.GetNextPageToken())
	}
	key := func(o *obligationv1.Obligation) string { return text(o.GetDueDate()) + o.GetName() }
	if !slices.IsSortedFunc(all.GetObligations(), func(a, b *obligationv1.Obligation) int { return strings.Compare(key(a), key(b)) }) {
		t.Error("not in the order of date and name")
	}
	want := names(all.GetObligations())
	for i, token := range all.GetContinueTokens() {
		if got := names(list(200, token).GetObligations()); !slices.Equal(got, want[i+1:]) {
			t.Errorf("behind row %d follow %d rows, want %d", i, len(got), len(want)-i-1)
		}
	}
	for _, size := range []int32{1, 7, 23} {
		var got []string
		for p := list(size, ""); ; p = list(size, p.GetNextPageToken()) {
			got = append(got, names(p.GetObligations())...)
			if p.GetNextPageToken() == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("by %d: %d rows, want %d", size, len(got), len(want))
		}
	}
	token := all.GetContinueTokens()[3]
	_, err := w.obligations().ListObligations(w.as(leading), &obligationv1.ListObligationsRequest{Parent: "provinces/51", PageToken: token})
	refused(t, err, "PAGE_TOKEN_MISMATCH")
	_, err = w.obligations().ListObligations(w.as(office), &obligationv1.ListObligationsRequest{Parent: "provinces/51", PageToken: token, Filter: "soft = true"})
	refused(t, err, "PAGE_TOKEN_MISMATCH")
}

func TestFilters(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	plan := w.open(regulation.DutyPlan, "2026-03-02")
	report := w.open(regulation.DutyReport, "2026-03-02", in(obligation.Place{Province: "51", City: "511300", County: "511321"}))
	soft := w.open(regulation.DutyFeedback, "2026-02-02", func(o *obligation.Opening) { o.CountySees = false })
	w.meet(soft, regulation.DutyFeedback, "2026-03-02")
	id := plan[strings.LastIndexByte(plan, '/')+1+len(service)+1:]
	for filter, want := range map[string][]string{
		"":                        {soft, plan, report},
		"state = STATE_OPEN":      {plan, report},
		"state = STATE_SATISFIED": {soft},
		"duty = DUTY_FEEDBACK":    {soft},
		`article = "17"`:          {plan, report},
		"soft = true":             {soft},
		`county = "provinces/51/counties/510104"`:                                   {soft, plan},
		`city = "provinces/51/cities/511300"`:                                       {report},
		`inspection = "provinces/51/inspections/` + jinjiang().Inspection + `"`:     {soft, plan},
		`subject = "provinces/51/rectifications/` + id + `"`:                        {plan},
		`due_date <= "2026-04-14"`:                                                  {soft, plan},
		`due_date > "2026-04-14" AND state = STATE_OPEN`:                            {report},
		`(duty = DUTY_FEEDBACK OR duty = DUTY_RECTIFICATION_PLAN) AND soft = false`: {plan},
	} {
		for _, at := range []*timestamppb.Timestamp{nil, timestamppb.New(w.clock.Now())} {
			l, err := w.obligations().ListObligations(w.as(office), &obligationv1.ListObligationsRequest{Parent: "provinces/51", Filter: filter, AsOfTime: at})
			if err != nil || !slices.Equal(names(l.GetObligations()), want) {
				t.Errorf("%q as of %v: %v, %v; want %v", filter, at, names(l.GetObligations()), err, want)
			}
		}
	}
	for _, filter := range []string{"county_code = 1", "county_sees = true", `city = "provinces/44/cities/440100"`, "state = STATE_UNSPECIFIED", "("} {
		_, err := w.obligations().ListObligations(w.as(office), &obligationv1.ListObligationsRequest{Parent: "provinces/51", Filter: filter})
		refused(t, err, "FIELD_INVALID")
	}
	_, err := w.obligations().ListObligations(w.as(office), &obligationv1.ListObligationsRequest{Parent: "provinces/51", PageSize: -1})
	refused(t, err, "FIELD_INVALID")
}

// TestThePastStaysWhatItWas: as of an instant, nothing recorded later is known.
func TestThePastStaysWhatItWas(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	before := timestamppb.New(w.clock.Now().Add(-time.Hour))
	name := w.open(regulation.DutyPlan, "2026-03-02")
	opened := timestamppb.New(w.clock.Now())
	w.clock.Set(noon(t, "2026-04-20"))
	w.meet(name, regulation.DutyPlan, "2026-04-20")
	met := timestamppb.New(w.clock.Now())
	w.clock.Set(noon(t, "2026-05-06"))

	get := func(at *timestamppb.Timestamp) (*obligationv1.Obligation, error) {
		return w.obligations().GetObligation(w.as(county), &obligationv1.GetObligationRequest{Name: name, AsOfTime: at})
	}
	_, err := get(before)
	refused(t, err, "NOT_FOUND")
	_, err = get(timestamppb.New(w.clock.Now().Add(time.Second)))
	refused(t, err, "FIELD_INVALID")
	then, now := must(get(opened))(t), must(get(met))(t)
	if then.GetState() != obligationv1.Obligation_STATE_OPEN || then.GetSatisfyDate() != nil || then.GetLate() ||
		then.GetColor() != obligationv1.Obligation_COLOR_GREEN || then.GetLedger().GetConsumed() != 0 {
		t.Errorf("when it was opened: %v", then)
	}
	if now.GetState() != obligationv1.Obligation_STATE_SATISFIED || !now.GetLate() {
		t.Errorf("when it was met: %v", now)
	}
	for at, changes := range map[*timestamppb.Timestamp]int{opened: 1, met: 2} {
		e := must(w.obligations().ExplainObligation(w.as(county), &obligationv1.ExplainObligationRequest{Name: name, AsOfTime: at}))(t)
		if len(e.GetChanges()) != changes {
			t.Errorf("%d changes, want %d", len(e.GetChanges()), changes)
		}
	}
	for at, rows := range map[*timestamppb.Timestamp]int{before: 0, opened: 1, nil: 1} {
		l := must(w.obligations().ListObligations(w.as(county), &obligationv1.ListObligationsRequest{Parent: "provinces/51", AsOfTime: at}))(t)
		if len(l.GetObligations()) != rows {
			t.Errorf("as of %v: %d rows, want %d", at, len(l.GetObligations()), rows)
		}
	}
}

// TestEveryDateExplainsItself: for every duty and many first days, the numbered days
// of the explanation are the count, and the last of them is the date.
func TestEveryDateExplainsItself(t *testing.T) {
	w := newWorld(t, "2026-01-05")
	rules := must(w.book.Get(ruleSet))(t)
	start := must(workday.ParseDate("2025-12-20"))(t)
	opened := 0
	for _, duty := range rules.Duties {
		if obligationv1.Obligation_Duty_value["DUTY_"+string(duty.Name)] == 0 {
			continue // no act of it is built
		}
		for i := range 12 {
			first := start.AddDays(i * 31)
			opened++
			w.open(duty.Name, first.String(), func(o *obligation.Opening) {
				if duty.Clock == "" {
					o.Planned = first.AddDays(40)
				}
			})
		}
	}
	l := must(w.obligations().ListObligations(w.as(office), &obligationv1.ListObligationsRequest{Parent: "provinces/51", PageSize: 200}))(t)
	if len(l.GetObligations()) != opened || opened < 120 {
		t.Fatalf("%d obligations, want 12 of each duty: %d", len(l.GetObligations()), opened)
	}
	for _, o := range l.GetObligations() {
		e := must(w.obligations().ExplainObligation(w.as(office), &obligationv1.ExplainObligationRequest{Name: o.GetName()}))(t)
		if !proto.Equal(e.GetObligation(), o) || len(e.GetChanges()) != 1 || e.GetChanges()[0].GetKind() != obligationv1.ObligationChange_KIND_OPENED {
			t.Errorf("explained %v, listed %v, history %v", e.GetObligation(), o, e.GetChanges())
		}
		what := fmt.Sprintf("%s from %s to %s", o.GetDuty(), text(o.GetComputed().GetStartDate()), text(o.GetDueDate()))
		if e.GetUnit() == "working_days" {
			explained(t, what, e)
		}
		if e.GetCount() <= 0 {
			t.Errorf("%s: %d %s", what, e.GetCount(), e.GetUnit())
		}
	}
}

// TestNoDateIsExplainedAway: one that the code does not count to again is an error of
// ours, not an explanation of another date.
func TestNoDateIsExplainedAway(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	name := w.open(regulation.DutyPlan, "2026-03-02")
	_, err := w.data.Admin(t).ExecContext(t.Context(), "UPDATE obligation SET computed_date = computed_date + 1, version = version + 1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.obligations().ExplainObligation(w.as(office), &obligationv1.ExplainObligationRequest{Name: name})
	refused(t, err, "INTERNAL")
}

func explained(t *testing.T, what string, e *obligationv1.ObligationExplanation) {
	t.Helper()
	number := int32(0)
	var last *obligationv1.CountedDay
	for _, d := range e.GetDays() {
		if d.GetNumber() == 0 {
			continue
		}
		number++
		last = d
		if d.GetNumber() != number || !d.GetWorking() {
			t.Errorf("%s: day %s has the number %d, worked %v; want %d", what, text(d.GetDate()), d.GetNumber(), d.GetWorking(), number)
		}
		if d.GetWorking() && d.GetWeekend() && d.GetSource() == "" {
			t.Errorf("%s: %s is a worked weekend by nobody's notice", what, text(d.GetDate()))
		}
	}
	if number != e.GetCount() || !proto.Equal(last.GetDate(), e.GetObligation().GetDueDate()) {
		t.Errorf("%s: %d numbered days, the last is %s; counted %d", what, number, text(last.GetDate()), e.GetCount())
	}
}
