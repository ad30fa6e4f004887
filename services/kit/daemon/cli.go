package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/kit/config"
)

// cli is the command line of every service.
type cli struct {
	Config string `help:"Configuration file (YAML)." placeholder:"FILE" env:"XUNSHI_CONFIG"`

	Serve   struct{} `cmd:"" help:"Serve until interrupted. Never migrates."`
	Migrate struct {
		Up     struct{} `cmd:"" help:"Bring the database to the version of this program."`
		Down   struct{} `cmd:"" help:"Take back the newest migration of the service."`
		Status struct{} `cmd:"" help:"List the migrations."`
	} `cmd:"" help:"Migrate the database, as its owner."`
	Events struct {
		Parked struct{} `cmd:"" help:"List the events that could not be delivered."`
		Retry  struct {
			ID string `arg:"" help:"Id of the parked event."`
		} `cmd:"" help:"Deliver a parked event again."`
	} `cmd:"" help:"Look after the events to other services."`
	Version struct{} `cmd:"" help:"Print the version."`
}

// Main runs the command line of the program and gives the code to exit with. An
// interrupt lets running calls finish.
func Main(p Program) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return command(ctx, p, os.Args[1:], os.Stdout, os.Stderr)
}

// command runs one command line.
func command(ctx context.Context, p Program, args []string, out, errOut io.Writer) int {
	var c cli
	ended := false // by --help, which asks to exit and must not do so here
	parser, err := kong.New(&c,
		kong.Name(p.Name), kong.Description("The "+p.Name+" service of xunshi."),
		kong.Writers(out, errOut), kong.Exit(func(int) { ended = true }))
	if err != nil {
		fmt.Fprintln(errOut, err)
		return 1
	}
	parsed, err := parser.Parse(args)
	switch {
	case ended:
		return 0
	case err != nil:
		fmt.Fprintf(errOut, "%s: %v\n", p.Name, err)
		return 2
	}
	if err := c.run(ctx, p, parsed.Command(), out, errOut); err != nil {
		fmt.Fprintf(errOut, "%s: %v\n", p.Name, err)
		return 1
	}
	return 0
}

func (c *cli) run(ctx context.Context, p Program, command string, out, errOut io.Writer) error {
	if command == "version" {
		_, err := fmt.Fprintln(out, p.Name, version())
		return err
	}
	if c.Config == "" {
		return errors.New("--config is required")
	}
	cfg, err := Load(c.Config)
	if err != nil {
		return err
	}
	switch command {
	case "serve":
		return Run(ctx, p, cfg, WithLogs(errOut))
	case "migrate up":
		return Migrate(ctx, p, cfg.Database)
	case "migrate down":
		return migrateDown(ctx, p, cfg.Database)
	case "migrate status":
		return migrateStatus(ctx, p, cfg.Database, out)
	case "events parked":
		return eventsParked(ctx, cfg, out)
	case "events retry <id>":
		id, err := uuid.Parse(c.Events.Retry.ID)
		if err != nil {
			return fmt.Errorf("the id of an event is a UUID: %w", err)
		}
		return eventsRetry(ctx, cfg, id)
	default:
		return fmt.Errorf("command %q does nothing", command)
	}
}

// Load reads a configuration file over the defaults.
func Load(file string) (Config, error) {
	cfg := DefaultConfig()
	err := config.Load(file, &cfg)
	return cfg, err
}

// version is the commit that the program was built from, if Go knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}
