package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// TestExportIsVerifiedOffline: as an operator exports and an auditor verifies.
func TestExportIsVerifiedOffline(t *testing.T) {
	const service = "clilogprobe"
	d := pgtest.New(t, pgtest.Service{Name: service})
	db := d.Open(t)
	at := func(name string) string { return filepath.Join(t.TempDir(), name) }
	keyFile, dsnFile, checkpoints, dump := at("key"), at("dsn"), at("checkpoints"), at("dump")
	digits := strings.Repeat("5e", 32)
	for file, text := range map[string]string{keyFile: digits, dsnFile: d.DSNs.Job} {
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	key, err := auditlog.ParseKey(auditlog.Origin(service), digits)
	if err != nil {
		t.Fatal(err)
	}
	s, err := auditlog.NewSequencer(t.Context(), auditlog.SequencerConfig{
		DSN: d.DSNs.Job, Key: key, File: auditlog.NewFile(checkpoints), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 3 {
		err := db.Write(pgtest.As(t.Context(), principal.InspectionOffice, "provinces/51", "clerk"), func(tx *pg.Tx) error {
			return audit.Stage(tx, audit.Entry{Method: "/x/Do", Object: "provinces/51/x", Outcome: audit.OutcomeOK})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	public := strings.TrimSpace(says(t, 0, "", "pubkey", "--service", service, "--key-file", keyFile))
	says(t, 0, "3 entries, 3 checkpoints", "export", "--dsn-file", dsnFile, "--out", dump)
	verify := []string{"verify", "--key", public, "--from", checkpoints, "--export", dump}
	says(t, 0, "OK: "+service+".xunshi, 3 entries", verify...)

	text, err := os.ReadFile(dump)
	if err != nil {
		t.Fatal(err)
	}
	for what, forged := range map[string][]byte{
		"not what it was": bytes.Replace(text, []byte("clerk"), []byte("clark"), 1),
		"head does not":   append(bytes.Clone(text), text[:bytes.IndexByte(text, '\n')+1]...),
	} {
		if err := os.WriteFile(dump, forged, 0o600); err != nil {
			t.Fatal(err)
		}
		says(t, 1, what, verify...)
	}
	says(t, 1, "missing flags", "verify")
	says(t, 0, "Verify an export offline", "--help")
}

func says(t *testing.T, code int, text string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if got := run(args, &out, &out); got != code || !strings.Contains(out.String(), text) {
		t.Errorf("%v = %d %s; want %d %q", args, got, &out, code, text)
	}
	return out.String()
}
