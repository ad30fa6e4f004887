package grpcserver

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// stall is how long a caller may leave us waiting for his next message
// (security.md §5.2, input 82).
const stall = 30 * time.Second

// streamed are the methods that stream, with the type of their requests.
type streamed map[string]protoreflect.MessageType

func newStreamed(services []protoreflect.ServiceDescriptor) streamed {
	s := make(streamed)
	for _, service := range services {
		for i := range service.Methods().Len() {
			m := service.Methods().Get(i)
			if !m.IsStreamingClient() && !m.IsStreamingServer() {
				continue
			}
			request, err := protoregistry.GlobalTypes.FindMessageByName(m.Input().FullName())
			if err != nil { // of a descriptor without generated code, as in a test
				request = dynamicpb.NewMessageType(m.Input())
			}
			s["/"+string(service.FullName())+"/"+string(m.Name())] = request
		}
	}
	return s
}

// stream lets a stream pass the very chain that a single call passes, with its
// first message as the request: so nothing guards the one and not the other. What
// follows is looked at message by message.
func (s *Server) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	kind, known := s.streams[info.FullMethod]
	if !known {
		return status.Error(codes.Unimplemented, "streams are not served here") // the health service watches nothing
	}
	guarded := &guardedStream{ServerStream: ss, shape: s.shape, stall: s.stall, first: kind.New().Interface()}
	call := func(ctx context.Context, _ any) (any, error) {
		guarded.ctx = ctx
		return nil, handler(srv, guarded)
	}
	// Of the message itself the chain knows only after it came, so an error of its
	// coming takes the way of an error of the handler.
	came := guarded.receive(guarded.first)
	if errors.Is(came, io.EOF) {
		came = fault.InvalidField("request", "REQUIRED", "a stream has at least one message")
	}
	if came != nil {
		call = func(context.Context, any) (any, error) { return nil, came }
	}
	_, err := chained(s.streamChain(came), &grpc.UnaryServerInfo{Server: srv, FullMethod: info.FullMethod}, call)(ss.Context(), guarded.first)
	return err
}

// streamChain is the chain of single calls. A stream that broke before its first
// message came has nothing to be judged by.
func (s *Server) streamChain(came error) []grpc.UnaryServerInterceptor {
	if came != nil {
		return []grpc.UnaryServerInterceptor{s.identify, s.observe, s.mapFaults}
	}
	return s.chain()
}

// chained puts interceptors around a handler, the first outermost.
func chained(chain []grpc.UnaryServerInterceptor, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) grpc.UnaryHandler {
	for i := len(chain) - 1; i >= 0; i-- {
		next, around := handler, chain[i]
		handler = func(ctx context.Context, req any) (any, error) { return around(ctx, req, info, next) }
	}
	return handler
}

// guardedStream is what a handler gets of a stream that passed the chain.
type guardedStream struct {
	grpc.ServerStream
	ctx   context.Context
	shape *shape
	stall time.Duration
	first proto.Message // received and judged; nil once the handler has it
}

// Context implements grpc.ServerStream: it carries what the chain found out.
func (g *guardedStream) Context() context.Context { return g.ctx }

// RecvMsg implements grpc.ServerStream.
func (g *guardedStream) RecvMsg(m any) error {
	if g.first != nil {
		proto.Merge(m.(proto.Message), g.first)
		g.first = nil
		return nil
	}
	if err := g.receive(m); err != nil {
		return err
	}
	return g.shape.check(m.(proto.Message))
}

// SendMsg implements grpc.ServerStream. A caller who takes nothing is given up, too.
func (g *guardedStream) SendMsg(m any) error {
	return g.wait(func() error { return g.ServerStream.SendMsg(m) })
}

func (g *guardedStream) receive(m any) error {
	return g.wait(func() error { return g.ServerStream.RecvMsg(m) })
}

// wait lets a message come or go, but not for ever. A wait that is given up ends when
// the stream does.
func (g *guardedStream) wait(pass func() error) error {
	done := make(chan error, 1)
	go func() { done <- pass() }()
	timer := time.NewTimer(g.stall)
	defer timer.Stop()
	select {
	case err := <-done:
		return streamFault(err)
	case <-timer.C:
		return fault.New(fault.Timeout, fault.ReasonUploadStalled)
	}
}

// streamFault tells what the channel says of a message that did not pass.
func streamFault(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	switch status.Code(err) {
	case codes.DeadlineExceeded, codes.Canceled:
		return fault.New(fault.Timeout, fault.ReasonOutcomeUnknown).Wrap(err)
	case codes.ResourceExhausted:
		return fault.New(fault.Exhausted, fault.ReasonTooLarge).Wrap(err)
	case codes.Unavailable:
		return fault.New(fault.Unavailable, fault.ReasonOutcomeUnknown).Wrap(err)
	default: // not the protobuf that it should be
		return fault.InvalidField("request", "MESSAGE_INVALID", "the message cannot be read").Wrap(err)
	}
}
