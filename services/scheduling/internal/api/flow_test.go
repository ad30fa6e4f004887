package api_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/google/uuid"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// TestCountyFromPlanToClosed is the life of one county's inspection here, arts 2
// to 5, 12 and 17; its dates are those of domain.md §5.3.
func TestCountyFromPlanToClosed(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	i := w.onSite(s, func(int) *schedulingv1.InspectionGroup { return s.group }, jinjiang)[0]

	if got := text(i.GetLatestNotice().GetDate()); got != "2026-02-10" {
		t.Errorf("latest notice %s, want 2026-02-10 (art. 12(2))", got)
	}
	if i.GetRuleSet() != "CN-COUNTY-2012" || i.GetCity() != chengdu || text(i.GetEntryDate()) != "2026-03-02" {
		t.Errorf("entered as %v", i)
	}
	w.at("2026-03-31")
	i = do(w.leave(i))(t)
	if i.GetState() != schedulingv1.Inspection_STATE_ON_SITE_ENDED {
		t.Errorf("state %v", i.GetState())
	}
	batch := do(w.batches().GetBatch(w.as(leading), &schedulingv1.GetBatchRequest{Name: s.batch.GetName()}))(t)
	if batch.GetState() != schedulingv1.Batch_STATE_ENDED || text(batch.GetEndDate()) != "2026-03-31" ||
		text(batch.GetHearingDue().GetDate()) != "2026-05-15" || batch.GetHearingDue().GetArticle() != "5" {
		t.Errorf("batch %v (art. 5)", batch)
	}

	covered := func() int32 {
		return do(w.terms().GetTerm(w.as(province), &schedulingv1.GetTermRequest{Name: s.term.GetName()}))(t).GetCoveredCountyCount()
	}
	if n := covered(); n != 0 {
		t.Errorf("%d counties covered before feedback (art. 2)", n)
	}
	w.at("2026-06-01")
	feedback := &eventv1.FeedbackReceived{Inspection: i.GetName(), ReceiveDate: day(t, "2026-06-01")}
	w.deliver(i, 1, feedback)
	if n := covered(); n != 1 {
		t.Errorf("%d counties covered after feedback (art. 2)", n)
	}
	w.at("2026-12-01")
	w.deliver(i, 2, &eventv1.RectificationClosed{Inspection: i.GetName(), CloseDate: day(t, "2026-12-01")})
	i = w.read(i)
	if i.GetState() != schedulingv1.Inspection_STATE_CLOSED || text(i.GetFeedbackReceiveDate()) != "2026-06-01" ||
		text(i.GetCloseDate()) != "2026-12-01" {
		t.Errorf("closed as %v", i)
	}
	w.wantEvents(i, "casefile", "TaskAuthorized", "InspectionEntered", "OnSiteEnded", "TaskMembershipChanged")
	w.wantEvents(i, "rectification", "TaskAuthorized", "InspectionEntered", "OnSiteEnded", "TaskMembershipChanged")
}

// deliver announces an event of the rectification service.
func (w *world) deliver(i *schedulingv1.Inspection, sequence int64, payload proto.Message) {
	w.t.Helper()
	do(w.events("rectification").DeliverEvent(w.plain(), w.event(i, sequence, payload)))(w.t)
}

func (w *world) event(i *schedulingv1.Inspection, sequence int64, payload proto.Message) *eventv1.DeliverEventRequest {
	w.t.Helper()
	packed, err := anypb.New(payload)
	if err != nil {
		w.t.Fatal(err)
	}
	return &eventv1.DeliverEventRequest{
		EventId: uuid.NewString(), Aggregate: i.GetName(), Sequence: sequence,
		OccurTime: timestamppb.New(w.clock.Now()), Payload: packed,
	}
}

