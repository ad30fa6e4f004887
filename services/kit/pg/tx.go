package pg

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const maxAttempts = 4 // one and three retries

// Tx is a transaction in the scope of its caller.
type Tx struct {
	ctx       context.Context
	orm       *gorm.DB
	sql       *sql.Tx
	principal principal.Principal
	grant     policy.Grant
	granted   bool
	left      map[any]any
}

// Gorm gives the transaction for queries, as in gorm.G[row](tx.Gorm()).
func (t *Tx) Gorm() *gorm.DB { return t.orm }

// SQL gives the transaction as database/sql knows it.
func (t *Tx) SQL() *sql.Tx { return t.sql }

// Context is the context of the call; the transaction ends with it.
func (t *Tx) Context() context.Context { return t.ctx }

// Leave keeps a value for what runs later in the same transaction; it is gone if the
// transaction runs again.
func (t *Tx) Leave(key, value any) {
	if t.left == nil {
		t.left = make(map[any]any)
	}
	t.left[key] = value
}

// Left gives what was left under the key; nil if nothing was.
func (t *Tx) Left(key any) any { return t.left[key] }

// Principal is the caller whose scope the transaction carries.
func (t *Tx) Principal() principal.Principal { return t.principal }

// Read runs f in a read-only transaction with the caller's scope. All of f sees
// the same moment, so that a page and its total agree.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	return db.run(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, f)
}

// Write runs f in a transaction with the caller's scope and commits it if f
// gives no error. After a serialization failure f runs again, so it must touch
// nothing but its transaction, and call no other service; after the last one the
// answer is CONFLICT. Faults of the database come back as faults; a commit whose
// outcome is not known is OUTCOME_UNKNOWN.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) error {
	return db.run(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead}, f)
}

func (db *DB) run(ctx context.Context, opts *sql.TxOptions, f func(*Tx) error) error {
	p, ok := principal.From(ctx)
	if !ok {
		return errors.New("pg: no principal, so no scope")
	}
	for attempt := 1; ; attempt++ {
		err := db.attempt(ctx, p, opts, f)
		if err == nil {
			return nil
		}
		if !Contended(err) || attempt == maxAttempts {
			return db.answer(ctx, p, err)
		}
		select {
		case <-ctx.Done():
			return Fault(errors.Join(ctx.Err(), err))
		case <-time.After(rand.N(time.Duration(attempt) * 10 * time.Millisecond)):
		}
	}
}

func (db *DB) attempt(ctx context.Context, p principal.Principal, opts *sql.TxOptions, f func(*Tx) error) (err error) {
	scope, err := sign(p, db.clock.Now(), db.key)
	if err != nil {
		return err
	}
	orm := db.role(p).WithContext(withScope(ctx, scope)).Begin(opts)
	if orm.Error != nil {
		return fmt.Errorf("begin: %w", orm.Error)
	}
	sqlTx, ok := orm.Statement.ConnPool.(*sql.Tx)
	if !ok {
		return errors.New("pg: not a database/sql transaction")
	}
	committed := false
	defer func() {
		if !committed {
			_ = sqlTx.Rollback() // the first error is the one to tell; a panic goes on
		}
	}()
	grant, granted := policy.GrantFrom(ctx)
	if err := f(&Tx{ctx: ctx, orm: orm, sql: sqlTx, principal: p, grant: grant, granted: granted}); err != nil {
		return err
	}
	// A call that has ended is rolled back while that is still certain.
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return commitFault(ctx, err)
	}
	committed = true
	return nil
}

// answer maps the error for the caller. A refusal for lack of rights is also an
// alarm: the policy had let the call through, so a grant, a policy of the
// database or our code is wrong, or somebody is at work.
func (db *DB) answer(ctx context.Context, p principal.Principal, err error) error {
	if code, _ := state(err); code == stateNoRights {
		grant, _ := policy.GrantFrom(ctx)
		db.log.ErrorContext(ctx, "security alarm: the database refused a statement",
			"party", string(p.Party), "method", grant.Method, "error", err.Error())
	}
	if Contended(err) {
		// Also where f has made another fault of it: that was no judgement.
		return fault.New(fault.Contended, fault.ReasonConflict).Wrap(err)
	}
	return Fault(err)
}

// commitFault tells a commit that surely failed from one whose outcome is not
// known: that may have taken effect, and only a repeat with the same request_id
// is safe.
func commitFault(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, pgx.ErrTxCommitRollback):
		return fmt.Errorf("commit after a failed statement: %w", err)
	case errors.Is(err, sql.ErrTxDone): // rolled back when the context ended
		return cmp.Or(ctx.Err(), err)
	}
	// A refusal comes as ERROR. FATAL is the end of the session, and can come
	// after the commit is on disk here and not yet on a standby.
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.SeverityUnlocalized == "ERROR" {
		return fmt.Errorf("commit: %w", err)
	}
	return fault.New(fault.Unavailable, fault.ReasonOutcomeUnknown).Wrap(err)
}
