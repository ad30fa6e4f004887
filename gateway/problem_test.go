package gateway

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// TestOwnFault: a status that no service made. Only what may pass by itself is
// called unavailable, for clients repeat that.
func TestOwnFault(t *testing.T) {
	for code, want := range map[codes.Code]struct {
		kind   fault.Kind
		reason string
	}{
		codes.InvalidArgument:   {fault.Invalid, reasonBodyInvalid},
		codes.Unavailable:       {fault.Unavailable, fault.ReasonDependencyUnavailable},
		codes.DeadlineExceeded:  {fault.Timeout, fault.ReasonOutcomeUnknown},
		codes.Canceled:          {fault.Timeout, fault.ReasonOutcomeUnknown},
		codes.ResourceExhausted: {fault.Internal, fault.ReasonInternal}, // larger than gRPC takes
		codes.Unimplemented:     {fault.Internal, fault.ReasonInternal},
		codes.Unknown:           {fault.Internal, fault.ReasonInternal},
	} {
		if got := ownFault(status.New(code, "text")); got.Kind != want.kind || got.Reason != want.reason {
			t.Errorf("%s: %v %s, want %v %s", code, got.Kind, got.Reason, want.kind, want.reason)
		}
	}
}
