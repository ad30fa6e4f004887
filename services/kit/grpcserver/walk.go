package grpcserver

import (
	"math"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/xunshi/xunshi/services/kit/fault"
)

const (
	maxDepth    = 32 // messages within messages; JSON at the edge has the same bound
	maxAnyDepth = 2  // an Any is decoded again, so a chain of them costs its square
)

// objection says what is wrong where. It is made at the place and gets its path
// on the way back, so that a sound request pays for no path.
type objection struct{ path, reason, description string }

func object(reason, description string) *objection {
	return &objection{reason: reason, description: description}
}

// in puts the objection below a field.
func (o *objection) in(name string) *objection {
	if o == nil {
		return nil
	}
	switch {
	case o.path == "":
		o.path = name
	case o.path[0] == '[':
		o.path = name + o.path
	default:
		o.path = name + "." + o.path
	}
	return o
}

// walk refuses what no request may hold, whatever its proto says: unknown
// fields and enum numbers, numbers that are none, and characters that hide or
// reverse what a reader sees (security.md §5.2, inputs 9 to 22).
func walk(req proto.Message) error {
	o := walkMessage(req.ProtoReflect(), 0, 0)
	if o == nil {
		return nil
	}
	if o.path == "" {
		o.path = "request"
	}
	return fault.InvalidField(o.path, o.reason, o.description)
}

// walkMessage goes in the order of the fields, so that the same request always
// gets the same answer.
func walkMessage(m protoreflect.Message, depth, anys int) *objection {
	if depth > maxDepth {
		return object("TOO_DEEP", "messages are nested too deeply")
	}
	if len(m.GetUnknown()) > 0 {
		return object("FIELD_UNKNOWN", "the message has a field that is not known")
	}
	fields := m.Descriptor().Fields()
	if m.Descriptor().FullName() == "google.protobuf.Any" {
		packed := &anypb.Any{TypeUrl: m.Get(fields.ByNumber(1)).String(), Value: m.Get(fields.ByNumber(2)).Bytes()}
		return walkAny(packed, depth, anys)
	}
	for i := range fields.Len() {
		f := fields.Get(i)
		if !m.Has(f) {
			continue
		}
		if o := walkField(f, m.Get(f), depth, anys); o != nil {
			return o.in(string(f.Name()))
		}
	}
	return nil
}

// walkAny looks at what is packed. A type that is not known here cannot be
// looked at, and no handler could use it.
func walkAny(packed *anypb.Any, depth, anys int) *objection {
	if anys >= maxAnyDepth {
		return object("TOO_DEEP", "messages are packed too deeply")
	}
	m, err := packed.UnmarshalNew()
	if err != nil {
		return object("TYPE_UNKNOWN", "the packed message is of an unknown type or malformed")
	}
	return walkMessage(m.ProtoReflect(), depth+1, anys+1)
}

func walkField(f protoreflect.FieldDescriptor, v protoreflect.Value, depth, anys int) *objection {
	switch {
	case f.IsList():
		list := v.List()
		for i := range list.Len() {
			if o := walkValue(f, list.Get(i), depth, anys); o != nil {
				return o.in("[" + strconv.Itoa(i) + "]")
			}
		}
		return nil
	case f.IsMap():
		return walkMap(f, v.Map(), depth, anys)
	default:
		return walkValue(f, v, depth, anys)
	}
}

// walkMap does not put the key into the path: it is the caller's text.
func walkMap(f protoreflect.FieldDescriptor, m protoreflect.Map, depth, anys int) (found *objection) {
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		found = walkValue(f.MapKey(), k.Value(), depth, anys)
		if found == nil {
			found = walkValue(f.MapValue(), v, depth, anys)
		}
		return found == nil
	})
	return found
}

func walkValue(f protoreflect.FieldDescriptor, v protoreflect.Value, depth, anys int) *objection {
	switch f.Kind() {
	case protoreflect.StringKind:
		return walkText(v.String(), isName(f.Name()))
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return walkMessage(v.Message(), depth+1, anys)
	case protoreflect.EnumKind:
		if f.Enum().Values().ByNumber(v.Enum()) == nil {
			return object("ENUM_UNKNOWN", "the value is not in the enum")
		}
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		if n := v.Float(); math.IsNaN(n) || math.IsInf(n, 0) {
			return object("NUMBER_INVALID", "the value is not a number")
		}
	}
	return nil
}
