package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrNoBinaries says that no PostgreSQL server is installed.
var ErrNoBinaries = errors.New("no PostgreSQL server binaries (initdb, postgres) in /usr/lib/postgresql/*/bin or on the PATH; install the Debian package postgresql: apt-get install --no-install-recommends postgresql")

// oldest is the first major version that the migrations are written for.
const oldest = 15

// binaries is where initdb and postgres are, and their major version.
type binaries struct {
	dir   string
	major int
}

// Installed gives the folder of the server that Start would take without a
// BinDir; ErrNoBinaries if there is none.
func Installed(ctx context.Context) (string, error) {
	b, err := findBinaries(ctx, "")
	return b.dir, err
}

// findBinaries takes dir if it is set, else the newest of Debian's versions,
// else what the PATH has.
func findBinaries(ctx context.Context, dir string) (binaries, error) {
	if dir != "" {
		return inspect(ctx, dir)
	}
	candidates, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return binaries{}, err
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		// Debian links single commands elsewhere; initdb looks beside the real one.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			candidates = append(candidates, filepath.Dir(real))
		}
	}
	var best binaries
	for _, c := range candidates {
		if b, err := inspect(ctx, c); err == nil && b.major > best.major {
			best = b
		}
	}
	if best.dir == "" {
		return binaries{}, ErrNoBinaries
	}
	if best.major < oldest {
		return binaries{}, fmt.Errorf("PostgreSQL %d in %s is too old: %d or newer is needed", best.major, best.dir, oldest)
	}
	return best, nil
}

// inspect asks the server in dir for its version, e.g. "postgres (PostgreSQL) 15.18 (Debian …)".
func inspect(ctx context.Context, dir string) (binaries, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return binaries{}, fmt.Errorf("%w (in %s)", ErrNoBinaries, dir)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("%w (in %s): %w", ErrNoBinaries, dir, err)
	}
	_, version, _ := strings.Cut(string(out), ") ")
	digits := version[:len(version)-len(strings.TrimLeft(version, "0123456789"))]
	major, err := strconv.Atoi(digits)
	if err != nil {
		return binaries{}, fmt.Errorf("version of %s/postgres not understood: %q", dir, out)
	}
	return binaries{dir: dir, major: major}, nil
}

// InstallDebian installs Debian's PostgreSQL server. It needs root and says on
// out what it does.
func InstallDebian(ctx context.Context, out io.Writer) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("%w (not root, so it cannot be installed from here)", ErrNoBinaries)
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("%w (this is no Debian: %w)", ErrNoBinaries, err)
	}
	_, _ = fmt.Fprintln(out, "PostgreSQL is missing: installing the Debian package postgresql")
	if err := aptGet(ctx, out, "update", "-q"); err != nil {
		return err
	}
	return aptGet(ctx, out, "install", "-q", "-y", "--no-install-recommends", "postgresql")
}

func aptGet(ctx context.Context, out io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, "apt-get", args...)
	cmd.Env = append(cmd.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("apt-get %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
