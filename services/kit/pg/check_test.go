package pg_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/pg"
)

func TestCheckRefusesRolesThatGetRound(t *testing.T) {
	d := stage(t)
	if err := d.Open(t).Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	admin := d.Admin(t)
	t.Cleanup(func() { _, _ = admin.Exec("DROP OWNED BY probe_strong; DROP ROLE probe_strong") })
	for name, attributes := range map[string]string{
		"superuser":       "SUPERUSER",
		"passes RLS":      "BYPASSRLS",
		"makes roles":     "CREATEROLE",
		"is another role": "IN ROLE probe_owner",
	} {
		if _, err := admin.Exec("DROP ROLE IF EXISTS probe_strong; CREATE ROLE probe_strong LOGIN " + attributes); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.Exec("GRANT CONNECT ON DATABASE " + d.Name + " TO probe_strong"); err != nil {
			t.Fatal(err)
		}
		cfg := d.Config()
		cfg.OutsideDSN = strings.Replace(cfg.OutsideDSN, "probe_outside", "probe_strong", 1)
		db, err := pg.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "probe_strong") {
			t.Errorf("%s: %v; want it refused", name, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.Exec("DROP OWNED BY probe_strong"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCheckRefusesClocksThatDiffer(t *testing.T) {
	d := stage(t)
	for _, off := range []time.Duration{-time.Minute, time.Minute} {
		db, err := pg.OpenAt(t.Context(), d.Config(), clocktest.Fixed(clock.System().Now().Add(off)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if err := db.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "clock") {
			t.Errorf("clock off by %v: %v; want it refused", off, err)
		}
	}
}
