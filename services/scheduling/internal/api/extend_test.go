package api_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// extend asks for a longer stay.
func (w *world) extend(token string, i *schedulingv1.Inspection, end, decision string) (*schedulingv1.Inspection, error) {
	return w.inspections().ExtendOnSite(w.as(token), &schedulingv1.ExtendOnSiteRequest{
		Name: i.GetName(), PlannedEndDate: day(w.t, end), Decision: decision, Etag: w.read(i).GetEtag(), RequestId: requestID(),
	})
}

// longer is a decision of today to extend the stay.
func (w *world) longer(number string, i *schedulingv1.Inspection) string {
	w.t.Helper()
	return w.decide(number, schedulingv1.DecisionItem_KIND_EXTEND_ON_SITE, i.GetName(), day(w.t, w.clock.Now().Format("2006-01-02"))).GetName()
}

// TestArt3ExtendOnSite: the stay and its obligation move together, twice, by a decision
// each, the second on the last day; the batch ends when the group really leaves.
func TestArt3ExtendOnSite(t *testing.T) {
	w, i := played(t)
	stay := ofTask(i) + ` AND duty = "DUTY_ON_SITE_PERIOD"`
	w.at("2026-03-16")
	first := w.longer("20号", i)
	i = do(w.extend(office, i, "2026-04-10", first))(t)
	if text(i.GetPlannedEndDate()) != "2026-04-10" || i.GetState() != schedulingv1.Inspection_STATE_ON_SITE || !proto.Equal(i, w.read(i)) {
		t.Errorf("extended to %v", i)
	}
	equal(t, "first", w.owed(member, stay), []string{"ON_SITE_PERIOD OPEN 2026-04-10"})
	w.at("2026-04-10")
	second := w.longer("21号", i)
	i = do(w.extend(office, i, "2026-04-20", second))(t)
	o := w.listed(office, stay)[0]
	if text(o.GetDueDate()) != "2026-04-20" || o.GetLedger().GetExtension() != 20 || o.GetLedger().GetBudget() != 49 ||
		o.GetLedger().GetConsumed() != 39 || o.GetLedger().GetRemaining() != 10 {
		t.Errorf("second: %v", o)
	}
	explained := do(w.obligations().ExplainObligation(w.as(office), &obligationv1.ExplainObligationRequest{Name: o.GetName()}))(t)
	var causes []string
	for _, c := range explained.GetChanges() {
		causes = append(causes, c.GetKind().String()+" "+c.GetCause()+" "+text(c.GetDueDate()))
	}
	equal(t, "history", causes, []string{
		"KIND_OPENED  2026-03-31", "KIND_EXTENDED " + first + " 2026-04-10", "KIND_EXTENDED " + second + " 2026-04-20",
	})
	for _, token := range []string{county, city, liaison} {
		equal(t, token, w.owed(token, stay), []string{})
	}
	w.wantEvents(i, "casefile", "TaskAuthorized", "InspectionEntered")

	w.at("2026-04-17") // earlier than extended to
	i = do(w.leave(i))(t)
	equal(t, "left", w.owed(office, stay), []string{"ON_SITE_PERIOD SATISFIED 2026-04-20 met 2026-04-17"})
	b := w.batch(i.GetBatch())
	if text(b.GetEndDate()) != "2026-04-17" || text(b.GetHearingDue().GetStartDate()) != "2026-04-17" {
		t.Errorf("batch %v (art. 5)", b)
	}
}

