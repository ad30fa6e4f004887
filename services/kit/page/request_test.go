package page_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// request is a list request of no service.
type request struct{ *dynamicpb.Message }

func (r request) field(name protoreflect.Name) protoreflect.FieldDescriptor {
	return r.Descriptor().Fields().ByName(name)
}
func (r request) GetPageSize() int32   { return int32(r.Get(r.field("page_size")).Int()) }
func (r request) GetPageToken() string { return r.Get(r.field("page_token")).String() }

type values struct {
	parent, filter, token string
	size                  int32
}

// newRequest makes a request of the message type with this name.
func newRequest(t testing.TB, message string, v values) request {
	t.Helper()
	field := func(name string, number int32, kind descriptorpb.FieldDescriptorProto_Type) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{
			Name: proto.String(name), Number: proto.Int32(number), Type: kind.Enum(),
			Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}
	}
	f, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("test.proto"), Package: proto.String("test.v1"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String(message), Field: []*descriptorpb.FieldDescriptorProto{
			field("parent", 1, descriptorpb.FieldDescriptorProto_TYPE_STRING),
			field("page_size", 2, descriptorpb.FieldDescriptorProto_TYPE_INT32),
			field("page_token", 3, descriptorpb.FieldDescriptorProto_TYPE_STRING),
			field("filter", 4, descriptorpb.FieldDescriptorProto_TYPE_STRING),
		}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := request{dynamicpb.NewMessage(f.Messages().Get(0))}
	r.Set(r.field("parent"), protoreflect.ValueOfString(v.parent))
	r.Set(r.field("filter"), protoreflect.ValueOfString(v.filter))
	r.Set(r.field("page_token"), protoreflect.ValueOfString(v.token))
	r.Set(r.field("page_size"), protoreflect.ValueOfInt32(v.size))
	return r
}
