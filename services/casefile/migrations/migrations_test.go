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
