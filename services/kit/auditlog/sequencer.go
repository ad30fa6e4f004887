package auditlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrTampered means that the database is not the one whose checkpoints were kept
// outside: rolled back, cut short or rewritten. Nothing is sequenced until a person
// has found out why (security.md §3).
var ErrTampered = errors.New("AUDIT LOG TAMPERED OR ROLLED BACK")

// batch is how many entries a transaction takes.
const batch = 1000

// Sequencer gives each committed entry its place. It works under the job role. Any
// number may run over one database: the one that has the lock works.
type Sequencer struct {
	pool     *pgxpool.Pool
	key      *Key
	verifier note.Verifier
	file     File
	log      *slog.Logger
	refused  func(bool)
}

// SequencerConfig says how a Sequencer works; all but Refused are required.
type SequencerConfig struct {
	DSN  string // of the job role
	Key  *Key
	File File
	Log  *slog.Logger
	// Refused is told after each round whether the log is refused, for a metric.
	Refused func(bool)
}

// NewSequencer connects a sequencer.
func NewSequencer(ctx context.Context, cfg SequencerConfig) (*Sequencer, error) {
	v, err := note.NewVerifier(cfg.Key.Verifier())
	if err != nil {
		return nil, fmt.Errorf("sequencer: %w", err)
	}
	pool, err := connect(ctx, cfg.DSN)
	if err != nil {
		return nil, fmt.Errorf("sequencer: %w", err)
	}
	s := &Sequencer{pool: pool, key: cfg.Key, verifier: v, file: cfg.File, log: cfg.Log, refused: cfg.Refused}
	if s.refused == nil {
		s.refused = func(bool) {}
	}
	return s, nil
}

// connect is also the export's. A column must read the same everywhere.
func connect(ctx context.Context, dsn string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 1
	for name, value := range map[string]string{
		"timezone": "UTC", "datestyle": "ISO", "bytea_output": "hex",
		"statement_timeout": "30s", "idle_in_transaction_session_timeout": "30s",
	} {
		cfg.ConnConfig.RuntimeParams[name] = value
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

// Close disconnects.
func (s *Sequencer) Close() { s.pool.Close() }

// Run looks for entries at every interval until the context ends. What fails is tried
// again; that the log was tampered with is said once, and again when it is another
// matter.
func (s *Sequencer) Run(ctx context.Context, interval time.Duration) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	said := ""
	for {
		err := s.Drain(ctx)
		if ctx.Err() == nil {
			s.refused(errors.Is(err, ErrTampered))
			if err != nil && err.Error() != said {
				s.log.ErrorContext(ctx, "audit log: nothing is sequenced", "error", err, "tampered", errors.Is(err, ErrTampered))
			}
			said = ""
			if err != nil {
				said = err.Error()
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Drain sequences all that is committed now, and keeps the checkpoint outside.
func (s *Sequencer) Drain(ctx context.Context) error {
	for {
		took, err := s.round(ctx)
		if err != nil || !took {
			return err
		}
	}
}

// round is one transaction: it keeps outside what the rounds before have committed,
// then takes the next entries. It tells whether it took any, so that another round has
// to follow. Killed at any point it leaves nothing, or all but the line in the file,
// which the next round writes.
func (s *Sequencer) round(ctx context.Context) (took bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		took = false
		var mine bool
		if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock(7213003)").Scan(&mine); err != nil || !mine {
			return err
		}
		hashes := newStored(ctx, func(ctx context.Context, positions []int64) (map[int64]tlog.Hash, error) {
			return fetchHashes(ctx, tx, positions)
		})
		head, signed, err := s.head(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.keepOutside(head, signed, hashes); err != nil {
			return err
		}
		entries, err := take(ctx, tx)
		if err != nil || len(entries) == 0 {
			return err
		}
		took = true
		return s.append(ctx, tx, head.Size, entries, hashes)
	})
	if err != nil {
		return false, fmt.Errorf("sequence the audit log: %w", err)
	}
	return took, nil
}

// head reads the newest checkpoint of the database.
func (s *Sequencer) head(ctx context.Context, tx pgx.Tx) (Checkpoint, string, error) {
	var signed string
	err := tx.QueryRow(ctx, "SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1").Scan(&signed)
	if errors.Is(err, pgx.ErrNoRows) {
		return Empty(s.key.Name()), "", nil
	}
	if err != nil {
		return Checkpoint{}, "", err
	}
	head, err := OpenCheckpoint(signed, s.verifier)
	if err != nil {
		return Checkpoint{}, "", fmt.Errorf("%w: the newest checkpoint of the database is not ours: %w", ErrTampered, err)
	}
	return head, signed, nil
}

// keepOutside holds the database against the file, and adds its newest checkpoint to
// the file if that follows from the last one there.
func (s *Sequencer) keepOutside(head Checkpoint, signed string, hashes *stored) error {
	last, ok, err := s.file.Last(s.verifier)
	if err != nil {
		return err
	}
	if !ok {
		last = Empty(s.key.Name())
	}
	if last.Size > head.Size {
		return fmt.Errorf("%w: the database has %d entries, the checkpoint outside says %d", ErrTampered, head.Size, last.Size)
	}
	then := head.Root
	if last.Size < head.Size {
		if then, err = tlog.TreeHash(last.Size, hashes); err != nil {
			return err
		}
	}
	if then != last.Root {
		return fmt.Errorf("%w: the first %d entries are not those of the checkpoint outside", ErrTampered, last.Size)
	}
	if last.Size == head.Size {
		return nil
	}
	now, err := tlog.TreeHash(head.Size, hashes)
	if err != nil {
		return err
	}
	if now != head.Root {
		return fmt.Errorf("%w: the tree is not that of its newest checkpoint", ErrTampered)
	}
	return s.file.Append(signed)
}

// append adds entries to a tree of size.
func (s *Sequencer) append(ctx context.Context, tx pgx.Tx, size int64, entries []Entry, hashes *stored) error {
	leaves := make([][]byte, len(entries))
	for i, e := range entries {
		leaves[i] = e.Leaf()
	}
	first, added, err := hashes.add(size, leaves)
	if err != nil {
		return err
	}
	next := Checkpoint{Origin: s.key.Name(), Size: size + int64(len(entries))}
	if next.Root, err = tlog.TreeHash(next.Size, hashes); err != nil {
		return err
	}
	signed, err := next.Sign(s.key)
	if err != nil {
		return err
	}
	return write(ctx, tx, batchRows{size: size, entries: entries, first: first, hashes: added, next: next, note: signed})
}
