package docketserver_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/docketserver"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// decide calls one of the four methods; etag and id may be empty for those of now
// and a fresh one.
func (w *world) decide(action docketserver.Action, name, by, etag, id string) (*obligationv1.Obligation, error) {
	w.t.Helper()
	if etag == "" {
		etag = w.get(name).GetEtag()
	}
	if id == "" {
		id = uuid.NewString()
	}
	ctx := w.as(office)
	switch action {
	case docketserver.Extend:
		return w.decider().ExtendObligation(ctx, &obligationv1.ExtendObligationRequest{Name: name, Decision: by, Days: 10, Etag: etag, RequestId: id})
	case docketserver.Suspend:
		return w.decider().SuspendObligation(ctx, &obligationv1.SuspendObligationRequest{Name: name, Decision: by, Etag: etag, RequestId: id})
	case docketserver.Resume:
		return w.decider().ResumeObligation(ctx, &obligationv1.ResumeObligationRequest{Name: name, Decision: by, Etag: etag, RequestId: id})
	default:
		return w.decider().ShortenObligation(ctx, &obligationv1.ShortenObligationRequest{Name: name, Decision: by, DocumentNumber: "川巡办〔2026〕1号", Etag: etag, RequestId: id})
	}
}

// TestDecisionsMoveDates: extended by ten working days, stopped for two weeks of
// work, and the ledger adds up at each step (art. 5).
func TestDecisionsMoveDates(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	name := w.open(regulation.DutyPlan, "2026-03-02", seenByCity)
	for _, a := range []docketserver.Action{docketserver.Extend, docketserver.Suspend, docketserver.Resume} {
		w.decided[a] = name
	}
	for _, step := range []struct {
		day, due  string
		action    docketserver.Action
		state     obligationv1.Obligation_State
		kind      obligationv1.ObligationChange_Kind
		consumed  int32
		suspended int32
	}{
		// 30 working days end on 14 April, 10 more on 28 April.
		{"2026-03-09", "2026-04-28", docketserver.Extend, obligationv1.Obligation_STATE_OPEN, obligationv1.ObligationChange_KIND_EXTENDED, 5, 0},
		{"2026-03-16", "2026-04-28", docketserver.Suspend, obligationv1.Obligation_STATE_SUSPENDED, obligationv1.ObligationChange_KIND_SUSPENDED, 9, 1},
		// From 16 to 27 March ten working days stood still; 劳动节 lies in between.
		{"2026-03-30", "2026-05-14", docketserver.Resume, obligationv1.Obligation_STATE_OPEN, obligationv1.ObligationChange_KIND_RESUMED, 10, 14},
	} {
		w.clock.Set(noon(t, step.day))
		o := must(w.decide(step.action, name, decision, "", ""))(t)
		l := o.GetLedger()
		if text(o.GetDueDate()) != step.due || o.GetState() != step.state || l.GetBudget() != 40 || l.GetExtension() != 10 || l.GetConsumed() != step.consumed ||
			l.GetSuspendedDays() != step.suspended || l.GetConsumed()+l.GetRemaining() != l.GetBudget() {
			t.Errorf("%s: due %s, want %s; %s, %v", step.action, text(o.GetDueDate()), step.due, o.GetState(), l)
		}
		if again := w.get(name); !proto.Equal(again, o) {
			t.Errorf("%s answered %v, but it is %v", step.action, o, again)
		}
		e := must(w.obligations().ExplainObligation(w.as(county), &obligationv1.ExplainObligationRequest{Name: name}))(t)
		last := e.GetChanges()[len(e.GetChanges())-1]
		if last.GetKind() != step.kind || last.GetCause() != decision || text(last.GetDueDate()) != step.due || last.GetState() != step.state {
			t.Errorf("%s left %v", step.action, last)
		}
		if step.state == obligationv1.Obligation_STATE_OPEN {
			explained(t, string(step.action), e)
		}
	}
}

