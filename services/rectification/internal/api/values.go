package api

import (
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func encodeDate(d workday.Date) *date.Date {
	if d.IsZero() {
		return nil
	}
	return &date.Date{Year: int32(d.Year), Month: int32(d.Month), Day: int32(d.Day)}
}

// decodeDate reads a day; without one it is the zero day. field says where it
// stands, for the fault: the shape rules of the proto cannot check a calendar.
func decodeDate(field string, d *date.Date) (workday.Date, error) {
	if d == nil {
		return workday.Date{}, nil
	}
	day := workday.Date{Year: int(d.GetYear()), Month: time.Month(d.GetMonth()), Day: int(d.GetDay())}
	if !day.Valid() {
		return workday.Date{}, fault.InvalidField(field, "DATE_INVALID", "not a day of the calendar")
	}
	return day, nil
}

func encodeTime(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// enum is a generated enum. The domain's values are named like its values without
// the prefix, the empty one like UNSPECIFIED; a test keeps them together.
type enum interface {
	~int32
	protoreflect.Enum
	String() string
}

func encodeEnum[E enum, S ~string](s S, prefix string) E {
	var e E
	value := e.Descriptor().Values().ByName(protoreflect.Name(prefix + string(s)))
	if value == nil {
		return e
	}
	return E(value.Number())
}

func decodeEnum[S ~string, E enum](e E, prefix string) S {
	if e == 0 {
		return ""
	}
	return S(strings.TrimPrefix(e.String(), prefix))
}

// The prefixes of the enums.
const (
	prefixState         = "STATE_"
	prefixSubmission    = "SUBMISSION_STATE_"
	prefixKind          = "KIND_"
	prefixNotApplicable = "NOT_APPLICABLE_REASON_"
	prefixVerdict       = "VERDICT_"
	prefixRecipient     = "NOTICE_RECIPIENT_"
)

func mapped[A, B any](in []A, f func(A) B) []B {
	if len(in) == 0 {
		return nil
	}
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}
