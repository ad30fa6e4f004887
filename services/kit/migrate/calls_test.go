package migrate_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const (
	idA = "0190a000-0000-4000-8000-00000000000a"
	idB = "0190a000-0000-4000-8000-00000000000b"
)

func office(province string) context.Context {
	return pgtest.As(context.Background(), principal.InspectionOffice, "provinces/"+province, "officer")
}

func county(subject string) context.Context {
	return pgtest.As(context.Background(), principal.CountyCommittee, "provinces/51/counties/510104", subject)
}

func exec(db *pg.DB, ctx context.Context, statement string) error {
	return db.Write(ctx, func(tx *pg.Tx) error {
		_, err := tx.SQL().ExecContext(ctx, statement)
		return err
	})
}

func count(t *testing.T, db *pg.DB, ctx context.Context, query string) (n int) {
	t.Helper()
	if err := db.Read(ctx, func(tx *pg.Tx) error { return tx.SQL().QueryRow(query).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

func mustExec(t *testing.T, db *pg.DB, ctx context.Context, statement string) {
	t.Helper()
	if err := exec(db, ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func wantDenied(t *testing.T, db *pg.DB, ctx context.Context, statement string) {
	t.Helper()
	wantState(t, exec(db, ctx, statement), "42501", statement)
}

func wantState(t *testing.T, err error, state, what string) {
	t.Helper()
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Code != state {
		t.Errorf("%s: %v; want %s", what, err, state)
	}
}

func TestRequestLogIsEachCallersOwn(t *testing.T) {
	db := pgtest.New(t, probe).Open(t)
	const claim = `INSERT INTO request_log (principal, method, request_id, request_hash, province)
		VALUES (authz.principal_key(), 'm', '` + idA + `', '', '51')`
	mustExec(t, db, county("a"), claim)
	mustExec(t, db, county("b"), claim) // the same id of another person is another request
	wantState(t, exec(db, county("a"), claim), "23505", "the same again")
	wantDenied(t, db, county("a"), `INSERT INTO request_log (principal, method, request_id, request_hash, province)
		VALUES ('COUNTY_COMMITTEE|51||510104|b', 'm2', '`+idA+`', '', '51')`)
	if n := count(t, db, county("a"), "SELECT count(*) FROM request_log"); n != 1 {
		t.Errorf("sees %d entries, want its own", n)
	}

	mustExec(t, db, county("a"), "UPDATE request_log SET code = 0, answer = 'first'")
	mustExec(t, db, county("a"), "UPDATE request_log SET code = 0, answer = 'second'")
	if n := count(t, db, county("a"), "SELECT count(*) FROM request_log WHERE answer = 'first'"); n != 1 {
		t.Error("an answer that was given has changed")
	}
	wantDenied(t, db, county("a"), "UPDATE request_log SET request_hash = 'x'")
	wantDenied(t, db, county("a"), "DELETE FROM request_log")
}

func TestAuditEntriesAreOnesOwnAndFinal(t *testing.T) { // D5
	d := pgtest.New(t, probe)
	db := d.Open(t)
	mine := func(subject string) string {
		return `INSERT INTO audit_entry (id, province, subject, party, jurisdiction, method, object, outcome, articles, detail) VALUES
			(gen_random_uuid(), '51', '` + subject + `', 'COUNTY_COMMITTEE', 'provinces/51/counties/510104', 'm', 'o', 'OK', '{17}', '{}')`
	}
	mustExec(t, db, county("a"), mine("a"))
	wantDenied(t, db, county("a"), mine("b")) // in another's name
	wantDenied(t, db, office("51"), mine("officer"))
	for _, statement := range []string{
		"UPDATE audit_entry SET outcome = 'X'", "DELETE FROM audit_entry", "TRUNCATE audit_entry",
	} {
		wantDenied(t, db, county("a"), statement)
		wantDenied(t, db, office("51"), statement)
	}
	for _, ctx := range []context.Context{county("a"), office("51")} { // they are the audit administrator's
		if n := count(t, db, ctx, "SELECT count(*) FROM audit_entry"); n != 0 {
			t.Errorf("%d entries are seen", n)
		}
	}
	for role, conn := range map[string]string{"owner": d.DSNs.Owner, "superuser": ""} {
		pool := d.Admin(t)
		if conn != "" {
			pool = d.Connect(t, conn)
		}
		for _, statement := range []string{"UPDATE audit_entry SET outcome = 'X'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"} {
			_, err := pool.Exec(statement)
			wantState(t, err, "42501", statement+" as "+role)
		}
	}
}

func TestTaskMembersAreKeptByTheOffice_Art6(t *testing.T) {
	db := pgtest.New(t, probe).Open(t)
	group := pgtest.As(context.Background(), principal.InspectionGroup, "provinces/51", "member")
	add := func(id, subject string) string {
		return `INSERT INTO task_member (province, inspection_id, subject, display_name, leader)
			VALUES ('51', '` + id + `', '` + subject + `', 'M', false)`
	}
	mustExec(t, db, office("51"), add(idA, "member"))
	mustExec(t, db, office("51"), add(idB, "other"))
	wantDenied(t, db, office("53"), add(idA, "spy"))
	wantDenied(t, db, group, add(idB, "member")) // no group member adds himself
	wantDenied(t, db, county("a"), "SELECT 1 FROM task_member")
	if n := count(t, db, group, "SELECT count(*) FROM task_member"); n != 1 {
		t.Errorf("the member sees %d rows, want those of his task", n)
	}
	if n := count(t, db, group, "SELECT cardinality(authz.tasks())"); n != 1 {
		t.Errorf("%d tasks, want 1", n)
	}
	if n := count(t, db, office("51"), "SELECT cardinality(authz.tasks())"); n != 0 {
		t.Errorf("the office has %d tasks, want none: it does not act by membership", n)
	}
}
