package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xunshi/xunshi/services/kit/telemetry"
)

// drainTimeout is how long the sender and the telemetry may take at the end.
const drainTimeout = 10 * time.Second

// Run serves the program until ctx ends. It opens the gRPC port only when the
// database has the required version, and never migrates. Until then /readyz of
// the admin server says no.
func Run(ctx context.Context, p Program, cfg Config, opts ...Option) (err error) {
	o := collect(opts)
	if o.listener != nil {
		defer o.listener.Close() // closing again what was served does no harm
	}
	if faults := append(cfg.Validate(), cfg.serveFaults(p)...); len(faults) > 0 {
		return fmt.Errorf("%s: %w", p.Name, errors.Join(faults...))
	}
	a, err := assemble(ctx, p, cfg, o)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	defer func() { err = errors.Join(err, a.close(ctx)) }()
	if err := a.run(ctx); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	return nil
}

// run starts everything that takes time; if one of them fails, all end.
func (a *app) run(ctx context.Context) error {
	admin, err := net.Listen("tcp", a.cfg.Admin)
	if err != nil {
		return fmt.Errorf("admin: %w", err)
	}
	a.tel.Logger.InfoContext(ctx, "starting", "version", version(), "admin", admin.Addr().String())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return telemetry.ServeAdmin(ctx, admin, telemetry.AdminHandler(a.tel.Registry, a.ready, a.tel.Logger))
	})
	group.Go(func() error {
		if err := a.gate.wait(ctx, a.tel.Logger); err != nil {
			return nil // the process ends before it was ready
		}
		return a.serve(ctx, group)
	})
	err = group.Wait()
	a.tel.Logger.InfoContext(ctx, "stopped")
	return err
}

// serve runs what needs a migrated database.
func (a *app) serve(ctx context.Context, group *errgroup.Group) error {
	lis := a.opts.listener
	if lis == nil {
		var err error
		if lis, err = net.Listen("tcp", a.cfg.Listen); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
	group.Go(func() error { return a.send(ctx) })
	group.Go(func() error {
		return background(ctx, func(ctx context.Context) error { return a.sequencer.Run(ctx, a.cfg.Audit.Interval) })
	})
	for _, task := range a.service.Background {
		group.Go(func() error { return background(ctx, task) })
	}
	a.serving.Store(true)
	a.tel.Logger.InfoContext(ctx, "serving", "address", lis.Addr().String())
	return a.server.Serve(ctx, lis)
}

// ready is what the admin server and the health service answer.
func (a *app) ready(ctx context.Context) error {
	if !a.serving.Load() {
		return errors.New("not serving yet")
	}
	return a.gate.check(ctx)
}

// send delivers events until ctx ends, then lets running deliveries finish.
func (a *app) send(ctx context.Context) error {
	// River cancels its jobs when the context of Start ends; Stop is gentler.
	if err := a.sender.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// background runs a task that is to last as long as the process.
func background(ctx context.Context, task func(context.Context) error) error {
	err := task(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err == nil:
		return errors.New("a background task ended by itself")
	default:
		return fmt.Errorf("background task: %w", err)
	}
}