// TestOnlyWhatWasDecided: a decision that is not there, or says nothing of it, moves
// nothing; nor does one that comes to the wrong state or version.
func TestOnlyWhatWasDecided(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	name, other := w.open(regulation.DutyPlan, "2026-03-02"), w.open(regulation.DutyPlan, "2026-03-03")
	notice := w.open(regulation.DutyEntryNotice, "2026-06-01")
	before := w.get(name)
	const unknown = "provinces/51/decisions/0198c0de-0000-7000-8000-0000000000ff"
	for _, a := range []docketserver.Action{docketserver.Extend, docketserver.Suspend, docketserver.Resume, docketserver.Shorten} {
		_, err := w.decide(a, name, unknown, "", "")
		refused(t, err, "NOT_FOUND")
		_, err = w.decide(a, name, decision, "", "")
		refused(t, err, "OBLIGATION_NOT_DECIDED")
		w.decided[a] = other
		_, err = w.decide(a, name, decision, "", "")
		refused(t, err, "OBLIGATION_NOT_DECIDED")
		w.decided[a] = name
		_, err = w.decide(a, name, decision, `"7"`, "")
		refused(t, err, "ETAG_MISMATCH")
	}
	_, err := w.decide(docketserver.Resume, name, decision, "", "")
	refused(t, err, "OBLIGATION_STATE_INVALID")
	_, err = w.decide(docketserver.Shorten, name, decision, "", "")
	refused(t, err, "OBLIGATION_NOT_SHORTER")
	w.decided[docketserver.Extend] = notice
	_, err = w.decide(docketserver.Extend, notice, decision, "", "")
	refused(t, err, "OBLIGATION_NOT_EXTENDABLE")
	never := "provinces/51/obligations/rectification-0198c0de-0000-7000-8000-000000000009"
	w.decided[docketserver.Extend] = never
	_, err = w.decide(docketserver.Extend, never, decision, `"1"`, "")
	refused(t, err, "NOT_FOUND")
	_, err = w.decider().ExtendObligation(w.as(county), &obligationv1.ExtendObligationRequest{Name: name, Decision: decision, Days: 1, Etag: `"1"`, RequestId: uuid.NewString()})
	if status.Code(err) != codes.PermissionDenied {
		t.Errorf("a county extended its own date: %v", err)
	}
	if after := w.get(name); !proto.Equal(before, after) {
		t.Errorf("%v became %v", before, after)
	}
}

// TestDecisionsAreTakenOnce: a repeat is answered the same, also when nobody can read
// the decision.
func TestDecisionsAreTakenOnce(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	name := w.open(regulation.DutyPlan, "2026-03-02")
	w.decided[docketserver.Extend] = name
	id, etag := uuid.NewString(), w.get(name).GetEtag()
	first := must(w.decide(docketserver.Extend, name, decision, etag, id))(t)
	w.clock.Advance(time.Hour)
	w.away = true
	_, err := w.decide(docketserver.Extend, name, decision, "", "")
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
	if again := must(w.decide(docketserver.Extend, name, decision, etag, id))(t); !proto.Equal(first, again) {
		t.Errorf("%v, repeated %v", first, again)
	}
	if now := w.get(name); now.GetLedger().GetExtension() != 10 || now.GetEtag() != first.GetEtag() {
		t.Errorf("after the repeat %v", now)
	}
	_, err = w.decide(docketserver.Extend, name, "provinces/51/decisions/0198c0de-0000-7000-8000-0000000000ff", etag, id)
	refused(t, err, "REQUEST_ID_REUSED")
}

