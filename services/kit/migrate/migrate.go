package migrate

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed sql/*.sql
var kitSQL embed.FS

// The version tables live in a schema of their own, which the app roles may
// read and not write.
const (
	kitVersions     = "migrations.kit"
	serviceVersions = "migrations.service"
)

// Migrator migrates the database of one service.
type Migrator struct {
	config  *pgx.ConnConfig
	db      *sql.DB
	service string
	kit     *goose.Provider
	own     *goose.Provider // nil if the service has no migrations
}

// New connects as the owner role. migrations holds the service's goose files at
// its root; it may be nil.
func New(ctx context.Context, ownerDSN, service string, migrations fs.FS) (*Migrator, error) {
	cfg, err := pgx.ParseConfig(ownerDSN)
	if err != nil {
		return nil, fmt.Errorf("owner DSN: %w", err)
	}
	m := &Migrator{config: cfg, db: stdlib.OpenDB(*cfg), service: service}
	if err := m.connect(ctx, migrations); err != nil {
		return nil, errors.Join(err, m.db.Close())
	}
	return m, nil
}

func (m *Migrator) connect(ctx context.Context, migrations fs.FS) error {
	if err := m.prepare(ctx); err != nil {
		return err
	}
	kitFS, err := kitFiles(m.service)
	if err != nil {
		return err
	}
	if m.kit, err = provider(m.db, kitVersions, kitFS); err != nil {
		return err
	}
	if migrations != nil {
		m.own, err = provider(m.db, serviceVersions, migrations)
	}
	return err
}

// prepare makes the schema of the version tables, which goose needs first. The
// advisory lock lets several migrators start at once.
func (m *Migrator) prepare(ctx context.Context) error {
	tx, err := m.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("connect as owner: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to do after a commit
	for _, statement := range []string{
		"SELECT pg_advisory_xact_lock(7213001)",
		"CREATE SCHEMA IF NOT EXISTS migrations",
		fmt.Sprintf("GRANT USAGE ON SCHEMA migrations TO %[1]s_inside, %[1]s_job", m.service),
		fmt.Sprintf("ALTER DEFAULT PRIVILEGES IN SCHEMA migrations GRANT SELECT ON TABLES TO %[1]s_inside, %[1]s_job", m.service),
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("prepare migrations: %w", err)
		}
	}
	return tx.Commit()
}

func kitFiles(service string) (fs.FS, error) {
	sub, err := fs.Sub(kitSQL, "sql")
	if err != nil {
		return nil, err
	}
	return rendered{sub, service}, nil
}

func provider(db *sql.DB, table string, files fs.FS) (*goose.Provider, error) {
	store, err := database.NewStore(database.DialectPostgres, table)
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider("", db, files, goose.WithStore(store), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("migrations for %s: %w", table, err)
	}
	return p, nil
}

// Up migrates to the newest version: the kit, River's tables, the service.
func (m *Migrator) Up(ctx context.Context) error {
	return m.alone(ctx, func() error { return m.up(ctx) })
}

func (m *Migrator) up(ctx context.Context) error {
	if _, err := m.kit.Up(ctx); err != nil {
		return fmt.Errorf("migrate kit: %w", err)
	}
	if err := m.riverUp(ctx); err != nil {
		return fmt.Errorf("migrate river: %w", err)
	}
	if m.own != nil {
		if _, err := m.own.Up(ctx); err != nil {
			return fmt.Errorf("migrate %s: %w", m.service, err)
		}
	}
	return m.confineVersions(ctx)
}

// confineVersions guards goose's tables like all others. They exist only after
// its first run.
func (m *Migrator) confineVersions(ctx context.Context) error {
	if _, err := m.db.ExecContext(ctx, strings.ReplaceAll(confineVersions, "{{service}}", m.service)); err != nil {
		return fmt.Errorf("guard version tables: %w", err)
	}
	return nil
}

const confineVersions = `
DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'migrations' LOOP
    EXECUTE format('ALTER TABLE migrations.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE migrations.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('DROP POLICY IF EXISTS owner ON migrations.%I', t);
    EXECUTE format('CREATE POLICY owner ON migrations.%I TO {{service}}_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('DROP POLICY IF EXISTS readiness ON migrations.%I', t);
    EXECUTE format('CREATE POLICY readiness ON migrations.%I FOR SELECT TO {{service}}_inside, {{service}}_job USING (true)', t);
  END LOOP;
END $$`

// DownOne takes the service's newest migration back, for an operator whose
// release went wrong. It does nothing if there is none. The kit's part stays.
func (m *Migrator) DownOne(ctx context.Context) error {
	return m.alone(ctx, func() error { return m.downOne(ctx) })
}

func (m *Migrator) downOne(ctx context.Context) error {
	if m.own == nil {
		return nil
	}
	if _, err := m.own.Down(ctx); err != nil && !errors.Is(err, goose.ErrNoNextVersion) {
		return fmt.Errorf("migrate %s down: %w", m.service, err)
	}
	return nil
}

// Down takes everything back, the service first. It destroys data: it is for
// tests and for a first installation gone wrong.
func (m *Migrator) Down(ctx context.Context) error {
	return m.alone(ctx, func() error { return m.down(ctx) })
}

func (m *Migrator) down(ctx context.Context) error {
	if m.own != nil {
		if _, err := m.own.DownTo(ctx, 0); err != nil {
			return fmt.Errorf("migrate %s down: %w", m.service, err)
		}
	}
	if err := m.riverDown(ctx); err != nil {
		return fmt.Errorf("migrate river down: %w", err)
	}
	if _, err := m.kit.DownTo(ctx, 0); err != nil {
		return fmt.Errorf("migrate kit down: %w", err)
	}
	return nil
}

// lockPoll is how often a migrator that waits for another asks again. It asks
// and does not wait in the database, since a statement that waits there would
// block the CREATE INDEX CONCURRENTLY of the other.
const lockPoll = 100 * time.Millisecond

// alone runs f while no other migrator runs. The lock is the session's, so it has
// a connection of its own, of no pool. It is given back before the connection is
// closed, since the server notices an end only some time later.
func (m *Migrator) alone(ctx context.Context, f func() error) error {
	conn, err := pgx.ConnectConfig(ctx, m.config.Copy())
	if err != nil {
		return fmt.Errorf("connect as owner: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for {
		var mine bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock(7213002)").Scan(&mine); err != nil {
			return fmt.Errorf("lock out other migrators: %w", err)
		}
		if mine {
			err := f()
			_, unlockErr := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(7213002)")
			return errors.Join(err, unlockErr)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for another migrator: %w", ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

// Close disconnects.
func (m *Migrator) Close() error { return m.db.Close() }
