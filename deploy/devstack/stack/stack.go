package stack

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/xunshi/xunshi/deploy/devstack/virtualclock"
	"github.com/xunshi/xunshi/gateway"
	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
	"github.com/xunshi/xunshi/services/kit/pgcluster"
)

// Options says how the stack runs.
type Options struct {
	Dir          string    // everything it keeps, e.g. ".run"; made if missing
	Listen       string    // address of the REST edge
	IssuerListen string    // address of the token issuer
	Executable   string    // run each service as a process of this devstack binary; empty: in this process
	Durable      bool      // the database survives a power cut
	Out          io.Writer // what a person should read; nil: nothing
}

// Stack is a running system.
type Stack struct {
	opts     Options
	dir      string
	cluster  *pgcluster.Cluster
	issuer   *issuer
	ca       *servertest.CA
	clock    *virtualclock.Clock
	witness  *auditlog.Key // of the audit logs
	services map[string]*service
	ports    map[string]string
	gateway  string
	stopEdge func() error

	mu    sync.Mutex
	state State
}

// Start brings everything up, on the data that Dir holds, and returns when the
// REST edge answers and the registry of Sichuan is loaded.
func Start(ctx context.Context, o Options) (_ *Stack, err error) {
	if o.Out == nil {
		o.Out = io.Discard
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	s := &Stack{opts: o, dir: dir, clock: virtualclock.At(ClockFile(dir)), services: map[string]*service{}, ports: map[string]string{},
		state: State{Services: map[string]int{}}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
		}
	}()
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"prepare " + dir, s.prepare},
		{"start PostgreSQL", s.startDatabase},
		{"start the token issuer", s.startIssuer},
		{"configure", s.configure},
		{"migrate", s.migrateAll},
		{"start the services", s.startServices},
		{"start the REST edge", s.startEdge},
		{"load the registry", s.seed},
		{"note what runs", s.writeState},
	} {
		if err := step.do(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return s, nil
}

// ClockFile is the file by which the virtual clock of a stack is moved.
func ClockFile(dir string) string { return filepath.Join(dir, "clock") }

func (s *Stack) path(elements ...string) string {
	return filepath.Join(slices.Insert(elements, 0, s.dir)...)
}

func (s *Stack) prepare(context.Context) (err error) {
	for _, sub := range []string{"", "tls", "config", "logs", "checkpoints"} {
		if err := os.MkdirAll(s.path(sub), 0o755); err != nil {
			return err
		}
	}
	if s.ca, err = servertest.NewCA(s.path("tls")); err != nil {
		return err
	}
	files := map[string]string{"scope.key": "", "page.key": "", "witness.key": "", "documents.keys": "first "}
	for _, name := range Names() {
		files["audit-"+name+".key"] = ""
	}
	for file, before := range files {
		if err := ensureKey(s.path(file), before); err != nil {
			return err
		}
	}
	s.witness, err = s.auditKey("witness.xunshi", "witness.key")
	return err
}

// startDatabase keeps the data in the stack's folder, or below /var/tmp where
// the user that PostgreSQL runs as cannot enter that folder, as under /root.
func (s *Stack) startDatabase(ctx context.Context) (err error) {
	dir := s.path("pg")
	s.cluster, err = pgcluster.Start(ctx, pgcluster.Options{Dir: dir, Durable: s.opts.Durable})
	if errors.Is(err, pgcluster.ErrClosedFolder) {
		dir = fmt.Sprintf("/var/tmp/xunshi-%x", sha256.Sum256([]byte(dir)))[:25]
		fmt.Fprintf(s.opts.Out, "PostgreSQL cannot enter %s; the data is in %s\n", s.dir, dir)
		s.cluster, err = pgcluster.Start(ctx, pgcluster.Options{Dir: dir, Durable: s.opts.Durable})
	}
	if err != nil {
		return err
	}
	for _, name := range Names() {
		if _, err := s.cluster.Provision(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// migrateAll brings the databases to the version that the services need.
func (s *Stack) migrateAll(ctx context.Context) error {
	for _, name := range Names() {
		if err := s.migrate(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (s *Stack) startIssuer(ctx context.Context) (err error) {
	s.issuer, err = startIssuer(ctx, s.opts.IssuerListen, s.path("issuer.key"))
	return err
}

func (s *Stack) startServices(ctx context.Context) error {
	for _, name := range Names() {
		s.services[name] = s.newService(name)
		s.services[name].start()
	}
	for _, name := range Names() {
		if err := s.services[name].awaitReady(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stack) startEdge(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	logs, err := os.OpenFile(s.path("logs", "gateway.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		cancel()
		return err
	}
	cfg, err := s.edgeConfig()
	if err != nil {
		cancel()
		return err
	}
	listening, done := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		done <- gateway.Run(ctx, cfg, "devstack", logs, func(a net.Addr) { listening <- a })
	}()
	s.stopEdge = func() error {
		cancel()
		return errors.Join(<-done, logs.Close())
	}
	select {
	case a := <-listening:
		s.gateway = "http://" + a.String()
		return nil
	case err := <-done:
		s.stopEdge = nil
		return errors.Join(err, logs.Close())
	}
}

// Stop brings everything down, the edge first and the database last.
func (s *Stack) Stop(context.Context) error {
	var faults []error
	if s.stopEdge != nil {
		faults = append(faults, s.stopEdge())
		s.stopEdge = nil
	}
	for _, name := range Names() {
		if svc := s.services[name]; svc != nil {
			faults = append(faults, svc.stop())
		}
	}
	if s.issuer != nil {
		faults = append(faults, s.issuer.Close())
	}
	if s.cluster != nil {
		s.cluster.Stop()
	}
	faults = append(faults, removeState(s.dir))
	return errors.Join(faults...)
}

// Gateway is the URL of the REST edge.
func (s *Stack) Gateway() string { return s.gateway }

// Clock moves the time of all services.
func (s *Stack) Clock() *virtualclock.Clock { return s.clock }

// Token signs a person in for a party, e.g. "COUNTY_COMMITTEE", and a
// jurisdiction, e.g. "provinces/51/counties/510104".
func (s *Stack) Token(ctx context.Context, subject, party, jurisdiction string) (string, error) {
	return s.issuer.Token(ctx, subject, party, jurisdiction)
}

const readyTimeout = 60 * time.Second

// IssuerURL is the URL of the token issuer.
func (s *Stack) IssuerURL() string { return s.issuer.url }

// AdminDSN opens the database of a service as the superuser, who is above
// row-level security.
func (s *Stack) AdminDSN(name string) string { return s.cluster.AdminDSN() + " dbname=" + name }
