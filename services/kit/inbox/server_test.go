package inbox_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// probe is a service that keeps the sequence of each event it took.
var probe = pgtest.Service{Name: "inboxprobe", Migrations: fstest.MapFS{
	"00001_effect.sql": {Data: []byte(`-- +goose Up
CREATE TABLE effect (province text NOT NULL, position bigserial, aggregate text NOT NULL, sequence bigint NOT NULL,
  CONSTRAINT effect_pkey PRIMARY KEY (province, position));
ALTER TABLE effect ENABLE ROW LEVEL SECURITY;
ALTER TABLE effect FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON effect TO inboxprobe_inside
  USING (province = (SELECT authz.province())) WITH CHECK (province = (SELECT authz.province()));
GRANT SELECT, INSERT ON effect TO inboxprobe_inside;
GRANT USAGE ON SEQUENCE effect_position_seq TO inboxprobe_inside;
-- +goose Down
DROP TABLE effect;
`)},
}}

const aggregate = "provinces/51/inspections/1"

type fixture struct {
	server *inbox.Server
	admin  *sql.DB
}

func newFixture(t *testing.T, handle inbox.Handler) fixture {
	d := pgtest.New(t, probe)
	takes := map[protoreflect.FullName]inbox.Handler{"xunshi.event.v1.InspectionEntered": handle}
	handlers := inbox.Handlers{"scheduling": takes, "rectification": takes}
	return fixture{server: inbox.New(d.Open(t), handlers), admin: d.Admin(t)}
}

func keep(tx *pg.Tx, ev inbox.Event) error {
	_, err := tx.SQL().ExecContext(tx.Context(), "INSERT INTO effect (province, aggregate, sequence) VALUES ($1, $2, $3)",
		tx.Principal().Province, ev.Aggregate, ev.Sequence)
	return err
}

func from(service string) context.Context {
	return principal.With(context.Background(), principal.Principal{Subject: service, Party: principal.Service, Province: "51"})
}

func event(t *testing.T, aggregate string, sequence int64, payload proto.Message) *eventv1.DeliverEventRequest {
	t.Helper()
	body, err := anypb.New(payload)
	if err != nil {
		t.Fatal(err)
	}
	return &eventv1.DeliverEventRequest{
		EventId:   uuid.NewString(),
		Aggregate: aggregate,
		Sequence:  sequence,
		OccurTime: timestamppb.New(time.Date(2026, 9, 3, 1, 0, 0, 0, time.UTC)),
		Payload:   body,
	}
}

func entered(t *testing.T, aggregate string, sequence int64) *eventv1.DeliverEventRequest {
	return event(t, aggregate, sequence, &eventv1.InspectionEntered{Inspection: aggregate})
}

func (f fixture) deliver(t *testing.T, source string, req *eventv1.DeliverEventRequest, wantReason string) {
	t.Helper()
	_, err := f.server.DeliverEvent(from(source), req)
	if wantReason == "" && err != nil || wantReason != "" && !fault.Is(err, wantReason) {
		t.Errorf("sequence %d from %s: got %v, want %q", req.GetSequence(), source, err, wantReason)
	}
}

func (f fixture) wantRows(t *testing.T, table string, want int) {
	t.Helper()
	var n int
	if err := f.admin.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != want {
		t.Errorf("%s has %d rows, want %d", table, n, want)
	}
}

func TestRepeatedEventTakesEffectOnce(t *testing.T) {
	f := newFixture(t, keep)
	req := entered(t, aggregate, 1)
	f.deliver(t, "scheduling", req, "")
	f.deliver(t, "scheduling", req, "")
	f.wantRows(t, "effect", 1)
	f.wantRows(t, "inbox", 1)
	f.wantRows(t, "audit_entry", 1)
}

func TestTwentyDeliveriesAtOnceTakeEffectOnce(t *testing.T) {
	f := newFixture(t, keep)
	req := entered(t, aggregate, 1)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { f.deliver(t, "scheduling", req, "") })
	}
	wg.Wait()
	f.wantRows(t, "effect", 1)
	f.wantRows(t, "audit_entry", 1)
}

