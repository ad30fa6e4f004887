package docket_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// TestWhatIsStuckHoldsUpNobody: more obligations than a batch takes cannot go on, and
// the one behind them is reminded of all the same.
func TestWhatIsStuckHoldsUpNobody(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	w.do(office(), func(tx *pg.Tx, at obligation.Moment) error {
		for range 200 {
			if err := w.docket.Open(tx, at, obligation.Opening{
				Duty: regulation.DutyPlan, Subject: subject + uuid.NewString(), Place: jinjiang(), Start: date("2026-03-02"), CountySees: true,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if _, err := w.admin.Exec(`ALTER TABLE obligation DISABLE TRIGGER obligation_moves; UPDATE obligation SET rule_set = 'GONE';
		ALTER TABLE obligation ENABLE TRIGGER obligation_moves`); err != nil {
		t.Fatal(err)
	}
	r := w.plan()
	w.on(r.Due).sweep()
	if n := w.number("SELECT count(*) FROM notification WHERE kind = 'DUE'"); n == 0 {
		t.Error("an obligation behind 200 that are stuck is reminded of by nobody")
	}
}
