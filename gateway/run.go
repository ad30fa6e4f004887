package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"

	"github.com/xunshi/xunshi/services/kit/grpcclient"
	"github.com/xunshi/xunshi/services/kit/telemetry"
	"github.com/xunshi/xunshi/services/kit/tlsconf"
)

// Run serves the edge until ctx ends. Log lines go to logs; ready, if not nil,
// is told the address once the edge listens.
func Run(ctx context.Context, cfg Config, version string, logs io.Writer, ready func(net.Addr)) (err error) {
	tel, err := telemetry.New(ctx, cfg.Telemetry, "gateway", version, logs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Close(context.WithoutCancel(ctx))) }()
	conns, err := connect(cfg, tel)
	if err != nil {
		return err
	}
	defer conns.close()
	handler, err := Handler(ctx, Backends{conns[0], conns[1], conns[2]}, tel.Logger, tel.Registry, WithMaxUpload(cfg.MaxUploadBytes))
	if err != nil {
		return err
	}
	var listen net.ListenConfig
	admin, err := listen.Listen(ctx, "tcp", cfg.Admin)
	if err != nil {
		return fmt.Errorf("admin address: %w", err)
	}
	lis, err := listen.Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen address: %w", err), admin.Close())
	}
	if ready != nil {
		ready(lis.Addr())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	adminDone := make(chan error, 1)
	go func() {
		adminDone <- telemetry.ServeAdmin(ctx, admin, telemetry.AdminHandler(tel.Registry, conns.ready, tel.Logger))
	}()
	err = Serve(ctx, lis, handler, cfg, tel.Logger)
	cancel()
	return errors.Join(err, <-adminDone)
}

// connections are those to scheduling, casefile and rectification.
type connections []*grpc.ClientConn

func connect(cfg Config, tel *telemetry.Telemetry) (connections, error) {
	source, err := tlsconf.New(cfg.Identity, func(err error) { tel.Logger.Error("certificate not readable", "error", err) })
	if err != nil {
		return nil, err
	}
	var all connections
	for _, backend := range []grpcclient.Config{cfg.Scheduling, cfg.Casefile, cfg.Rectification} {
		conn, err := grpcclient.New(backend, source.Client, tel.Tracer)
		if err != nil {
			all.close()
			return nil, err
		}
		all = append(all, conn)
	}
	return all, nil
}

// ready says whether there is a connection to every service. One that was not
// used for long is idle, and is made again while the probe waits.
func (c connections) ready(ctx context.Context) error {
	for _, conn := range c {
		conn.Connect()
	}
	for _, conn := range c {
		for s := conn.GetState(); s != connectivity.Ready; s = conn.GetState() {
			if s == connectivity.TransientFailure || s == connectivity.Shutdown || !conn.WaitForStateChange(ctx, s) {
				return fmt.Errorf("%s: %s", conn.Target(), s)
			}
			conn.Connect()
		}
	}
	return nil
}

func (c connections) close() {
	for _, conn := range c {
		_ = conn.Close() // nothing waits on it any more
	}
}
