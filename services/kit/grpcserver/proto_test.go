package grpcserver_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	_ "google.golang.org/protobuf/types/known/anypb"
	_ "google.golang.org/protobuf/types/known/fieldmaskpb"

	_ "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
)

// source describes services as the real ones do, and two that must be refused.
const source = `
syntax = "proto3";
package grpcservertest.v1;
import "buf/validate/validate.proto";
import "google/protobuf/any.proto";
import "google/protobuf/field_mask.proto";
import "xunshi/policy/v1/policy.proto";

service PlanService {
  rpc SubmitPlan(SubmitPlanRequest) returns (Plan) {
    option (xunshi.policy.v1.access) = {
      allow: [{parties: [PARTY_COUNTY_COMMITTEE] scope: SCOPE_OWN_JURISDICTION},
              {parties: [PARTY_SERVICE] scope: SCOPE_ANY}]
      resource_field: "name"
      articles: ["17"]
    };
  }
  rpc UpdatePlan(UpdatePlanRequest) returns (Plan) {
    option (xunshi.policy.v1.access) = {
      allow: [{parties: [PARTY_COUNTY_COMMITTEE] scope: SCOPE_OWN_JURISDICTION}]
      resource_field: "plan.name"
      articles: ["17"]
    };
  }
}
message Plan { string name = 1; string etag = 99; string text = 2; }
message UpdatePlanRequest { Plan plan = 1; google.protobuf.FieldMask update_mask = 2; }
enum Kind { KIND_UNSPECIFIED = 0; KIND_ROUTINE = 1; }
message SubmitPlanRequest {
  string name = 1;
  string etag = 2;
  string request_id = 3 [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE string: {uuid: true}}];
  string text = 4 [(buf.validate.field).string.max_len = 2000];
  string display_name = 5;
  Kind kind = 6;
  double ratio = 7;
  repeated string items = 8;
  map<string, string> labels = 9;
  google.protobuf.Any extra = 10;
  Nest nest = 11;
}
message Nest { Nest nest = 1; string text = 2; }

service NakedService { rpc GetPlan(SubmitPlanRequest) returns (Plan); }
service StreamService {
  rpc WatchPlan(SubmitPlanRequest) returns (stream Plan) {
    option (xunshi.policy.v1.access) = {
      allow: [{parties: [PARTY_COUNTY_COMMITTEE] scope: SCOPE_OWN_JURISDICTION}] resource_field: "name" articles: ["17"]
    };
  }
  rpc SendPlan(stream Piece) returns (Plan) {
    option (xunshi.policy.v1.access) = {
      allow: [{parties: [PARTY_COUNTY_COMMITTEE] scope: SCOPE_OWN_JURISDICTION}] resource_field: "head.name" articles: ["17"]
    };
  }
}
message Piece {
  oneof part {
    SubmitPlanRequest head = 1;
    string tail = 2 [(buf.validate.field).string.max_len = 10];
  }
}
service NakedStreamService { rpc WatchPlan(SubmitPlanRequest) returns (stream Plan); }
`

// file compiles the source once and puts it where generated files are.
var file = sync.OnceValues(func() (protoreflect.FileDescriptor, error) {
	const path = "grpcservertest/v1/plan.proto"
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(protocompile.CompositeResolver{
		&protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(map[string]string{path: source})},
		protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
			f, err := protoregistry.GlobalFiles.FindFileByPath(path)
			return protocompile.SearchResult{Desc: f}, err
		}),
	})}
	files, err := c.Compile(context.Background(), path)
	if err != nil {
		return nil, err
	}
	// Over the wire and back, options become the generated Go types.
	wire, err := proto.Marshal(protodesc.ToFileDescriptorProto(files[0]))
	if err != nil {
		return nil, err
	}
	var fdp descriptorpb.FileDescriptorProto
	if err := proto.Unmarshal(wire, &fdp); err != nil {
		return nil, err
	}
	f, err := protodesc.NewFile(&fdp, protoregistry.GlobalFiles)
	if err != nil {
		return nil, err
	}
	return f, protoregistry.GlobalFiles.RegisterFile(f)
})

func descriptors(t *testing.T) protoreflect.FileDescriptor {
	t.Helper()
	f, err := file()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// message makes a message of the test proto from its text form.
func message(t *testing.T, name, text string) *dynamicpb.Message {
	t.Helper()
	m := dynamicpb.NewMessage(descriptors(t).Messages().ByName(protoreflect.Name(name)))
	if err := prototext.Unmarshal([]byte(text), m); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

// field reads a string field of a message.
func field(m protoreflect.ProtoMessage, name string) string {
	r := m.ProtoReflect()
	return r.Get(r.Descriptor().Fields().ByName(protoreflect.Name(name))).String()
}

// handler is what a test lets the services do; method is the short name.
type handler func(ctx context.Context, method string, req *dynamicpb.Message) (proto.Message, error)

// serviceDesc is what protoc-gen-go-grpc would have generated.
func serviceDesc(s protoreflect.ServiceDescriptor, handle handler) *grpc.ServiceDesc {
	desc := &grpc.ServiceDesc{ServiceName: string(s.FullName()), HandlerType: (*any)(nil)}
	for i := range s.Methods().Len() {
		m := s.Methods().Get(i)
		if m.IsStreamingServer() || m.IsStreamingClient() {
			desc.Streams = append(desc.Streams, streamDesc(m, handle))
			continue
		}
		desc.Methods = append(desc.Methods, grpc.MethodDesc{
			MethodName: string(m.Name()),
			Handler: func(_ any, ctx context.Context, dec func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
				req := dynamicpb.NewMessage(m.Input())
				if err := dec(req); err != nil {
					return nil, err
				}
				info := &grpc.UnaryServerInfo{FullMethod: "/" + string(s.FullName()) + "/" + string(m.Name())}
				return interceptor(ctx, req, info, func(ctx context.Context, req any) (any, error) {
					return handle(ctx, string(m.Name()), req.(*dynamicpb.Message))
				})
			},
		})
	}
	return desc
}

// streamDesc is what would have been generated for a method that streams: the handler
// gets each message in turn, and each answer goes out, of a client stream the last.
func streamDesc(m protoreflect.MethodDescriptor, handle handler) grpc.StreamDesc {
	return grpc.StreamDesc{
		StreamName: string(m.Name()), ServerStreams: m.IsStreamingServer(), ClientStreams: m.IsStreamingClient(),
		Handler: func(_ any, stream grpc.ServerStream) error {
			var answer proto.Message
			for {
				req := dynamicpb.NewMessage(m.Input())
				err := stream.RecvMsg(req)
				if errors.Is(err, io.EOF) && m.IsStreamingClient() {
					return stream.SendMsg(answer)
				}
				if err != nil {
					return err
				}
				if answer, err = handle(stream.Context(), string(m.Name()), req); err != nil {
					return err
				}
				if m.IsStreamingServer() {
					return errors.Join(stream.SendMsg(answer), stream.SendMsg(answer))
				}
			}
		},
	}
}
