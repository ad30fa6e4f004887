package pgcluster

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// holdCommand makes the test binary a program that holds a cluster, to be killed.
const holdCommand = "hold-cluster"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == holdCommand {
		hold(os.Args[2])
		return
	}
	m.Run()
}

func hold(dir string) {
	if _, err := Start(context.Background(), Options{Dir: dir}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ready")
	select {}
}

// newDir is not t.TempDir: that lies in folders that only we may enter.
func newDir(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("/dev/shm", "xunshi-pgcluster-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	return filepath.Join(parent, "pg")
}

func start(t *testing.T, o Options) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestSecondStartKeepsTheData(t *testing.T) {
	dir := newDir(t)
	first := start(t, Options{Dir: dir, Durable: true})
	dsns, err := first.Provision(t.Context(), "scheduling")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connect(t, dsns.Owner).Exec(t.Context(), "CREATE TABLE kept AS SELECT 42 AS n"); err != nil {
		t.Fatal(err)
	}
	first.Stop()

	second := start(t, Options{Dir: dir, Durable: true})
	if dsns, err = second.Provision(t.Context(), "scheduling"); err != nil {
		t.Fatal("repeated Provision:", err)
	}
	conn := connect(t, dsns.Owner)
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT n FROM kept").Scan(&n); err != nil || n != 42 {
		t.Fatalf("kept.n = %d, %v; want 42", n, err)
	}
	for setting, want := range map[string]string{
		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on",
		"listen_addresses": "", "log_parameter_max_length": "0", "server_encoding": "UTF8",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", setting, got, err, want)
		}
	}
}

func TestKilledProgramTakesTheServerWithIt(t *testing.T) {
	dir := newDir(t)
	program := exec.Command(os.Args[0], holdCommand, dir)
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if line != "ready\n" {
		t.Fatalf("program said %q, %v", line, err)
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait() // it was killed

	pidFile := filepath.Join(dir, "data", "postmaster.pid")
	deadline := time.After(10 * time.Second)
	for {
		if _, err := os.Stat(pidFile); os.IsNotExist(err) {
			break // a clean shutdown removes it last
		}
		select {
		case <-deadline:
			t.Fatal("the server still runs after its program was killed")
		case <-time.After(20 * time.Millisecond):
		}
	}
	start(t, Options{Dir: dir}) // and the folder is fit for another start
}

func TestProvision(t *testing.T) {
	c := start(t, Options{Dir: newDir(t)})
	services := []string{"scheduling", "casefile", "rectification"}

	t.Run("services at once, each twice", func(t *testing.T) {
		var wg sync.WaitGroup
		errs := make(chan error, 2*len(services))
		for _, s := range append(services, services...) {
			wg.Go(func() {
				_, err := c.Provision(t.Context(), s)
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
	})

	t.Run("no role has powers or is a member of another", func(t *testing.T) {
		var n, powerful int
		err := connect(t, c.AdminDSN()).QueryRow(t.Context(), `
SELECT count(*), count(*) FILTER (WHERE rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
  OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid))
FROM pg_roles r WHERE rolname ~ '_(owner|inside|outside|job)$' AND rolname !~ '^pg_'`).Scan(&n, &powerful)
		if err != nil || n != 12 || powerful != 0 {
			t.Errorf("%d roles, %d powerful, %v; want 12 and 0", n, powerful, err)
		}
	})

	t.Run("a role cannot enter another service's database", func(t *testing.T) {
		conn, err := pgx.Connect(t.Context(), c.DSNs("scheduling", "casefile").Inside)
		if err == nil {
			_ = conn.Close(t.Context())
			t.Error("scheduling_inside got into casefile")
		}
	})

	t.Run("an app role can make nothing", func(t *testing.T) {
		conn := connect(t, c.DSNs("scheduling", "scheduling").Inside)
		for _, statement := range []string{
			"CREATE TABLE mine (n int)", "CREATE TEMPORARY TABLE mine (n int)", "CREATE SCHEMA mine",
		} {
			if _, err := conn.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "42501") {
				t.Errorf("%s: %v; want 42501", statement, err)
			}
		}
	})

	t.Run("odd names are refused", func(t *testing.T) {
		if _, err := c.Provision(t.Context(), `x"; DROP TABLE y`); err == nil {
			t.Error("accepted")
		}
	})
}

func TestMissingBinariesNameThePackage(t *testing.T) {
	_, err := Start(t.Context(), Options{Dir: newDir(t), BinDir: "/nonexistent"})
	if err == nil || !strings.Contains(err.Error(), "Debian package postgresql") {
		t.Errorf("err = %v", err)
	}
}

func TestClosedFolderIsNamed(t *testing.T) {
	a, err := unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	if a == nil {
		a = &account{name: "other", uid: uint32(os.Getuid()) + 1, gid: uint32(os.Getgid()) + 1}
	}
	closed := t.TempDir()
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := a.reach(filepath.Join(closed, "pg")); err == nil || !strings.Contains(err.Error(), closed) {
		t.Errorf("err = %v; want the folder %s named", err, closed)
	}
}

func TestQuote(t *testing.T) {
	config, err := pgx.ParseConfig("host=" + quote(`/a b/it's\here`) + " user=u dbname=d sslmode=disable")
	if err != nil || config.Host != `/a b/it's\here` {
		t.Errorf("host = %q, %v", config.Host, err)
	}
}
