package form

import (
	"errors"
	"fmt"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Check holds a merged resource against its proto: of an update, the request that
// was checked before the handler carries only a part of it. field is where the
// resource stands in the request.
func Check(field string, resource proto.Message) error {
	return Fault(protovalidate.Validate(resource), field)
}

// Fault tells the caller what a validator found. at is where the message stands
// in the request, empty for the request itself.
func Fault(err error, at string) error {
	if err == nil {
		return nil
	}
	var invalid *protovalidate.ValidationError
	if !errors.As(err, &invalid) {
		return fmt.Errorf("validation: %w", err)
	}
	f := fault.New(fault.Invalid, fault.ReasonFieldInvalid)
	for _, v := range invalid.Violations {
		f = f.WithField(path(at, protovalidate.FieldPathString(v.Proto.GetField())),
			reasonOf(v.Proto.GetRuleId()), v.Proto.GetMessage())
	}
	return f
}

// path puts the field below where its message stands. A rule across fields has no
// field: it is the message that is wrong.
func path(at, field string) string {
	switch {
	case at == "" && field == "":
		return "request"
	case at == "" || field == "":
		return at + field
	default:
		return at + "." + field
	}
}

// reasonOf writes a rule id such as "string.min_len" the way reasons are written.
func reasonOf(ruleID string) string {
	if ruleID == "" {
		return fault.ReasonFieldInvalid
	}
	return strings.ToUpper(strings.ReplaceAll(ruleID, ".", "_"))
}
