package docketserver_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// TestWhatLayBeforeTheNotice: of two inspections one was authorised long before its
// notice and its entry moved twice, the other came at once. County and city, which learn
// of both by the notice, are answered the same (arts 5, 12(2)).
func TestWhatLayBeforeTheNotice(t *testing.T) {
	w := newWorld(t, "2026-01-05")
	hidden := func(in *obligation.Opening) { in.CountySees = false }
	key := func(name string) docket.Key {
		return docket.Key{
			Subject: "provinces/51/rectifications/" + name[len("provinces/51/obligations/"+service+"-"):], Duty: regulation.DutyEntryNotice,
		}
	}
	long := w.open(regulation.DutyEntryNotice, "2026-04-01", hidden)
	for _, entry := range []string{"2026-04-08", "2026-05-11"} {
		w.clock.Set(noon(t, "2026-02-02"))
		w.write(func(tx *pg.Tx, at obligation.Moment) error {
			return w.docket.Restart(tx, at, key(long), must(workday.ParseDate(entry))(t), workday.Date{})
		})
	}
	w.clock.Set(noon(t, "2026-03-30"))
	short := w.open(regulation.DutyEntryNotice, "2026-05-11", hidden)
	for _, name := range []string{long, short} {
		w.write(func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Show(tx, at, key(name)) })
	}
	w.clock.Set(noon(t, "2026-04-01"))
	for _, who := range []string{county, city} {
		explain := func(name string) *obligationv1.ObligationExplanation {
			e := must(w.obligations().ExplainObligation(w.as(who), &obligationv1.ExplainObligationRequest{Name: name}))(t)
			got := must(w.obligations().GetObligation(w.as(who), &obligationv1.GetObligationRequest{Name: name}))(t)
			if !proto.Equal(got, e.GetObligation()) {
				t.Errorf("%s gets %v and explains %v", who, got, e.GetObligation())
			}
			e.Obligation.Name, e.Obligation.Subject, e.Obligation.Computed.Obligation = "", "", ""
			for _, c := range e.GetChanges() {
				c.Computed.Obligation = ""
			}
			return e
		}
		if a, b := explain(long), explain(short); !proto.Equal(a.GetObligation(), b.GetObligation()) || len(a.GetChanges()) != 1 ||
			!proto.Equal(a.GetChanges()[0], b.GetChanges()[0]) {
			t.Errorf("%s tells them apart:\n%v %v\n%v %v", who, a.GetObligation(), a.GetChanges(), b.GetObligation(), b.GetChanges())
		}
		for _, o := range must(w.obligations().ListObligations(w.as(who), &obligationv1.ListObligationsRequest{Parent: "provinces/51"}))(t).GetObligations() {
			if !o.GetCreateTime().AsTime().Equal(noon(t, "2026-03-30")) {
				t.Errorf("%s lists one of %s", who, o.GetCreateTime().AsTime())
			}
		}
	}
	if o := w.get(long); !o.GetCreateTime().AsTime().Equal(noon(t, "2026-01-05")) {
		t.Errorf("the office does not know when it began: %v", o)
	}
}
