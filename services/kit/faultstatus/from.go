package faultstatus

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// FromStatus turns the failure of a call to another service into a fault, with
// the failure as its cause. A reason that only the other service has is not
// publishable here: the caller has to deal with it, or it counts as internal.
func FromStatus(err error) error {
	if err == nil {
		return nil
	}
	s, ok := status.FromError(err)
	if !ok {
		return withoutStatus(err)
	}
	e, ok := stated(s)
	if !ok {
		e = unstated(s.Code())
	}
	return e.Wrap(err)
}

// withoutStatus deals with failures before a call was made or after it was given up.
func withoutStatus(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fault.New(fault.Timeout, fault.ReasonOutcomeUnknown).Wrap(err)
	}
	return fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable).Wrap(err)
}

// stated reads the fault that a service of this system sent.
func stated(s *status.Status) (*fault.Error, bool) {
	var e *fault.Error
	for _, d := range s.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && strings.HasSuffix(info.GetDomain(), ".xunshi") {
			e = fault.New(kindFor(s.Code(), info.GetReason()), info.GetReason())
			e.Meta = info.GetMetadata()
		}
	}
	if e == nil {
		return nil, false
	}
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				e = e.WithField(v.GetField(), v.GetReason(), v.GetDescription())
			}
		case *errdetails.PreconditionFailure: // the first is the rule itself
			for i, v := range d.GetViolations() {
				if i > 0 {
					e = e.WithField(v.GetSubject(), v.GetType(), v.GetDescription())
				}
			}
		}
	}
	return e, true
}

// unstated judges by the code: the answer came from the network or the library.
func unstated(code codes.Code) *fault.Error {
	switch code {
	case codes.Unavailable:
		return fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable)
	case codes.DeadlineExceeded, codes.Canceled:
		return fault.New(fault.Timeout, fault.ReasonOutcomeUnknown)
	case codes.ResourceExhausted:
		return fault.New(fault.Exhausted, fault.ReasonOverloaded)
	default:
		return fault.New(fault.Internal, fault.ReasonInternal)
	}
}

// kindFor tells what the code alone does not: a lost race is no stale object.
func kindFor(code codes.Code, reason string) fault.Kind {
	if code == codes.Aborted && reason == fault.ReasonConflict {
		return fault.Contended
	}
	return KindOf(code)
}
