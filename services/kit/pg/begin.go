package pg

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// scoping makes connections that begin a transaction and set its scope in one
// message to the database: every call saves a round trip.
type scoping struct{ driver.Connector }

// Connect implements driver.Connector.
func (s scoping) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := s.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := c.(*stdlib.Conn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("pg: a connection is a %T", c), c.Close())
	}
	return scopedConn{inner}, nil
}

type scopeKey struct{}

func withScope(ctx context.Context, scope string) context.Context {
	return context.WithValue(ctx, scopeKey{}, scope)
}

// scopedConn begins transactions in the scope of their context, and in none where it
// has none.
type scopedConn struct{ *stdlib.Conn }

// BeginTx implements driver.ConnBeginTx. If setting the scope fails, pgx closes the
// connection.
func (c scopedConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	scope, ok := ctx.Value(scopeKey{}).(string)
	if !ok {
		return c.Conn.BeginTx(ctx, opts)
	}
	if c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	if sql.IsolationLevel(opts.Isolation) != sql.LevelRepeatableRead {
		return nil, fmt.Errorf("pg: isolation %v", sql.IsolationLevel(opts.Isolation))
	}
	mode := "read write"
	if opts.ReadOnly {
		mode = "read only"
	}
	tx, err := c.Conn.Conn().BeginTx(ctx, pgx.TxOptions{
		BeginQuery: "begin isolation level repeatable read " + mode + "; SELECT set_config('app.scope', " + quote(scope) + ", true)",
	})
	if err != nil {
		return nil, err
	}
	return scopedTx{ctx, tx}, nil
}

// quote writes a text constant. No scope has a NUL (sign), and backslashes are plain
// by a setting of the session.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// scopedTx ends within the context in which it began, as that of pgx does.
type scopedTx struct {
	ctx context.Context
	tx  pgx.Tx
}

// Commit implements driver.Tx.
func (t scopedTx) Commit() error { return t.tx.Commit(t.ctx) }

// Rollback implements driver.Tx.
func (t scopedTx) Rollback() error { return t.tx.Rollback(t.ctx) }
