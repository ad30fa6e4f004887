package main

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/xunshi/xunshi/services/kit/pgcluster"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := ensure(ctx, os.Stderr, pgcluster.Installed, pgcluster.InstallDebian); err != nil {
		log.Fatal(err)
	}
}

// ensure installs only when nothing is there: a server that is too old is for
// its owner to replace.
func ensure(ctx context.Context, out io.Writer,
	installed func(context.Context) (string, error),
	install func(context.Context, io.Writer) error,
) error {
	_, err := installed(ctx)
	if !errors.Is(err, pgcluster.ErrNoBinaries) {
		return err
	}
	if err := install(ctx, out); err != nil {
		return err
	}
	_, err = installed(ctx)
	return err
}
