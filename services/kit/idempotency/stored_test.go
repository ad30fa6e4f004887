package idempotency_test

import (
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
)

func TestStoredIsWhatTheFirstCallHad(t *testing.T) {
	f := newFixture(t)
	req := request(uuid.NewString(), "a")
	stored := func(subject string, req *schedulingv1.CreateBriefingRequest) (*schedulingv1.Briefing, bool, error) {
		return idempotency.Stored[*schedulingv1.Briefing](office(subject), f.db, req)
	}
	if answer, ok, err := stored("clerk", req); ok || err != nil {
		t.Fatalf("before the first call: %v %v %v", answer, ok, err)
	}
	first, err := f.write(office("clerk"), req)
	if err != nil {
		t.Fatal(err)
	}
	if answer, ok, err := stored("clerk", req); !ok || err != nil || !proto.Equal(answer, first) {
		t.Errorf("got %v %v %v, want %v", answer, ok, err, first)
	}
	if answer, ok, err := stored("another", req); ok || err != nil {
		t.Errorf("another person: %v %v %v", answer, ok, err)
	}
	if _, _, err := stored("clerk", request(req.GetRequestId(), "b")); !fault.Is(err, fault.ReasonRequestIDReused) {
		t.Errorf("other content: %v", err)
	}
	refused := request(uuid.NewString(), "c")
	_, err = idempotency.Write(office("clerk"), f.db, refused, func(*pg.Tx) (*schedulingv1.Briefing, error) {
		return nil, fault.Refuse("12(3)", "BRIEFING_TOO_LATE")
	})
	if !fault.Is(err, "BRIEFING_TOO_LATE") {
		t.Fatal(err)
	}
	if _, ok, err := stored("clerk", refused); !ok || !fault.Is(err, "BRIEFING_TOO_LATE") {
		t.Errorf("a refusal: %v %v", ok, err)
	}
	f.wantRows(t, "effect", 1)
}
