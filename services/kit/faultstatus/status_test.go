package faultstatus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
)

// detail gives the only detail of type T; it fails on two.
func detail[T proto.Message](t *testing.T, s *status.Status) (found T, ok bool) {
	t.Helper()
	for _, d := range s.Details() {
		if m, is := d.(T); is {
			if ok {
				t.Fatalf("two details of type %T", m)
			}
			found, ok = m, true
		}
	}
	return found, ok
}

func wire(t *testing.T, s *status.Status) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(s.Proto())
	if err != nil {
		t.Fatalf("the status cannot be sent: %v", err)
	}
	return b
}

func TestKindDecidesCodeAndDetails(t *testing.T) {
	tests := []struct {
		kind   fault.Kind
		reason string
		code   codes.Code
		detail string // types beside ErrorInfo and LocalizedMessage
	}{
		{fault.Invalid, "NAME_INVALID", codes.InvalidArgument, "BadRequest"},
		{fault.Unauthenticated, "CREDENTIALS_INVALID", codes.Unauthenticated, ""},
		{fault.Denied, "METHOD_NOT_GRANTED", codes.PermissionDenied, ""},
		{fault.NotFound, "NOT_FOUND", codes.NotFound, "ResourceInfo"},
		{fault.Exists, "ALREADY_EXISTS", codes.AlreadyExists, "ResourceInfo"},
		{fault.Stale, "ETAG_MISMATCH", codes.Aborted, ""},
		{fault.Contended, "CONFLICT", codes.Aborted, ""},
		{fault.Precondition, "NOTICE_TOO_LATE", codes.FailedPrecondition, "PreconditionFailure"},
		{fault.Exhausted, "OVERLOADED", codes.ResourceExhausted, "QuotaFailure RetryInfo"},
		{fault.Unavailable, "DEPENDENCY_UNAVAILABLE", codes.Unavailable, "RetryInfo"},
		{fault.Timeout, "OUTCOME_UNKNOWN", codes.DeadlineExceeded, ""},
	}
	c := catalogue(t)
	for _, tt := range tests {
		t.Run(tt.kind.String(), func(t *testing.T) {
			err := fmt.Errorf("on the way: %w", fault.New(tt.kind, tt.reason, "name", "provinces/51").
				WithField("name", "NAME_INVALID", "bad").Wrap(errors.New("secret cause")))
			s, cause := c.Status(err, "", "r1")
			if s.Code() != tt.code || cause != nil {
				t.Fatalf("code %v, cause %v", s.Code(), cause)
			}
			info, _ := detail[*errdetails.ErrorInfo](t, s)
			if info.GetReason() != tt.reason || info.GetDomain() != "scheduling.xunshi" {
				t.Errorf("ErrorInfo %v", info)
			}
			var types []string
			for _, d := range s.Details() {
				name := string(d.(proto.Message).ProtoReflect().Descriptor().Name())
				if name != "ErrorInfo" && name != "LocalizedMessage" {
					types = append(types, name)
				}
			}
			if got := strings.Join(types, " "); got != tt.detail {
				t.Errorf("details %q, want %q", got, tt.detail)
			}
			if bytes.Contains(wire(t, s), []byte("secret cause")) {
				t.Error("the cause is in the answer")
			}
			if retry, ok := detail[*errdetails.RetryInfo](t, s); ok && retry.GetRetryDelay().AsDuration() <= 0 {
				t.Errorf("retry after %v", retry.GetRetryDelay())
			}
		})
	}
}

func TestRefusalNamesTheArticleInBothLanguages_Art12_2(t *testing.T) {
	const (
		zh = "通知距进驻仅9个工作日，不足10个（第12(2)条）。"
		en = "The notice came 9 working days before entry, 10 are needed (art. 12(2))."
	)
	tests := []struct{ accept, locale, text string }{
		{"", "zh-CN", zh},
		{"en", "en", en},
		{"en-GB,en;q=0.8", "en", en},
		{"zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", zh},
		{"zh-TW", "zh-CN", zh},
		{"fr", "zh-CN", zh},
		{"fr, en;q=0.5", "en", en},
		{"*", "zh-CN", zh},
		{";;;not a language", "zh-CN", zh},
		{strings.Repeat("en,", 1000), "zh-CN", zh},
	}
	c := catalogue(t)
	err := fault.Refuse("12(2)", "NOTICE_TOO_LATE", "days", "9", "needed", "10")
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%.20q", tt.accept), func(t *testing.T) {
			s, _ := c.Status(err, tt.accept, "r1")
			text, _ := detail[*errdetails.LocalizedMessage](t, s)
			if text.GetLocale() != tt.locale || text.GetMessage() != tt.text {
				t.Errorf("%s: %s", text.GetLocale(), text.GetMessage())
			}
			if s.Message() != en {
				t.Errorf("the developer's text is %q", s.Message())
			}
			info, _ := detail[*errdetails.ErrorInfo](t, s)
			failure, _ := detail[*errdetails.PreconditionFailure](t, s)
			if info.GetMetadata()["article"] != "12(2)" || failure.GetViolations()[0].GetType() != "NOTICE_TOO_LATE" {
				t.Errorf("metadata %v, %v", info.GetMetadata(), failure)
			}
		})
	}
	s, _ := c.Status(fault.Refuse("12(2)", "NOTICE_TOO_LATE", "days", "9"), "en", "")
	if !strings.Contains(s.Message(), "— are needed") {
		t.Errorf("a missing value is shown as %q", s.Message())
	}
}

