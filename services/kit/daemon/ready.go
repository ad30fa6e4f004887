package daemon

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/xunshi/xunshi/services/kit/migrate"
	"github.com/xunshi/xunshi/services/kit/pg"
)

const (
	readyPoll    = 250 * time.Millisecond
	readyTimeout = 2 * time.Second
)

// gate tells whether the process can serve: the database answers, has the
// version that the code needs, agrees about the time, and gives our roles no way
// round row-level security.
type gate struct {
	db       *pg.DB
	required migrate.Version
}

func newGate(db *pg.DB, p Program) (*gate, error) {
	required, err := migrate.Required(p.Migrations)
	if err != nil {
		return nil, fmt.Errorf("migrations of %s: %w", p.Name, err)
	}
	return &gate{db: db, required: required}, nil
}

func (g *gate) check(ctx context.Context) error {
	err := g.db.WithoutScope(ctx, func(tx *sql.Tx) error { return migrate.Ready(ctx, tx, g.required) })
	if err != nil {
		return err
	}
	return g.db.Check(ctx)
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
