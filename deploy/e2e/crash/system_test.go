package crash_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
	"github.com/xunshi/xunshi/services/kit/daemon"
)

var (
	devstack string // the built binary
	seed     = flag.Uint64("seed", 0, "of the random kills; 0 draws one")
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	dir, err := os.MkdirTemp("", "xunshi-crash-bin-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	devstack = filepath.Join(dir, "devstack")
	if out, err := exec.Command("go", "build", "-o", devstack, "../../devstack").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the devstack: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// system is a devstack in a process of its own, with a process for each service.
type system struct {
	dir, gateway, issuer string
	admin                map[string]string        // where each service tells whether it is ready
	db                   map[string]*pgxpool.Pool // the databases, as their superuser
}

// start runs a devstack on empty databases until the test ends.
func start(t *testing.T) *system {
	t.Helper()
	dir, err := os.MkdirTemp("", "xunshi-crash-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL runs as another user
		t.Fatal(err)
	}
	s := &system{dir: dir, admin: map[string]string{}, db: map[string]*pgxpool.Pool{}}
	gone := s.spawn(t)
	t.Cleanup(func() {
		if t.Failed() {
			s.showLogs(t)
		}
	})
	err = within(2*time.Minute, func() error {
		select {
		case err := <-gone:
			t.Fatalf("the devstack ended: %v", err)
		default:
		}
		state, running, err := stack.Find(t.Context(), dir)
		if err == nil && !running {
			err = fmt.Errorf("no devstack in %s yet", dir)
		}
		s.gateway, s.issuer = state.Gateway, state.Issuer
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stack.Names() {
		s.db[name] = s.connect(t, name)
	}
	return s
}

// spawn starts the devstack. It ends with the test, and with this process at the
// latest: the goroutine keeps its thread, to which the kernel ties that signal.
func (s *system) spawn(t *testing.T) <-chan error {
	t.Helper()
	out, err := os.Create(filepath.Join(s.dir, "devstack.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(devstack, "--dir", s.dir, "run", "--processes", "--listen", "127.0.0.1:0", "--issuer", "127.0.0.1:0")
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	started, gone := make(chan error, 1), make(chan error, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			gone <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, name := range stack.Names() {
			s.signal(t, name, syscall.SIGCONT) // one that a failed test left stopped cannot end in order
		}
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Error("the devstack does not stop and is killed")
			_ = cmd.Process.Kill() // PostgreSQL and the services end with it
			<-done
		}
		_ = out.Close() // the child had its own
	})
	return gone
}

// connect opens a database as the superuser, who is above row-level security.
func (s *system) connect(t *testing.T, name string) *pgxpool.Pool {
	t.Helper()
	cfg, err := daemon.Load(filepath.Join(s.dir, "config", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.admin[name] = cfg.Admin
	poolConfig, err := pgxpool.ParseConfig(cfg.Database.Owner.DSN)
	if err != nil {
		t.Fatal(err)
	}
	poolConfig.ConnConfig.User, poolConfig.MaxConns = "postgres", 2
	pool, err := pgxpool.NewWithConfig(t.Context(), poolConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// signal sends a signal to the process of a service, and to no other that may
// have got its number meanwhile. It reports whether there was one.
func (s *system) signal(t *testing.T, name string, sig syscall.Signal) (pid int, sent bool) {
	t.Helper()
	state, _, err := stack.Find(context.Background(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	pid = state.Services[name]
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if pid == 0 || err != nil || !strings.HasPrefix(string(command), devstack+"\x00service\x00"+name+"\x00") {
		return pid, false
	}
	return pid, syscall.Kill(pid, sig) == nil
}

// must is signal for a service that has to be running.
func (s *system) must(t *testing.T, name string, sig syscall.Signal) (pid int) {
	t.Helper()
	pid, sent := s.signal(t, name, sig)
	if !sent {
		t.Fatalf("%s is not running as process %d", name, pid)
	}
	return pid
}

// kill ends the services at once, as a power cut would, and returns when each is
// started again.
func (s *system) kill(t *testing.T, names ...string) {
	t.Helper()
	t.Helper()
	killed := map[string]int{}
	for _, name := range names {
		killed[name] = s.must(t, name, syscall.SIGKILL)
	}
	err := within(time.Minute, func() error {
		state, _, err := stack.Find(t.Context(), s.dir)
		for name, pid := range killed {
			if err == nil && state.Services[name] == pid {
				err = fmt.Errorf("%s is not started again", name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// serving waits until every service serves.
func (s *system) serving(t *testing.T) {
	t.Helper()
	for name, admin := range s.admin {
		err := within(time.Minute, func() error {
			resp, err := http.Get("http://" + admin + "/readyz")
			if err != nil {
				return err
			}
			_ = resp.Body.Close() // nothing of it is read
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("%s is not ready", name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// showLogs tells of a failed test what the services said of faults.
func (s *system) showLogs(t *testing.T) {
	for _, file := range []string{"devstack.log", "logs/scheduling.log", "logs/casefile.log", "logs/rectification.log", "logs/gateway.log"} {
		text, err := os.ReadFile(filepath.Join(s.dir, file))
		if err != nil {
			continue // it never got so far
		}
		var faults []string
		for line := range strings.Lines(string(text)) {
			fault := strings.Contains(line, `"ERROR"`) && !strings.Contains(line, `"Unavailable"`) // which is our doing
			if fault || file == "devstack.log" && !strings.Contains(line, "=ey") {
				faults = append(faults, line)
			}
		}
		t.Logf("%s, its last faults:\n%s", file, strings.Join(faults[max(0, len(faults)-10):], ""))
	}
}

// within repeats f until it succeeds.
func within(limit time.Duration, f func() error) error {
	end := time.After(limit)
	for {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-end:
			return fmt.Errorf("not within %v: %w", limit, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
