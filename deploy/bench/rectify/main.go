package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
)

type cli struct {
	Dir string `help:"Folder for everything that is kept." default:".run/bench"`

	Run     plan     `cmd:"" default:"withargs" help:"Measure."`
	Stack   struct{} `cmd:"" hidden:"" help:"Run the system under test until the standard input ends."`
	Service struct {
		Name string `arg:"" help:"The service."`
	} `cmd:"" hidden:"" help:"Run one service of the system under test."`
}

// fewest cases give each city fifty pages of those that are being rectified.
const fewest = 120_000

// plan is what is measured, and for how long.
type plan struct {
	Rows     int           `help:"Cases in the database." default:"200000"`
	Clients  []int         `help:"Numbers of clients." default:"1,8,32"`
	Rounds   int           `help:"Interleaved rounds; the median counts." default:"5"`
	Duration time.Duration `help:"Of one measurement." default:"3s"`
	Actions  []string      `help:"Which of W, R1, R2." default:"W,R1,R2"`
	Peers    bool          `help:"Also measure Directus and a Fastify service, from npm." default:"true" negatable:""`
	Profile  bool          `help:"Then also profile the service and the edge in each action, and print the top."`
	PeersDir string        `help:"Folder that npm installs them into." default:".run/peers"`
}

func main() {
	var c cli
	command := kong.Parse(&c, kong.Name("rectify"), kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	command.FatalIfErrorf(dispatch(ctx, command.Command(), c))
}

func dispatch(ctx context.Context, command string, c cli) error {
	switch command {
	case "stack":
		profileOnSignal(ctx, profileFile(c.Dir, "edge"))
		return serveStack(ctx, c.Dir)
	case "service <name>":
		profileOnSignal(ctx, profileFile(c.Dir, c.Service.Name))
		return stack.RunService(ctx, c.Dir, c.Service.Name)
	default:
		if c.Run.Rows < fewest {
			return fmt.Errorf("%d cases are too few, at least %d are needed", c.Run.Rows, fewest)
		}
		return run(ctx, c.Dir, c.Run)
	}
}
