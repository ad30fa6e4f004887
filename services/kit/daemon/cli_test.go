package daemon

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/xunshi/xunshi/services/kit/outbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// file writes a configuration as an operator would.
func file(t *testing.T, cfg any) string {
	t.Helper()
	text, err := yaml.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run gives the exit code and what was written.
func run(t *testing.T, p Program, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	code := command(t.Context(), p, args, &out, &out)
	return code, out.String()
}

func TestCommandLine(t *testing.T) {
	w := newSite(t, pgtest.Service{Name: service})
	p := probe(nil)
	p.Migrations = migrations()
	config := "--config=" + file(t, w.cfg)
	for _, tt := range []struct {
		args string
		code int
		says string
	}{
		{"--help", 0, "migrate up"},
		{"version", 0, service},
		{"", 2, "expected one of"},
		{"fly", 2, "unexpected argument"},
		{"serve", 1, "--config is required"},
		{"serve --config=/does/not/exist", 1, "no such file"},
		{config + " migrate status", 0, "00001_nothing.sql"},
		{config + " migrate up", 0, ""},
		{config + " migrate down", 0, ""},
		{config + " events parked", 0, "DESTINATION"},
		{config + " events retry x", 1, "UUID"},
		{config + " events retry 0198c0de-0000-7000-8000-000000000001", 1, "NOT_FOUND"},
	} {
		code, out := run(t, p, strings.Fields(tt.args)...)
		if code != tt.code || !strings.Contains(out, tt.says) {
			t.Errorf("%s %s = %d %q, want %d %q", service, tt.args, code, out, tt.code, tt.says)
		}
	}
}

func TestMigrateUpAndDown(t *testing.T) {
	w := newSite(t, pgtest.Service{Name: service})
	p := probe(nil)
	p.Migrations = migrations()
	config := "--config=" + file(t, w.cfg)
	applied := func() bool {
		_, out := run(t, p, config, "migrate", "status")
		for line := range strings.Lines(out) {
			if strings.Contains(line, "00001_nothing.sql") {
				return !strings.HasSuffix(strings.TrimSpace(line), "no")
			}
		}
		t.Fatalf("the migration is not listed:\n%s", out)
		return false
	}
	for _, want := range []bool{true, false, true} {
		step := map[bool]string{true: "up", false: "down"}[want]
		if code, out := run(t, p, config, "migrate", step); code != 0 {
			t.Fatalf("migrate %s: %s", step, out)
		}
		if applied() != want {
			t.Errorf("after migrate %s, applied = %v", step, !want)
		}
	}
}

func TestParkedEventIsSeenAndTriedAgain(t *testing.T) {
	w := newSite(t, pgtest.Service{Name: service})
	ctx := principal.With(t.Context(), principal.Principal{Subject: service, Party: principal.Service, Province: "51"})
	err := w.db.Open(t).Write(ctx, func(tx *pg.Tx) error {
		return outbox.Add(tx, outbox.Event{
			Destinations: []string{"casefile"}, Aggregate: aggregate, Payload: entered(), OccurTime: delivery(t).GetOccurTime().AsTime(),
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	id := parked(t, w.db.Admin(t))
	p, config := probe(nil), "--config="+file(t, w.cfg)
	if code, out := run(t, p, config, "events", "parked"); code != 0 || !strings.Contains(out, id) || !strings.Contains(out, "casefile") {
		t.Errorf("parked = %d %s", code, out)
	}
	if code, out := run(t, p, config, "events", "retry", id); code != 0 {
		t.Errorf("retry = %d %s", code, out)
	}
	if _, out := run(t, p, config, "events", "parked"); strings.Contains(out, id) {
		t.Errorf("after the retry it is still parked:\n%s", out)
	}
}

func TestConfigurationTellsAllFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	text := `
listen: nowhere
colour: red
database:
  inside: {dsn: "host=db user=u password=x"}
  outside: {dsn: "postgres://u:x@db/d"}
  job: {dsn: "host=db", dsn_file: /does/not/exist}
  max_conns: 0
peers:
  casefile: {target: "dns:///casefile:8443"}
events: {workers: 0, call_timeout: 1ms}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(path)
	for _, want := range []string{
		"listen:", "colour", "database.inside.dsn: holds a password", "database.outside.dsn: holds a password",
		"database.job.dsn: is set and dsn_file too", "/does/not/exist", "database.max_conns:",
		"peers.casefile.server_name: is required", "events.workers:", "events.call_timeout:", "tls.cert_file: is required",
		"oidc.issuer: is required", "callers: nobody",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not tell %q", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestKeysAreHexadecimal(t *testing.T) {
	if key, err := readKey(secret(t, "good", strings.Repeat("ab", 32))); err != nil || len(key) != 32 || key[0] != 0xab {
		t.Errorf("key = %x, %v", key, err)
	}
	const text = "correct horse battery staple"
	if _, err := readKey(secret(t, "bad", text)); err == nil || strings.Contains(fmt.Sprint(err), "horse") {
		t.Errorf("error = %v", err)
	}
	short := Database{ScopeKeyFile: secret(t, "short", "abcd")}
	if _, err := short.scopeKey(); err == nil {
		t.Error("a scope key of two bytes was accepted")
	}
}
