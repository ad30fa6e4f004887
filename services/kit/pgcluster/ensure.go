package pgcluster

import (
	"context"
	"errors"
	"io"
)

// Ensure installs Debian's PostgreSQL server, telling so on out, if none is
// there. A server that is too old is for its owner to replace.
func Ensure(ctx context.Context, out io.Writer) error {
	return ensure(ctx, out, Installed, InstallDebian)
}

func ensure(ctx context.Context, out io.Writer,
	installed func(context.Context) (string, error),
	install func(context.Context, io.Writer) error,
) error {
	_, err := installed(ctx)
	if !errors.Is(err, ErrNoBinaries) {
		return err
	}
	if err := install(ctx, out); err != nil {
		return err
	}
	_, err = installed(ctx)
	return err
}
