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
	w.wantEvents(i, "casefile", "TaskAuthorized", "InspectionEntered", "OnSiteEnded")
	w.wantEvents(i, "rectification", "TaskAuthorized")
}

// deliver announces an event of the rectification service.
func (w *world) deliver(i *schedulingv1.Inspection, sequence int64, payload proto.Message) {
	w.t.Helper()
	packed, err := anypb.New(payload)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx := w.plain()
	do(w.events("rectification").DeliverEvent(ctx, &eventv1.DeliverEventRequest{
		EventId: uuid.NewString(), Aggregate: i.GetName(), Sequence: sequence,
		OccurTime: timestamppb.New(w.clock.Now()), Payload: packed,
	}))(w.t)
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
