package grpcserver

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// conditional says which request fields can be given as headers instead, by full
// method: `idempotency-key` is the request_id (AIP-155), `if-match` the etag
// (AIP-154).
type conditional map[string][]headerField

type headerField struct {
	header string
	path   []protoreflect.Name
}

func newConditional(services []protoreflect.ServiceDescriptor) conditional {
	c := make(conditional)
	for _, service := range services {
		for i := range service.Methods().Len() {
			m := service.Methods().Get(i)
			if fields := headerFields(m.Input()); len(fields) > 0 {
				c["/"+string(service.FullName())+"/"+string(m.Name())] = fields
			}
		}
	}
	return c
}

func headerFields(request protoreflect.MessageDescriptor) []headerField {
	var fields []headerField
	if path := requestIDPath(request); path != nil {
		fields = append(fields, headerField{"idempotency-key", path})
	}
	if path := etagPath(request); path != nil {
		fields = append(fields, headerField{"if-match", path})
	}
	return fields
}

// requestIDPath finds the request_id: in the request, or in the part of a stream that
// declares what comes.
func requestIDPath(request protoreflect.MessageDescriptor) []protoreflect.Name {
	if isString(request.Fields().ByName("request_id")) {
		return []protoreflect.Name{"request_id"}
	}
	for i := range request.Fields().Len() {
		f := request.Fields().Get(i)
		if f.ContainingOneof() != nil && f.Kind() == protoreflect.MessageKind && isString(f.Message().Fields().ByName("request_id")) {
			return []protoreflect.Name{f.Name(), "request_id"}
		}
	}
	return nil
}

// etagPath finds the etag: in the request, or, for an update (AIP-134), in the
// resource that it carries.
func etagPath(request protoreflect.MessageDescriptor) []protoreflect.Name {
	if isString(request.Fields().ByName("etag")) {
		return []protoreflect.Name{"etag"}
	}
	if request.Fields().ByName("update_mask") == nil {
		return nil
	}
	for i := range request.Fields().Len() {
		f := request.Fields().Get(i)
		if f.Kind() == protoreflect.MessageKind && !f.IsList() && !f.IsMap() && isString(f.Message().Fields().ByName("etag")) {
			return []protoreflect.Name{f.Name(), "etag"}
		}
	}
	return nil
}

func isString(f protoreflect.FieldDescriptor) bool {
	return f != nil && f.Kind() == protoreflect.StringKind && !f.IsList()
}

// applyHeaders fills request fields from the headers.
func (s *Server) applyHeaders(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	for _, f := range s.headers[info.FullMethod] {
		value := header(ctx, f.header)
		if value == "" {
			continue
		}
		if err := f.fill(req.(proto.Message).ProtoReflect(), value); err != nil {
			return nil, err
		}
	}
	return handler(ctx, req)
}

// fill sets the field if it is empty. Which of two values was meant is not
// guessed.
func (f headerField) fill(m protoreflect.Message, value string) error {
	for _, name := range f.path[:len(f.path)-1] {
		parent := m.Descriptor().Fields().ByName(name)
		if !m.Has(parent) {
			return nil // a resource that was not sent is refused by its own rule
		}
		m = m.Mutable(parent).Message()
	}
	field := m.Descriptor().Fields().ByName(f.path[len(f.path)-1])
	switch m.Get(field).String() {
	case "":
		m.Set(field, protoreflect.ValueOfString(value))
	case value:
	default:
		return fault.InvalidField(string(field.Name()), "HEADER_CONTRADICTS", "the field and the header "+f.header+" differ")
	}
	return nil
}