func TestTwoNotFoundsHaveTheSameBytes(t *testing.T) {
	c := catalogue(t)
	const name = "provinces/51/inspections/0198c0de-0000-7000-8000-000000000001"
	missing := fault.Missing(name)
	foreign := fmt.Errorf("load: %w", fault.New(fault.NotFound, "INSPECTION_NOT_FOUND",
		"name", name, "county", "510104", "article", "8").WithField("name", "X", "foreign").Wrap(errors.New("row hidden")))
	for _, accept := range []string{"", "en"} {
		a, causeA := c.Status(missing, accept, "request-1")
		b, causeB := c.Status(foreign, accept, "request-2")
		if !bytes.Equal(wire(t, a), wire(t, b)) || causeA != nil || causeB != nil {
			t.Errorf("the answers differ:\n%v\n%v", a.Proto(), b.Proto())
		}
		info, _ := detail[*errdetails.ResourceInfo](t, a)
		if info.GetResourceName() != name {
			t.Errorf("ResourceInfo %v", info)
		}
	}
}

func TestInternalTellsOnlyTheRequestID(t *testing.T) {
	c := catalogue(t)
	tests := map[string]error{
		"plain error":           errors.New("pq: password=hunter2"),
		"internal fault":        fault.New(fault.Internal, "INTERNAL", "dsn", "hunter2"),
		"unknown reason":        fault.New(fault.Precondition, "HUNTER2_REASON", "k", "hunter2"),
		"kind that is none":     fault.New(fault.Kind(99), "NAME_INVALID", "k", "hunter2"),
		"status below the edge": status.Error(codes.NotFound, "hunter2"),
	}
	for name, err := range tests {
		t.Run(name, func(t *testing.T) {
			s, cause := c.Status(err, "", "request-7")
			if s.Code() != codes.Internal || s.Message() != "internal error" || !errors.Is(cause, err) {
				t.Fatalf("%v, cause %v", s, cause)
			}
			b := bytes.ToLower(wire(t, s))
			if bytes.Contains(b, []byte("hunter2")) || !bytes.Contains(b, []byte("request-7")) {
				t.Errorf("the answer is %v", s.Proto())
			}
			info, _ := detail[*errdetails.ErrorInfo](t, s)
			if info.GetReason() != "INTERNAL" || len(info.GetMetadata()) != 0 || len(s.Details()) != 3 {
				t.Errorf("details %v", s.Details())
			}
		})
	}
}

func TestUnauthenticatedCarriesNoMetadata(t *testing.T) {
	s, _ := catalogue(t).Status(fault.New(fault.Unauthenticated, "CREDENTIALS_INVALID", "why", "expired"), "en", "")
	if bytes.Contains(wire(t, s), []byte("expired")) {
		t.Errorf("the answer says why: %v", s.Proto())
	}
}

func TestFieldsBecomeBadRequest(t *testing.T) {
	e := fault.InvalidField("plan.name", "NAME_INVALID", "must be a plan name").WithField("etag", "HOMEMADE", "bad etag")
	s, _ := catalogue(t).Status(e, "en", "")
	bad, _ := detail[*errdetails.BadRequest](t, s)
	if len(bad.GetFieldViolations()) != 2 || s.Message() != "plan.name: must be a plan name" {
		t.Fatalf("%q, %v", s.Message(), bad)
	}
	first, second := bad.GetFieldViolations()[0], bad.GetFieldViolations()[1]
	if first.GetField() != "plan.name" || first.GetReason() != "NAME_INVALID" ||
		first.GetLocalizedMessage().GetMessage() != "The resource name does not have the right form." {
		t.Errorf("first: %v", first)
	}
	if second.GetReason() != "HOMEMADE" || second.GetLocalizedMessage() != nil {
		t.Errorf("second: %v", second)
	}
	shapeless, _ := catalogue(t).Status(fault.New(fault.Invalid, "NAME_INVALID"), "", "")
	if _, ok := detail[*errdetails.BadRequest](t, shapeless); ok {
		t.Error("BadRequest without a field")
	}
}

