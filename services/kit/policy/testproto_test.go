package policy_test

import (
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	_ "google.golang.org/protobuf/types/known/anypb" // for the import in test protos
)

const header = `
syntax = "proto3";
package test.v1;
import "xunshi/policy/v1/policy.proto";
import "google/protobuf/any.proto";
message Inner { string name = 1; }
message Request {
  string name = 1;
  Inner inner = 2;
  repeated string names = 3;
  repeated Inner inners = 4;
  int32 count = 5;
}
message Response { string text = 1; }
`

// compile gives the file that a source text describes, with its options in the
// generated Go types, as in a generated file.
func compile(t *testing.T, source string) protoreflect.FileDescriptor {
	t.Helper()
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(protocompile.CompositeResolver{
		&protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(map[string]string{"test.proto": source})},
		protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
			f, err := protoregistry.GlobalFiles.FindFileByPath(path)
			return protocompile.SearchResult{Desc: f}, err
		}),
	})}
	files, err := c.Compile(t.Context(), "test.proto")
	if err != nil {
		t.Fatalf("compile the test proto: %v", err)
	}
	wire, err := proto.Marshal(protodesc.ToFileDescriptorProto(files[0]))
	if err != nil {
		t.Fatal(err)
	}
	var fdp descriptorpb.FileDescriptorProto
	if err := proto.Unmarshal(wire, &fdp); err != nil {
		t.Fatal(err)
	}
	f, err := protodesc.NewFile(&fdp, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// service makes a service of one method M with this text inside its access option.
func service(t *testing.T, access string) protoreflect.ServiceDescriptor {
	t.Helper()
	option := ""
	if access != "" {
		option = "option (xunshi.policy.v1.access) = {" + access + "};"
	}
	source := header + "service S { rpc M(Request) returns (Response) {" + option + "} }"
	return compile(t, source).Services().Get(0)
}

// request makes a Request; path is "name" or "inner.name".
func request(t *testing.T, s protoreflect.ServiceDescriptor, path, value string) proto.Message {
	t.Helper()
	root := dynamicpb.NewMessage(s.Methods().Get(0).Input())
	var m protoreflect.Message = root
	names := strings.Split(path, ".")
	for _, n := range names[:len(names)-1] {
		m = m.Mutable(m.Descriptor().Fields().ByName(protoreflect.Name(n))).Message()
	}
	m.Set(m.Descriptor().Fields().ByName(protoreflect.Name(names[len(names)-1])), protoreflect.ValueOfString(value))
	return root
}
