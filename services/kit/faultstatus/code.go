package faultstatus

import (
	"google.golang.org/grpc/codes"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// CodeOf maps a kind; one that does not exist is Internal. Stored refusals hold
// the code, so a kind that is deterministic keeps its own for good.
func CodeOf(k fault.Kind) codes.Code {
	switch k {
	case fault.Invalid:
		return codes.InvalidArgument
	case fault.Unauthenticated:
		return codes.Unauthenticated
	case fault.Denied:
		return codes.PermissionDenied
	case fault.NotFound:
		return codes.NotFound
	case fault.Exists:
		return codes.AlreadyExists
	case fault.Stale, fault.Contended:
		return codes.Aborted
	case fault.Precondition:
		return codes.FailedPrecondition
	case fault.Exhausted:
		return codes.ResourceExhausted
	case fault.Unavailable:
		return codes.Unavailable
	case fault.Timeout:
		return codes.DeadlineExceeded
	default:
		return codes.Internal
	}
}

// KindOf is the reverse of CodeOf. Of the two kinds that are ABORTED it gives
// the one whose refusals are final, Stale; the reason tells them apart.
func KindOf(code codes.Code) fault.Kind {
	for k := fault.Invalid; k < fault.Internal; k++ {
		if CodeOf(k) == code && k != fault.Contended {
			return k
		}
	}
	return fault.Internal
}
