package grpcserver

import (
	"context"
	"fmt"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/xunshi/xunshi/services/kit/form"
)

// shape checks the form of requests: what no request may hold (walk.go), then
// what the proto asks of each field.
type shape struct {
	rules protovalidate.Validator
}

// newShape compiles the rules of all requests at once, so that a bad rule stops
// the start and no call pays for compiling.
func newShape(services []protoreflect.ServiceDescriptor) (*shape, error) {
	var requests []protoreflect.MessageDescriptor
	for _, service := range services {
		for i := range service.Methods().Len() {
			requests = append(requests, service.Methods().Get(i).Input())
		}
	}
	rules, err := protovalidate.New(protovalidate.WithMessageDescriptors(requests...), protovalidate.WithDisableLazy())
	if err != nil {
		return nil, fmt.Errorf("validation rules: %w", err)
	}
	return &shape{rules}, nil
}

// validate refuses a request of a wrong form.
func (s *Server) validate(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := s.shape.check(req.(proto.Message)); err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

func (s *shape) check(req proto.Message) error {
	if err := walk(req); err != nil {
		return err
	}
	return form.Fault(s.rules.Validate(req), "")
}
