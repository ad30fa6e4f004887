package api

import (
	"testing"

	"google.golang.org/protobuf/proto"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// TestArt19InterpretationIsShown beside the value that it gave. No interpretation is
// known so far, so that no rule set of the book has one.
func TestArt19InterpretationIsShown(t *testing.T) {
	book, err := regulation.Load()
	if err != nil {
		t.Fatal(err)
	}
	base, _ := book.Find(regulation.County2012)
	rs, err := base.Interpret("CN-COUNTY-2012-I1", regulation.Interpretation{
		Parameter: regulation.NoticeMode, Value: regulation.Choice(workday.ClearDays), Issuer: "central_discipline_commission",
		DocumentNumber: "1号", IssueDate: workday.NewDate(2013, 3, 1), Text: "全文",
	})
	if err != nil {
		t.Fatal(err)
	}
	shown := encodeRuleSet(shownRules{rs, "51", true})
	want := &schedulingv1.RuleInterpretation{
		Parameter: "notice.mode", Value: "clear_days", Issuer: "central_discipline_commission",
		DocumentNumber: "1号", IssueDate: wire.Date(workday.NewDate(2013, 3, 1)), Text: "全文",
	}
	if shown.GetInterpretedRuleSet() != "provinces/51/ruleSets/CN-COUNTY-2012" || len(shown.GetInterpretations()) != 1 ||
		!proto.Equal(shown.GetInterpretations()[0], want) {
		t.Errorf("shown as %v of %s", shown.GetInterpretations(), shown.GetInterpretedRuleSet())
	}
	for _, p := range shown.GetParameters() {
		if p.GetParameter() == "notice.mode" && p.GetValue() != "clear_days" {
			t.Errorf("the value is shown as %s", p.GetValue())
		}
	}
}
