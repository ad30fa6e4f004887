package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"google.golang.org/grpc"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/auditserver"
	"github.com/xunshi/xunshi/services/kit/authn"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/grpcclient"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/outbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/receipt"
	"github.com/xunshi/xunshi/services/kit/telemetry"
	"github.com/xunshi/xunshi/services/kit/tlsconf"
)

// app is one assembled process. What was opened is closed in the reverse order.
type app struct {
	program Program
	cfg     Config
	opts    options
	closers []func(context.Context) error

	tel     *telemetry.Telemetry
	tls     *tlsconf.Source
	peers   map[string]grpc.ClientConnInterface
	db      *pg.DB
	gate    *gate
	service Service
	sender  *outbox.Sender
	server  *grpcserver.Server

	audit     auditserver.Deps
	sequencer *auditlog.Sequencer
	receipts  *receipt.Issuer

	serving atomic.Bool
}

// assemble builds a process step by step. The first failure closes what is open.
func assemble(ctx context.Context, p Program, cfg Config, o options) (*app, error) {
	a := &app{program: p, cfg: cfg, opts: o, peers: make(map[string]grpc.ClientConnInterface)}
	for _, step := range []func(context.Context) error{
		a.openTelemetry, a.openTLS, a.openPeers, a.openDatabase, a.makeAuditLog, a.makeService, a.makeSender, a.makeServer,
	} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, a.close(ctx))
		}
	}
	return a, nil
}

func (a *app) onClose(f func(context.Context) error) { a.closers = append(a.closers, f) }

// close ends what assemble opened. The context that ran the process has ended by
// then, so it takes time of its own.
func (a *app) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	var errs []error
	for len(a.closers) > 0 {
		last := len(a.closers) - 1
		errs = append(errs, a.closers[last](ctx))
		a.closers = a.closers[:last]
	}
	return errors.Join(errs...)
}

func (a *app) openTelemetry(ctx context.Context) (err error) {
	a.tel, err = telemetry.New(ctx, a.cfg.Telemetry, a.program.Name, version(), a.opts.logs)
	if err == nil {
		a.onClose(a.tel.Close)
	}
	return err
}

func (a *app) openTLS(context.Context) (err error) {
	a.tls, err = tlsconf.New(a.cfg.TLS, func(err error) {
		a.tel.Logger.Error("certificates not reloaded", "error", err)
	})
	return err
}

func (a *app) openPeers(context.Context) error {
	for name, peer := range a.cfg.Peers {
		conn, err := grpcclient.New(peer, a.tls.Client, a.tel.Tracer)
		if err != nil {
			return fmt.Errorf("peer %s: %w", name, err)
		}
		a.peers[name] = conn
		a.onClose(func(context.Context) error { return conn.Close() })
	}
	return nil
}

func (a *app) openDatabase(ctx context.Context) error {
	cfg, err := a.cfg.Database.pg(a.tel.Logger)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if a.db, err = pg.Open(ctx, cfg); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	a.onClose(func(context.Context) error { return a.db.Close() })
	a.gate, err = newGate(a.db, a.program)
	return err
}

func (a *app) makeService(ctx context.Context) error {
	key, err := readKey(a.cfg.PageKeyFile)
	if err != nil {
		return fmt.Errorf("page key: %w", err)
	}
	if err := a.pager(key); err != nil {
		return fmt.Errorf("page key: %w", err)
	}
	a.service, err = a.program.New(ctx, &Runtime{
		Clock:   a.opts.clock,
		Logger:  a.tel.Logger,
		Metrics: a.tel.Registry,
		DB:      a.db,
		Peers:   a.peers,
		PageKey: key,

		SweepInterval: a.cfg.Obligations.SweepInterval,
		Documents:     a.cfg.Documents,
	})
	if err == nil && a.service.Register == nil {
		err = errors.New("the service registers nothing")
	}
	return err
}

// makeSender connects the outbox; every peer is a possible destination.
func (a *app) makeSender(ctx context.Context) error {
	cfg, err := a.cfg.Database.outbox(a.cfg.Events)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	clients := make(map[string]eventv1.EventServiceClient, len(a.peers))
	for name, conn := range a.peers {
		clients[name] = eventv1.NewEventServiceClient(conn)
	}
	a.sender, err = outbox.NewSender(ctx, cfg, outbox.Deps{
		Clients: clients, Log: a.tel.Logger, Metrics: a.tel.Registry,
	})
	if err == nil {
		a.onClose(a.sender.Stop)
	}
	return err
}

func (a *app) makeServer(ctx context.Context) error {
	catalogue, err := faultstatus.NewCatalogue(a.program.Name+".xunshi", a.service.Reasons...)
	if err != nil {
		return err
	}
	// Tokens end by the machine's time, whatever the business clock says.
	verifier, err := authn.NewOIDC(context.WithoutCancel(ctx), a.cfg.OIDC, clock.System())
	if err != nil {
		return err
	}
	a.server, err = grpcserver.New(a.cfg.server(), grpcserver.Deps{
		Logger:    a.tel.Logger,
		Tracer:    a.tel.Tracer,
		Registry:  a.tel.Registry,
		TLS:       a.tls.Server(),
		Verifier:  verifier,
		Catalogue: catalogue,
		Ready:     a.ready,
		Receipts:  a.receipts,
		Never:     a.program.Never,
	}, a.registerAll, a.opts.server...)
	return err
}
