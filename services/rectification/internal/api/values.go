package api

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

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
	prefixForm          = "FORM_"
	prefixRecipient     = "NOTICE_RECIPIENT_"
	prefixParty         = "PARTY_"
	prefixReviewer      = "REVIEWER_"
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
