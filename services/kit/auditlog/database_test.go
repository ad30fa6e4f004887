package auditlog

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// forgeries change each column of the entry in a way that the database allows.
var forgeries = map[string]string{
	"id": "gen_random_uuid()", "province": "'52'", "occur_time": "occur_time + interval '1 microsecond'",
	"subject": "subject || ' '", "party": "'LEADING_GROUP'", "jurisdiction": "jurisdiction || '/'", "method": "'/x/do'",
	"object": "reverse(object)", "outcome": "'NOT_FOUND'", "articles": "articles || '{18}'", "detail": `'{"key": "植"}'`,
	"request_id": "NULL", "commitment": "sha256('x')",
}

// TestChangeOfAnyColumnInTheDatabaseIsFound: each column of each row, and single bits
// of what is stored as bytes.
func TestChangeOfAnyColumnInTheDatabaseIsFound(t *testing.T) {
	w := newWorld(t)
	w.act(6)
	w.drain()
	if _, err := w.admin.Exec("CREATE TABLE kept AS SELECT * FROM audit_entry; CREATE TABLE kept_hash AS SELECT * FROM audit_hash"); err != nil {
		t.Fatal(err)
	}
	const restore = "DELETE FROM audit_entry; INSERT INTO audit_entry SELECT * FROM kept; DELETE FROM audit_hash; INSERT INTO audit_hash SELECT * FROM kept_hash"
	tried := 0
	try := func(what, statement string) {
		t.Helper()
		tried++
		w.tamper(statement)
		if err := w.verify(); err == nil {
			t.Errorf("%s: not seen", what)
		}
		w.tamper(restore)
	}
	for index := range 6 {
		where := fmt.Sprintf(" WHERE id = (SELECT entry_id FROM audit_leaf WHERE idx = %d)", index)
		for _, column := range Columns() {
			if column == "request_id" && index%2 == 1 {
				try(column, "UPDATE audit_entry SET request_id = gen_random_uuid()"+where)
				continue
			}
			forgery := forgeries[column]
			if column == "id" { // a place of an entry that is gone
				try(column, "DELETE FROM audit_entry"+where)
			}
			try(column, "UPDATE audit_entry SET "+column+" = "+forgery+where)
		}
		for bit := range 32 {
			try("hash", fmt.Sprintf("UPDATE audit_hash SET hash = set_bit(hash, %[1]d, 1 - get_bit(hash, %[1]d)) WHERE position = %[2]d",
				bit*8, tlog.StoredHashIndex(0, int64(index))))
		}
	}
	if err := w.verify(); err != nil {
		t.Error("the database as it was:", err)
	}
	t.Logf("%d changes", tried)
}

// TestDeletionInTheDatabaseIsFound: the first, one in the middle, the last, with their
// places and without, with the checkpoints and without.
func TestDeletionInTheDatabaseIsFound(t *testing.T) {
	for _, index := range []int{0, 2, 4} {
		for what, also := range map[string]string{
			"the entry": "", "and its place": "DELETE FROM audit_leaf WHERE idx = %[1]d",
			"and what followed":  "DELETE FROM audit_leaf WHERE idx >= %[1]d; DELETE FROM audit_checkpoint WHERE size > %[1]d",
			"and closes the gap": "DELETE FROM audit_leaf WHERE idx = %[1]d; UPDATE audit_leaf SET idx = idx - 1 WHERE idx > %[1]d",
		} {
			w := newWorld(t)
			w.act(5)
			w.drain()
			w.tamper("DELETE FROM audit_entry WHERE id = (SELECT entry_id FROM audit_leaf WHERE idx = " + fmt.Sprint(index) + ");" +
				fmt.Sprintf(also+" ; SELECT 1 + 0 * %[1]d", index))
			if err := w.verify(); err == nil {
				t.Errorf("entry %d %s: not seen", index, what)
			}
		}
	}
}

func TestOlderBackupIsFound(t *testing.T) {
	w := newWorld(t)
	w.act(3)
	w.drain()
	older := w.export()
	w.act(2)
	w.drain()
	if _, err := w.verifier().Verify(older, w.outside()); !errors.Is(err, ErrRolledBack) {
		t.Errorf("an older backup: %v", err)
	}
	if err := w.verify(); err != nil {
		t.Error(err)
	}
}

// TestProofs: what a caller is proven holds by the library's own check.
func TestProofs(t *testing.T) {
	w := newWorld(t)
	for range 4 {
		w.act(3)
		w.drain()
	}
	auditor := pgtest.As(t.Context(), principal.AuditAdministrator, "provinces/51", "auditor")
	err := w.db.Read(auditor, func(tx *pg.Tx) error {
		head, signed, err := Newest(tx)
		if err != nil {
			return err
		}
		if _, err := note.Open([]byte(signed), note.VerifierList(w.verifier().Key())); err != nil || head.Size != 12 {
			t.Errorf("%+v, %v", head, err)
		}
		for _, r := range w.export().Rows {
			p, err := ProveEntry(tx, r.Entry.ID)
			if err != nil {
				return err
			}
			leaf := tlog.RecordHash(r.Entry.Leaf())
			if err := tlog.CheckRecord(p.Hashes, p.Checkpoint.Size, p.Checkpoint.Root, p.Index, leaf); err != nil || p.Checkpoint.Size != 3*(p.Index/3+1) || p.Index != r.Index || p.Leaf != leaf {
				t.Errorf("entry %d: %v", p.Index, err)
			}
		}
		for _, old := range w.outside() {
			proof, err := Consistency(tx, old.Size, head.Size)
			if err != nil {
				return err
			}
			if err := tlog.CheckTree(proof, head.Size, head.Root, old.Size, old.Root); err != nil {
				t.Errorf("from %d: %v", old.Size, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestEntryWaitsUntilItIsSequenced: the export says how many entries wait.
func TestEntryWaitsUntilItIsSequenced(t *testing.T) {
	w := newWorld(t)
	w.act(1)
	w.drain()
	w.act(2)
	if x := w.export(); x.Waiting != 2 || len(x.Rows) != 1 {
		t.Errorf("%d wait, %d have a place", x.Waiting, len(x.Rows))
	}
	err := w.db.Write(office(t.Context()), func(tx *pg.Tx) error {
		return audit.Stage(tx, audit.Entry{Method: "/x", Outcome: audit.OutcomeOK, Detail: map[string]string{"b": "1", "a": `"`}})
	})
	if err != nil {
		t.Fatal(err)
	}
}
