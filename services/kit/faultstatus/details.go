package faultstatus

import (
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Limits of what an answer repeats from a request, so that the status fits the
// header block it travels in.
const (
	maxValue  = 256 // bytes
	maxFields = 20
)

// retryDelay is what a caller is asked to wait before it tries again.
const retryDelay = time.Second

// details gives what the kind of fault calls for beside ErrorInfo (api.md, errors).
func (c *Catalogue) details(e *fault.Error, meta map[string]string, developer, locale string) []proto.Message {
	switch e.Kind {
	case fault.Invalid:
		return c.badRequest(e.Fields, locale)
	case fault.NotFound, fault.Exists:
		return []proto.Message{&errdetails.ResourceInfo{ResourceName: meta[fault.MetaName], Description: developer}}
	case fault.Precondition:
		return []proto.Message{precondition(e, meta, developer)}
	case fault.Exhausted:
		return []proto.Message{
			&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
				{Subject: c.domain, Description: developer},
			}},
			&errdetails.RetryInfo{RetryDelay: durationpb.New(retryDelay)},
		}
	case fault.Unavailable:
		return []proto.Message{&errdetails.RetryInfo{RetryDelay: durationpb.New(retryDelay)}}
	default:
		return nil
	}
}

// precondition names the rule first, and then what each field lacks to meet it.
func precondition(e *fault.Error, meta map[string]string, developer string) proto.Message {
	detail := &errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{
		{Type: e.Reason, Subject: meta[fault.MetaName], Description: developer},
	}}
	for _, f := range e.Fields[:min(len(e.Fields), maxFields)] {
		detail.Violations = append(detail.Violations, &errdetails.PreconditionFailure_Violation{
			Type: clip(f.Reason), Subject: clip(f.Path), Description: clip(f.Description),
		})
	}
	return detail
}

func (c *Catalogue) badRequest(fields []fault.Field, locale string) []proto.Message {
	if len(fields) == 0 {
		return nil
	}
	detail := &errdetails.BadRequest{}
	for _, f := range fields[:min(len(fields), maxFields)] {
		v := &errdetails.BadRequest_FieldViolation{
			Field:       clip(f.Path),
			Description: clip(f.Description),
			Reason:      clip(f.Reason),
		}
		if c.texts[f.Reason] != nil {
			v.LocalizedMessage = &errdetails.LocalizedMessage{Locale: locale, Message: c.text(f.Reason, locale, nil)}
		}
		detail.FieldViolations = append(detail.FieldViolations, v)
	}
	return []proto.Message{detail}
}

// clip makes a text fit to be sent: valid UTF-8 and not too long. The same text
// always gives the same result.
func clip(s string) string {
	if len(s) > maxValue {
		s = s[:maxValue]
		// Drop what is left of a character cut in two, at most three bytes.
		s = strings.ToValidUTF8(s, "") + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// builder puts a status together. Details are marshalled deterministically, so
// that equal answers have equal bytes.
type builder struct{ s *spb.Status }

func newBuilder(code codes.Code, message string) builder {
	return builder{&spb.Status{Code: int32(code), Message: message}}
}

func (b builder) add(details ...proto.Message) {
	for _, d := range details {
		detail := new(anypb.Any)
		if err := anypb.MarshalFrom(detail, d, proto.MarshalOptions{Deterministic: true}); err != nil {
			continue // only invalid UTF-8 can fail, and clip removed it; the code still counts
		}
		b.s.Details = append(b.s.Details, detail)
	}
}

func (b builder) status() *status.Status { return status.FromProto(b.s) }
