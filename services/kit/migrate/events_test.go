package migrate_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const aggregate = "provinces/51/inspections/a"

func TestSequencesHaveNoGapAndNoDouble(t *testing.T) {
	d := pgtest.New(t, probe)
	db := d.Open(t)
	const writers = 8
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for { // after three retries the caller comes again
				err := db.Write(office("51"), func(tx *pg.Tx) error {
					_, err := tx.SQL().Exec(`INSERT INTO outbox (id, destination, aggregate, sequence, type_url, payload, occur_time, province)
						VALUES (gen_random_uuid(), 'casefile', $1, outbox_next_sequence('casefile', $1), 't', '', now(), '51')`, aggregate)
					if err == nil && i%2 == 1 {
						return boom // rolled back: its number must be used again
					}
					return err
				})
				if err == nil || errors.Is(err, boom) {
					return
				}
			}
		})
	}
	wg.Wait()
	var rows, last int
	if err := d.Admin(t).QueryRow("SELECT count(*), max(sequence) FROM outbox").Scan(&rows, &last); err != nil {
		t.Fatal(err)
	}
	if rows != writers/2 || last != writers/2 {
		t.Errorf("%d events, the last is number %d; want %d and the same", rows, last, writers/2)
	}
}

func TestOutboxIsWrittenByBusinessAndReadByTheJobRole(t *testing.T) {
	d := pgtest.New(t, probe)
	db := d.Open(t)
	event := func(province, of string) string {
		return `INSERT INTO outbox (id, destination, aggregate, sequence, type_url, payload, occur_time, province)
			VALUES ('` + idA + `', 'casefile', '` + of + `', 1, 't', 'secret', now(), '` + province + `')`
	}
	mustExec(t, db, county("a"), event("51", aggregate))
	wantDenied(t, db, county("a"), event("53", "provinces/53/inspections/a"))
	wantDenied(t, db, county("a"), event("51", "provinces/53/inspections/a"))
	for _, statement := range []string{
		"SELECT payload FROM outbox", "SELECT count(*) FROM outbox", "UPDATE outbox SET done_time = now()", "DELETE FROM outbox",
		"SELECT last FROM outbox_sequence", "UPDATE outbox_sequence SET last = 9",
		"SELECT outbox_next_sequence('casefile', 'provinces/53/inspections/a')", // a number nobody would use stops the aggregate
	} {
		wantDenied(t, db, county("a"), statement)
	}

	job := d.Connect(t, d.DSNs.Job)
	if _, err := job.Exec("UPDATE outbox SET attempts = 1, last_error = 'x', done_time = now()"); err != nil {
		t.Error(err)
	}
	for _, statement := range []string{
		"UPDATE outbox SET payload = ''", "SELECT answer FROM request_log", "SELECT 1 FROM task_member",
		"SELECT type_url FROM inbox", "DELETE FROM outbox_sequence", "INSERT INTO audit_entry DEFAULT VALUES", "INSERT INTO river.river_migration (line, version) VALUES ('main', 99)",
	} {
		_, err := job.Exec(statement)
		wantState(t, err, "42501", statement+" as job")
	}
}

func TestInboxIsWrittenByTheSourceAlone(t *testing.T) {
	db := pgtest.New(t, probe).Open(t)
	service := func(name string) context.Context {
		return principal.With(context.Background(), principal.Principal{Subject: name, Party: principal.Service, Province: "51"})
	}
	received := func(source, id string) string {
		return `INSERT INTO inbox (province, source, event_id, aggregate, sequence, type_url)
			VALUES ('51', '` + source + `', '` + id + `', '` + aggregate + `', 1, 't')`
	}
	mustExec(t, db, service("scheduling"), received("scheduling", idA))
	wantDenied(t, db, service("scheduling"), strings.Replace(received("scheduling", idB), "'51'", "'53'", 1))
	wantDenied(t, db, service("scheduling"), received("casefile", idB))
	wantDenied(t, db, office("51"), received("officer", idB))
	wantDenied(t, db, county("a"), "SELECT 1 FROM inbox")
	wantState(t, exec(db, service("scheduling"), received("scheduling", idB)), "23505", "another event with the same number")
	if n := count(t, db, service("casefile"), "SELECT count(*) FROM inbox"); n != 0 {
		t.Errorf("another source sees %d events, want 0", n)
	}
	wantDenied(t, db, service("scheduling"), "DELETE FROM inbox")
}

