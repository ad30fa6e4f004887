package auditlog

import (
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
)

func TestEveryCommittedEntryHasOnePlace(t *testing.T) {
	w := newWorld(t)
	w.drain() // of nothing
	for range 3 {
		w.act(5)
		w.drain()
		w.drain() // again does nothing
	}
	if n := w.number("SELECT count(*) FROM audit_leaf"); n != 15 {
		t.Errorf("%d places", n)
	}
	if n := w.number("SELECT count(*) FROM audit_checkpoint"); n != 3 {
		t.Errorf("%d checkpoints", n)
	}
	if n := w.number("SELECT count(*) FROM audit_pending"); n != 0 {
		t.Errorf("%d entries wait", n)
	}
	if n := len(w.outside()); n != 3 {
		t.Errorf("%d checkpoints outside", n)
	}
	if err := w.verify(); err != nil {
		t.Error(err)
	}
	if err := w.db.Close(); err != nil {
		t.Error(err)
	}
}

func TestMoreThanABatchIsDrained(t *testing.T) {
	w := newWorld(t)
	if _, err := w.admin.Exec(`INSERT INTO audit_entry (id, province, subject, party, jurisdiction, method, object, outcome, articles, detail)
		SELECT gen_random_uuid(), '51', 's', 'p', 'j', 'm', 'o', 'OK', '{}', '{}' FROM generate_series(1, $1)`, 2*batch+7); err != nil {
		t.Fatal(err)
	}
	w.drain()
	if n := w.number("SELECT count(*) FROM audit_leaf"); n != 2*batch+7 {
		t.Errorf("%d places", n)
	}
	if err := w.verify(); err != nil {
		t.Error(err)
	}
}

