package pg_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// sqlState is "" for an error that is not PostgreSQL's.
func sqlState(err error) string {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return ""
	}
	return pgErr.Code
}

// countAs counts notices on a plain connection of a role, under a scope that the
// test made up; "" sets none.
func countAs(t *testing.T, db *sql.DB, scope string) (int, error) {
	t.Helper()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	if scope != "" {
		if _, err := tx.Exec("SELECT set_config('app.scope', $1, true)", scope); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	err = tx.QueryRow("SELECT count(*) FROM notice").Scan(&n)
	return n, err
}

func TestWithoutScopeNothingIsSeen(t *testing.T) { // trap 2
	d := stage(t)
	for role, dsn := range map[string]string{"inside": d.DSNs.Inside, "outside": d.DSNs.Outside} {
		if n, err := countAs(t, d.Connect(t, dsn), ""); n != 0 || err != nil {
			t.Errorf("%s role without scope: %d rows, %v; want 0", role, n, err)
		}
	}
}

func TestScopeIsBelievedOnlyWhenSignedAndFresh(t *testing.T) { // trap 12
	d := stage(t)
	outside := d.Connect(t, d.DSNs.Outside)
	good := signed(t, county(jinjiang), d.ScopeKey, 0)
	if n, err := countAs(t, outside, good); n != 1 || err != nil {
		t.Fatalf("good scope: %d rows, %v; want 1", n, err)
	}
	otherKey := bytes.Repeat([]byte{7}, 32)
	cut := strings.LastIndex(good, "|")
	for name, scope := range map[string]string{
		"another county":      strings.Replace(good, jinjiang, qingyang, 1),
		"a later expiry":      "9" + good,
		"no signature":        good[:cut] + "|",
		"signature cut short": good[:len(good)-1],
		"another key":         signed(t, county(jinjiang), otherKey, 0),
		"too few fields":      good[cut+1:],
		"one field more":      "x|" + good,
		"no scope at all":     "let me in",
		"expired":             signed(t, county(jinjiang), d.ScopeKey, 3*time.Minute),
	} {
		if n, err := countAs(t, outside, scope); sqlState(err) != "42501" {
			t.Errorf("%s: %d rows, %v; want 42501", name, n, err)
		}
	}
}

func TestScopeDiesWithItsTransaction(t *testing.T) {
	d := stage(t)
	cfg := d.Config()
	cfg.MaxConns = 1 // one connection, so the second caller gets that of the first
	db, err := pg.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if n := count(t, db, office("51"), "SELECT count(*) FROM notice"); n != 3 {
		t.Fatalf("the office sees %d notices, want 3", n)
	}
	var n int
	unscoped := func(tx *sql.Tx) error { return tx.QueryRow("SELECT count(*) FROM notice").Scan(&n) }
	if err := db.WithoutScope(t.Context(), unscoped); err != nil || n != 0 {
		t.Errorf("%d rows on the same connection after the transaction, %v; want 0", n, err)
	}
	boom := errors.New("boom")
	if err := db.Write(office("51"), func(*pg.Tx) error { return boom }); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if err := db.WithoutScope(t.Context(), unscoped); err != nil || n != 0 {
		t.Errorf("%d rows after a rollback, %v; want 0", n, err)
	}
}

func TestAppRolesCannotReadOrChangeTheKey(t *testing.T) {
	d := stage(t)
	for role, dsn := range map[string]string{"inside": d.DSNs.Inside, "outside": d.DSNs.Outside, "job": d.DSNs.Job} {
		for _, statement := range []string{
			"SELECT ipad FROM authz.key", "SELECT count(*) FROM authz.key", "UPDATE authz.key SET ipad = opad",
			"DELETE FROM authz.key", "CREATE FUNCTION authz.party() RETURNS text LANGUAGE sql AS 'SELECT 1'",
			"SET ROLE probe_owner",
		} {
			if _, err := d.Connect(t, dsn).Exec(statement); sqlState(err) != "42501" {
				t.Errorf("%s as %s: %v; want 42501", statement, role, err)
			}
		}
	}
}

// TestScopeSaysWhoTheCallerIs compares what the database reads with what was meant.
func TestScopeSaysWhoTheCallerIs(t *testing.T) {
	db := stage(t).Open(t)
	for _, want := range []principal.Principal{
		{Subject: "office", Party: principal.InspectionOffice, Province: "51"},
		{Subject: "auth0|42%7C|%25", Party: principal.CityCommittee, Province: "51", City: chengdu},
		{Subject: "张三 'x' \\ \"y\"\n", Party: principal.CountyCommittee, Province: "51", County: jinjiang},
		{Subject: "casefile.xunshi", Party: principal.Service},
	} {
		var got principal.Principal
		var area string
		err := db.Read(principal.With(context.Background(), want), func(tx *pg.Tx) error {
			return tx.SQL().QueryRow(`SELECT authz.subject(), authz.party(), authz.province(), authz.city(), authz.county(), authz.jurisdiction()`).
				Scan(&got.Subject, &got.Party, &got.Province, &got.City, &got.County, &area)
		})
		if err != nil || got != want || area != want.Jurisdiction() {
			t.Errorf("got %+v %q, %v; want %+v %q", got, area, err, want, want.Jurisdiction())
		}
	}
}

func TestPrincipalThatNoScopeCanCarryIsRefused(t *testing.T) {
	db := stage(t).Open(t)
	for _, p := range []principal.Principal{
		{Subject: "x", Party: principal.CountyCommittee, Province: "51", County: jinjiang + "|"},
		{Subject: "x\x00", Party: principal.CountyCommittee, Province: "51"},
	} {
		err := db.Read(principal.With(context.Background(), p), func(*pg.Tx) error {
			t.Errorf("%+v got a transaction", p)
			return nil
		})
		if err == nil {
			t.Errorf("%+v accepted", p)
		}
	}
}

func TestWithoutPrincipalThereIsNoTransaction(t *testing.T) {
	db := pgtest.New(t, probe).Open(t)
	for name, run := range map[string]func(context.Context, func(*pg.Tx) error) error{"Read": db.Read, "Write": db.Write} {
		if err := run(context.Background(), func(*pg.Tx) error { return nil }); err == nil {
			t.Errorf("%s ran for nobody", name)
		}
	}
}
