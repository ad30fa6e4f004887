package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
)

// canary stands for what must never reach a log (art. 10: petitions stay with
// the group).
const canary = "举报人张三"

func TestLoggerHidesSecretsUnderAnyNameAndDepth(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, slog.LevelDebug, "casefiled")
	for _, key := range []string{"authorization", "Token", "access_token", "Set-Cookie", "password", "content", "text", "sender", "DSN"} {
		log.Info("call", key, canary)
		log.Info("call", slog.Group("in", slog.Group("deep", key, canary)))
		log.Info("call", slog.Group(key, "harmless", canary))
		log.WithGroup(key).With("harmless", canary).Info("call")
	}
	if strings.Contains(out.String(), canary) {
		t.Errorf("the log holds the canary:\n%s", out.String())
	}
	if got, want := strings.Count(out.String(), redacted), 9*4; got != want {
		t.Errorf("redacted %d values, want %d", got, want)
	}
}

func TestLoggerWritesNoStructOrMessage(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, slog.LevelInfo, "casefiled")
	log.Info("call", "event", &eventv1.DeliverEventRequest{Aggregate: canary})
	log.Info("call", "row", struct{ Name string }{canary})
	log.Info("call", "rows", map[string]string{"a": canary})
	if strings.Contains(out.String(), canary) {
		t.Errorf("the log holds the canary:\n%s", out.String())
	}
	if !strings.Contains(out.String(), "xunshi.event.v1.DeliverEventRequest") {
		t.Errorf("the log does not name the message type:\n%s", out.String())
	}
}

func TestLoggerKeepsOneLinePerCall(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, slog.LevelInfo, "casefiled")
	log.Info("call", "method", "a\r\nb\u2028c", "error", errors.New("x\ny"))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 1 || strings.ContainsAny(lines[0], "\r") {
		t.Fatalf("want one line, got %q", out.String())
	}
	var entry map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &entry); err != nil {
		t.Fatal(err)
	}
	if entry["msg"] != "call" || entry["error"] != "x\ny" || entry["service"] != "casefiled" {
		t.Errorf("entry = %v", entry)
	}
}
