package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// writer writes messages as protojson does, without white space: half the time of the
// edge was spent in protojson and in taking its white space out again. What it does
// not know itself, by type, it leaves to protojson; a test compares the two for every
// message of the API.
type writer struct {
	options protojson.MarshalOptions // emits default values
	forms   sync.Map                 // protoreflect.MessageDescriptor → form
}

// form is what is known of a type: its fields in their order.
type form []fieldForm

type fieldForm struct {
	fd       protoreflect.FieldDescriptor
	name     string // quoted, with the colon
	kind     protoreflect.Kind
	list     bool
	optional bool     // not written where it is not set
	values   []string // quoted names of an enum by number, "" for a gap
}

var errForeign = errors.New("left to protojson")

func (w *writer) marshal(m proto.Message) ([]byte, error) {
	return w.message(make([]byte, 0, 1024), m.ProtoReflect())
}

func (w *writer) message(out []byte, m protoreflect.Message) ([]byte, error) {
	start := len(out)
	out, err := w.try(out, m)
	if !errors.Is(err, errForeign) {
		return out, err
	}
	loose, err := w.options.Marshal(m.Interface())
	if err != nil {
		return nil, err
	}
	tight := bytes.NewBuffer(out[:start])
	err = json.Compact(tight, loose)
	return tight.Bytes(), err
}

func (w *writer) try(out []byte, m protoreflect.Message) ([]byte, error) {
	if t, ok := m.Interface().(*timestamppb.Timestamp); ok {
		return timestamp(out, t)
	}
	fields := w.form(m.Descriptor())
	if fields == nil {
		return out, errForeign
	}
	out = append(out, '{')
	empty := true
	var err error
	for i := range fields {
		f := &fields[i]
		if f.optional && !m.Has(f.fd) {
			continue
		}
		if !empty {
			out = append(out, ',')
		}
		empty = false
		out = append(out, f.name...)
		if f.list {
			out, err = w.list(out, f, m.Get(f.fd).List())
		} else {
			out, err = w.value(out, f, m.Get(f.fd))
		}
		if err != nil {
			return out, err
		}
	}
	return append(out, '}'), nil
}

func (w *writer) list(out []byte, f *fieldForm, list protoreflect.List) (_ []byte, err error) {
	out = append(out, '[')
	for i := range list.Len() {
		if i > 0 {
			out = append(out, ',')
		}
		if out, err = w.value(out, f, list.Get(i)); err != nil {
			return out, err
		}
	}
	return append(out, ']'), nil
}

func (w *writer) value(out []byte, f *fieldForm, v protoreflect.Value) ([]byte, error) {
	switch f.kind {
	case protoreflect.StringKind:
		return text(out, v.String())
	case protoreflect.MessageKind:
		return w.message(out, v.Message())
	case protoreflect.EnumKind:
		if n := int(v.Enum()); n >= 0 && n < len(f.values) && f.values[n] != "" {
			return append(out, f.values[n]...), nil
		}
		return strconv.AppendInt(out, int64(v.Enum()), 10), nil
	case protoreflect.BoolKind:
		return strconv.AppendBool(out, v.Bool()), nil
	case protoreflect.Int32Kind:
		return strconv.AppendInt(out, v.Int(), 10), nil
	case protoreflect.Int64Kind:
		return append(strconv.AppendInt(append(out, '"'), v.Int(), 10), '"'), nil
	default: // BytesKind; form knows no other
		return append(base64.StdEncoding.AppendEncode(append(out, '"'), v.Bytes()), '"'), nil
	}
}

// form gives nil for a type that is left to protojson.
func (w *writer) form(d protoreflect.MessageDescriptor) form {
	if known, ok := w.forms.Load(d); ok {
		return known.(form)
	}
	made := makeForm(d)
	w.forms.Store(d, made)
	return made
}

func makeForm(d protoreflect.MessageDescriptor) form {
	if d.ParentFile().Package() == "google.protobuf" {
		return nil // many have a form of their own
	}
	made := form{}
	for i := range d.Fields().Len() {
		fd := d.Fields().Get(i)
		f := fieldForm{
			fd: fd, name: strconv.Quote(fd.JSONName()) + ":", kind: fd.Kind(), list: fd.IsList(),
			optional: fd.HasPresence() || fd.ContainingOneof() != nil,
		}
		switch f.kind {
		case protoreflect.StringKind, protoreflect.BoolKind, protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.BytesKind:
		case protoreflect.MessageKind:
			if fd.IsMap() {
				return nil
			}
		case protoreflect.EnumKind:
			if fd.Enum().FullName() == "google.protobuf.NullValue" {
				return nil
			}
			f.values = enumNames(fd.Enum().Values())
		default:
			return nil
		}
		made = append(made, f)
	}
	return made
}

func enumNames(all protoreflect.EnumValueDescriptors) []string {
	const most = 1000
	var names []string
	for i := range all.Len() {
		n := int(all.Get(i).Number())
		if n < 0 || n > most {
			return nil // never among ours; written as numbers, which the comparing test would show
		}
		for len(names) <= n {
			names = append(names, "")
		}
		if names[n] == "" {
			names[n] = strconv.Quote(string(all.Get(i).Name()))
		}
	}
	return names
}

// text quotes a string. What is no UTF-8 is protojson's to refuse.
func text(out []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return out, errForeign
	}
	const hex = "0123456789abcdef"
	out = append(out, '"')
	done := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		out = append(out, s[done:i]...)
		done = i + 1
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\b':
			out = append(out, '\\', 'b')
		case '\f':
			out = append(out, '\\', 'f')
		case '\n':
			out = append(out, '\\', 'n')
		case '\r':
			out = append(out, '\\', 'r')
		case '\t':
			out = append(out, '\\', 't')
		default:
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(out, s[done:]...), '"'), nil
}

// timestamp writes an instant with as many digits as it needs, by threes.
func timestamp(out []byte, t *timestamppb.Timestamp) ([]byte, error) {
	if !t.IsValid() {
		return out, errForeign
	}
	layout := `"2006-01-02T15:04:05.000000000Z"`
	switch n := t.GetNanos(); {
	case n == 0:
		layout = `"2006-01-02T15:04:05Z"`
	case n%int32(time.Millisecond) == 0:
		layout = `"2006-01-02T15:04:05.000Z"`
	case n%int32(time.Microsecond) == 0:
		layout = `"2006-01-02T15:04:05.000000Z"`
	}
	return t.AsTime().AppendFormat(out, layout), nil
}
