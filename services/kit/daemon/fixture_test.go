package daemon

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/authn"
	"github.com/xunshi/xunshi/services/kit/config"
	"github.com/xunshi/xunshi/services/kit/grpcclient"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
)

const (
	service   = "daemonprobe"
	aggregate = "provinces/51/inspections/0198c0de-0000-7000-8000-000000000001"
	deadline  = 20 * time.Second // of anything a test waits for
)

// migrations is a service's own part, with nothing to do in it.
func migrations() fstest.MapFS {
	return fstest.MapFS{"00001_nothing.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;\n")}}
}

// probe is a service that takes InspectionEntered and tells taken of it.
func probe(taken chan<- proto.Message) Program {
	return Program{
		Name: service,
		New: func(_ context.Context, rt *Runtime) (Service, error) {
			takes := map[protoreflect.FullName]inbox.Handler{
				"xunshi.event.v1.InspectionEntered": func(_ *pg.Tx, ev inbox.Event) error {
					taken <- ev.Payload
					return nil
				},
			}
			server := inbox.New(rt.DB, inbox.Handlers{"scheduling": takes, service: takes})
			return Service{Register: func(s grpc.ServiceRegistrar) { eventv1.RegisterEventServiceServer(s, server) }}, nil
		},
	}
}

// logs is what a process under test writes.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// site is a database and an authority for one process.
type site struct {
	ca  *servertest.CA
	db  *pgtest.Database
	cfg Config
}

func newSite(t *testing.T, s pgtest.Service) *site {
	t.Helper()
	ca, err := servertest.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &site{ca: ca, db: pgtest.New(t, s)}
	w.cfg = DefaultConfig()
	w.cfg.Listen, w.cfg.Admin = "127.0.0.1:0", freeAddress(t)
	w.cfg.Callers.Services = []string{"scheduling", service}
	w.cfg.TLS.CertFile, w.cfg.TLS.KeyFile, w.cfg.TLS.CAFile = w.issue(t, service)
	w.cfg.OIDC = authn.Config{Issuer: "https://id.example", Audience: "xunshi", JWKSURL: "https://id.example/jwks"}
	w.cfg.Database = Database{
		Owner:        Login{DSN: w.db.DSNs.Owner},
		Inside:       Login{DSNFile: secret(t, "inside", w.db.DSNs.Inside)},
		Outside:      Login{DSN: w.db.DSNs.Outside},
		Job:          Login{DSN: w.db.DSNs.Job},
		ScopeKeyFile: secret(t, "scope", hex.EncodeToString(w.db.ScopeKey)),
		MaxConns:     4,
	}
	w.cfg.Audit.KeyFile = secret(t, "audit", strings.Repeat("a7", 32))
	w.cfg.Audit.CheckpointFile = filepath.Join(t.TempDir(), "checkpoints")
	w.cfg.PageKeyFile = secret(t, "page", strings.Repeat("0f", 32))
	return w
}

func (w *site) issue(t *testing.T, name string) (cert, key, ca string) {
	t.Helper()
	files, err := w.ca.Issue(name)
	if err != nil {
		t.Fatal(err)
	}
	return files.Cert, files.Key, files.CA
}

func secret(t *testing.T, name, text string) config.SecretFile {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.SecretFile(file)
}

// freeAddress gives an address that nobody listens on at this moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	lis := listen(t)
	defer lis.Close()
	return lis.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return lis
}

// process is a running daemon.
type process struct {
	log  *logs
	stop func() error // ends it and gives what Run returned
}

func (w *site) start(t *testing.T, p Program, opts ...Option) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	proc := &process{log: &logs{}}
	go func() { done <- Run(ctx, p, w.cfg, append(opts, WithLogs(proc.log))...) }()
	proc.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(deadline):
			return fmt.Errorf("the process does not end; log:\n%s", proc.log)
		}
	})
	t.Cleanup(func() {
		if err := proc.stop(); err != nil {
			t.Error(err)
		}
	})
	return proc
}

// client calls the process as the service with this certificate.
func (w *site) client(t *testing.T, name, target string) eventv1.EventServiceClient {
	t.Helper()
	tlsFor := func(serverName string) *tls.Config {
		files, err := w.ca.Issue(name)
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := files.Client(serverName)
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	conn, err := grpcclient.New(grpcclient.Config{Target: target, ServerName: service}, tlsFor, noop.NewTracerProvider())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return eventv1.NewEventServiceClient(conn)
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.After(deadline); ; {
		if ok() {
			return
		}
		select {
		case <-end:
			t.Fatalf("waited in vain until %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