// TestEntryThatCommitsLateIsNotSkipped: an entry that was made before others and is
// committed after them (security.md §3.2).
func TestEntryThatCommitsLateIsNotSkipped(t *testing.T) {
	w := newWorld(t)
	err := w.db.Write(office(t.Context()), func(tx *pg.Tx) error {
		if err := audit.Stage(tx, audit.Entry{Method: "/x/Late", Object: "provinces/51", Outcome: audit.OutcomeOK}); err != nil {
			return err
		}
		w.act(3)
		w.drain()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := w.number("SELECT count(*) FROM audit_leaf"); n != 3 {
		t.Errorf("%d places before the commit", n)
	}
	w.drain()
	if n := w.number("SELECT idx FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id WHERE method = '/x/Late'"); n != 3 {
		t.Errorf("the late entry has the place %d", n)
	}
	if err := w.verify(); err != nil {
		t.Error(err)
	}
}

func TestManySequencersAreOne(t *testing.T) {
	w := newWorld(t)
	var stopped atomic.Bool // no round is cut off: its session would keep the lock for a while
	var running sync.WaitGroup
	for range 4 {
		s := w.sequencer(w.key, w.file)
		running.Go(func() {
			for !stopped.Load() {
				if err := s.Drain(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	w.act(60)
	stopped.Store(true)
	running.Wait()
	w.drain()
	if n := w.number("SELECT count(*) FROM audit_leaf"); n != 60 {
		t.Errorf("%d places", n)
	}
	if err := w.verify(); err != nil {
		t.Error(err)
	}
}

// refuses wants the sequencer to say that the log was tampered with, and to take
// nothing.
func (w *world) refuses(what, says string) {
	w.t.Helper()
	w.act(1)
	before := w.number("SELECT count(*) FROM audit_leaf")
	err := w.sequencer(w.key, w.file).Drain(w.t.Context())
	if !errors.Is(err, ErrTampered) || !strings.Contains(err.Error(), says) {
		w.t.Errorf("%s: %v; want a refusal that says %q", what, err, says)
	}
	if n := w.number("SELECT count(*) FROM audit_leaf"); n != before {
		w.t.Errorf("%s: %d entries were sequenced all the same", what, n-before)
	}
}

func TestDatabaseBehindTheCheckpointOutsideIsRefused(t *testing.T) {
	w := newWorld(t)
	w.act(5)
	w.drain()
	w.act(3)
	w.drain()
	// As an older backup has it.
	w.tamper("DELETE FROM audit_checkpoint WHERE size > 5; DELETE FROM audit_leaf WHERE idx >= 5; DELETE FROM audit_hash WHERE position >= 8")
	w.refuses("rolled back", "5 entries, the checkpoint outside says 8")
}

func TestRewrittenTreeIsRefused(t *testing.T) {
	w := newWorld(t)
	w.act(4)
	w.drain()
	if _, err := w.admin.Exec("CREATE TABLE kept AS SELECT * FROM audit_hash"); err != nil {
		t.Fatal(err)
	}
	for what, tt := range map[string]struct{ statement, says string }{
		"a hash":         {"UPDATE audit_hash SET hash = sha256(hash) WHERE position = 6", "tree is not"},
		"a hash is gone": {"DELETE FROM audit_hash WHERE position = 6", "lost the hash"},
	} {
		// The file ends before the last checkpoint, which is then to be added to it.
		kept, err := os.ReadFile(w.file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(w.file); err != nil {
			t.Fatal(err)
		}
		w.tamper(tt.statement)
		w.refuses(what, tt.says)
		w.tamper("DELETE FROM audit_hash; INSERT INTO audit_hash SELECT * FROM kept")
		if err := os.WriteFile(w.file, kept, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.drain()
	if err := w.verify(); err != nil {
		t.Error(err)
	}
}

func TestCheckpointOfAnotherKeyIsRefused(t *testing.T) {
	w := newWorld(t)
	w.act(2)
	forger := testKey(t, 8)
	if err := w.sequencer(forger, w.file+".forged").Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.refuses("another key", "is not ours")
}

func TestTornLineIsCutOff(t *testing.T) {
	w := newWorld(t)
	w.act(2)
	w.drain()
	for _, torn := range []string{`{"checkpoint":"log`, "x"} {
		f, err := os.OpenFile(w.file, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(torn); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		w.act(2)
		w.drain()
	}
	if got := w.outside(); len(got) != 3 || got[2].Size != 6 {
		t.Errorf("outside are %+v", got)
	}
	if err := w.verify(); err != nil {
		t.Error(err)
	}
}

// TestSequencerSeesNoBusiness: the job role adds to the log, changes nothing in it and
// enters nothing itself.
func TestSequencerSeesNoBusiness(t *testing.T) {
	w := newWorld(t)
	w.act(1)
	w.drain()
	job := w.base.Connect(t, w.base.DSNs.Job)
	for _, statement := range []string{
		"UPDATE audit_leaf SET idx = 5", "DELETE FROM audit_leaf", "DELETE FROM audit_hash", "UPDATE audit_checkpoint SET note = ''",
		"DELETE FROM audit_entry", "INSERT INTO audit_pending VALUES ('51', gen_random_uuid())", "SELECT * FROM request_log",
		"INSERT INTO audit_entry (id, province, subject, party, jurisdiction, method, object, outcome, articles, detail) VALUES (gen_random_uuid(), '51', 's', 'p', 'j', 'm', 'o', 'OK', '{}', '{}')",
	} {
		if _, err := job.Exec(statement); err == nil {
			t.Errorf("the job role may %s", statement)
		}
	}
	for _, dsn := range []string{w.base.DSNs.Inside, w.base.DSNs.Outside} {
		c := w.base.Connect(t, dsn)
		for _, statement := range []string{
			"INSERT INTO audit_leaf VALUES (9, '51', gen_random_uuid())", "DELETE FROM audit_pending",
			"INSERT INTO audit_checkpoint VALUES (9, 'x')", "UPDATE audit_entry SET detail = '{}'",
		} {
			if _, err := c.Exec(statement); err == nil {
				t.Errorf("an app role may %s", statement)
			}
		}
	}
	pgtest.CheckIsolation(t, w.base)
}
