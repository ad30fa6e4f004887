package audit_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
)

var probe = pgtest.Service{Name: "auditprobe"}

const name = "provinces/51/briefings/1"

func reader(audited bool) context.Context {
	ctx := pgtest.As(context.Background(), principal.InspectionOffice, "provinces/51", "clerk")
	return policy.WithGrant(ctx, policy.Grant{
		Method: "/x/Get", Scope: policy.ScopeProvince, Articles: []string{"8", "10"}, AuditedRead: audited, Object: name,
	})
}

func get(ctx context.Context, db *pg.DB, f func(tx *pg.Tx) (*schedulingv1.Briefing, error)) (*schedulingv1.Briefing, error) {
	return audit.Read(ctx, db, &schedulingv1.GetBriefingRequest{Name: name}, f)
}

func found(*pg.Tx) (*schedulingv1.Briefing, error) {
	return &schedulingv1.Briefing{Name: name}, nil
}

func entries(t *testing.T, admin *sql.DB, where string) int {
	t.Helper()
	var n int
	if err := admin.QueryRow("SELECT count(*) FROM audit_entry WHERE " + where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAuditedReadIsEntered_Art8(t *testing.T) {
	d := pgtest.New(t, probe)
	if answer, err := get(reader(true), d.Open(t), found); err != nil || answer.GetName() != name {
		t.Fatalf("got %v, %v", answer, err)
	}
	const want = `object = '` + name + `' AND method = '/x/Get' AND outcome = 'OK' AND request_id IS NULL
		AND subject = 'clerk' AND articles = '{8,10}' AND detail = '{}' AND occur_time > now() - interval '1 minute'`
	if entries(t, d.Admin(t), want) != 1 {
		t.Error("the reading was not entered")
	}
}

func TestRefusedReadingIsEntered(t *testing.T) {
	d := pgtest.New(t, probe)
	refusals := map[string]func(*pg.Tx) error{
		"a fault":        func(*pg.Tx) error { return fault.Missing(name) },
		"no such record": func(*pg.Tx) error { return fmt.Errorf("load: %w", gorm.ErrRecordNotFound) },
		"a failed statement": func(tx *pg.Tx) error {
			return fault.Missing(name).Wrap(tx.SQL().QueryRow("SELECT 'x'::uuid").Scan(new(string)))
		},
	}
	for what, refuse := range refusals {
		_, err := get(reader(true), d.Open(t), func(tx *pg.Tx) (*schedulingv1.Briefing, error) { return nil, refuse(tx) })
		if !fault.Is(err, fault.ReasonNotFound) {
			t.Fatalf("%s: got %v", what, err)
		}
	}
	if n := entries(t, d.Admin(t), "outcome = 'NOT_FOUND' AND object = '"+name+"'"); n != len(refusals) {
		t.Errorf("%d refused readings were entered, want %d", n, len(refusals))
	}
}

func TestNothingIsReadIfItCannotBeEntered(t *testing.T) {
	d := pgtest.New(t, probe)
	db, admin := d.Open(t), d.Admin(t)
	if _, err := admin.Exec("REVOKE INSERT ON audit_entry FROM auditprobe_inside"); err != nil {
		t.Fatal(err)
	}
	if answer, err := get(reader(true), db, found); err == nil || answer != nil {
		t.Errorf("got %v, %v", answer, err)
	}
	if answer, err := get(reader(false), db, found); err != nil || answer == nil {
		t.Errorf("a reading that is not audited: %v, %v", answer, err)
	}
}

func TestPlainReadIsReadOnlyAndNotEntered(t *testing.T) {
	d := pgtest.New(t, probe)
	db := d.Open(t)
	_, err := get(reader(false), db, func(tx *pg.Tx) (*schedulingv1.Briefing, error) {
		return nil, audit.Stage(tx, audit.Entry{Method: "/x/Get", Outcome: audit.OutcomeOK})
	})
	if err == nil {
		t.Error("a plain reading could write")
	}
	if _, err := get(reader(false), db, found); err != nil {
		t.Fatal(err)
	}
	if n := entries(t, d.Admin(t), "true"); n != 0 {
		t.Errorf("%d entries", n)
	}
}

func TestRolledBackActHasNoEntry(t *testing.T) {
	d := pgtest.New(t, probe)
	boom := errors.New("boom")
	err := d.Open(t).Write(reader(true), func(tx *pg.Tx) error {
		if err := audit.Stage(tx, audit.Entry{Method: "/x/Do", Outcome: audit.OutcomeOK}); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	if n := entries(t, d.Admin(t), "true"); n != 0 {
		t.Errorf("%d entries of an act that did not happen", n)
	}
}

func TestNobodyChangesTheAuditLog(t *testing.T) {
	d := pgtest.New(t, probe)
	db := d.Open(t)
	if _, err := get(reader(true), db, found); err != nil {
		t.Fatal(err)
	}
	statements := []string{
		"UPDATE audit_entry SET outcome = 'x'",
		"DELETE FROM audit_entry",
		"TRUNCATE audit_entry",
	}
	logins := map[string]string{
		"owner": d.DSNs.Owner, "inside": d.DSNs.Inside, "outside": d.DSNs.Outside, "job": d.DSNs.Job,
	}
	for role, dsn := range logins {
		conn := d.Connect(t, dsn)
		for _, statement := range statements {
			wantDenied(t, role, statement, func() error { _, err := conn.Exec(statement); return err })
		}
	}
	for _, statement := range statements {
		admin := d.Admin(t)
		wantDenied(t, "superuser", statement, func() error { _, err := admin.Exec(statement); return err })
		err := db.Write(reader(true), func(tx *pg.Tx) error { _, err := tx.SQL().Exec(statement); return err })
		if e, ok := fault.As(err); !ok || e.Kind != fault.Denied {
			t.Errorf("in a signed scope: %s: %v", statement, err)
		}
	}
	if entries(t, d.Admin(t), "outcome = 'OK'") != 1 {
		t.Error("the entry is not what it was")
	}
}

func wantDenied(t *testing.T, role, statement string, run func() error) {
	t.Helper()
	var pgErr *pgconn.PgError
	if err := run(); !errors.As(err, &pgErr) || pgErr.Code != "42501" {
		t.Errorf("%s: %s: %v, want 42501", role, statement, err)
	}
}

func TestNobodyEntersAnothersAct(t *testing.T) {
	d := pgtest.New(t, probe)
	err := d.Open(t).Write(reader(true), func(tx *pg.Tx) error {
		_, err := tx.SQL().Exec(`INSERT INTO audit_entry
			(id, province, subject, party, jurisdiction, method, object, outcome, articles, detail)
			VALUES (gen_random_uuid(), '51', 'chief', 'INSPECTION_OFFICE', 'provinces/51', 'm', 'o', 'OK', '{}', '{}')`)
		return err
	})
	if e, ok := fault.As(err); !ok || e.Kind != fault.Denied {
		t.Errorf("got %v", err)
	}
}

func TestObjectOf(t *testing.T) {
	tests := []struct {
		grant policy.Grant
		want  string
	}{
		{policy.Grant{Object: "provinces/51/x"}, "provinces/51/x"},
		{policy.Grant{}, name},
	}
	for _, tt := range tests {
		if got := audit.ObjectOf(tt.grant, &schedulingv1.GetBriefingRequest{Name: name}); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	if got := audit.ObjectOf(policy.Grant{}, &schedulingv1.ListBriefingsRequest{Parent: "provinces/51"}); got != "provinces/51" {
		t.Errorf("of a list: %q", got)
	}
	if got := audit.ObjectOf(policy.Grant{}, &schedulingv1.Briefing{}); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}
