package pg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

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
}

// Gorm gives the transaction for queries, as in gorm.G[row](tx.Gorm()).
func (t *Tx) Gorm() *gorm.DB { return t.orm }

// SQL gives the transaction as database/sql knows it.
func (t *Tx) SQL() *sql.Tx { return t.sql }

// Context is the context of the call; the transaction ends with it.
func (t *Tx) Context() context.Context { return t.ctx }

// Principal is the caller whose scope the transaction carries.
func (t *Tx) Principal() principal.Principal { return t.principal }

// Read runs f in a read-only transaction with the caller's scope.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	return db.run(ctx, &sql.TxOptions{ReadOnly: true}, f)
}

// Write runs f in a transaction with the caller's scope and commits it if f
// gives no error. After a serialization failure f runs again, so it must touch
// nothing but its transaction. Faults of the database come back as faults; a
// commit whose outcome is not known is OUTCOME_UNKNOWN.
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
		if !serializationFailure(err) || attempt == maxAttempts {
			return Fault(err)
		}
		select {
		case <-ctx.Done():
			return Fault(errors.Join(ctx.Err(), err))
		case <-time.After(time.Duration(rand.Int64N(int64(attempt) * int64(10*time.Millisecond)))):
		}
	}
}

func (db *DB) attempt(ctx context.Context, p principal.Principal, opts *sql.TxOptions, f func(*Tx) error) (err error) {
	scope, err := sign(p, db.clock.Now(), db.key)
	if err != nil {
		return err
	}
	orm := db.role(p).WithContext(ctx).Begin(opts)
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
	if _, err := sqlTx.ExecContext(ctx, "SELECT set_config('app.scope', $1, true)", scope); err != nil {
		return fmt.Errorf("set scope: %w", err)
	}
	grant, _ := policy.GrantFrom(ctx)
	if err := f(&Tx{ctx: ctx, orm: orm, sql: sqlTx, principal: p, grant: grant}); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return commitFault(err)
	}
	committed = true
	return nil
}

// commitFault tells a refused commit from one whose outcome is not known: then
// it may have taken effect, and only a repeat with the same request_id is safe.
func commitFault(err error) error {
	if _, refused := state(err); refused {
		return fmt.Errorf("commit: %w", err)
	}
	return fault.New(fault.Unavailable, fault.ReasonOutcomeUnknown).Wrap(err)
}
