package pgcluster

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// process is a running child that gets SIGINT, PostgreSQL's fast shutdown, when
// this program ends, even by kill -9.
type process struct {
	pid    int
	exited chan struct{} // closed when the child is gone
	err    error         // how it ended; read after exited is closed
}

// spawn starts the child. The kernel ties the death signal to the thread that
// forked, so a goroutine keeps its thread until the child is gone.
func spawn(cmd *exec.Cmd, as *account) (*process, error) {
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: as.credential(),
		Pdeathsig:  syscall.SIGINT,
		Setpgid:    true, // a Ctrl-C at the terminal is for us; we stop it in order
	}
	p := &process{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		p.pid = cmd.Process.Pid
		started <- nil
		p.err = cmd.Wait()
		close(p.exited)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return p, nil
}

func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

func (p *process) signal(s syscall.Signal) {
	if p.running() {
		_ = syscall.Kill(p.pid, s) // it may be gone by now, which is what we want
	}
}

// tail gives the end of a log for an error message.
func tail(path string) string {
	const most = 2000
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-most):])
}