// TestArt3ExtensionRefusals: by nobody but the office, not afterwards, not to an earlier
// day, not without a decision on this very stay, and nothing has moved.
func TestArt3ExtensionRefusals(t *testing.T) {
	w, i := played(t)
	w.at("2026-03-16")
	by := w.longer("20号", i)
	before, size := w.read(i), w.docketSize()
	refuse := func(reason, article string, err error) {
		t.Helper()
		if f := refused(t, err, reason); f.Meta["article"] != article {
			t.Errorf("%s: metadata %v", reason, f.Meta)
		}
	}
	extend := func(end, decision string) error {
		_, err := w.extend(office, i, end, decision)
		return err
	}
	for _, token := range []string{leader, member, leading, province, county, city} {
		_, err := w.extend(token, i, "2026-04-10", by)
		refused(t, err, "METHOD_NOT_GRANTED")
	}
	_, err := w.extend("INSPECTION_OFFICE provinces/44 office", i, "2026-04-10", by)
	refused(t, err, "NOT_FOUND")
	refuse("ON_SITE_END_NOT_LATER", "3", extend("2026-03-31", by))
	refuse("ON_SITE_END_NOT_LATER", "3", extend("2026-03-20", by))
	on := day(t, "2026-03-16")
	stay := w.listed(office, ofTask(i)+` AND duty = "DUTY_ON_SITE_PERIOD"`)[0]
	onDate := w.decide("21号", schedulingv1.DecisionItem_KIND_EXTEND_OBLIGATION, stay.GetName(), on).GetName()
	refuse("DECISION_DOES_NOT_COVER", "5", extend("2026-04-10", onDate))
	const never = "/decisions/0198c0de-0000-7000-8000-000000000001"
	refused(t, extend("2026-04-10", sichuan+never), "NOT_FOUND")
	refused(t, extend("2026-04-10", "provinces/44"+never), "NOT_FOUND")
	refused(t, extend("2026-04-10", sichuan+"/batches/0198c0de-0000-7000-8000-000000000001"), "NAME_INVALID")
	_, err = w.inspections().ExtendOnSite(w.as(office), &schedulingv1.ExtendOnSiteRequest{
		Name: i.GetName(), PlannedEndDate: day(t, "2026-04-10"), Decision: by, Etag: `"99"`, RequestId: requestID(),
	})
	refused(t, err, "ETAG_MISMATCH")

	// The date alone is not moved, by whatever decision: the inspection would not know.
	decider := obligationv1.NewObligationDecisionServiceClient(w.edge())
	_, err = decider.ExtendObligation(w.as(office), &obligationv1.ExtendObligationRequest{
		Name: stay.GetName(), Decision: onDate, Days: 10, Etag: stay.GetEtag(), RequestId: requestID(),
	})
	if f := refused(t, err, "OBLIGATION_MOVED_ELSEWHERE"); f.Meta["article"] != "3" || f.Meta["method"] != "ExtendOnSite" {
		t.Errorf("metadata %v", f.Meta)
	}
	_, err = decider.SuspendObligation(w.as(office), &obligationv1.SuspendObligationRequest{
		Name: stay.GetName(), Decision: onDate, Etag: stay.GetEtag(), RequestId: requestID(),
	})
	refuse("OBLIGATION_MOVED_ELSEWHERE", "3", err)

	w.at("2026-04-01")
	refuse("ON_SITE_PERIOD_OVER", "3", extend("2026-04-10", w.longer("22号", i)))
	if got := w.read(i); !proto.Equal(got, before) {
		t.Errorf("became %v, was %v", got, before)
	}
	equal(t, "docket", w.docketSize(), size)

	// What the decision is on must be there for the leading group.
	decide := func(subject string) error {
		_, err := w.decisions().CreateDecision(w.as(leading), &schedulingv1.CreateDecisionRequest{
			Parent: sichuan, RequestId: requestID(), Decision: &schedulingv1.Decision{DocumentNumber: "23号", DecideDate: on,
				Items: []*schedulingv1.DecisionItem{{Kind: schedulingv1.DecisionItem_KIND_EXTEND_ON_SITE, Subject: subject}}},
		})
		return err
	}
	refused(t, decide(sichuan+"/inspections/0198c0de-0000-7000-8000-000000000001"), "NOT_FOUND")
	refused(t, decide(i.GetBatch()), "NAME_INVALID")
}

// TestArt3OneDecisionExtendsOnce: twenty at once, and again afterwards.
func TestArt3OneDecisionExtendsOnce(t *testing.T) {
	w, i := played(t)
	by := w.longer("20号", i)
	etag := w.read(i).GetEtag()
	outcomes := together(20, func(int) error {
		return insisting(func() error {
			_, err := w.inspections().ExtendOnSite(w.as(office), &schedulingv1.ExtendOnSiteRequest{
				Name: i.GetName(), PlannedEndDate: day(t, "2026-04-10"), Decision: by, Etag: etag, RequestId: requestID(),
			})
			return err
		})
	})
	equal(t, "outcomes", outcomes, map[string]int{"": 1, "ETAG_MISMATCH": 19})
	_, err := w.extend(office, i, "2026-04-20", by)
	if f := refused(t, err, "ON_SITE_DECISION_USED"); f.Meta["article"] != "3" {
		t.Errorf("metadata %v", f.Meta)
	}
	equal(t, "stay", w.owed(office, ofTask(i)+` AND duty = "DUTY_ON_SITE_PERIOD"`), []string{"ON_SITE_PERIOD OPEN 2026-04-10"})
}

// TestArt4ExtensionIntoTheNextTask: the days that the group has in another county are
// not there to stay longer.
func TestArt4ExtensionIntoTheNextTask(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	next := w.inspection(w.plan(s.term, "2026年第二批"), sichuan+"/counties/510105", "2026-04-15", "2026-05-14")
	batch := w.batch(next.GetBatch())
	w.approve(batch)
	i := w.onSite(s, func(int) *schedulingv1.InspectionGroup { return s.group }, jinjiang)[0]
	w.authorize(next, s.group)
	by := w.longer("20号", i)
	_, err := w.extend(office, i, "2026-04-15", by)
	if f := refused(t, err, "GROUP_DOUBLE_BOOKED"); f.Meta["article"] != "4" {
		t.Errorf("metadata %v", f.Meta)
	}
	stay := ofTask(i) + ` AND duty = "DUTY_ON_SITE_PERIOD"`
	equal(t, "refused", w.owed(office, stay), []string{"ON_SITE_PERIOD OPEN 2026-03-31"})
	do(w.extend(office, i, "2026-04-14", by))(t)
	equal(t, "up to the day before", w.owed(office, stay), []string{"ON_SITE_PERIOD OPEN 2026-04-14"})
}
