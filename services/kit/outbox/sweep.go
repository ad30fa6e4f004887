package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

func (s *Sender) sweepUntil(ctx context.Context) {
	tick, purge := time.NewTicker(s.cfg.SweepInterval), time.NewTicker(s.cfg.PurgeInterval)
	defer tick.Stop()
	defer purge.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "outbox sweep failed", "error", err)
			}
		case <-purge.C:
			if err := s.purge(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "purge failed", "error", err)
			}
		}
	}
}

// selectLost finds the events that no job will deliver: River's table was
// cleared or restored, or the process that worked the job was killed. SKIP
// LOCKED keeps two replicas from enqueuing the same; a second job would do no
// harm but work.
const selectLost = `
SELECT o.id FROM outbox o
WHERE o.done_time IS NULL AND o.parked_time IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM river.river_job j
    WHERE j.kind = $1 AND j.args->>'id' = o.id::text
      AND (j.state IN ('available', 'pending', 'retryable', 'scheduled')
           OR j.state = 'running' AND j.attempted_at > now() - $2::interval))
ORDER BY o.id
LIMIT 1000
FOR UPDATE OF o SKIP LOCKED`

// sweep gives every undelivered event a job again and measures the outbox.
func (s *Sender) sweep(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		found, err := tx.Query(ctx, selectLost, deliverArgs{}.Kind(), s.cfg.deadAfter())
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(found, pgx.RowTo[uuid.UUID])
		if err != nil || len(ids) == 0 {
			return err
		}
		s.log.WarnContext(ctx, "events without a job", "count", len(ids))
		return s.enqueue(ctx, tx, ids...)
	})
	if err != nil {
		return fmt.Errorf("sweep outbox: %w", err)
	}
	return s.measure(ctx)
}

func (s *Sender) enqueue(ctx context.Context, tx pgx.Tx, ids ...uuid.UUID) error {
	jobs := make([]river.InsertManyParams, len(ids))
	for i, id := range ids {
		jobs[i].Args = deliverArgs{ID: id}
	}
	_, err := s.river.InsertManyTx(ctx, tx, jobs) // the fast one is a COPY, which row-level security forbids
	return err
}
