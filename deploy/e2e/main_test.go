package e2e_test

import (
	"context"
	"errors"
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

func run(m *testing.M) (code int) {
	var stop func() error
	var err error
	if running, stop, err = start(); err != nil {
		fmt.Fprintln(os.Stderr, "start the devstack:", err)
		return 1
	}
	code = m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop the devstack:", err)
		code = max(code, 1)
	}
	return code
}

// start brings a devstack up in a folder of its own.
func start() (_ *stack.Stack, stop func() error, err error) {
	dir, err := os.MkdirTemp("", "xunshi-e2e-")
	if err != nil {
		return nil, nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL runs as another user
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s, err := stack.Start(ctx, stack.Options{Dir: dir, Listen: "127.0.0.1:0", IssuerListen: "127.0.0.1:0"})
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, func() error { return errors.Join(s.Stop(context.Background()), os.RemoveAll(dir)) }, nil
}

// alone gives a test a devstack of its own instead of the one that all share, when
// what it makes is so much, or so late, that it would be in the way of the others.
func alone(t *testing.T) {
	t.Helper()
	shared := running
	s, stop, err := start()
	if err != nil {
		t.Fatal(err)
	}
	running = s
	t.Cleanup(func() {
		running = shared
		if err := stop(); err != nil {
			t.Error("stop the devstack:", err)
		}
	})
}
