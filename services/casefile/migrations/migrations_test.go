package migrations_test

import (
	"context"
	"testing"

	"github.com/xunshi/xunshi/services/casefile/migrations"
	"github.com/xunshi/xunshi/services/kit/pgtest"
)

func TestEveryTableIsGuarded(t *testing.T) {
	d := pgtest.New(t, pgtest.Service{Name: "casefile", Migrations: migrations.Files()})
	pgtest.CheckIsolation(t, d)
}

func TestUpDownUp(t *testing.T) {
	d := pgtest.New(t, pgtest.Service{Name: "casefile", Migrations: migrations.Files()})
	m := d.Migrator(t)
	ctx := context.Background()
	for _, step := range []func(context.Context) error{m.Down, m.Up, m.Up} {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// The newest step goes back and forth on a database with case files in it, and loses
// none.
func TestLastStepOnASeededDatabase(t *testing.T) {
	d := pgtest.New(t, pgtest.Service{Name: "casefile", Migrations: migrations.Files()})
	admin := d.Admin(t)
	if _, err := admin.ExecContext(t.Context(), stage); err != nil {
		t.Fatal(err)
	}
	m := d.Migrator(t)
	for _, step := range []func(context.Context) error{m.DownOne, m.Up, m.DownOne, m.Up} {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
		var files int
		if err := admin.QueryRowContext(t.Context(), "SELECT count(*) FROM case_file WHERE county_code = '510104'").Scan(&files); err != nil || files != 2 {
			t.Errorf("%d case files, %v", files, err)
		}
	}
	pgtest.CheckIsolation(t, d)
}
