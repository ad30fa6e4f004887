package gateway

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

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
		path, field, ok := fieldPath(m.ProtoReflect().Descriptor(), name)
		switch {
		case !ok:
			return fmt.Errorf("unknown query parameter %q", name)
		case filter.HasCommonPrefix(path):
			return fmt.Errorf("query parameter %q is part of the path or the body", name)
		case len(given) > 1 && !field.IsList():
			return fmt.Errorf("query parameter %q is given more than once", name)
		}
	}
	spelled, err := spellDates(m.ProtoReflect().Descriptor(), values)
	if err != nil {
		return err
	}
	return (&runtime.DefaultQueryParser{}).Parse(m, spelled, filter)
}

// spellDates lets a day be written as people write it, startDate=2026-08-31, where
// the parser wants its three parts.
func spellDates(d protoreflect.MessageDescriptor, values url.Values) (url.Values, error) {
	spelled := url.Values{}
	for name, given := range values {
		if !isDate(d, name) {
			spelled[name] = given
			continue
		}
		day, err := time.Parse(time.DateOnly, given[0])
		if err != nil {
			return nil, fmt.Errorf("query parameter %q is not a day like 2026-08-31", name)
		}
		for part, value := range map[string]int{".year": day.Year(), ".month": int(day.Month()), ".day": day.Day()} {
			if values.Has(name + part) {
				return nil, fmt.Errorf("query parameter %q is given more than once", name)
			}
			spelled.Set(name+part, strconv.Itoa(value))
		}
	}
	return spelled, nil
}

// isDate tells whether a parameter is a google.type.Date as a whole.
func isDate(d protoreflect.MessageDescriptor, name string) bool {
	_, f, ok := fieldPath(d, name)
	return ok && f.Message() != nil && !f.IsList() && f.Message().FullName() == "google.type.Date"
}

// fieldPath resolves a dotted parameter name by proto or JSON names.
func fieldPath(d protoreflect.MessageDescriptor, name string) (path []string, field protoreflect.FieldDescriptor, ok bool) {
	segments := strings.Split(name, ".")
	for i, s := range segments {
		f := d.Fields().ByName(protoreflect.Name(s))
		if f == nil {
			f = d.Fields().ByJSONName(s)
		}
		if f == nil {
			return nil, nil, false
		}
		path = append(path, string(f.Name()))
		if i == len(segments)-1 {
			return path, f, true
		}
		if f.Message() == nil || f.IsList() || f.IsMap() {
			return nil, nil, false
		}
		d = f.Message()
	}
	return nil, nil, false
}
