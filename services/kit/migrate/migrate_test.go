package migrate_test

import (
	"context"
	"database/sql"
	"io/fs"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/migrate"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
)

var probe = pgtest.Service{Name: "migrateprobe", Migrations: fstest.MapFS{
	"00001_one.sql": {Data: []byte("-- +goose Up\nCREATE TABLE one (n int);\n-- +goose Down\nDROP TABLE one;\n")},
	"00002_two.sql": {Data: []byte("-- +goose Up\nCREATE TABLE two (n int);\n-- +goose Down\nDROP TABLE two;\n")},
}}

// catalogue describes every object of the database, to compare before and after.
const catalogue = `
SELECT string_agg(line, E'\n' ORDER BY line) FROM (
  SELECT 'column ' || a.attrelid::regclass || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || coalesce(' ' || c.relacl::text, '') AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_|information_schema' AND NOT a.attisdropped AND a.attnum > 0
  UNION ALL SELECT 'policy ' || p.polrelid::regclass || ' ' || p.polname || ' ' || coalesce(pg_get_expr(p.polqual, p.polrelid), '')
    || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') FROM pg_policy p
  UNION ALL SELECT 'function ' || p.oid::regprocedure || coalesce(p.proacl::text, '') FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname !~ '^pg_|information_schema'
  UNION ALL SELECT 'constraint ' || c.conrelid::regclass || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c WHERE c.conrelid <> 0
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT t.tgisinternal
) AS objects`

func describe(t *testing.T, d *pgtest.Database) string {
	t.Helper()
	var text string
	if err := d.Admin(t).QueryRow(catalogue).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestUpDownUpEndsWhereItBegan(t *testing.T) {
	d := pgtest.New(t, probe)
	m := d.Migrator(t)
	before := describe(t, d)
	if err := m.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	var tables int
	const left = "SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'authz', 'river')"
	if err := d.Admin(t).QueryRow(left).Scan(&tables); err != nil || tables != 0 {
		t.Errorf("%d tables left after Down, %v", tables, err)
	}
	for range 2 { // the second Up has nothing to do
		if err := m.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(strings.Split(before, "\n"), strings.Split(describe(t, d), "\n")); diff != "" {
		t.Error("down and up made another database:\n", diff)
	}
}

func TestMigratorsAtOnceTakeTurns(t *testing.T) {
	d := pgtest.New(t, probe)
	if err := d.Migrator(t).Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 3 {
		m := d.Migrator(t)
		wg.Go(func() {
			if err := m.Up(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestLockEndsWithTheMigration: the next one need not wait until this migrator
// is closed.
func TestLockEndsWithTheMigration(t *testing.T) {
	d := pgtest.New(t, probe)
	first, second := d.Migrator(t), d.Migrator(t)
	if err := first.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	var free bool
	const try = "SELECT pg_try_advisory_xact_lock(7213002)"
	if err := d.Connect(t, d.DSNs.Owner).QueryRow(try).Scan(&free); err != nil || !free {
		t.Errorf("the lock is free after Up: %v, %v", free, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := second.Up(ctx); err != nil {
		t.Error(err)
	}
}

func TestReadinessGate(t *testing.T) {
	d := pgtest.New(t, probe)
	m := d.Migrator(t)
	db := d.Open(t)
	required, err := migrate.Required(probe.Migrations)
	if err != nil {
		t.Fatal(err)
	}
	if required.Kit < 3 || required.River < 8 || required.Service != 2 {
		t.Fatalf("required %+v", required)
	}
	ready := func(v migrate.Version) error {
		return db.WithoutScope(t.Context(), func(tx *sql.Tx) error { return migrate.Ready(t.Context(), tx, v) })
	}
	if err := ready(required); err != nil {
		t.Error(err)
	}
	if err := ready(migrate.Version{Kit: 1, River: 1}); err != nil {
		t.Error("a database newer than the code:", err)
	}
	for name, v := range map[string]migrate.Version{
		"kit":     {Kit: required.Kit + 1, River: required.River, Service: required.Service},
		"river":   {Kit: required.Kit, River: required.River + 1, Service: required.Service},
		"service": {Kit: required.Kit, River: required.River, Service: required.Service + 1},
	} {
		if ready(v) == nil {
			t.Errorf("ready although %s is behind", name)
		}
	}

	if err := m.DownOne(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := ready(required); err == nil || !strings.Contains(err.Error(), "migrate up") {
		t.Errorf("after one step down: %v; want not ready", err)
	}
	if err := m.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ready(required) == nil {
		t.Error("ready without tables")
	}
}

func TestStatusTellsWhatIsApplied(t *testing.T) {
	d := pgtest.New(t, probe)
	m := d.Migrator(t)
	if err := m.DownOne(t.Context()); err != nil {
		t.Fatal(err)
	}
	steps, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	applied := map[string]bool{}
	for _, s := range steps {
		applied[s.Part+" "+s.Name] = s.Applied
	}
	if !applied["kit 00001_authz.sql"] || !applied["migrateprobe 00001_one.sql"] || applied["migrateprobe 00002_two.sql"] {
		t.Errorf("got %v", applied)
	}
	for range 3 { // one to undo and then none
		if err := m.DownOne(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if steps, err = m.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Applied != (s.Part != probe.Name) {
			t.Errorf("%s %s applied: %v; want only the service taken back", s.Part, s.Name, s.Applied)
		}
	}
}

func TestScopeKeyCanBeReplaced(t *testing.T) {
	d := pgtest.New(t, probe)
	m := d.Migrator(t)
	db := d.Open(t)
	read := func() error {
		return db.Read(office("51"), func(tx *pg.Tx) error {
			return tx.SQL().QueryRow("SELECT authz.party()").Scan(new(string))
		})
	}
	for range 2 {
		if err := m.SetScopeKey(t.Context(), d.ScopeKey); err != nil {
			t.Fatal(err)
		}
		if err := read(); err != nil {
			t.Fatal("the same key again:", err)
		}
	}
	if err := m.SetScopeKey(t.Context(), make([]byte, pg.ScopeKeySize)); err != nil {
		t.Fatal(err)
	}
	if read() == nil {
		t.Error("a scope signed with the old key is believed")
	}
	if err := m.SetScopeKey(t.Context(), []byte("short")); err == nil {
		t.Error("a short key was accepted")
	}
}

func TestRequiredRefusesAFileWithoutNumber(t *testing.T) {
	files := maps.Clone(probe.Migrations.(fstest.MapFS))
	files["three.sql"] = &fstest.MapFile{}
	if _, err := migrate.Required(fs.FS(files)); err == nil {
		t.Error("accepted")
	}
}
