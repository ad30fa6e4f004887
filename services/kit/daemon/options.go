package daemon

import (
	"io"
	"net"
	"os"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
)

// Option changes how Run runs a program. The main of a service passes none.
type Option func(*options)

type options struct {
	clock    clock.Clock
	listener net.Listener
	logs     io.Writer
	server   []grpcserver.Option
}

func collect(opts []Option) options {
	o := options{clock: clock.System(), logs: os.Stderr}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// WithClock sets the business clock, by which dates of the law are computed.
// Only the devstack may pass it. Deadlines, scopes and tokens stay on the clock
// of the machine.
func WithClock(c clock.Clock) Option { return func(o *options) { o.clock = c } }

// WithListener serves gRPC on lis instead of the configured address.
func WithListener(lis net.Listener) Option { return func(o *options) { o.listener = lis } }

// WithLogs writes the log to w instead of the standard error.
func WithLogs(w io.Writer) Option { return func(o *options) { o.logs = w } }

// WithServer passes options of a test on to the gRPC server.
func WithServer(opts ...grpcserver.Option) Option {
	return func(o *options) { o.server = append(o.server, opts...) }
}
