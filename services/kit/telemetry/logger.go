package telemetry

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
)

const redacted = "[redacted]"

// secretKeys are attribute names whose value never reaches the log: credentials,
// and what people wrote or who they are (art. 10, 保密). Compared without case,
// '-' and '_'.
var secretKeys = []string{
	"authorization", "bearer", "body", "content", "cookie", "credentials", "dsn",
	"idnumber", "key", "letter", "message", "password", "payload", "phone",
	"privatekey", "reporter", "request", "response", "secret", "sender",
	"setcookie", "text", "token", "accesstoken", "idtoken", "refreshtoken",
}

// NewLogger returns a logger of JSON lines. JSON quotes CR and LF, so a value
// cannot forge a line.
func NewLogger(w io.Writer, level slog.Level, service string) *slog.Logger {
	h := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: redact})
	return slog.New(h).With("service", service)
}

// redact replaces what must not be logged. A group with a secret name hides all
// it holds.
func redact(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.MessageKey || a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
		return a
	}
	if isSecret(a.Key) || slices.ContainsFunc(groups, isSecret) {
		return slog.String(a.Key, redacted)
	}
	if a.Value.Kind() == slog.KindAny {
		a.Value = plain(a.Value.Any())
	}
	return a
}

// plain lets through values whose text was made for reading. Of anything else
// only the type is logged: a struct or proto message may hold content under a
// field name that no list foresees.
func plain(v any) slog.Value {
	switch v := v.(type) {
	case proto.Message:
		return slog.StringValue(string(v.ProtoReflect().Descriptor().FullName()))
	case error:
		return slog.StringValue(v.Error())
	case []string:
		return slog.AnyValue(v)
	case fmt.Stringer:
		return slog.StringValue(v.String())
	}
	return slog.StringValue(fmt.Sprintf("%T", v))
}

func isSecret(key string) bool {
	key = strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(key))
	return slices.Contains(secretKeys, key)
}
