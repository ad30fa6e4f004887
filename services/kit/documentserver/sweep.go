package documentserver

import (
	"context"
	"log/slog"
	"time"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/vault"
)

// Sweeper removes content that belongs to no document: of an upload that a crash cut off,
// or whose outcome was not known. Any number of them may run over one place.
type Sweeper struct {
	Service  string
	DB       *pg.DB
	Vault    *vault.Vault
	Log      *slog.Logger
	Machine  clock.Clock // that of the place; never the business clock
	Interval time.Duration
	Age      time.Duration // more than any upload lasts
}

// Run sweeps at every interval until the context ends.
func (s *Sweeper) Run(ctx context.Context) error {
	tick := time.NewTicker(s.Interval)
	defer tick.Stop()
	for {
		removed, err := s.Round(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "documents: a sweep failed", "error", err)
		}
		if removed > 0 {
			s.Log.InfoContext(ctx, "documents: content without a document removed", "count", removed)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Round sweeps once, and gives how much it removed.
func (s *Sweeper) Round(ctx context.Context) (int, error) {
	return s.Vault.Sweep(ctx, s.Machine.Now().Add(-s.Age), func(ctx context.Context, province string, ids []string) (known map[string]bool, err error) {
		in := principal.With(ctx, principal.Principal{Subject: s.Service, Party: principal.Service, Province: province})
		err = s.DB.Read(in, func(tx *pg.Tx) (err error) {
			known, err = document.Known(tx, ids)
			return err
		})
		return known, err
	})
}
