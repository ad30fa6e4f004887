package outbox

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestEveryCodeHasItsVerdict(t *testing.T) {
	want := map[codes.Code]verdict{
		codes.OK:                 delivered,
		codes.Canceled:           outage,
		codes.Unknown:            failed,
		codes.InvalidArgument:    refused,
		codes.DeadlineExceeded:   outage,
		codes.NotFound:           refused,
		codes.AlreadyExists:      refused,
		codes.PermissionDenied:   failed,
		codes.ResourceExhausted:  outage,
		codes.FailedPrecondition: refused,
		codes.Aborted:            failed,
		codes.OutOfRange:         refused,
		codes.Unimplemented:      refused,
		codes.Internal:           failed,
		codes.Unavailable:        outage,
		codes.DataLoss:           failed,
		codes.Unauthenticated:    failed,
	}
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		expected, ok := want[code]
		if got := judge(status.Error(code, "")); !ok || got != expected {
			t.Errorf("%v: %v, want %v", code, got, expected)
		}
	}
	lostRace, err := status.New(codes.Aborted, "").WithDetails(&errdetails.ErrorInfo{Reason: "CONFLICT", Domain: "casefile.xunshi"})
	if err != nil {
		t.Fatal(err)
	}
	if got := judge(lostRace.Err()); got != outage {
		t.Errorf("a race lost at the receiver: %v", got)
	}
	if got := judge(errors.New("not a status")); got != failed {
		t.Errorf("an error that is no status: %v", got)
	}
}

func TestOnlyCodeAndReasonAreKeptOfAnAnswer(t *testing.T) {
	st, err := status.New(codes.Aborted, "secret text").WithDetails(&errdetails.ErrorInfo{Reason: "EVENT_OUT_OF_ORDER"})
	if err != nil {
		t.Fatal(err)
	}
	if got := reasonOf(st.Err()); got != "Aborted EVENT_OUT_OF_ORDER" {
		t.Errorf("got %q", got)
	}
	if got := reasonOf(status.Error(codes.Internal, "secret text")); got != "Internal" {
		t.Errorf("got %q", got)
	}
}

func TestBackoff(t *testing.T) {
	tests := []struct{ age, want time.Duration }{
		{0, 200 * time.Millisecond},
		{-time.Second, 200 * time.Millisecond},
		{time.Second, 500 * time.Millisecond},
		{20 * time.Second, 10 * time.Second},
		{72 * time.Hour, 30 * time.Second},
	}
	for _, tt := range tests {
		if got := backoff(tt.age); got != tt.want {
			t.Errorf("age %v: wait %v, want %v", tt.age, got, tt.want)
		}
	}
}
