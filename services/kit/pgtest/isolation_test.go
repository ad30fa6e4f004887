package pgtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

var plain = pgtest.Service{Name: "plain"}

func TestKitTablesAreIsolated(t *testing.T) {
	pgtest.CheckIsolation(t, pgtest.New(t, plain))
}

func TestScopeIsWhoActs(t *testing.T) {
	db := pgtest.New(t, plain).Open(t)
	ctx := pgtest.As(context.Background(), principal.CountyCommittee, "provinces/51/counties/510104", "clerk")
	var party, county, area string
	err := db.Read(ctx, func(tx *pg.Tx) error {
		return tx.SQL().QueryRow("SELECT authz.party(), authz.county(), authz.jurisdiction()").Scan(&party, &county, &area)
	})
	if err != nil || party != "COUNTY_COMMITTEE" || county != "510104" || area != "provinces/51/counties/510104" {
		t.Fatalf("got %q %q %q, %v", party, county, area, err)
	}
	if err := db.Read(context.Background(), func(*pg.Tx) error { return nil }); err == nil {
		t.Fatal("a transaction without a principal")
	}
	boom := errors.New("boom")
	if err := db.Write(ctx, func(*pg.Tx) error { return boom }); !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
}

func TestUpDownUp(t *testing.T) {
	m := pgtest.New(t, plain).Migrator(t)
	ctx := context.Background()
	for _, step := range []func(context.Context) error{m.Down, m.Up, m.Up} {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
}
