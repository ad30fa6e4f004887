package pgtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io/fs"
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
	templates sync.Map // template name → func() error that made it
	clones    atomic.Int64
)

// New gives a migrated, empty database that is dropped when the test ends.
func New(t testing.TB, s Service) *Database {
	t.Helper()
	c, err := sharedCluster()
	if err != nil {
		t.Fatal(err)
	}
	template, err := templateName(s)
	if err != nil {
		t.Fatalf("read migrations of %s: %v", s.Name, err)
	}
	made, _ := templates.LoadOrStore(template, sync.OnceValue(func() error { return makeTemplate(c, s, template) }))
	if err := made.(func() error)(); err != nil {
		t.Fatalf("migrate template of %s: %v", s.Name, err)
	}
	d := &Database{
		Service:  s,
		Name:     fmt.Sprintf("%s_%d", s.Name, clones.Add(1)),
		ScopeKey: scopeKey(s.Name),
		cluster:  c,
	}
	admin(t, c, func(ctx context.Context, conn *pgx.Conn) error {
		return makeDatabase(ctx, conn, s.Name, d.Name, template)
	})
	t.Cleanup(func() {
		admin(t, c, func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "DROP DATABASE "+d.Name+" WITH (FORCE)")
			return err
		})
	})
	d.DSNs = c.DSNs(s.Name, d.Name)
	return d
}

func scopeKey(service string) []byte {
	sum := sha256.Sum256([]byte("scope key for tests of " + service))
	return sum[:]
}

// templateName is the same for the same migrations.
func templateName(s Service) (string, error) {
	h := sha256.New()
	if s.Migrations != nil {
		err := fs.WalkDir(s.Migrations, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(s.Migrations, path)
			_, _ = fmt.Fprintf(h, "%s %d\n%s", path, len(content), content) // a hash takes everything
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s_template_%x", s.Name, h.Sum(nil)[:6]), nil
}

// makeTemplate migrates the database that the tests get clones of.
func makeTemplate(c *pgcluster.Cluster, s Service, template string) error {
	ctx := context.Background()
	if _, err := c.Provision(ctx, s.Name); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, c.AdminDSN())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if err := makeDatabase(ctx, conn, s.Name, template, "template0"); err != nil {
		return err
	}
	m, err := migrate.New(ctx, c.DSNs(s.Name, template).Owner, s.Name, s.Migrations)
	if err != nil {
		return err
	}
	defer m.Close() // a template can be cloned only when nobody is in it
	if err := m.Up(ctx); err != nil {
		return err
	}
	return m.SetScopeKey(ctx, scopeKey(s.Name))
}

// makeDatabase clones a template. The rights on the database itself are not
// copied with it.
func makeDatabase(ctx context.Context, conn *pgx.Conn, service, name, template string) error {
	statement := fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy OWNER %s_owner", name, template, service)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("clone %s: %w", template, err)
	}
	return pgcluster.CloseDatabase(ctx, conn, name, service)
}

func admin(t testing.TB, c *pgcluster.Cluster, f func(context.Context, *pgx.Conn) error) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.AdminDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := f(ctx, conn); err != nil {
		t.Fatal(err)
	}
}

// Config is how a service reaches the database.
func (d *Database) Config() pg.Config {
	return pg.Config{InsideDSN: d.DSNs.Inside, OutsideDSN: d.DSNs.Outside, ScopeKey: d.ScopeKey}
}

// Open connects as a service does.
func (d *Database) Open(t testing.TB) *pg.DB {
	t.Helper()
	return d.OpenWith(t, d.Config())
}

// OpenWith is Open with a configuration of the test's own.
func (d *Database) OpenWith(t testing.TB, cfg pg.Config) *pg.DB {
	t.Helper()
	db, err := pg.Open(context.Background(), cfg)
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