// TestNotifications: a body lists, in the order of making, what it was told, takes
// note of it once, and knows of nobody else's.
func TestNotifications(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	for i, change := range []func(*obligation.Opening){seenByCity, seenByCity, func(*obligation.Opening) {}} {
		name := w.open(regulation.DutyPlan, "2026-03-02", change)
		w.decided[docketserver.Extend] = name
		w.clock.Advance(time.Duration(i+1) * time.Minute)
		must(w.decide(docketserver.Extend, name, decision, "", ""))(t)
	}
	list := func(who, filter string, size int32, token string) *obligationv1.ListNotificationsResponse {
		t.Helper()
		return must(w.notifications().ListNotifications(w.as(who), &obligationv1.ListNotificationsRequest{
			Parent: "provinces/51", Filter: filter, PageSize: size, PageToken: token,
		}))(t)
	}
	for who, want := range map[string]int{county: 3, city: 2, liaison: 2, neighbour: 0, otherCity: 0, office: 0} {
		if got := list(who, "", 0, "").GetNotifications(); len(got) != want {
			t.Errorf("%s was told %d things, want %d", who, len(got), want)
		}
	}
	all := list(county, "", 0, "")
	for i, n := range all.GetNotifications() {
		if n.GetKind() != obligationv1.Notification_KIND_DATE_MOVED || text(n.GetDueDate()) != "2026-04-28" || n.GetDuty() != obligationv1.Obligation_DUTY_RECTIFICATION_PLAN ||
			n.GetRecipientJurisdiction() != "provinces/51/counties/510104" || n.GetAcknowledgeTime() != nil ||
			i > 0 && n.GetCreateTime().AsTime().Before(all.GetNotifications()[i-1].GetCreateTime().AsTime()) {
			t.Errorf("%d: %v", i, n)
		}
		rest := list(county, "", 0, all.GetContinueTokens()[i])
		if len(rest.GetNotifications()) != len(all.GetNotifications())-i-1 {
			t.Errorf("behind %d follow %d", i, len(rest.GetNotifications()))
		}
	}
	n := all.GetNotifications()[1]
	get := func(who string) (*obligationv1.Notification, error) {
		return w.notifications().GetNotification(w.as(who), &obligationv1.GetNotificationRequest{Name: n.GetName()})
	}
	acknowledge := func(who, etag, id string) (*obligationv1.Notification, error) {
		return w.notifications().AcknowledgeNotification(w.as(who), &obligationv1.AcknowledgeNotificationRequest{Name: n.GetName(), Etag: etag, RequestId: id})
	}
	for _, who := range []string{city, liaison, neighbour, office, leading} {
		_, err := get(who)
		refused(t, err, "NOT_FOUND")
		_, err = acknowledge(who, n.GetEtag(), uuid.NewString())
		refused(t, err, "NOT_FOUND")
	}
	if got := must(get(county))(t); !proto.Equal(got, n) {
		t.Errorf("got %v, listed %v", got, n)
	}
	_, err := acknowledge(county, `"9"`, uuid.NewString())
	refused(t, err, "ETAG_MISMATCH")
	w.clock.Advance(time.Hour)
	id := uuid.NewString()
	taken := must(acknowledge(county, n.GetEtag(), id))(t)
	if taken.GetAcknowledger() != "county" || !taken.GetAcknowledgeTime().AsTime().Equal(w.clock.Now()) || taken.GetEtag() == n.GetEtag() {
		t.Errorf("taken note of: %v", taken)
	}
	w.clock.Advance(time.Hour)
	if again := must(acknowledge(county, n.GetEtag(), id))(t); !proto.Equal(again, taken) {
		t.Errorf("repeated %v", again)
	}
	_, err = acknowledge(county, taken.GetEtag(), uuid.NewString())
	refused(t, err, "NOTIFICATION_ALREADY_ACKNOWLEDGED")
	for filter, want := range map[string]int{
		"acknowledged = false": 2, "acknowledged = true": 1, "kind = KIND_DATE_MOVED": 3, "kind = KIND_OVERDUE": 0,
		"duty = DUTY_RECTIFICATION_PLAN": 3, `article = "17" AND acknowledged = false`: 2, `article = "5"`: 0,
	} {
		if got := list(county, filter, 1, ""); min(want, 1) != len(got.GetNotifications()) || (want > 1) != (got.GetNextPageToken() != "") {
			t.Errorf("%s: %d of %d, next %q", filter, len(got.GetNotifications()), want, got.GetNextPageToken())
		}
	}
}

// TestMovedWithWhatItIsAbout: no decision moves a date that a method of its own moves,
// whatever it says; what was suspended before that runs again.
func TestMovedWithWhatItIsAbout(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	name := w.open(regulation.DutyOnSitePeriod, "2026-03-02", func(in *obligation.Opening) { in.Planned = in.Start.AddDays(29) })
	before := w.get(name)
	actions := []docketserver.Action{docketserver.Extend, docketserver.Suspend, docketserver.Shorten}
	for _, a := range append(actions, docketserver.Resume) {
		w.decided[a] = name
	}
	for _, a := range actions {
		_, err := w.decide(a, name, decision, "", "")
		f, ok := fault.As(faultstatus.FromStatus(err))
		if !ok || f.Reason != docketserver.ReasonMovedElsewhere || f.Meta["article"] != "3" || f.Meta["method"] != "ExtendOnSite" {
			t.Errorf("%s: %v", a, err)
		}
	}
	if after := w.get(name); !proto.Equal(before, after) {
		t.Errorf("%v became %v", before, after)
	}
	_, err := w.decide(docketserver.Resume, name, decision, "", "")
	refused(t, err, "OBLIGATION_STATE_INVALID")
	id := name[len("provinces/51/obligations/"+service+"-"):]
	w.write(func(tx *pg.Tx, _ obligation.Moment) error {
		_, err := w.docket.Decide(tx, id, 1, func(at obligation.Moment, o *obligation.Obligation) error { return o.Suspend(at, decision) })
		return err
	})
	if o := must(w.decide(docketserver.Resume, name, decision, "", ""))(t); o.GetState() != obligationv1.Obligation_STATE_OPEN {
		t.Errorf("resumed as %v", o)
	}
}
