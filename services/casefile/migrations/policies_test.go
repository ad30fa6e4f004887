package migrations_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/xunshi/xunshi/services/casefile/migrations"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const (
	task   = "01990000-0000-7000-8000-000000000001"
	other  = "01990000-0000-7000-8000-000000000002"
	letter = "00000000-0000-4000-8000-000000000001"
	draft  = "00000000-0000-4000-8000-000000000002"
	atHQ   = "00000000-0000-4000-8000-000000000003"
	passed = "00000000-0000-4000-8000-000000000004"
	found  = "00000000-0000-4000-8000-000000000005"
	report = "00000000-0000-4000-8000-000000000006"
	agreed = "00000000-0000-4000-8000-000000000007"
)

// stage is two case files: one with a report that is with the leading group, one
// with an agreed report. wang and li are members of the first task.
const stage = `
INSERT INTO case_file SELECT '51', id::uuid, '510104', '锦江区', 'CN-COUNTY-2012', NULL, NULL, now(), now(), 1
  FROM unnest(ARRAY['` + task + `', '` + other + `']) AS id;
INSERT INTO petition_counter SELECT province, id, 1 FROM case_file;
INSERT INTO task_member VALUES ('51', '` + task + `', 'li', '李某', true), ('51', '` + task + `', 'wang', '王某', false);
INSERT INTO petition VALUES
  ('51', '` + task + `', '` + letter + `', 1, 'LETTER', false, '反映', '{}', 'REGISTERED', NULL, now(), 1);
INSERT INTO working_paper VALUES
  ('51', '` + task + `', '` + draft + `', 't', 'f', 'DRAFT', 'wang', '', '', NULL, NULL, NULL, NULL, NULL, now(), now(), 1),
  ('51', '` + task + `', '` + atHQ + `', 't', 'f', 'OFFICE_REVIEW', 'wang', '', '', now(), 'li', now(), NULL, NULL, now(), now(), 1),
  ('51', '` + task + `', '` + passed + `', 't', 'f', 'PASSED', 'wang', '', '', now(), 'li', now(), 'zhou', now(), now(), now(), 1);
INSERT INTO finding (province, inspection_id, id, working_paper_id, description, content_codes, create_time)
  VALUES ('51', '` + task + `', '` + found + `', '` + passed + `', 'd', '{C1}', now());
INSERT INTO inspection_report VALUES
  ('51', '` + task + `', '` + report + `', 'c', 'SUBMITTED', 'li', now(), NULL, '', now(), now(), 1),
  ('51', '` + other + `', '` + agreed + `', 'c', 'AGREED', 'li', now(), '` + found + `', '', now(), now(), 1);
INSERT INTO inspection_report_finding VALUES ('51', '` + task + `', '` + report + `', '` + found + `', 0);`

func staged(t *testing.T) (*pg.DB, *sql.DB) {
	t.Helper()
	d := pgtest.New(t, pgtest.Service{Name: "casefile", Migrations: migrations.Files()})
	admin := d.Admin(t)
	if _, err := admin.ExecContext(t.Context(), stage); err != nil {
		t.Fatal(err)
	}
	return d.Open(t), admin
}

// rows gives how many rows a statement touched for the caller; one that was
// refused for want of a right, none.
func rows(ctx context.Context, t *testing.T, db *pg.DB, statement string) (n int64) {
	t.Helper()
	allowed(t, statement, db.Write(ctx, func(tx *pg.Tx) error {
		res, err := tx.SQL().ExecContext(tx.Context(), statement)
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	}))
	return n
}

// allowed fails the test on any error but insufficient_privilege: that something
// else went wrong is no refusal.
func allowed(t *testing.T, statement string, err error) {
	t.Helper()
	if err != nil && sqlState(err) != "42501" {
		t.Errorf("%s: %v", statement, err)
	}
}

func sqlState(err error) string {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return ""
	}
	return pgErr.Code
}

