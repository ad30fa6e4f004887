package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/migrate"
	"github.com/xunshi/xunshi/services/kit/pg"
)

const (
	readyPoll    = 250 * time.Millisecond
	readyTimeout = 2 * time.Second
)

// gate tells whether the process can serve: the database answers, has the
// version that the code needs, and agrees about the time.
type gate struct {
	db       *pg.DB
	required migrate.Version
	machine  clock.Clock // of the machine
}

func newGate(db *pg.DB, p Program) (*gate, error) {
	required, err := migrate.Required(p.Migrations)
	if err != nil {
		return nil, fmt.Errorf("migrations of %s: %w", p.Name, err)
	}
	return &gate{db: db, required: required, machine: clock.System()}, nil
}

func (g *gate) check(ctx context.Context) error {
	pool, err := g.db.Inside()
	if err != nil {
		return err
	}
	if err := migrate.Ready(ctx, pool, g.required); err != nil {
		return err
	}
	before := g.machine.Now()
	var there time.Time
	if err := pool.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&there); err != nil {
		return fmt.Errorf("time of the database: %w", err)
	}
	return skew(before, there, g.machine.Now())
}

// skew compares the clocks; what was waited for the answer counts for nothing.
func skew(before, there, after time.Time) error {
	if there.Before(before.Add(-skewLimit)) || there.After(after.Add(skewLimit)) {
		return fmt.Errorf("the clock of the database differs by %v", there.Sub(before))
	}
	return nil
}

// wait returns when the process can serve, and says once for each cause why it
// cannot yet.
func (g *gate) wait(ctx context.Context, log *slog.Logger) error {
	ticker := time.NewTicker(readyPoll)
	defer ticker.Stop()
	last := ""
	for {
		err := g.once(ctx)
		if err == nil {
			return nil
		}
		if err.Error() != last && ctx.Err() == nil {
			last = err.Error()
			log.WarnContext(ctx, "waiting until ready", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

func (g *gate) once(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return g.check(ctx)
}
