package grpcclient

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/requestid"
)

// shaving is what is kept of the caller's time to answer him after the peer did.
const shaving = 50 * time.Millisecond

type calls struct {
	timeout time.Duration
	// machine is the machine's clock, never the business clock.
	machine clock.Clock
}

func newCalls(timeout time.Duration) calls {
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return calls{timeout: timeout, machine: clock.System()}
}

// limit sees to it that every call has a deadline that ends before the caller's.
func (c calls) limit(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	now := c.machine.Now()
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = now.Add(c.timeout)
	}
	if latest := now.Add(maxTimeout); deadline.After(latest) {
		deadline = latest
	}
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(-shaving))
	defer cancel()
	return invoke(ctx, method, req, reply, cc, opts...)
}

// passRequestID ties the peer's log lines to the call that they serve.
func (c calls) passRequestID(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return invoke(withRequestID(ctx), method, req, reply, cc, opts...)
}

// passStreamID does the same for a stream, whose deadline is its caller's to set.
func (c calls) passStreamID(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return open(withRequestID(ctx), desc, cc, method, opts...)
}

func withRequestID(ctx context.Context) context.Context {
	if id := requestid.From(ctx); id != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, requestid.Metadata, id)
	}
	return ctx
}