// What the policies let through by themselves, whatever a handler may ask for.
func TestPoliciesHoldTheMatrix(t *testing.T) {
	const (
		group, office, chair, service = "INSPECTION_GROUP", "INSPECTION_OFFICE", "LEADING_GROUP", "SERVICE"
		sign                          = "UPDATE working_paper SET state = 'PASSED', office = 'zhou', office_sign_time = now() WHERE id = '" + atHQ + "'"
		edit                          = "UPDATE working_paper SET facts = 'x' WHERE id = "
		agree                         = "UPDATE inspection_report SET state = 'AGREED', decision_id = '" + found + "' WHERE id = '" + report + "'"
		sendBack                      = "UPDATE inspection_report SET state = 'RETURNED', leader = NULL, leader_sign_time = NULL WHERE id = '" + report + "'"
		conclude                      = "UPDATE petition SET state = 'CONCLUDED', outcome = 'NO_ACTION' WHERE id = '" + letter + "'"
		count                         = "UPDATE petition_counter SET last = last + 1 WHERE inspection_id = '" + task + "'"
		newFile                       = "INSERT INTO case_file VALUES ('51', '01990000-0000-7000-8000-000000000003', '510105', 'x', 'x', NULL, NULL, now(), now(), 1)"
		newPaper                      = "INSERT INTO working_paper VALUES ('51', '" + task + "', gen_random_uuid(), 't', 'f', 'DRAFT', 'wang', '', '', NULL, NULL, NULL, NULL, NULL, now(), now(), 1)"
		bornSubmitted                 = "INSERT INTO working_paper VALUES ('51', '" + task + "', gen_random_uuid(), 't', 'f', 'LEADER_REVIEW', 'wang', '', '', now(), NULL, NULL, NULL, NULL, now(), now(), 1)"
		bornPassed                    = "INSERT INTO working_paper VALUES ('51', '" + task + "', gen_random_uuid(), 't', 'f', 'PASSED', 'wang', '', '', now(), 'li', now(), 'zhou', now(), now(), now(), 1)"
		out                           = "UPDATE working_paper SET state = 'WITHDRAWN', withdraw_reason = 'r', author_sign_time = NULL, leader = NULL, leader_sign_time = NULL"
		withdraw                      = out + " WHERE id = '" + atHQ + "'"
		withdrawChanged               = out + ", facts = 'x' WHERE id = '" + atHQ + "'"
		callBack                      = "UPDATE working_paper SET state = 'DRAFT', author_sign_time = NULL, leader = NULL, leader_sign_time = NULL WHERE id = '" + atHQ + "'"
		newPetition                   = "INSERT INTO petition VALUES ('51', '" + task + "', gen_random_uuid(), 9, 'LETTER', false, 'c', '{}', "
		cut                           = "DELETE FROM inspection_report_finding WHERE report_id = '" + report + "'"
	)
	tests := []struct {
		name, party, subject, statement string
		want                            int64
	}{
		{"a member changes his draft", group, "wang", edit + "'" + draft + "'", 1},
		{"a stranger does not", group, "zhao", edit + "'" + draft + "'", 0},
		{"a group does not touch what is with the office", group, "li", edit + "'" + atHQ + "'", 0},
		{"nor what is passed", group, "li", edit + "'" + passed + "'", 0},
		{"a group does not sign for the office", group, "li", sign, 0},
		{"the office signs", office, "zhou", sign, 1},
		{"the office does not change a draft", office, "zhou", edit + "'" + draft + "'", 0},
		{"the leading group does not sign papers", chair, "x", sign, 0},
		{"a member drafts as himself", group, "wang", newPaper, 1},
		{"a member does not draft as another", group, "li", newPaper, 0},
		{"nor with his signature on it", group, "wang", bornSubmitted, 0},
		{"nor a passed one with the signatures of others", group, "wang", bornPassed, 0},
		{"a group withdraws what is with the office", group, "li", withdraw, 1},
		{"and does not change it on the way", group, "li", withdrawChanged, 0},
		{"nor does it call it back", group, "li", callBack, 0},
		{"the office does not withdraw", office, "zhou", withdraw, 0},
		{"a member registers a petition", group, "wang", newPetition + "'REGISTERED', NULL, now(), 1)", 1},
		{"nobody registers a concluded one", group, "wang", newPetition + "'CONCLUDED', 'NO_ACTION', now(), 1)", 0},
		{"the leading group agrees", chair, "x", agree, 1},
		{"the office does not agree", office, "zhou", agree, 0},
		{"the group does not agree", group, "li", agree, 0},
		{"the office sends back", office, "zhou", sendBack, 1},
		{"an agreed report stays", chair, "x", "UPDATE inspection_report SET content = 'x' WHERE id = '" + agreed + "'", 0},
		{"a submitted report keeps its findings", group, "li", cut, 0},
		{"a member concludes a petition", group, "wang", conclude, 1},
		{"the office does not", office, "zhou", conclude, 0},
		{"nor does the leading group under a member's name", chair, "wang", conclude, 0},
		{"a member counts petitions", group, "wang", count, 1},
		{"nobody else does", office, "zhou", count, 0},
		{"nobody erases a petition", group, "wang", "DELETE FROM petition", 0},
		{"scheduling opens a case file", service, "scheduling", newFile, 1},
		{"a group does not", group, "li", newFile, 0},
		{"the office does not", office, "zhou", newFile, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := staged(t)
			ctx := pgtest.As(t.Context(), principal.Party(tt.party), "provinces/51", tt.subject)
			if got := rows(ctx, t, db, tt.statement); got != tt.want {
				t.Errorf("%d rows, want %d", got, tt.want)
			}
			abroad := pgtest.As(t.Context(), principal.Party(tt.party), "provinces/44", tt.subject)
			if got := rows(abroad, t, db, tt.statement); got != 0 {
				t.Errorf("the same from another province: %d rows", got)
			}
		})
	}
}

