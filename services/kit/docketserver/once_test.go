package docketserver_test

import (
	"testing"

	"github.com/xunshi/xunshi/services/kit/docketserver"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// TestOneDecisionMovesADateOnce: what the leading group decided once is not applied again.
func TestOneDecisionMovesADateOnce(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	name := w.open(regulation.DutyPlan, "2026-03-02")
	for _, a := range []docketserver.Action{docketserver.Extend, docketserver.Suspend, docketserver.Resume} {
		w.decided[a] = name
		must(w.decide(a, name, decision, "", ""))(t)
	}
	_, err := w.decide(docketserver.Extend, name, decision, "", "")
	refused(t, err, "OBLIGATION_NOT_DECIDED")
	_, err = w.decide(docketserver.Suspend, name, decision, "", "")
	refused(t, err, "OBLIGATION_NOT_DECIDED")
	if got := w.get(name); got.GetLedger().GetExtension() != 10 {
		t.Errorf("extended by %d days", got.GetLedger().GetExtension())
	}
}
