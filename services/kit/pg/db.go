package pg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// DB is the database of one service.
type DB struct {
	inside, outside *gorm.DB
	key             []byte
	clock           clock.Clock // of the machine: a scope expires in real time
	log             *slog.Logger
}

// Open connects both roles.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	db := &DB{key: cfg.ScopeKey, clock: clock.System(), log: cfg.logger()}
	var err error
	if db.inside, err = db.connect(ctx, cfg, cfg.InsideDSN); err != nil {
		return nil, fmt.Errorf("inside role: %w", err)
	}
	if db.outside, err = db.connect(ctx, cfg, cfg.OutsideDSN); err != nil {
		return nil, errors.Join(fmt.Errorf("outside role: %w", err), db.Close())
	}
	return db, nil
}

func (db *DB) connect(ctx context.Context, of Config, dsn string) (*gorm.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"timezone":                            "UTC",
		"statement_timeout":                   "5s",
		"lock_timeout":                        "2s",
		"idle_in_transaction_session_timeout": "10s",
		"standard_conforming_strings":         "on", // quote relies on it
	} {
		cfg.RuntimeParams[name] = value
	}
	cfg.Tracer = of.Tracer
	pool := sql.OpenDB(scoping{stdlib.GetConnector(*cfg, stdlib.OptionAfterConnect(readTimesInUTC))})
	maxConns := of.MaxConns
	if maxConns <= 0 {
		maxConns = defaultMaxConns
	}
	pool.SetMaxOpenConns(maxConns)
	pool.SetMaxIdleConns(maxConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	orm, err := gorm.Open(postgres.New(postgres.Config{Conn: pool}), &gorm.Config{
		SkipDefaultTransaction: true, // our own stands already
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard, // it would print statements with their values
		// What is written must be what is read back, and PostgreSQL keeps microseconds.
		NowFunc: func() time.Time { return db.clock.Now().UTC().Truncate(time.Microsecond) },
	})
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return orm, nil
}

// readTimesInUTC makes an instant look the same on every machine; pgx would give
// it in the machine's zone.
func readTimesInUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

// WithoutScope runs f in a read-only transaction of the inside role that carries
// no scope, so that row-level security shows it no row of the business: the
// readiness check reads the migration version with it.
func (db *DB) WithoutScope(ctx context.Context, f func(*sql.Tx) error) error {
	pool, err := db.inside.DB()
	if err != nil {
		return err
	}
	tx, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("database does not answer: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	return f(tx)
}

// Close disconnects both roles.
func (db *DB) Close() error {
	var faults []error
	for _, orm := range []*gorm.DB{db.inside, db.outside} {
		if orm == nil {
			continue
		}
		pool, err := orm.DB()
		if err == nil {
			err = pool.Close()
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

func (db *DB) role(p principal.Principal) *gorm.DB {
	if p.Inside() {
		return db.inside
	}
	return db.outside
}
