package outbox

import (
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// schema holds River's tables, apart from the service's own.
const schema = "river"

// deliverArgs is all that a job knows. The payload stays in the row, where it
// can be encrypted and where the job table's history does not keep it.
type deliverArgs struct {
	ID uuid.UUID `json:"id"`
}

// Kind names the job in River's table; the sweep looks for it there.
func (deliverArgs) Kind() string { return "outbox_deliver" }

func newRiver(pool *pgxpool.Pool, cfg Config, w river.Worker[deliverArgs], log *slog.Logger) (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, w); err != nil {
		return nil, err
	}
	return river.NewClient(riverpgxv5.New(pool), &river.Config{
		Schema:            schema,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: cfg.Workers}},
		Workers:           workers,
		Logger:            log,
		PollOnly:          cfg.PollOnly,
		FetchCooldown:     min(20*time.Millisecond, cfg.PollInterval),
		FetchPollInterval: cfg.PollInterval,
		JobTimeout:        cfg.jobTimeout(),
		// A job of a process that was killed stays "running" until it is rescued.
		RescueStuckJobsAfter: cfg.deadAfter(),
		// The job role does not own the indexes, so it cannot rebuild them.
		ReindexerSchedule: river.NeverSchedule(),
	})
}
