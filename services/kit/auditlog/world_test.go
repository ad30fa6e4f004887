package auditlog

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

var probe = pgtest.Service{Name: "logprobe"}

// world is a database with its sequencer.
type world struct {
	t     *testing.T
	base  *pgtest.Database
	db    *pg.DB
	admin *sql.DB
	file  string
	key   *Key
}

func newWorld(t *testing.T) *world {
	d := pgtest.New(t, probe)
	return &world{
		t: t, base: d, db: d.Open(t), admin: d.Admin(t), file: filepath.Join(t.TempDir(), "checkpoints"),
		key: testKey(t, 7),
	}
}

func testKey(t testing.TB, seed byte) *Key {
	t.Helper()
	key, err := NewKey(Origin(probe.Name), bytes.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (w *world) sequencer(key *Key, file string) *Sequencer {
	w.t.Helper()
	s, err := NewSequencer(w.t.Context(), SequencerConfig{
		DSN: w.base.DSNs.Job, Key: key, File: NewFile(file), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(s.Close)
	return s
}

func (w *world) drain() {
	w.t.Helper()
	if err := w.sequencer(w.key, w.file).Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func office(ctx context.Context) context.Context {
	return pgtest.As(ctx, principal.InspectionOffice, "provinces/51", "clerk")
}

// act enters acts, the first of them with everything that an entry can have.
func (w *world) act(n int) {
	w.t.Helper()
	for i := range n {
		e := audit.Entry{Method: "/x/Do", Object: fmt.Sprintf("provinces/51/x/%d", i), Outcome: audit.OutcomeOK, Articles: []string{"17", `12(2), "`}}
		if i%2 == 0 {
			e.RequestID, e.Detail = uuid.NewString(), map[string]string{"key": "值"}
		}
		if err := w.db.Write(office(w.t.Context()), func(tx *pg.Tx) error { return audit.Stage(tx, e) }); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) number(query string, args ...any) (n int) {
	w.t.Helper()
	if err := w.admin.QueryRow(query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// tamper does what only the superuser with the triggers off can.
func (w *world) tamper(statements string) {
	w.t.Helper()
	if _, err := w.admin.Exec("BEGIN; SET LOCAL session_replication_role = replica; " + statements + "; COMMIT"); err != nil {
		w.t.Fatal(statements, err)
	}
}

func (w *world) export() *Export {
	w.t.Helper()
	x, err := ReadExport(w.t.Context(), w.base.DSNs.Job)
	if err != nil {
		w.t.Fatal(err)
	}
	return x
}

func (w *world) verifier() *Verifier { return newTestVerifier(w.t, w.key) }

func newTestVerifier(t testing.TB, key *Key) *Verifier {
	t.Helper()
	v, err := NewVerifier(key.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (w *world) outside() []Checkpoint {
	w.t.Helper()
	all, err := NewFile(w.file).ReadAll(w.verifier().Key())
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// verify verifies what the database holds now against what is kept outside.
func (w *world) verify() error {
	w.t.Helper()
	_, err := w.verifier().Verify(w.export(), w.outside())
	return err
}
