package e2e_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
)

// running is the devstack of this test process, with the world that the tests
// look at.
var running *stack.Stack

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "xunshi-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL runs as another user
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	running, err = stack.Start(ctx, stack.Options{Dir: dir, Listen: "127.0.0.1:0", IssuerListen: "127.0.0.1:0"})
	if err != nil {
		fmt.Fprintln(os.Stderr, "start the devstack:", err)
		return 1
	}
	code := m.Run()
	if err := running.Stop(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "stop the devstack:", err)
		code = max(code, 1)
	}
	return code
}
