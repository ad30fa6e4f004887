package stack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/xunshi/xunshi/deploy/devstack/virtualclock"
	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
)

// service is one running service: a part of this process, or a process that is
// started again whenever it dies.
type service struct {
	name, dir, executable, admin string

	started func(pid int) // told each time that its process is started
	cancel  context.CancelFunc
	done    chan error
}

func (s *Stack) newService(name string) *service {
	return &service{
		name: name, dir: s.dir, executable: s.opts.Executable, admin: s.ports[name+".admin"],
		started: func(pid int) { s.noteProcess(name, pid) },
	}
}

// RunService runs one service of the stack in dir until ctx ends, on the virtual
// clock of that stack.
func RunService(ctx context.Context, dir, name string, opts ...grpcserver.Option) error {
	p, err := program(name)
	if err != nil {
		return err
	}
	cfg, err := daemon.Load(configFile(dir, name))
	if err != nil {
		return err
	}
	logs, err := os.OpenFile(filepath.Join(dir, "logs", name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer logs.Close()
	return daemon.Run(ctx, p, cfg, daemon.WithClock(virtualclock.At(ClockFile(dir))), daemon.WithLogs(logs), daemon.WithServer(opts...))
}

func (s *service) start(opts ...grpcserver.Option) {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.done = cancel, make(chan error, 1)
	run := func(ctx context.Context) error { return RunService(ctx, s.dir, s.name, opts...) }
	if s.executable != "" {
		run = s.supervise
	}
	go func() { s.done <- run(ctx) }()
}

// supervise starts the process again until ctx ends. It keeps its thread: the
// signal that ends the child with this process follows the thread.
func (s *service) supervise(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for ctx.Err() == nil {
		cmd := exec.CommandContext(ctx, s.executable, "service", s.name, "--dir", s.dir)
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = 25 * time.Second
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Start(); err != nil {
			return err
		}
		s.started(cmd.Process.Pid)
		err := cmd.Wait()
		if ctx.Err() != nil {
			return nil
		}
		fmt.Fprintf(os.Stderr, "%s ended (%v) and is started again\n", s.name, err)
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
}

// awaitReady waits until the service serves.
func (s *service) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		if ready(ctx, "http://"+s.admin+"/readyz") {
			return nil
		}
		select {
		case err := <-s.done:
			s.done <- err
			return fmt.Errorf("%s ended: %v (see %s)", s.name, err, filepath.Join(s.dir, "logs", s.name+".log"))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready; see %s", s.name, filepath.Join(s.dir, "logs", s.name+".log"))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func ready(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close() // nothing of it is read
	return resp.StatusCode == http.StatusOK
}

func (s *service) stop() error {
	if s.cancel == nil {
		return nil
	}
	s.cancel()
	s.cancel = nil
	if err := <-s.done; err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("stop %s: %w", s.name, err)
	}
	return nil
}

// StopService stops a service, as an operator would.
func (s *Stack) StopService(name string) error { return s.services[name].stop() }

// StartService starts a stopped service and waits until it serves. Options are a
// test's, for a service in this process: no process of its own takes them.
func (s *Stack) StartService(ctx context.Context, name string, opts ...grpcserver.Option) error {
	if s.opts.Executable != "" && len(opts) > 0 {
		return fmt.Errorf("start %s: a process of its own takes no options", name)
	}
	s.services[name].start(opts...)
	return s.services[name].awaitReady(ctx)
}
