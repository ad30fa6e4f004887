package outbox

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/pg"
)

// Event is something that happened to an aggregate and that other services
// must learn.
type Event struct {
	Destinations []string      // names of the services, as the sender's clients are named
	Aggregate    string        // resource name whose events are ordered among themselves
	Payload      proto.Message // one of the messages of xunshi.event.v1
	OccurTime    time.Time     // by the business clock
}

const insertEvent = `
INSERT INTO outbox (id, destination, aggregate, sequence, type_url, payload, occur_time, province)
VALUES ($1, $2, $3, outbox_next_sequence($2, $3), $4, $5, $6, $7)`

// Add announces the event when the transaction commits, and not otherwise. It
// writes one row for each destination, since each receiver sees an unbroken
// sequence of its own.
func Add(tx *pg.Tx, ev Event) error {
	if len(ev.Destinations) == 0 || ev.Aggregate == "" || ev.Payload == nil || ev.OccurTime.IsZero() {
		return errors.New("outbox: an event needs destinations, an aggregate, a payload and a time")
	}
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(ev.Payload)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	if payload == nil {
		payload = []byte{}
	}
	typeURL := "type.googleapis.com/" + string(proto.MessageName(ev.Payload))

	// Sorted, so that two transactions never wait for each other's sequences.
	destinations := slices.Compact(slices.Sorted(slices.Values(ev.Destinations)))
	jobs := make([]river.InsertManyParams, 0, len(destinations))
	for _, destination := range destinations {
		id, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("event id: %w", err)
		}
		_, err = tx.SQL().ExecContext(tx.Context(), insertEvent, id.String(), destination, ev.Aggregate,
			typeURL, payload, ev.OccurTime, tx.Principal().Province)
		if err != nil {
			return fmt.Errorf("write event for %s: %w", destination, err)
		}
		jobs = append(jobs, river.InsertManyParams{Args: deliverArgs{ID: id}})
	}
	return enqueue(tx, jobs)
}

// enqueue inserts the jobs through the transaction's own connection. The client
// is made here because it has no pool and does nothing but build one INSERT.
func enqueue(tx *pg.Tx, jobs []river.InsertManyParams) error {
	client, err := river.NewClient(riverdatabasesql.New(nil), &river.Config{
		Schema: schema,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return fmt.Errorf("river client: %w", err)
	}
	if _, err := client.InsertManyFastTx(tx.Context(), tx.SQL(), jobs); err != nil {
		return fmt.Errorf("enqueue delivery: %w", err)
	}
	return nil
}
