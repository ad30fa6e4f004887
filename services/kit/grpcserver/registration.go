package grpcserver

import (
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// registrations keeps what a service registers until it has been looked at.
type registrations struct {
	list []registration
}

type registration struct {
	desc *grpc.ServiceDesc
	impl any
}

// RegisterService implements grpc.ServiceRegistrar.
func (r *registrations) RegisterService(desc *grpc.ServiceDesc, impl any) {
	r.list = append(r.list, registration{desc, impl})
}

// descriptors finds the proto descriptors of the services, in which the policies
// are written.
func (r *registrations) descriptors() ([]protoreflect.ServiceDescriptor, error) {
	if len(r.list) == 0 {
		return nil, errors.New("no service is registered")
	}
	var (
		found []protoreflect.ServiceDescriptor
		errs  []error
	)
	for _, reg := range r.list {
		d, err := find(reg.desc)
		errs = append(errs, err)
		found = append(found, d)
	}
	return found, errors.Join(errs...)
}

func find(desc *grpc.ServiceDesc) (protoreflect.ServiceDescriptor, error) {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(desc.ServiceName))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", desc.ServiceName, err)
	}
	service, ok := d.(protoreflect.ServiceDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s is not a service", desc.ServiceName)
	}
	// A method without descriptor would have no policy that could be looked at.
	var names []string
	for _, m := range desc.Methods {
		names = append(names, m.MethodName)
	}
	for _, m := range desc.Streams {
		names = append(names, m.StreamName)
	}
	for _, name := range names {
		if service.Methods().ByName(protoreflect.Name(name)) == nil {
			return nil, fmt.Errorf("%s/%s is not in the proto", desc.ServiceName, name)
		}
	}
	return service, nil
}