func TestEventsOfAnAggregateComeInOrder(t *testing.T) {
	f := newFixture(t, keep)
	f.deliver(t, "scheduling", entered(t, aggregate, 2), fault.ReasonEventOutOfOrder)
	f.wantRows(t, "inbox", 0)
	f.deliver(t, "scheduling", entered(t, aggregate, 1), "")
	f.deliver(t, "scheduling", entered(t, aggregate, 3), fault.ReasonEventOutOfOrder)
	f.deliver(t, "scheduling", entered(t, aggregate, 2), "")
	for taken := int64(1); taken <= 2; taken++ { // another id on a place that is taken
		f.deliver(t, "scheduling", entered(t, aggregate, taken), fault.ReasonAlreadyExists)
	}
	f.deliver(t, "scheduling", entered(t, aggregate+"0", 1), "")
	f.deliver(t, "rectification", entered(t, aggregate, 1), "") // another source counts by itself
	f.wantRows(t, "effect", 4)
}

func TestRefusedEventLeavesNothingAndMayComeAgain(t *testing.T) {
	refuse := true
	f := newFixture(t, func(tx *pg.Tx, ev inbox.Event) error {
		if err := keep(tx, ev); err != nil || !refuse {
			return err
		}
		return fault.Refuse("12(4)", "TASK_UNKNOWN")
	})
	req := entered(t, aggregate, 1)
	f.deliver(t, "scheduling", req, "TASK_UNKNOWN")
	for _, table := range []string{"effect", "inbox", "audit_entry"} {
		f.wantRows(t, table, 0)
	}
	refuse = false
	f.deliver(t, "scheduling", req, "")
	f.wantRows(t, "effect", 1)
}

func TestShapesThatAreRefused(t *testing.T) {
	f := newFixture(t, keep)
	noID, noAggregate, torn, empty := entered(t, aggregate, 1), entered(t, "", 1), entered(t, aggregate, 1), entered(t, aggregate, 1)
	noID.EventId = "1"
	torn.Payload.Value = []byte{0xff}
	empty.Payload = nil
	for name, req := range map[string]*eventv1.DeliverEventRequest{
		"a type that nobody handles": event(t, aggregate, 1, &eventv1.OnSiteEnded{Inspection: aggregate}),
		"an id that is no UUID":      noID,
		"no aggregate":               noAggregate,
		"sequence 0":                 entered(t, aggregate, 0),
		"a payload that is torn":     torn,
		"no payload":                 empty,
	} {
		t.Run(name, func(t *testing.T) { f.deliver(t, "scheduling", req, fault.ReasonFieldInvalid) })
	}
	f.wantRows(t, "inbox", 0)
}

func TestOnlyServicesDeliver(t *testing.T) {
	f := newFixture(t, keep)
	person := pgtest.As(context.Background(), principal.InspectionOffice, "provinces/51", "clerk")
	for name, ctx := range map[string]context.Context{"a person": person, "nobody": context.Background()} {
		_, err := f.server.DeliverEvent(ctx, entered(t, aggregate, 1))
		if e, ok := fault.As(err); !ok || e.Kind != fault.Denied {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// An event is its source's own: the service that may tell of case files may not
// let an inspection enter.
func TestTypeOfAnotherSourceIsDenied_Art12_4(t *testing.T) {
	f := newFixture(t, keep)
	for _, source := range []string{"casefile", "gateway", ""} {
		_, err := f.server.DeliverEvent(from(source), entered(t, aggregate, 1))
		if e, ok := fault.As(err); !ok || e.Kind != fault.Denied || e.Reason != fault.ReasonMethodNotGranted {
			t.Errorf("from %q: got %v", source, err)
		}
	}
	for _, table := range []string{"effect", "inbox"} {
		f.wantRows(t, table, 0)
	}
}

func TestHandlerLearnsAllAndTheActIsAudited_Art12_4(t *testing.T) {
	var got inbox.Event
	f := newFixture(t, func(_ *pg.Tx, ev inbox.Event) error { got = ev; return nil })
	req := entered(t, aggregate, 1)
	f.deliver(t, "scheduling", req, "")
	body, ok := got.Payload.(*eventv1.InspectionEntered)
	if !ok || body.GetInspection() != aggregate || got.Source != "scheduling" || got.ID.String() != req.GetEventId() ||
		!got.OccurTime.Equal(req.GetOccurTime().AsTime()) {
		t.Errorf("the handler got %+v", got)
	}
	var n int
	err := f.admin.QueryRow(`SELECT count(*) FROM audit_entry WHERE request_id = $1 AND object = $2 AND subject = 'scheduling'
		AND party = 'SERVICE' AND outcome = 'OK' AND method = $3
		AND detail = '{"type": "xunshi.event.v1.InspectionEntered", "sequence": "1"}'`,
		req.GetEventId(), aggregate, eventv1.EventService_DeliverEvent_FullMethodName).Scan(&n)
	if err != nil || n != 1 {
		t.Errorf("%d such audit entries, %v", n, err)
	}
}
