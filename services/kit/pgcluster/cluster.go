package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	superuser    = "postgres"
	initTimeout  = 60 * time.Second
	startTimeout = 30 * time.Second // includes crash recovery
	stopTimeout  = 10 * time.Second
	pollInterval = 20 * time.Millisecond
)

// Options says where and how a cluster runs.
type Options struct {
	Dir     string // folder of the cluster, made if missing; kept from run to run
	Durable bool   // survives a crash of the machine; false is for tests
	BinDir  string // of initdb and postgres; empty: look for them
}

// Cluster is a running server. It stops with the program at the latest.
type Cluster struct {
	opts      Options
	bin       binaries
	account   *account
	socketDir string
	process   *process
}

// Start runs the cluster in o.Dir, and makes it first if there is none. It
// returns when the server answers.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if o.Dir == "" {
		return nil, errors.New("pgcluster: no folder given")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	o.Dir = dir
	ctx, cancel := context.WithTimeout(ctx, initTimeout+startTimeout)
	defer cancel()

	c := &Cluster{opts: o}
	if c.bin, err = findBinaries(ctx, o.BinDir); err != nil {
		return nil, err
	}
	if c.account, err = unprivileged(); err != nil {
		return nil, err
	}
	if err := c.account.makeFolder(o.Dir); err != nil {
		return nil, fmt.Errorf("folder of the cluster: %w", err)
	}
	if err := c.makeData(ctx); err != nil {
		return nil, err
	}
	if c.socketDir, err = c.makeSocketDir(); err != nil {
		return nil, err
	}
	if err := c.run(ctx); err != nil {
		c.removeSocketDir()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) dataDir() string { return filepath.Join(c.opts.Dir, "data") }
func (c *Cluster) logPath() string { return filepath.Join(c.opts.Dir, "postgres.log") }

// makeData runs initdb, unless there is a cluster of the same major version. It
// builds beside and renames, so an interrupted initdb is never taken for a cluster.
func (c *Cluster) makeData(ctx context.Context) error {
	version, err := os.ReadFile(filepath.Join(c.dataDir(), "PG_VERSION"))
	if err == nil {
		if found := strings.TrimSpace(string(version)); found != strconv.Itoa(c.bin.major) {
			return fmt.Errorf("%s was made by PostgreSQL %s, but %s is %d", c.dataDir(), found, c.bin.dir, c.bin.major)
		}
		return c.writeHBA(c.dataDir())
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	fresh := filepath.Join(c.opts.Dir, "data.new")
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	args := []string{"-D", fresh, "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"}
	if c.opts.Durable {
		args = append(args, "--data-checksums")
	} else {
		args = append(args, "--no-sync")
	}
	p, err := c.spawn(exec.Command(filepath.Join(c.bin.dir, "initdb"), args...))
	if err != nil {
		return err
	}
	select {
	case <-p.exited:
	case <-ctx.Done():
		p.signal(syscall.SIGKILL)
		<-p.exited
		return fmt.Errorf("initdb: %w", ctx.Err())
	}
	if p.err != nil {
		return fmt.Errorf("initdb: %w: %s", p.err, tail(c.logPath()))
	}
	if err := c.writeHBA(fresh); err != nil {
		return err
	}
	return os.Rename(fresh, c.dataDir())
}

func (c *Cluster) writeHBA(data string) error {
	return os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(hba), 0o600)
}

// makeSocketDir keeps the socket in the cluster's folder, unless the path would
// be longer than the kernel allows.
func (c *Cluster) makeSocketDir() (string, error) {
	const longest = 107
	dir := filepath.Join(c.opts.Dir, "socket")
	if len(filepath.Join(dir, ".s.PGSQL.5432")) <= longest {
		return dir, c.account.makeFolder(dir)
	}
	dir, err := os.MkdirTemp("", "xunshi-socket-")
	if err != nil {
		return "", err
	}
	return dir, c.account.makeFolder(dir)
}

func (c *Cluster) removeSocketDir() {
	if filepath.Dir(c.socketDir) != c.opts.Dir {
		_ = os.RemoveAll(c.socketDir) // a leftover socket folder does no harm
	}
}

// run starts the server and waits for its answer. A server of a program that
// was killed a moment ago may still be stopping in the same folder: then the
// new one refuses at once, and is tried again until that one is gone.
func (c *Cluster) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		args := append([]string{"-D", c.dataDir()}, settings(c.opts, c.socketDir)...)
		p, err := c.spawn(exec.Command(filepath.Join(c.bin.dir, "postgres"), args...))
		if err != nil {
			return err
		}
		c.process = p
		if err = c.await(ctx); err == nil {
			return nil
		}
		c.Stop()
		if _, statErr := os.Stat(filepath.Join(c.dataDir(), "postmaster.pid")); statErr != nil || ctx.Err() != nil {
			return err
		}
		if pause(ctx, 10*pollInterval) != nil {
			return err
		}
	}
}

// await returns when the server answers, or why it never will.
func (c *Cluster) await(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, c.AdminDSN())
		if err == nil {
			return conn.Close(ctx)
		}
		if !c.process.running() {
			return fmt.Errorf("postgres stopped: %v: %s", c.process.err, tail(c.logPath()))
		}
		if pauseErr := pause(ctx, pollInterval); pauseErr != nil {
			return fmt.Errorf("postgres does not answer: %w: %w: %s", pauseErr, err, tail(c.logPath()))
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// spawn runs a child whose output goes to the cluster's log.
func (c *Cluster) spawn(cmd *exec.Cmd) (*process, error) {
	log, err := os.OpenFile(c.logPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child holds its own copy
	cmd.Stdout, cmd.Stderr = log, log
	return spawn(cmd, c.account)
}

// Stop shuts the server down: open transactions are rolled back, then what is
// committed is written out. It returns when the server is gone; more than one
// call does no harm.
func (c *Cluster) Stop() {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		c.process.signal(s)
		select {
		case <-c.process.exited:
			c.removeSocketDir()
			return
		case <-time.After(stopTimeout):
		}
	}
}
