package outbox

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
)

// verdict is what a receiver's answer means for an event.
type verdict int

const (
	delivered verdict = iota
	outage            // nobody judged the event: try for ever
	failed            // the receiver could not take it: try a number of times
	refused           // the receiver will never take it as it is: park
)

func (v verdict) String() string {
	return [...]string{"delivered", "outage", "failed", "refused"}[v]
}

func judge(answer error) verdict {
	switch code := status.Code(answer); code {
	case codes.OK:
		return delivered
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Canceled:
		return outage
	case codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.FailedPrecondition,
		codes.OutOfRange, codes.Unimplemented:
		return refused
	default:
		if code == codes.Aborted && fault.Is(faultstatus.FromStatus(answer), fault.ReasonConflict) {
			return outage // others were in the way
		}
		// Among these is EVENT_OUT_OF_ORDER. We deliver in order, so it means
		// that the receiver has lost what it once acknowledged (an old backup):
		// waiting briefly may help, and then somebody must know.
		return failed
	}
}

// reasonOf is what may be kept of an answer: its code and its reason. The text
// could hold anything.
func reasonOf(answer error) string {
	st := status.Convert(answer)
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return st.Code().String() + " " + info.GetReason()
		}
	}
	return st.Code().String()
}

const (
	minWait = 200 * time.Millisecond
	maxWait = 30 * time.Second
)

// backoff waits half as long as the event has waited already: soon after a
// hiccup, rarely in a long outage, and never so long that the outbox needs more
// than a minute to empty once the receiver is back.
func backoff(age time.Duration) time.Duration {
	return min(max(age/2, minWait), maxWait)
}
