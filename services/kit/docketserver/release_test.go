package docketserver_test

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// TestCountedByAnotherRelease: while releases are changed, or after one was taken
// back, a date may have been counted by a calendar that this one does not know. It is
// shown as it is stored; it is not explained by days that did not make it.
func TestCountedByAnotherRelease(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	name := w.open(regulation.DutyPlan, "2026-03-02")
	admin := w.data.Admin(t)
	for _, statement := range []string{
		"ALTER TABLE obligation DISABLE TRIGGER USER", // none of our own steps makes such a row
		"UPDATE obligation SET calendar_version = 'SC-2099', computed_date = '2026-04-16', due_date = '2026-04-16'",
	} {
		if _, err := admin.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	list, err := w.obligations().ListObligations(w.as(county), &obligationv1.ListObligationsRequest{Parent: "provinces/51"})
	if err != nil || len(list.GetObligations()) != 1 {
		t.Fatalf("listed %v, %v", list, err)
	}
	if o := w.get(name); text(o.GetDueDate()) != "2026-04-16" || o.GetComputed().GetCalendarVersion() != "SC-2099" {
		t.Errorf("got %v", o)
	}
	if _, err := w.obligations().ExplainObligation(w.as(county), &obligationv1.ExplainObligationRequest{Name: name}); status.Code(err) != codes.Internal {
		t.Errorf("explained: %v", err)
	}
}