// TestJobRoleClearsAwayByAgeAlone: an age that the policies do not allow cannot be
// had by any statement.
func TestJobRoleClearsAwayByAgeAlone(t *testing.T) {
	d := pgtest.New(t, probe)
	admin, job := d.Admin(t), d.Connect(t, d.DSNs.Job)
	for _, tt := range []struct{ table, column, kept, old, insert string }{
		{"request_log", "create_time", "29 days", "31 days", `INSERT INTO request_log (principal, method, request_id, request_hash, province, create_time)
			VALUES ('p', 'm', gen_random_uuid(), '', '51', now() - $1::interval)`},
		{"outbox", "done_time", "29 days", "31 days", `INSERT INTO outbox (id, destination, aggregate, sequence, type_url, payload, occur_time, province, done_time)
			VALUES (gen_random_uuid(), 'casefile', gen_random_uuid(), 1, 't', '', now(), '51', now() - $1::interval)`},
		{"inbox", "receive_time", "89 days", "91 days", `INSERT INTO inbox (province, source, event_id, aggregate, sequence, type_url, receive_time)
			VALUES ('51', 'scheduling', gen_random_uuid(), gen_random_uuid(), 1, 't', now() - $1::interval)`},
	} {
		for _, age := range []string{tt.kept, tt.old} {
			if _, err := admin.Exec(tt.insert, age); err != nil {
				t.Fatal(err)
			}
		}
		res, err := job.Exec("DELETE FROM " + tt.table)
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := res.RowsAffected(); n != 1 {
			t.Errorf("%s: %d rows deleted, want the old one", tt.table, n)
		}
	}
	if _, err := admin.Exec("UPDATE outbox SET done_time = NULL, create_time = now() - interval '1 year'"); err != nil {
		t.Fatal(err)
	}
	if res, err := job.Exec("DELETE FROM outbox"); err != nil {
		t.Error(err)
	} else if n, _ := res.RowsAffected(); n != 0 {
		t.Error("an event that was not delivered is gone")
	}
}

type deliver struct {
	ID string `json:"id"`
}

func (deliver) Kind() string { return "test_deliver" }

func enqueue(tx *pg.Tx, id string) error {
	client, err := river.NewClient(riverdatabasesql.New(nil), &river.Config{Schema: "river"})
	if err != nil {
		return err
	}
	_, err = client.InsertManyFastTx(tx.Context(), tx.SQL(), []river.InsertManyParams{{Args: deliver{id}}})
	return err
}

func TestJobIsEnqueuedInTheBusinessTransactionOrNotAtAll(t *testing.T) { // D7
	d := pgtest.New(t, probe)
	db := d.Open(t)
	boom := errors.New("boom")
	for name, ctx := range map[string]context.Context{"outside": county("a"), "inside": office("51")} {
		if err := db.Write(ctx, func(tx *pg.Tx) error { return enqueue(tx, name) }); err != nil {
			t.Errorf("%s role: %v", name, err)
		}
		err := db.Write(ctx, func(tx *pg.Tx) error { return errors.Join(enqueue(tx, "never"), boom) })
		if !errors.Is(err, boom) {
			t.Errorf("%s role: %v", name, err)
		}
	}
	rows, err := d.Connect(t, d.DSNs.Job).Query("SELECT args, state FROM river.river_job")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var args []byte
		var state string
		var job deliver
		if err := errors.Join(rows.Scan(&args, &state), json.Unmarshal(args, &job)); err != nil || state != "available" {
			t.Fatal(state, err)
		}
		found[job.ID] = true
	}
	if rows.Err() != nil || len(found) != 2 || found["never"] {
		t.Errorf("jobs %v, %v; want those of the two committed transactions", found, rows.Err())
	}
}

func TestAppRolesSeeNoJobOfAnotherTransaction(t *testing.T) {
	db := pgtest.New(t, probe).Open(t)
	for _, ctx := range []context.Context{county("a"), office("51")} {
		if err := db.Write(ctx, func(tx *pg.Tx) error { return enqueue(tx, "x") }); err != nil {
			t.Fatal(err)
		}
		// The two columns that ON CONFLICT reads may be read, of no row.
		if n := count(t, db, ctx, "SELECT count(*) FROM river.river_job"); n != 0 {
			t.Errorf("sees %d jobs, want 0", n)
		}
		for _, statement := range []string{
			"SELECT args FROM river.river_job", "UPDATE river.river_job SET kind = 'x'", "DELETE FROM river.river_job",
			"INSERT INTO river.river_job (kind, max_attempts, args, enqueued_by) VALUES ('x', 1, '{}', '1')",
		} {
			wantDenied(t, db, ctx, statement)
		}
	}
}
