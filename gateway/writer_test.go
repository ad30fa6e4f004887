package gateway

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	_ "github.com/xunshi/xunshi/gen/go/xunshi/event/v1" // its messages too, one of which has a map or an Any
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

// TestWriterWritesWhatProtojsonWrites fills every message that is linked in at random,
// those of the libraries too, and compares byte by byte.
func TestWriterWritesWhatProtojsonWrites(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	w, compared := newCodec().writer, 0
	protoregistry.GlobalTypes.RangeMessages(func(mt protoreflect.MessageType) bool {
		for range 20 {
			m := mt.New()
			fill(source, m, 3)
			want, wantErr := reference(m.Interface())
			got, err := w.marshal(m.Interface())
			if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
				t.Fatalf("%s:\ngot  %s, %v\nwant %s, %v", mt.Descriptor().FullName(), got, err, want, wantErr)
			}
			if err == nil {
				compared++
			}
		}
		return true
	})
	if compared < 1000 {
		t.Errorf("only %d messages were compared", compared)
	}
}

func reference(m proto.Message) ([]byte, error) {
	loose, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	var tight bytes.Buffer
	err = json.Compact(&tight, loose)
	return tight.Bytes(), err
}

// fill sets each field with some chance, to values with what is special about them.
func fill(source *rand.Rand, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if source.IntN(3) == 0 || depth == 0 && fd.Message() != nil {
			continue
		}
		switch {
		case fd.IsMap():
			key := value(source, fd.MapKey(), nil, depth).MapKey()
			entries := m.Mutable(fd).Map()
			entries.Set(key, value(source, fd.MapValue(), entries.NewValue, depth))
		case fd.IsList():
			list := m.Mutable(fd).List()
			for range source.IntN(3) {
				list.Append(value(source, fd, list.NewElement, depth))
			}
		default:
			m.Set(fd, value(source, fd, func() protoreflect.Value { return m.NewField(fd) }, depth))
		}
	}
}

func value(source *rand.Rand, fd protoreflect.FieldDescriptor, fresh func() protoreflect.Value, depth int) protoreflect.Value {
	texts := []string{"", "plain", "整改方案未覆盖第2项问题", "a\"b\\c/<>&\u2028\b\f\n\r\t\x00\x1f\x7f\ufffd", "🀄", "bad \xff"}
	numbers := []int64{0, 1, -1, 123456789, 999999999, 1350000000, math.MaxInt32, math.MinInt32}
	n := numbers[source.IntN(len(numbers))]
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(n > 0)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(texts[source.IntN(len(texts)-source.IntN(2))])
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(texts[source.IntN(len(texts))]))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(source.IntN(12) - 1))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(n))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(n))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(n * int64(source.IntN(1000)))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(n))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(n) / 3)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(float64(n) / 3)
	default:
		v := fresh()
		fill(source, v.Message(), depth-1)
		return v
	}
}

// TestWriterAllocatesLittle: protojson takes 2,531 allocations for the same list.
func TestWriterAllocatesLittle(t *testing.T) {
	w, list := newCodec().writer, fiftyCases()
	if n := testing.AllocsPerRun(10, func() { _, _ = w.marshal(list) }); n > 200 {
		t.Errorf("%v allocations", n)
	}
}

func fiftyCases() *rectificationv1.ListRectificationsResponse {
	list := &rectificationv1.ListRectificationsResponse{}
	for range 50 {
		r := &rectificationv1.Rectification{
			Name: "provinces/51/rectifications/01970000-0000-7000-8000-000000000001", County: "provinces/51/counties/510104",
			State: rectificationv1.Rectification_STATE_RECTIFYING, CreateTime: timestamppb.Now(), Etag: `"1"`,
		}
		for n := range 5 {
			r.Problems = append(r.Problems, &rectificationv1.Problem{
				Number: int32(n), Description: "党委（党组）落实全面从严治党主体责任不够有力，重点领域廉洁风险防控存在薄弱环节。",
			})
		}
		list.Rectifications = append(list.Rectifications, r)
	}
	return list
}

// BenchmarkWriter writes a list of fifty cases, and protojson the same.
func BenchmarkWriter(b *testing.B) {
	list := fiftyCases()
	for name, marshal := range map[string]func(proto.Message) ([]byte, error){
		"writer": newCodec().writer.marshal, "protojson": reference,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if text, err := marshal(list); err != nil || len(text) < 1000 {
					b.Fatal(len(text), err)
				}
			}
		})
	}
}
