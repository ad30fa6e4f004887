package gateway

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// strictQuery refuses what the default parser ignores: an unknown parameter, a
// scalar given twice, and a parameter that names a field of the path or body.
type strictQuery struct{}

// Parse implements runtime.QueryParameterParser.
func (strictQuery) Parse(m proto.Message, values url.Values, filter *utilities.DoubleArray) error {
	for name, given := range values {
		path, repeated, ok := fieldPath(m.ProtoReflect().Descriptor(), name)
		switch {
		case !ok:
			return fmt.Errorf("unknown query parameter %q", name)
		case filter.HasCommonPrefix(path):
			return fmt.Errorf("query parameter %q is part of the path or the body", name)
		case len(given) > 1 && !repeated:
			return fmt.Errorf("query parameter %q is given more than once", name)
		}
	}
	return (&runtime.DefaultQueryParser{}).Parse(m, values, filter)
}

// fieldPath resolves a dotted parameter name by proto or JSON names.
func fieldPath(d protoreflect.MessageDescriptor, name string) (path []string, repeated, ok bool) {
	segments := strings.Split(name, ".")
	for i, s := range segments {
		f := d.Fields().ByName(protoreflect.Name(s))
		if f == nil {
			f = d.Fields().ByJSONName(s)
		}
		if f == nil {
			return nil, false, false
		}
		path = append(path, string(f.Name()))
		if i == len(segments)-1 {
			return path, f.IsList(), true
		}
		if f.Message() == nil || f.IsList() || f.IsMap() {
			return nil, false, false
		}
		d = f.Message()
	}
	return nil, false, false
}
