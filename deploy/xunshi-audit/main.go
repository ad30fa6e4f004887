package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/config"
)

type cli struct {
	Pubkey pubkey `cmd:"" help:"Print the public key of a log."`
	Export export `cmd:"" help:"Write a whole log to a file."`
	Verify verify `cmd:"" help:"Verify an export offline."`

	VerifyReceipt verifyReceipt `cmd:"" help:"Verify a receipt offline."`
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var c cli
	ended := false // by --help, which asks to exit and must not do so here
	parser, err := kong.New(&c, kong.Name("xunshi-audit"), kong.Writers(out, errOut), kong.Exit(func(int) { ended = true }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(out, (*io.Writer)(nil)))
	if err != nil {
		fmt.Fprintln(errOut, err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if ended {
		return 0
	}
	if err == nil {
		err = parsed.Run()
	}
	if err != nil {
		fmt.Fprintln(errOut, "xunshi-audit:", err)
		return 1
	}
	return 0
}

type pubkey struct {
	Service string            `help:"The service whose log it is." required:""`
	KeyFile config.SecretFile `help:"Its signing key." required:""`
}

// Run prints the key that everybody may have.
func (c pubkey) Run(out io.Writer) error {
	digits, err := c.KeyFile.Read()
	if err != nil {
		return err
	}
	key, err := auditlog.ParseKey(auditlog.Origin(c.Service), string(digits))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, key.Verifier())
	return err
}

type export struct {
	DSNFile config.SecretFile `name:"dsn-file" help:"Connection string of the job role of the service." required:""`
	Out     string            `help:"File to write." required:""`
}

// Run reads the log at one moment.
func (c export) Run(ctx context.Context, out io.Writer) error {
	dsn, err := c.DSNFile.Read()
	if err != nil {
		return err
	}
	x, err := auditlog.ReadExport(ctx, string(dsn))
	if err != nil {
		return err
	}
	file, err := os.OpenFile(c.Out, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(x.Write(file), file.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d entries, %d checkpoints, %d entries wait for their place\n", len(x.Rows), len(x.Checkpoints), x.Waiting)
	return err
}

type verify struct {
	Key    string `help:"The public key, or a file that holds it." required:""`
	From   string `help:"Checkpoints kept outside: the file of the service, or of a witness." required:""`
	Export string `help:"The export." required:""`
}

// Run says what holds, or the first thing that does not.
func (c verify) Run(out io.Writer) error {
	v, err := verifier(c.Key)
	if err != nil {
		return err
	}
	outside, err := auditlog.NewFile(c.From).ReadAll(v.Key())
	if err != nil {
		return err
	}
	text, err := os.ReadFile(c.Export)
	if err != nil {
		return err
	}
	x, err := auditlog.ParseExport(text)
	if err != nil {
		return err
	}
	holds, err := v.Verify(x, outside)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "OK: %s, %d entries, root %s, held against %d checkpoints from outside; %d entries waited\n",
		holds.Origin, holds.Size, holds.Root, len(outside), x.Waiting)
	return err
}

func verifier(key string) (*auditlog.Verifier, error) { return auditlog.NewVerifier(publicKey(key)) }

// publicKey takes a key, or the file that holds it.
func publicKey(key string) string {
	if text, err := os.ReadFile(key); err == nil {
		return strings.TrimSpace(string(text))
	}
	return key
}