// Art. 10: no finding rests on an open paper, whoever asks.
func TestFindingNeedsAPassedPaperArt10(t *testing.T) {
	db, _ := staged(t)
	ctx := pgtest.As(t.Context(), principal.InspectionGroup, "provinces/51", "wang")
	err := db.Write(ctx, func(tx *pg.Tx) error {
		_, err := tx.SQL().ExecContext(tx.Context(), `
INSERT INTO finding (province, inspection_id, id, working_paper_id, description, content_codes, create_time)
VALUES ('51', $1, gen_random_uuid(), $2, 'd', '{C1}', now())`, task, draft)
		return err
	})
	if code := sqlState(err); code != "23503" {
		t.Errorf("got %v, want a foreign key violation", err)
	}
}

// Which party sees how many rows of which table (domain.md §8).
func TestPoliciesShowToEachPartyItsOwn(t *testing.T) {
	db, _ := staged(t)
	tables := []string{"case_file", "petition", "petition_counter", "working_paper", "finding", "inspection_report", "inspection_report_finding"}
	want := map[string][]int{
		"INSPECTION_GROUP wang":  {1, 1, 1, 3, 1, 1, 1},
		"INSPECTION_GROUP zhao":  {0, 0, 0, 0, 0, 0, 0},
		"INSPECTION_OFFICE wang": {2, 0, 0, 3, 1, 2, 1},
		"LEADING_GROUP wang":     {2, 0, 0, 3, 1, 2, 1},
		"SERVICE wang":           {2, 0, 0, 0, 0, 2, 1}, // which findings, not what they say (art. 11)
	}
	for _, party := range principal.Parties() {
		for _, subject := range []string{"wang", "zhao"} {
			who := string(party) + " " + subject
			expected, listed := want[who]
			if !listed && subject == "zhao" {
				continue
			}
			if !listed {
				expected = make([]int, len(tables))
			}
			got := make([]int, len(tables))
			for i, table := range tables {
				ctx := pgtest.As(t.Context(), party, "provinces/51", subject)
				allowed(t, table, db.Read(ctx, func(tx *pg.Tx) error { // the outside role is refused, and sees nothing
					return tx.SQL().QueryRowContext(tx.Context(), "SELECT count(*) FROM "+table).Scan(&got[i])
				}))
			}
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("%s sees of %v (-want +got):\n%s", who, tables, diff)
			}
		}
	}
}

const outsideGrants = `
SELECT coalesce(string_agg(n.nspname || '.' || c.relname || ' ' || p, E'\n' ORDER BY n.nspname, c.relname, p), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
     unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND (has_table_privilege($1, c.oid, p)
       OR p IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege($1, c.oid, p))`

// A city, a county or a department has no grant in this database but those that
// the kit gives in every one, for the log of requests.
func TestOutsideRoleHasNoGrants(t *testing.T) {
	grants := func(s pgtest.Service) (list string) {
		err := pgtest.New(t, s).Admin(t).QueryRowContext(t.Context(), outsideGrants, s.Name+"_outside").Scan(&list)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	kit := grants(pgtest.Service{Name: "plain"})
	if diff := cmp.Diff(kit, grants(pgtest.Service{Name: "casefile", Migrations: migrations.Files()})); diff != "" {
		t.Errorf("grants beyond the kit's (-kit +casefile):\n%s", diff)
	}
	if kit == "" {
		t.Error("the kit's own grants were not found; does the query still fit?")
	}
}
