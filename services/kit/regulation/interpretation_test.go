package regulation

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func clearDays() Interpretation {
	return Interpretation{
		Parameter: NoticeMode, Value: Choice(workday.ClearDays), Issuer: "central_discipline_commission",
		DocumentNumber: "中纪办〔2013〕1号", IssueDate: workday.NewDate(2013, time.March, 1), Text: "须有十个完整工作日。",
	}
}

func interpret(t *testing.T, in ...Interpretation) *RuleSet {
	t.Helper()
	rs, err := county2012().Interpret("CN-COUNTY-2012-I1", in...)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

// TestArt19InterpretationChangesAValue: in a rule set of its own, which says by what.
func TestArt19InterpretationChangesAValue(t *testing.T) {
	cal, err := workday.National()
	if err != nil {
		t.Fatal(err)
	}
	base, entry := county2012(), workday.NewDate(2013, time.February, 25)
	longer := clearDays()
	longer.Parameter, longer.Value = OnSiteMaximum, Number(60)
	rs := interpret(t, clearDays(), longer)
	for set, want := range map[*RuleSet]string{base: "2013-02-06", rs: "2013-02-05"} { // domain.md §5.3
		got, err := set.LatestNotice(cal, "51", entry)
		if err != nil || got.Date.String() != want || got.RuleSet != set.ID {
			t.Errorf("%s: latest notice %s of %s, %v; want %s", set.ID, got.Date, got.RuleSet, err, want)
		}
	}
	for _, set := range []*RuleSet{base, rs} { // the reading is of art. 12(2) and not of art. 15(1)
		got, err := set.DutyDue(DutyCityBriefing, cal, "51", entry, workday.Date{}, Adjustment{})
		if err != nil || got.Date.String() != "2013-02-22" {
			t.Errorf("%s: the city briefs by %s, %v", set.ID, got.Date, err)
		}
	}
	mode, _ := rs.Parameter(NoticeMode)
	if diff := cmp.Diff([]Choice{Choice(workday.BackFromEntry)}, mode.Options); diff != "" {
		t.Errorf("the value that it had is no option any more (-want +got):\n%s", diff)
	}
	if n, _ := rs.Number(OnSiteMaximum); n != 60 || len(rs.Interpretations) != 2 || rs.Interprets != County2012 {
		t.Errorf("at most %d days by %v of %s", n, rs.Interpretations, rs.Interprets)
	}
	if diff := cmp.Diff(county2012().Parameters, base.Parameters); diff != "" {
		t.Errorf("the rule set that was interpreted changed:\n%s", diff)
	}
}

// TestArt19InterpretedSetIsSelectedFromItsIssue, and what was pinned stays.
func TestArt19InterpretedSetIsSelectedFromItsIssue(t *testing.T) {
	book, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	rs := interpret(t, clearDays())
	if book, err = book.With(rs); err != nil {
		t.Fatal(err)
	}
	for day, want := range map[workday.Date]string{
		workday.NewDate(2013, time.February, 28): County2012, workday.NewDate(2013, time.March, 1): rs.ID,
	} {
		if got, err := book.Select(County, day); err != nil || got.ID != want {
			t.Errorf("%s: %v, %v; want %s", day, got, err, want)
		}
	}
	if got, err := book.Get(County2012); err != nil || got.ID != County2012 {
		t.Errorf("the pinned one: %v, %v", got, err)
	}
	if _, err := book.With(rs); err == nil {
		t.Error("the same id twice is taken")
	}
}

func TestArt19InterpretationIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		reason string
		spoil  func(*Interpretation)
	}{
		{"no issuer", ReasonInterpretationNotCited, func(i *Interpretation) { i.Issuer = "" }},
		{"an issuer that may not interpret", ReasonInterpretationNotCited, func(i *Interpretation) { i.Issuer = "office" }},
		{"no number", ReasonInterpretationNotCited, func(i *Interpretation) { i.DocumentNumber = "" }},
		{"no day", ReasonInterpretationNotCited, func(i *Interpretation) { i.IssueDate = workday.Date{} }},
		{"a day before the text", ReasonInterpretationNotCited, func(i *Interpretation) { i.IssueDate = workday.NewDate(2012, time.August, 1) }},
		{"no option", ReasonInterpretationValue, func(i *Interpretation) { i.Value = Choice("as_you_like") }},
		{"the value that it has", ReasonInterpretationValue, func(i *Interpretation) { i.Value = Choice(workday.BackFromEntry) }},
		{"another type", ReasonInterpretationValue, func(i *Interpretation) { i.Value = Number(3) }},
		{"no value", ReasonInterpretationValue, func(i *Interpretation) { i.Value = nil }},
		{"no such parameter", ReasonInterpretationValue, func(i *Interpretation) { i.Parameter = "no.such" }},
		{"not positive", ReasonInterpretationValue, func(i *Interpretation) { i.Parameter, i.Value = OnSiteMinimum, Number(0) }},
		{"no hour of a day", ReasonInterpretationValue, func(i *Interpretation) { i.Parameter, i.Value = CountCutOff, Number(25) }},
		{"what the text settles", ReasonInterpretationValue, func(i *Interpretation) { i.Parameter, i.Value = PlanPeriod, Number(60) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := clearDays()
			tt.spoil(&i)
			rs, err := county2012().Interpret("CN-COUNTY-2012-I1", i)
			f, ok := fault.As(err)
			if rs != nil || !ok || f.Reason != tt.reason || f.Meta[fault.MetaArticle] != "19" || f.Meta["parameter"] == "" {
				t.Errorf("%v, %v; want %s of art. 19", rs, err, tt.reason)
			}
		})
	}
	for what, err := range map[string]error{
		"its own id":        second(county2012().Interpret(County2012, clearDays())),
		"no interpretation": second(county2012().Interpret("CN-COUNTY-2012-I1")),
	} {
		if err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

func second[T any](_ T, err error) error { return err }
