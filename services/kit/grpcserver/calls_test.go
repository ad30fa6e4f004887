package grpcserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/requestid"
)

// canary stands for content that may be in no answer and no log line.
const canary = "举报人张三"

func missing(name string) error { return fault.Missing(name) }

// wire gives the bytes of an answer's status.
func wire(t *testing.T, err error) string {
	t.Helper()
	b, e := proto.MarshalOptions{Deterministic: true}.Marshal(status.Convert(err).Proto())
	if e != nil {
		t.Fatal(e)
	}
	return string(b)
}

func respond(err error) handler {
	return func(context.Context, string, *dynamicpb.Message) (proto.Message, error) { return nil, err }
}

// TestDeadlineIsRequired is inputs 39 to 41.
func TestDeadlineIsRequired(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	warm := submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`)
	want(t, warm, codes.OK, "")

	none := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer county")
	want(t, submit(t, none, conn, `name: "`+ownPlan+`"`), codes.InvalidArgument, "DEADLINE_INVALID")

	long, cancel := context.WithTimeout(none, 2*time.Minute)
	defer cancel()
	want(t, submit(t, long, conn, `name: "`+ownPlan+`"`), codes.InvalidArgument, "DEADLINE_INVALID")

	// The client may see its own deadline first: only the code is certain.
	short, cancel := context.WithTimeout(none, 90*time.Millisecond)
	defer cancel()
	ran := false
	w.serve(func(context.Context, string, *dynamicpb.Message) (proto.Message, error) {
		ran = true
		return message(t, "Plan", ""), nil
	})
	if got := status.Code(submit(t, short, conn, `name: "`+ownPlan+`"`)); got != codes.DeadlineExceeded || ran {
		t.Errorf("code = %v, handler ran = %v", got, ran)
	}
}

// TestPanicIsInternalAndProcessLives is input 92.
func TestPanicIsInternalAndProcessLives(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	w.serve(func(context.Context, string, *dynamicpb.Message) (proto.Message, error) { panic(canary) })
	var trailer metadata.MD
	err := submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`, grpc.Trailer(&trailer))
	want(t, err, codes.Internal, "INTERNAL")
	if s := status.Convert(err); s.Message() != "internal error" || strings.Contains(wire(t, err), canary) {
		t.Errorf("the answer tells too much: %v", s.Proto())
	}
	id := trailer.Get(requestid.Metadata)
	if len(id) != 1 || !strings.Contains(wire(t, err), id[0]) {
		t.Errorf("request id %v is not in the answer", id)
	}
	if log := w.log.String(); strings.Contains(log, canary) || !strings.Contains(log, id[0]) || !strings.Contains(log, "panic: string") {
		t.Errorf("log = %s", log)
	}
	w.serve(func(context.Context, string, *dynamicpb.Message) (proto.Message, error) {
		return message(t, "Plan", ""), nil
	})
	want(t, submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`), codes.OK, "")
}

func TestFaultsBecomeAnswers(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	for _, tt := range []struct {
		err    error
		code   codes.Code
		reason string
		logged string
	}{
		{errors.New("db: row of li"), codes.Internal, "INTERNAL", `"msg":"internal error"`},
		{fault.New(fault.Stale, fault.ReasonETagMismatch), codes.Aborted, "ETAG_MISMATCH", ""},
		{context.DeadlineExceeded, codes.DeadlineExceeded, "OUTCOME_UNKNOWN", ""},
		{
			fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable).Wrap(errors.New("dial: refused")),
			codes.Unavailable, "DEPENDENCY_UNAVAILABLE", `"msg":"dependency failed"`,
		},
	} {
		w.serve(respond(tt.err))
		before := len(w.log.String())
		err := submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`)
		want(t, err, tt.code, tt.reason)
		log := w.log.String()[before:]
		if tt.logged != "" && !strings.Contains(log, tt.logged) {
			t.Errorf("%v: log = %s", tt.err, log)
		}
		if lines := strings.Count(log, "\n"); (tt.logged == "") != (lines == 1) {
			t.Errorf("%v: %d log lines:\n%s", tt.err, lines, log)
		}
	}
}

func TestAnswerSpeaksTheCallersLanguage(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	w.serve(respond(missing(ownPlan)))
	for accept, locale := range map[string]string{"": "zh-CN", "en-GB,en;q=0.8": "en", "fr": "zh-CN", "\x01": "zh-CN"} {
		ctx := as(t, "county")
		if accept > " " {
			ctx = as(t, "county", "accept-language", accept)
		}
		err := submit(t, ctx, conn, `name: "`+ownPlan+`"`)
		for _, d := range status.Convert(err).Details() {
			if m, ok := d.(*errdetails.LocalizedMessage); ok && m.GetLocale() != locale {
				t.Errorf("%q: locale %q, want %q", accept, m.GetLocale(), locale)
			}
		}
	}
}

// TestOneLinePerCall looks at what the access log says, and what it does not.
func TestOneLinePerCall(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	id := uuid.NewString()
	want(t, submit(t, as(t, "county", requestid.Metadata, id), conn, `name: "`+ownPlan+`" text: "`+canary+`"`), codes.OK, "")
	log := strings.TrimSpace(w.log.String())
	var line map[string]any
	if err := json.Unmarshal([]byte(log), &line); err != nil {
		t.Fatalf("%v in %s", err, log)
	}
	wanted := map[string]any{
		"msg": "call", "level": "INFO", "service": "plan", "method": submitPlan, "code": "OK",
		"request_id": id, "party": "COUNTY_COMMITTEE", "jurisdiction": "provinces/51/counties/510104",
	}
	for k, v := range wanted {
		if line[k] != v {
			t.Errorf("%s = %v, want %v", k, line[k], v)
		}
	}
	for k := range line {
		if _, ok := wanted[k]; !ok && k != "time" && k != "duration" {
			t.Errorf("the line also has %s", k)
		}
	}
	if strings.Contains(log, canary) || strings.Contains(log, ownPlan) {
		t.Errorf("the log has content or a name: %s", log)
	}
	families, err := w.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "xunshi_grpc_server_duration_seconds" && len(f.GetMetric()) == 1 {
			return
		}
	}
	t.Errorf("metrics = %v, want one series of durations", families)
}

func TestRequestIDIsAdoptedOrMade(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	for _, sent := range []string{uuid.NewString(), "evil id", ""} {
		var header metadata.MD
		err := submit(t, as(t, "county", requestid.Metadata, sent), conn, `name: "`+ownPlan+`"`, grpc.Header(&header))
		want(t, err, codes.OK, "")
		got := strings.Join(header.Get(requestid.Metadata), "|")
		if _, err := uuid.Parse(got); err != nil || (len(sent) == 36) != (got == sent) {
			t.Errorf("sent %q, got %q", sent, got)
		}
	}
}
