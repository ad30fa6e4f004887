package migrations_test

import (
	"context"
	"testing"

	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/rectification/migrations"
)

func TestEveryTableIsGuarded(t *testing.T) {
	d := pgtest.New(t, pgtest.Service{Name: "rectification", Migrations: migrations.FS})
	pgtest.CheckIsolation(t, d)
}

func TestUpDownUp(t *testing.T) {
	d := pgtest.New(t, pgtest.Service{Name: "rectification", Migrations: migrations.FS})
	m := d.Migrator(t)
	ctx := context.Background()
	for _, step := range []func(context.Context) error{m.Down, m.Up, m.Up} {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
}
