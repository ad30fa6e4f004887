package docket

import (
	"context"
	"log/slog"
	"time"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// Overdue is what else happens when an obligation becomes overdue, in the
// transaction that finds it so.
type Overdue func(tx *pg.Tx, at obligation.Moment, o obligation.Record) error

// Worker climbs the ladders and counts again when a calendar changed. Any number of
// them may run over one database.
type Worker struct {
	// OnOverdue is called when an obligation of the duty first becomes overdue: at
	// its first rung behind the due day. Set it before Run.
	OnOverdue map[regulation.DutyName]Overdue

	db       *pg.DB
	docket   *Docket
	log      *slog.Logger
	interval time.Duration
}

// NewWorker makes a worker that looks for work at every interval.
func NewWorker(db *pg.DB, d *Docket, log *slog.Logger, interval time.Duration) *Worker {
	return &Worker{db: db, docket: d, log: log, interval: interval}
}

// Run works until the context ends.
func (w *Worker) Run(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
