package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// rows is the sender's side of the outbox table. Each statement stands alone:
// marks in one transaction would be lost together in a crash.
type rows struct {
	pool *pgxpool.Pool
}

// row is one event for one destination.
type row struct {
	id          uuid.UUID
	destination string
	aggregate   string
	sequence    int64
	typeURL     string
	payload     []byte
	occurTime   time.Time
	attempts    int
	settled     bool          // delivered or parked: nothing to do
	waits       bool          // an earlier event of the aggregate is not delivered
	age         time.Duration // since it was written, by the database's clock
}

const selectRow = `
SELECT o.destination, o.aggregate, o.sequence, o.type_url, o.payload, o.occur_time, o.attempts,
       o.done_time IS NOT NULL OR o.parked_time IS NOT NULL,
       EXISTS (SELECT 1 FROM outbox e
               WHERE e.province = o.province AND e.destination = o.destination AND e.aggregate = o.aggregate
                 AND e.sequence < o.sequence AND e.done_time IS NULL),
       extract(epoch FROM now() - o.create_time)::float8
FROM outbox o WHERE o.id = $1`

// load reads an event. A row that is gone was delivered and purged: a job that
// was lost with its process and rescued much later can still ask for it.
func (r rows) load(ctx context.Context, id uuid.UUID) (row, error) {
	ev := row{id: id}
	var age float64
	err := r.pool.QueryRow(ctx, selectRow, id).Scan(&ev.destination, &ev.aggregate, &ev.sequence, &ev.typeURL,
		&ev.payload, &ev.occurTime, &ev.attempts, &ev.settled, &ev.waits, &age)
	if errors.Is(err, pgx.ErrNoRows) {
		return row{id: id, settled: true}, nil
	}
	if err != nil {
		return row{}, fmt.Errorf("read event: %w", err)
	}
	ev.age = time.Duration(age * float64(time.Second))
	return ev, nil
}

const markDone = `
WITH done AS (
  UPDATE outbox SET done_time = now(), last_error = '' WHERE id = $1
  RETURNING province, destination, aggregate, sequence
)
SELECT next.id FROM outbox next JOIN done USING (province, destination, aggregate)
WHERE next.sequence = done.sequence + 1 AND next.done_time IS NULL AND next.parked_time IS NULL`

// done marks the event delivered and gives the one that waited for it, if any.
func (r rows) done(ctx context.Context, id uuid.UUID) (next uuid.UUID, found bool, err error) {
	err = r.pool.QueryRow(ctx, markDone, id).Scan(&next)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, false, nil
	}
	if err != nil {
		return uuid.Nil, false, fmt.Errorf("mark event delivered: %w", err)
	}
	return next, true, nil
}

// failed notes why a delivery failed and whether the event is parked for it.
// Outages are not counted as attempts: they say nothing about the event.
func (r rows) failed(ctx context.Context, id uuid.UUID, reason string, counted, park bool) error {
	const mark = `
UPDATE outbox SET last_error = $2, attempts = attempts + $3,
       parked_time = CASE WHEN $4 THEN now() END
WHERE id = $1 AND done_time IS NULL`
	attempt := 0
	if counted {
		attempt = 1
	}
	if _, err := r.pool.Exec(ctx, mark, id, reason, attempt, park); err != nil {
		return fmt.Errorf("mark event failed: %w", err)
	}
	return nil
}
