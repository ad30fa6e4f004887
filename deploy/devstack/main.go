package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/xunshi/xunshi/deploy/devstack/demo"
	"github.com/xunshi/xunshi/deploy/devstack/stack"
	"github.com/xunshi/xunshi/deploy/devstack/virtualclock"
	"github.com/xunshi/xunshi/services/kit/pgcluster"
)

type cli struct {
	Dir string `help:"Folder for everything that is kept." default:".run"`

	Run struct {
		Listen    string `help:"Address of the REST edge." default:"127.0.0.1:8080"`
		Issuer    string `help:"Address of the token issuer." default:"127.0.0.1:8089"`
		Processes bool   `help:"Run each service as a process of its own; one that dies is started again."`
	} `cmd:"" default:"withargs" help:"Run the system until Ctrl-C."`
	Demo    struct{} `cmd:"" help:"Play the life of one county's inspection."`
	Service struct {
		Name string `arg:"" help:"The service."`
	} `cmd:"" hidden:"" help:"Run one service of a running stack."`
}

func main() {
	var c cli
	command := kong.Parse(&c, kong.Name("devstack"), kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	command.FatalIfErrorf(dispatch(ctx, command.Command(), c))
}

func dispatch(ctx context.Context, command string, c cli) error {
	switch command {
	case "demo":
		return playDemo(ctx, c.Dir)
	case "service <name>":
		return stack.RunService(ctx, c.Dir, c.Service.Name)
	default:
		return serve(ctx, c)
	}
}

// serve runs the stack until ctx ends.
func serve(ctx context.Context, c cli) error {
	_, running, err := stack.Find(ctx, c.Dir)
	if err != nil {
		return err
	}
	if running {
		return fmt.Errorf("a devstack already runs in %s", c.Dir)
	}
	o := stack.Options{Dir: c.Dir, Listen: c.Run.Listen, IssuerListen: c.Run.Issuer, Durable: true, Out: os.Stdout}
	if c.Run.Processes {
		if o.Executable, err = os.Executable(); err != nil {
			return err
		}
	}
	// The time of an earlier demo does not outlive it.
	if err := virtualclock.At(stack.ClockFile(c.Dir)).Reset(); err != nil {
		return err
	}
	s, err := start(ctx, o)
	if err != nil {
		return err
	}
	if err := introduce(ctx, s, os.Stdout); err != nil {
		return errors.Join(err, s.Stop(ctx))
	}
	<-ctx.Done()
	fmt.Println("\nstopping")
	return s.Stop(context.WithoutCancel(ctx))
}

// start installs PostgreSQL first if it is missing.
func start(ctx context.Context, o stack.Options) (*stack.Stack, error) {
	if err := pgcluster.Ensure(ctx, os.Stderr); err != nil {
		return nil, err
	}
	return stack.Start(ctx, o)
}

// playDemo plays on the stack that runs in dir, or on one of its own.
func playDemo(ctx context.Context, dir string) (err error) {
	state, running, err := stack.Find(ctx, dir)
	if err != nil {
		return err
	}
	if !running {
		s, err := start(ctx, stack.Options{Dir: dir, Listen: "127.0.0.1:0", IssuerListen: "127.0.0.1:0", Durable: true, Out: os.Stdout})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Stop(context.WithoutCancel(ctx))) }()
		if state, _, err = stack.Find(ctx, dir); err != nil {
			return err
		}
	}
	clock := virtualclock.At(stack.ClockFile(dir))
	defer func() { err = errors.Join(err, clock.Reset()) }()
	return demo.Run(ctx, demo.Stage{
		Gateway: state.Gateway,
		SetTime: func(t time.Time) error { return clock.Set(t) },
		Token:   stack.RemoteIssuer(state.Issuer),
	}, os.Stdout)
}
