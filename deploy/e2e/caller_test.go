package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// as gives a context in which a person calls for a body, as through the gateway.
func as(t testing.TB, subject, party, jurisdiction string) context.Context {
	t.Helper()
	token, err := running.Token(t.Context(), subject, party, jurisdiction)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// must gives the answer of a call that has to succeed.
func must[T any](t testing.TB) func(T, error) T {
	return func(answer T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%v %v", err, status.Convert(err).Details())
		}
		return answer
	}
}

func rid() string { return uuid.NewString() }

func day(year, month, d int32) *date.Date { return &date.Date{Year: year, Month: month, Day: d} }

// setDay moves the clock of the whole devstack.
func setDay(t testing.TB, year int, month time.Month, d int) {
	t.Helper()
	if err := running.Clock().Set(time.Date(year, month, d, 1, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
}

// eventually repeats f until it succeeds: what another service announces
// arrives a moment later.
func eventually(t testing.TB, f func() error) {
	t.Helper()
	var err error
	for range 300 {
		if err = f(); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("did not happen: %v", err)
}

// reasonOf gives the reason of a refusal.
func reasonOf(err error) string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

func wantReason(t testing.TB, err error, code codes.Code, reason string) {
	t.Helper()
	if status.Code(err) != code || reasonOf(err) != reason {
		t.Fatalf("got %v %s, want %v %s: %v", status.Code(err), reasonOf(err), code, reason, err)
	}
}
