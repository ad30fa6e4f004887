package grpcserver_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"
)

// nested gives n messages in each other.
func nested(n int) string {
	return strings.Repeat("nest: {", n) + strings.Repeat("}", n)
}

// TestFormIsChecked is inputs 9 to 14, 19, 20, 22 to 25 and 58 of security.md
// §5.2, with the field and reason that the answer names.
func TestFormIsChecked(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	for name, tt := range map[string]struct{ text, path, reason string }{
		"plain":                 {`text: "整改方案\n\t第一条" display_name: "王　明"`, "", ""},
		"rare characters":       {`display_name: "𮯰𬭼葛󠄀"`, "", ""},
		"accents":               {`text: "e\u0301"`, "", ""},
		"NUL":                   {`text: "a\000b"`, "text", "CHARACTER_FORBIDDEN"},
		"Windows line ends":     {`text: "a\r\nb"`, "", ""},
		"C0":                    {`text: "a\rb"`, "text", "CHARACTER_FORBIDDEN"},
		"C1":                    {`text: "a\u0085b"`, "text", "CHARACTER_FORBIDDEN"},
		"bidi override":         {`text: "a\u202eb"`, "text", "CHARACTER_FORBIDDEN"},
		"bidi isolate":          {`items: ["a", "\u2066b"]`, "items[1]", "CHARACTER_FORBIDDEN"},
		"in a map key":          {`labels: {key: "\u202e" value: "a"}`, "labels", "CHARACTER_FORBIDDEN"},
		"in a map value":        {`labels: {key: "a" value: "\u202e"}`, "labels", "CHARACTER_FORBIDDEN"},
		"in a nested message":   {`nest: {nest: {text: "\000"}}`, "nest.nest.text", "CHARACTER_FORBIDDEN"},
		"zero width in a name":  {`display_name: "王\u200b明"`, "display_name", "CHARACTER_FORBIDDEN"},
		"private use in a name": {`display_name: "\ue000"`, "display_name", "CHARACTER_FORBIDDEN"},
		"combining marks":       {`text: "e` + strings.Repeat(`\u0301`, 1000) + `"`, "text", "CHARACTER_FORBIDDEN"},
		"white space only":      {`text: " \n　"`, "text", "TEXT_BLANK"},
		"unknown enum number":   {`kind: 7`, "kind", "ENUM_UNKNOWN"},
		"NaN":                   {`ratio: nan`, "ratio", "NUMBER_INVALID"},
		"infinity":              {`ratio: -inf`, "ratio", "NUMBER_INVALID"},
		"deep":                  {nested(40), strings.TrimSuffix(strings.Repeat("nest.", 33), "."), "TOO_DEEP"},
		"deep enough":           {nested(32), "", ""},
		"packed":                {`extra: {[x/google.protobuf.FieldMask]: {paths: "\000"}}`, "extra.paths[0]", "CHARACTER_FORBIDDEN"},
		"packed and unknown":    {`extra: {type_url: "x/no.such.Type"}`, "extra", "TYPE_UNKNOWN"},
		"packed and malformed":  {`extra: {type_url: "x/google.protobuf.FieldMask" value: "\377"}`, "extra", "TYPE_UNKNOWN"},
		"too long":              {`text: "` + strings.Repeat("县", 2001) + `"`, "text", "STRING_MAX_LEN"},
		"long enough":           {`text: "` + strings.Repeat("县", 2000) + `"`, "", ""},
		"request id":            {`request_id: "1"`, "request_id", "STRING_UUID"},
	} {
		t.Run(name, func(t *testing.T) {
			err := submit(t, as(t, "county"), conn, `name: "`+ownPlan+`" `+tt.text)
			if tt.reason == "" {
				want(t, err, codes.OK, "")
				return
			}
			want(t, err, codes.InvalidArgument, "FIELD_INVALID")
			path, reason := violation(err)
			if path != tt.path || reason != tt.reason {
				t.Errorf("violation = %s %s, want %s %s", path, reason, tt.path, tt.reason)
			}
		})
	}
}

func violation(err error) (path, reason string) {
	for _, d := range status.Convert(err).Details() {
		if bad, ok := d.(*errdetails.BadRequest); ok && len(bad.GetFieldViolations()) == 1 {
			return bad.GetFieldViolations()[0].GetField(), bad.GetFieldViolations()[0].GetReason()
		}
	}
	return "", ""
}

func TestUnknownFieldIsRefused(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	for path, spoil := range map[string]func(m *dynamicpb.Message){
		"request": func(m *dynamicpb.Message) { m.SetUnknown([]byte{0x98, 0x06, 0x01}) }, // field 99, varint 1
		"nest": func(m *dynamicpb.Message) {
			m.Get(m.Descriptor().Fields().ByName("nest")).Message().SetUnknown([]byte{0x98, 0x06, 0x01})
		},
	} {
		m := message(t, "SubmitPlanRequest", `name: "`+ownPlan+`" nest: {text: "a"}`)
		spoil(m)
		err := conn.Invoke(as(t, "county"), submitPlan, m, message(t, "Plan", ""))
		want(t, err, codes.InvalidArgument, "FIELD_INVALID")
		if got, reason := violation(err); got != path || reason != "FIELD_UNKNOWN" {
			t.Errorf("violation = %s %s, want %s", got, reason, path)
		}
	}
}

func TestHeadersFillFields(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	var got *dynamicpb.Message
	w.serve(func(_ context.Context, _ string, req *dynamicpb.Message) (proto.Message, error) {
		got = req
		return message(t, "Plan", ""), nil
	})
	const id = "8b0c3f0a-1d5b-4c36-9a0e-2b1f5f0a7e11"
	request := `name: "` + ownPlan + `"`
	headers := []string{"idempotency-key", id, "if-match", `"3"`}
	want(t, submit(t, as(t, "county", headers...), conn, request), codes.OK, "")
	if field(got, "request_id") != id || field(got, "etag") != `"3"` {
		t.Errorf("request = %v", got)
	}
	want(t, submit(t, as(t, "county", headers...), conn, request+` etag: "\"3\""`), codes.OK, "")
	err := submit(t, as(t, "county", headers...), conn, request+` etag: "\"4\""`)
	want(t, err, codes.InvalidArgument, "FIELD_INVALID")
	// What a header fills is checked like any field.
	want(t, submit(t, as(t, "county", "idempotency-key", "again"), conn, request), codes.InvalidArgument, "FIELD_INVALID")

	update := func(text string) error {
		return conn.Invoke(as(t, "county", headers...), updatePlan, message(t, "UpdatePlanRequest", text), message(t, "Plan", ""))
	}
	want(t, update(`plan: {name: "`+ownPlan+`"}`), codes.OK, "")
	plan := got.Get(got.Descriptor().Fields().ByName("plan")).Message().Interface()
	if field(plan, "etag") != `"3"` {
		t.Errorf("plan = %v", plan)
	}
}