// TestEventsTakeEffectOnce, in order, and only from the state that they follow.
func TestEventsTakeEffectOnce(t *testing.T) {
	w, i := played(t)
	deliver := func(e *eventv1.DeliverEventRequest) error {
		_, err := w.events("rectification").DeliverEvent(w.plain(), e)
		return err
	}
	feedback := w.event(i, 1, &eventv1.FeedbackReceived{Inspection: i.GetName(), ReceiveDate: day(t, "2026-06-01")})
	refused(t, deliver(feedback), "INSPECTION_STATE_INVALID") // the group is still on site (art. 11)
	w.at("2026-03-31")
	do(w.leave(i))(t)
	for range 2 {
		if err := deliver(feedback); err != nil {
			t.Fatal(err)
		}
	}
	left := w.read(i)
	closed := &eventv1.RectificationClosed{Inspection: i.GetName(), CloseDate: day(t, "2026-12-01")}
	refused(t, deliver(w.event(i, 3, closed)), "EVENT_OUT_OF_ORDER")
	unknown := &eventv1.RectificationClosed{
		Inspection: sichuan + "/inspections/0198c0de-0000-7000-8000-000000000001", CloseDate: day(t, "2026-12-01"),
	}
	refused(t, deliver(w.event(i, 2, unknown)), "NOT_FOUND")
	foreign := &eventv1.RectificationClosed{
		Inspection: "provinces/44/inspections/0198c0de-0000-7000-8000-000000000001", CloseDate: day(t, "2026-12-01"),
	}
	refused(t, deliver(w.event(i, 2, foreign)), "NOT_FOUND")
	if got := w.read(i); !proto.Equal(got, left) || got.GetState() != schedulingv1.Inspection_STATE_FEEDBACK_RECEIVED {
		t.Errorf("a repeated or refused event changed %v to %v", left, got)
	}
	_, err := eventv1.NewEventServiceClient(w.edge()).DeliverEvent(w.as(office), feedback)
	refused(t, err, "METHOD_NOT_GRANTED")
}

// TestArt2CountyIsCoveredOncePerTerm: by the day of entry, and not before feedback.
func TestArt2CountyIsCoveredOncePerTerm(t *testing.T) {
	w, i := played(t)
	w.at("2026-03-31")
	do(w.leave(i))(t)
	w.deliver(i, 1, &eventv1.FeedbackReceived{Inspection: i.GetName(), ReceiveDate: day(t, "2027-06-01")})
	next := do(w.terms().CreateTerm(w.as(office), &schedulingv1.CreateTermRequest{
		Parent: sichuan, RequestId: requestID(), Term: &schedulingv1.Term{
			DisplayName: "十三届省委", StartDate: day(t, "2027-05-31"), EndDate: day(t, "2032-05-30"),
		},
	}))(t)
	// A second inspection of the county in the term, and one of another county that
	// entered on the last day before it.
	for _, copied := range []struct{ id, county, entry string }{
		{"0198c0de-0000-7000-8000-000000000001", "510104", "2026-09-01"},
		{"0198c0de-0000-7000-8000-000000000002", "510105", "2022-05-30"},
	} {
		_, err := w.db.Admin(t).Exec(`
INSERT INTO batch SELECT (jsonb_populate_record(b, jsonb_build_object('id', $1::text))).* FROM batch b LIMIT 1`, copied.id)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.db.Admin(t).Exec(`
INSERT INTO inspection SELECT (jsonb_populate_record(i, jsonb_build_object('id', $1::text, 'batch_id', $1::text,
  'county_code', $2::text, 'entry_date', $3::text, 'on_site_end_date', $3::text))).* FROM inspection i LIMIT 1`,
			copied.id, copied.county, copied.entry)
		if err != nil {
			t.Fatal(err)
		}
	}
	terms := do(w.terms().ListTerms(w.as(leading), &schedulingv1.ListTermsRequest{Parent: sichuan}))(t).GetTerms()
	if len(terms) != 2 || terms[0].GetCoveredCountyCount() != 1 || terms[1].GetName() != next.GetName() ||
		terms[1].GetCoveredCountyCount() != 0 {
		t.Errorf("coverage %v", terms)
	}
}

// wantEvents tests which events of a task wait for a service, in their order.
func (w *world) wantEvents(i *schedulingv1.Inspection, destination string, want ...string) {
	w.t.Helper()
	rows, err := w.db.Admin(w.t).Query(`SELECT regexp_replace(type_url, '.*\.', '') FROM outbox
WHERE aggregate = $1 AND destination = $2 ORDER BY sequence`, i.GetName(), destination)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			w.t.Fatal(err)
		}
		got = append(got, name)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	equal(w.t, "events for "+destination, got, want)
}
