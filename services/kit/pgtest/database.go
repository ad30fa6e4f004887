package pgtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/xunshi/xunshi/services/kit/migrate"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgcluster"
)

// Service is whose database a test wants.
type Service struct {
	Name       string
	Migrations fs.FS // nil: only the kit's tables
}

// Database is the database of one test.
type Database struct {
	Service  Service
	Name     string
	DSNs     pgcluster.DSNs
	ScopeKey []byte
	cluster  *pgcluster.Cluster
}

var (
	templates sync.Map // service name → func() error that made its template
	clones    atomic.Int64
)

// New gives a migrated, empty database that is dropped when the test ends.
func New(t testing.TB, s Service) *Database {
	t.Helper()
	c, err := sharedCluster()
	if err != nil {
		t.Fatal(err)
	}
	made, _ := templates.LoadOrStore(s.Name, sync.OnceValue(func() error { return makeTemplate(c, s) }))
	if err := made.(func() error)(); err != nil {
		t.Fatalf("migrate template of %s: %v", s.Name, err)
	}
	d := &Database{
		Service:  s,
		Name:     fmt.Sprintf("%s_%d", s.Name, clones.Add(1)),
		ScopeKey: scopeKey(s.Name),
		cluster:  c,
	}
	admin(t, c, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy OWNER %s_owner", d.Name, s.Name, s.Name))
	t.Cleanup(func() { admin(t, c, "DROP DATABASE "+d.Name+" WITH (FORCE)") })
	d.DSNs = c.DSNs(s.Name, d.Name)
	return d
}

func scopeKey(service string) []byte {
	sum := sha256.Sum256([]byte("scope key for tests of " + service))
	return sum[:]
}

// makeTemplate migrates the database that is named like the service; the tests
// get clones of it.
func makeTemplate(c *pgcluster.Cluster, s Service) error {
	ctx := context.Background()
	dsns, err := c.Provision(ctx, s.Name)
	if err != nil {
		return err
	}
	m, err := migrate.New(ctx, dsns.Owner, s.Name, s.Migrations)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := m.Up(ctx); err != nil {
		return err
	}
	return m.SetScopeKey(ctx, scopeKey(s.Name))
}

func admin(t testing.TB, c *pgcluster.Cluster, statement string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.AdminDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", strings.Fields(statement)[0:3], err)
	}
}

// Config is how a service reaches the database.
func (d *Database) Config() pg.Config {
	return pg.Config{InsideDSN: d.DSNs.Inside, OutsideDSN: d.DSNs.Outside, ScopeKey: d.ScopeKey}
}

// Open connects as a service does.
func (d *Database) Open(t testing.TB) *pg.DB {
	t.Helper()
	db, err := pg.Open(context.Background(), d.Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Connect opens a plain connection pool, e.g. for one of d.DSNs.
func (d *Database) Connect(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*cfg)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Admin connects as the superuser, whom row-level security does not bind: to
// set a stage and to see what is really there.
func (d *Database) Admin(t testing.TB) *sql.DB {
	t.Helper()
	return d.Connect(t, d.cluster.AdminDSN()+" dbname="+d.Name)
}

// Migrator connects as the owner role.
func (d *Database) Migrator(t testing.TB) *migrate.Migrator {
	t.Helper()
	m, err := migrate.New(context.Background(), d.DSNs.Owner, d.Service.Name, d.Service.Migrations)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}
