package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
	"github.com/xunshi/xunshi/services/kit/grpcclient"
	"github.com/xunshi/xunshi/services/kit/pgcluster"
	"github.com/xunshi/xunshi/services/kit/tlsconf"
)

// announcement is what the process of the stack tells the one that measures.
type announcement struct {
	Stack stack.State `json:"stack"`
	Admin string      `json:"admin"` // DSN of the superuser in the service's database
}

// serveStack runs the system, each service a process of its own and the edge in
// this one, until the standard input ends. So the load, the edge, the service and
// PostgreSQL are four processes whose CPU can be told apart.
func serveStack(ctx context.Context, dir string) (err error) {
	if err := pgcluster.Ensure(ctx, os.Stderr); err != nil {
		return err
	}
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	s, err := stack.Start(ctx, stack.Options{
		Dir: dir, Listen: "127.0.0.1:0", IssuerListen: "127.0.0.1:0", Executable: executable, Durable: true,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop(context.WithoutCancel(ctx))) }()
	state, _, err := stack.Find(ctx, dir)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(announcement{state, s.AdminDSN("rectification")}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin) // ends with the process that measures
	return err
}

// subject is the running system under test.
type subject struct {
	announcement
	dir   string
	cmd   *exec.Cmd
	stdin io.Closer
	admin *pgx.Conn
}

func startSubject(ctx context.Context, dir string) (_ *subject, err error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &subject{dir: dir, cmd: exec.CommandContext(ctx, executable, "stack", "--dir", dir)}
	s.cmd.Stderr = os.Stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for us
	s.cmd.Cancel = func() error { return s.stdin.Close() }
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &s.announcement)
	}
	if err == nil {
		s.admin, err = pgx.Connect(ctx, s.Admin)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the stack did not start: %w", err), s.stop(ctx))
	}
	return s, nil
}

func (s *subject) stop(ctx context.Context) error {
	if s.admin != nil {
		_ = s.admin.Close(ctx) // the server ends right after
	}
	_ = s.stdin.Close() // what was cancelled has closed it already
	return s.cmd.Wait()
}

// dial connects to the service as the edge does.
func (s *subject) dial() (*grpc.ClientConn, error) {
	file := func(name string) string { return filepath.Join(s.dir, "tls", name) }
	source, err := tlsconf.New(tlsconf.Config{
		CertFile: file("gateway.crt"), KeyFile: file("gateway.key"), CAFile: file("ca.crt"),
	}, func(error) {})
	if err != nil {
		return nil, err
	}
	cfg := grpcclient.Config{Target: "dns:///" + s.Stack.Conns["rectification"], ServerName: "rectification"}
	return grpcclient.New(cfg, source.Client, noop.NewTracerProvider())
}

// dataDir is where the cluster keeps its files, beside its log.
func (s *subject) dataDir(ctx context.Context) (dir string, err error) {
	err = s.admin.QueryRow(ctx, "SHOW data_directory").Scan(&dir)
	return dir, err
}

// postmaster is the process above all of PostgreSQL.
func (s *subject) postmaster(ctx context.Context) (int, error) {
	dir, err := s.dataDir(ctx)
	if err != nil {
		return 0, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(first)
}