func TestHostileValuesAreCutAndMadeValid(t *testing.T) {
	long := strings.Repeat("县", 100_000) + "\xff"
	e := fault.New(fault.Exists, "ALREADY_EXISTS", "name", long, "bad\xff", "x\xfe")
	for range 100 {
		e = e.WithField(long, long, long)
	}
	s, cause := catalogue(t).Status(e, "", "")
	if n := len(wire(t, s)); n > 4096 || cause != nil || s.Code() != codes.AlreadyExists || len(s.Details()) != 3 {
		t.Errorf("%d bytes, cause %v, %v", n, cause, s.Code())
	}
	e.Kind, e.Reason = fault.Invalid, "FIELD_INVALID"
	s, _ = catalogue(t).Status(e, "", "")
	if n := len(wire(t, s)); n > 20_000 || len(s.Details()) != 3 {
		t.Errorf("%d bytes in %d details", n, len(s.Details()))
	}
}

func TestContextErrorsAreTimeouts(t *testing.T) {
	for _, err := range []error{context.DeadlineExceeded, fmt.Errorf("query: %w", context.Canceled)} {
		s, cause := catalogue(t).Status(err, "", "")
		if s.Code() != codes.DeadlineExceeded || cause != nil {
			t.Errorf("%v gave %v, %v", err, s.Code(), cause)
		}
	}
	if s, cause := catalogue(t).Status(nil, "", ""); s.Code() != codes.OK || cause != nil {
		t.Errorf("nil gave %v, %v", s, cause)
	}
}

// Stored refusals hold the code: each final kind must come back as itself.
func TestFinalKindsKeepTheirCode(t *testing.T) {
	for kind := fault.Invalid; kind <= fault.Internal; kind++ {
		if got := faultstatus.KindOf(faultstatus.CodeOf(kind)); kind.Deterministic() && got != kind {
			t.Errorf("%v comes back as %v", kind, got)
		}
	}
	if got := faultstatus.KindOf(codes.DataLoss); got != fault.Internal {
		t.Errorf("a code that is never sent is %v", got)
	}
}

func TestFromStatus(t *testing.T) {
	c := catalogue(t)
	sent := fault.InvalidField("etag", "HOMEMADE", "bad").With("k", "v")
	s, _ := c.Status(sent, "", "")
	got, ok := fault.As(faultstatus.FromStatus(s.Err()))
	if !ok || got.Kind != fault.Invalid || got.Reason != "FIELD_INVALID" || got.Meta["k"] != "v" ||
		len(got.Fields) != 1 || got.Fields[0] != sent.Fields[0] {
		t.Errorf("round trip: %v", got)
	}
	lacking := fault.Refuse("17", "NOTICE_TOO_LATE").WithField("a", "A_MISSING", "1-3").WithField("b", "B_MISSING", "7")
	s, _ = c.Status(lacking, "", "")
	got, _ = fault.As(faultstatus.FromStatus(s.Err()))
	if got.Kind != fault.Precondition || got.Reason != "NOTICE_TOO_LATE" || !slices.Equal(got.Fields, lacking.Fields) {
		t.Errorf("what a rule finds lacking came back as %v", got)
	}
	foreign := status.New(codes.NotFound, "from elsewhere")
	foreign, _ = foreign.WithDetails(&errdetails.ErrorInfo{Reason: "NO_ROW", Domain: "example.com"})
	for kind := fault.Invalid; kind < fault.Internal; kind++ {
		reason := fault.ReasonNotFound
		if kind == fault.Contended { // ABORTED like Stale; the reason tells them apart
			reason = fault.ReasonConflict
		}
		s, _ := c.Status(fault.New(kind, reason), "", "")
		if got, _ := fault.As(faultstatus.FromStatus(s.Err())); got.Kind != kind {
			t.Errorf("%v came back as %v", kind, got.Kind)
		}
	}
	tests := []struct {
		name   string
		err    error
		kind   fault.Kind
		reason string
	}{
		{"connection refused", status.Error(codes.Unavailable, "dial"), fault.Unavailable, "DEPENDENCY_UNAVAILABLE"},
		{"not a status", errors.New("dial"), fault.Unavailable, "DEPENDENCY_UNAVAILABLE"},
		{"deadline", status.Error(codes.DeadlineExceeded, ""), fault.Timeout, "OUTCOME_UNKNOWN"},
		{"given up", context.Canceled, fault.Timeout, "OUTCOME_UNKNOWN"},
		{"too large", status.Error(codes.ResourceExhausted, ""), fault.Exhausted, "OVERLOADED"},
		{"library", status.Error(codes.Unimplemented, ""), fault.Internal, "INTERNAL"},
		{"somebody else's reason", foreign.Err(), fault.Internal, "INTERNAL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, ok := fault.As(faultstatus.FromStatus(tt.err))
			if !ok || e.Kind != tt.kind || e.Reason != tt.reason || !errors.Is(e, tt.err) {
				t.Errorf("got %v", e)
			}
		})
	}
	if err := faultstatus.FromStatus(nil); err != nil {
		t.Errorf("nil gave %v", err)
	}
}
