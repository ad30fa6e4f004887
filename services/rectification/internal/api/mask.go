package api

import (
	"errors"
	"slices"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// checkMask wants at least one of the paths that an update may change. name and
// etag are dropped, because the REST edge makes the mask from the keys of the
// body (AIP-134).
func checkMask(mask *fieldmaskpb.FieldMask, allowed ...string) ([]string, error) {
	var paths []string
	for _, path := range mask.GetPaths() {
		switch {
		case path == "name" || path == "etag":
		case slices.Contains(allowed, path):
			paths = append(paths, path)
		default:
			return nil, fault.InvalidField("update_mask", "PATH_NOT_ALLOWED", "only "+strings.Join(allowed, ", ")+" can be changed")
		}
	}
	if len(paths) == 0 {
		return nil, fault.InvalidField("update_mask", "REQUIRED", "say which of "+strings.Join(allowed, ", ")+" changes")
	}
	return paths, nil
}

// checkShape applies the rules of the proto to a merged resource: the request
// alone may carry only a part of it. field is where it stands in the request.
func checkShape(field string, m proto.Message) error {
	err := protovalidate.Validate(m)
	var invalid *protovalidate.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	f := fault.New(fault.Invalid, fault.ReasonFieldInvalid)
	for _, v := range invalid.Violations {
		reason := strings.ToUpper(strings.ReplaceAll(v.Proto.GetRuleId(), ".", "_"))
		f = f.WithField(field+"."+protovalidate.FieldPathString(v.Proto.GetField()), reason, v.Proto.GetMessage())
	}
	return f
}
