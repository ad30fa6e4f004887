package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/xunshi/xunshi/gateway"
	"github.com/xunshi/xunshi/services/kit/config"
)

// version is set by the build.
var version = "dev"

type cli struct {
	Serve struct {
		Config string `help:"YAML file; the environment overrides it." type:"existingfile" required:""`
	} `cmd:"" default:"withargs" help:"Serve the REST edge."`
	Version struct{} `cmd:"" help:"Print the version."`
}

func main() {
	var c cli
	command := kong.Parse(&c, kong.Name("gateway"), kong.Description("REST edge of xunshi."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	command.FatalIfErrorf(run(ctx, command.Command(), c))
}

func run(ctx context.Context, command string, c cli) error {
	if command == "version" {
		fmt.Println(version)
		return nil
	}
	cfg := gateway.DefaultConfig()
	if err := config.Load(c.Serve.Config, &cfg); err != nil {
		return err
	}
	return gateway.Run(ctx, cfg, version, os.Stderr, nil)
}
