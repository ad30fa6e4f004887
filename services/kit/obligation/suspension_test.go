package obligation_test

import (
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// TestArt19NoSuspension: an interpretation may say that no period stands still; it is
// then refused whatever the leading group decides, and nothing changes.
func TestArt19NoSuspension(t *testing.T) {
	l := load(t)
	var err error
	if l.rules, err = l.rules.Interpret("CN-COUNTY-2012-I9", regulation.Interpretation{
		Parameter: regulation.CountSuspension, Value: regulation.NoSuspension, Issuer: "central_discipline_commission",
		DocumentNumber: "中纪函〔2013〕9号", IssueDate: workday.NewDate(2013, time.March, 1), Text: "期限不得中止。",
	}); err != nil {
		t.Fatal(err)
	}
	o, err := obligation.New(l.on(t, "2026-03-02"), obligation.Opening{
		ID: "o", Duty: regulation.DutyPlan, Subject: "s", Place: place(), Start: day(t, "2026-03-02"), CountySees: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Suspend(l.on(t, "2026-03-03"), decision); !fault.Is(err, obligation.ReasonNoSuspension) {
		t.Errorf("suspended: %v", err)
	}
	if o.Record().State != obligation.Open || len(o.Changes()) != 1 {
		t.Errorf("it became %s with %d changes", o.Record().State, len(o.Changes()))
	}
}
