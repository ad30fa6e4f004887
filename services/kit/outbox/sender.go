package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
)

// Config says how a Sender works. Zero values take the defaults.
type Config struct {
	DSN           string        // of the job role
	Workers       int           // deliveries at the same time; 4
	MaxAttempts   int           // failed answers until an event is parked; 20
	CallTimeout   time.Duration // of one delivery; 5 s
	PollInterval  time.Duration // at which waiting jobs are looked for; 250 ms
	SweepInterval time.Duration // at which lost jobs are replaced; 10 s
	PurgeInterval time.Duration // at which what is too old is cleared away; 10 min
	PollOnly      bool          // never LISTEN: for poolers and databases without it
}

func (c Config) withDefaults() Config {
	c.Workers = orDefault(c.Workers, 4)
	c.MaxAttempts = orDefault(c.MaxAttempts, 20)
	c.CallTimeout = orDefault(c.CallTimeout, 5*time.Second)
	c.PollInterval = orDefault(c.PollInterval, 250*time.Millisecond)
	c.SweepInterval = orDefault(c.SweepInterval, 10*time.Second)
	c.PurgeInterval = orDefault(c.PurgeInterval, 10*time.Minute)
	return c
}

func orDefault[N int | time.Duration](n, otherwise N) N {
	if n <= 0 {
		return otherwise
	}
	return n
}

// A job goes on with the followers of its event for one CallTimeout and may
// then be in a last call; the third is room for the database.
func (c Config) jobTimeout() time.Duration { return 3 * c.CallTimeout }

// deadAfter is when a job that still counts as running was surely killed.
func (c Config) deadAfter() time.Duration { return 4 * c.CallTimeout }

// Deps is what a Sender needs from its process.
type Deps struct {
	Clients map[string]eventv1.EventServiceClient // by destination
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// Sender delivers the events of one service. It works under the job role, which
// sees the outbox and nothing of the business. Several replicas may run.
type Sender struct {
	cfg     Config
	clients map[string]eventv1.EventServiceClient
	log     *slog.Logger
	metrics metrics
	pool    *pgxpool.Pool
	rows    rows
	river   *river.Client[pgx.Tx]

	stopSweep context.CancelFunc
	sweeping  sync.WaitGroup
}

// NewSender connects a sender. It delivers nothing until Start; the operator's
// commands Parked and Retry work without it.
func NewSender(ctx context.Context, cfg Config, deps Deps) (*Sender, error) {
	cfg = cfg.withDefaults()
	poolConfig, err := pgxpool.ParseConfig(cfg.DSN)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	// Room for every delivery and for River's own leader, listener and cleaner.
	poolConfig.MaxConns = int32(cfg.Workers) + 4
	pool, err := pgxpool.NewWithConfig(ctx, poolConfig)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	s := &Sender{
		cfg:       cfg,
		clients:   deps.Clients,
		log:       deps.Log,
		pool:      pool,
		rows:      rows{pool},
		stopSweep: func() {},
	}
	if s.metrics, err = newMetrics(deps.Metrics); err == nil {
		s.river, err = newRiver(pool, cfg, &deliverer{sender: s}, deps.Log)
	}
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return s, nil
}

// Start begins to deliver, after replacing the jobs that got lost while no
// sender ran. When ctx ends the sender takes no new job.
func (s *Sender) Start(ctx context.Context) error {
	if err := s.sweep(ctx); err != nil {
		return err
	}
	if err := s.river.Start(ctx); err != nil {
		return fmt.Errorf("start outbox sender: %w", err)
	}
	ctx, s.stopSweep = context.WithCancel(ctx)
	s.sweeping.Go(func() { s.sweepUntil(ctx) })
	return nil
}

// Stop lets running deliveries end, or cancels them when ctx ends first; a
// delivery cut short is made again by the next sender. Then it disconnects.
func (s *Sender) Stop(ctx context.Context) error {
	s.stopSweep()
	s.sweeping.Wait()
	err := s.river.Stop(ctx)
	if err != nil && ctx.Err() != nil {
		cancelled, done := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.CallTimeout)
		defer done()
		err = s.river.StopAndCancel(cancelled)
	}
	s.pool.Close()
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("stop outbox sender: %w", err)
	}
	return nil
}
