package daemon

import (
	"context"
	"io/fs"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// Program is a service as its main describes it.
type Program struct {
	// Name is that of the database roles, of the event source, and of the
	// domain of faults, e.g. "scheduling".
	Name string
	// Migrations holds the goose files of the service at its root.
	Migrations fs.FS
	// Peers are the services that it calls or sends events to; the configuration
	// must say where each of them is.
	Peers []string
	// Documents says that it takes documents; the configuration must say where they are
	// kept.
	Documents bool
	// Never are parties that may call no method of it, whatever the protos of the
	// services that it registers grant.
	Never []principal.Party
	// New composes the service from what the process has. It must not block.
	New func(ctx context.Context, rt *Runtime) (Service, error)
}

// Runtime is what a process offers its service.
type Runtime struct {
	Clock   clock.Clock // the business clock
	Logger  *slog.Logger
	Metrics prometheus.Registerer
	DB      *pg.DB
	Peers   map[string]grpc.ClientConnInterface // by name; has all of Program.Peers
	PageKey []byte                              // makes page tokens
	// SweepInterval is for the worker of the obligations.
	SweepInterval time.Duration
	Documents     document.Config
}

// Service is what a process runs.
type Service struct {
	// Register registers the gRPC services.
	Register func(grpc.ServiceRegistrar)
	// Reasons are the enums of the service's own reasons of refusal.
	Reasons []protoreflect.EnumDescriptor
	// Background are the tasks that need no caller. Each runs until its context
	// ends; one that returns before ends the process.
	Background []func(context.Context) error
}
