package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Parked is an event that waits for an operator. It holds no payload.
type Parked struct {
	ID          uuid.UUID
	Destination string
	Aggregate   string
	Sequence    int64
	Type        string // type URL of the payload
	Attempts    int
	LastError   string // code and reason of the last answer
	OccurTime   time.Time
	ParkedTime  time.Time
}

const selectParked = `
SELECT id, destination, aggregate, sequence, type_url, attempts, coalesce(last_error, ''), occur_time, parked_time
FROM outbox WHERE done_time IS NULL AND parked_time IS NOT NULL
ORDER BY parked_time, id`

// Parked lists the parked events, the oldest first. The later events of the
// same aggregate wait behind them.
func (s *Sender) Parked(ctx context.Context) ([]Parked, error) {
	found, err := s.pool.Query(ctx, selectParked)
	if err != nil {
		return nil, fmt.Errorf("list parked events: %w", err)
	}
	events, err := pgx.CollectRows(found, pgx.RowToStructByPos[Parked])
	if err != nil {
		return nil, fmt.Errorf("list parked events: %w", err)
	}
	return events, nil
}

// Retry gives a parked event its attempts back and enqueues it again.
func (s *Sender) Retry(ctx context.Context, id uuid.UUID) error {
	const unpark = `
UPDATE outbox SET parked_time = NULL, attempts = 0
WHERE id = $1 AND done_time IS NULL AND parked_time IS NOT NULL`
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, unpark, id)
		if err != nil {
			return fmt.Errorf("retry event: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return fault.Missing("parked event " + id.String())
		}
		return s.enqueue(ctx, tx, id)
	})
}
