package api_test

import (
	"fmt"
	"strings"
	"testing"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
)

// insisting repeats what lost a clash, as a client does: nothing was stored.
func insisting(f func() error) error {
	for {
		err := f()
		if !fault.Is(faultstatus.FromStatus(err), fault.ReasonConflict) {
			return err
		}
	}
}

// tally counts obligations by what the query says of them.
func (w *world) tally(query string, args ...any) map[string]int {
	w.t.Helper()
	rows, err := w.db.Admin(w.t).Query(query, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			w.t.Fatal(err)
		}
		counts[key]++
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return counts
}

// fourCounties are on site in one batch, each with a group of its own.
func fourCounties(t *testing.T) (*world, stage, []*schedulingv1.Inspection) {
	t.Helper()
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	var counties []string
	for _, code := range []string{"510104", "510105", "510106", "510107"} {
		counties = append(counties, sichuan+"/counties/"+code)
	}
	return w, s, w.onSite(s, func(n int) *schedulingv1.InspectionGroup {
		return w.form(fmt.Sprint("组", n), fmt.Sprint("leader", n))
	}, counties...)
}

// TestArt12BothSignAtOnce: each receipt counts, and the second meets the obligation.
func TestArt12BothSignAtOnce(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	var notices []*schedulingv1.EntryNotice
	var list []*schedulingv1.Inspection
	for _, code := range []string{"510104", "510105", "510106", "510107"} {
		list = append(list, w.inspection(s.batch, sichuan+"/counties/"+code, "2026-03-02", "2026-03-31"))
	}
	w.approve(s.batch)
	for n, i := range list {
		notices = append(notices, w.issue(w.authorize(i, w.form(fmt.Sprint("组", n), fmt.Sprint("leader", n))))...)
	}
	outcomes := together(len(notices), func(n int) error {
		token := "COUNTY_COMMITTEE " + notices[n].GetAddressee() + " county"
		if strings.Contains(notices[n].GetAddressee(), "/cities/") {
			token = city
		}
		return insisting(func() error {
			_, err := w.sign(token, notices[n])
			return err
		})
	})
	equal(t, "outcomes", outcomes, map[string]int{"": len(notices)})
	equal(t, "notices", w.tally(`SELECT o.state || ' ' || o.awaiting || ' ' || string_agg(c.kind, ' ' ORDER BY c.sequence)
FROM obligation o JOIN obligation_change c USING (province, id) WHERE o.duty = 'ENTRY_NOTICE' GROUP BY o.id, o.state, o.awaiting`),
		map[string]int{"SATISFIED 0 OPENED SHOWN PARTLY_MET SATISFIED": 4})
}

// TestArt5OneHearing of one batch, however many leave and record at once.
func TestArt5OneHearing(t *testing.T) {
	w, s, list := fourCounties(t)
	w.at("2026-03-31")
	together(len(list), func(n int) error {
		return insisting(func() error {
			_, err := w.leave(list[n])
			return err
		})
	})
	const hearings = `SELECT o.state || ' ' || o.change_count FROM obligation o WHERE o.duty = 'HEARING'`
	equal(t, "opened", w.tally(hearings), map[string]int{"OPEN 1": 1})
	b := w.batch(s.batch.GetName())
	outcomes := together(20, func(n int) error {
		return insisting(func() error {
			_, err := w.hear([]string{leading, office}[n%2], b, "2026-03-31")
			return err
		})
	})
	if outcomes[""] != 1 || outcomes[""]+outcomes["ETAG_MISMATCH"] != 20 {
		t.Errorf("outcomes %v, want one", outcomes)
	}
	equal(t, "met", w.tally(hearings), map[string]int{"SATISFIED 2": 1})
}

// TestArt2TermFeedbackAndImportAtOnce: whichever comes first, what is covered is met
// and no county is left out.
func TestArt2TermFeedbackAndImportAtOnce(t *testing.T) {
	w, _, list := fourCounties(t)
	w.at("2026-03-31")
	for _, i := range list {
		do(w.leave(i))(t)
	}
	// The term in which they entered is recorded late: the one that there is ends before.
	if _, err := w.db.Admin(t).Exec("UPDATE term SET end_date = '2026-02-28'"); err != nil {
		t.Fatal(err)
	}
	csv := divisions(t, "51") + "\n510199,新设县,county,510100,1,1\n"
	outcomes := together(len(list)+2, func(n int) error {
		return insisting(func() error {
			switch n {
			case 0:
				_, err := w.terms().CreateTerm(w.as(office), &schedulingv1.CreateTermRequest{
					Parent: sichuan, RequestId: requestID(), Term: &schedulingv1.Term{
						DisplayName: "本届", StartDate: day(t, "2026-03-01"), EndDate: day(t, "2031-02-28"),
					},
				})
				return err
			case 1:
				_, err := w.registry().ImportRegistry(w.as(office), &schedulingv1.ImportRegistryRequest{
					Name: sichuan, Csv: csv, EffectiveDate: day(t, "2026-03-01"), RequestId: requestID(),
				})
				return err
			}
			i := list[n-2]
			feedback := w.event(i, 1, &eventv1.FeedbackReceived{Inspection: i.GetName(), ReceiveDate: day(t, "2026-03-31")})
			_, err := w.events("rectification").DeliverEvent(w.plain(), feedback)
			return err
		})
	})
	equal(t, "outcomes", outcomes, map[string]int{"": len(list) + 2})
	equal(t, "coverage", w.tally(`SELECT o.state FROM obligation o WHERE o.duty = 'COVERAGE' AND o.due_date = '2031-02-28'`),
		map[string]int{"OPEN": 180, "SATISFIED": 4})
}
