package memory_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"
	"go.yaml.in/yaml/v3"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
)

const county = stack.Sichuan + "/counties/510104"

// system is a devstack of which the service and the edge are the real binaries.
type system struct {
	service, edge             *process
	url, token, rectification string
}

// start builds both, and runs them on a devstack that has one case.
func start(t *testing.T) *system {
	t.Helper()
	dir, err := os.MkdirTemp("", "xunshi-memory-")
	if err == nil {
		err = os.Chmod(dir, 0o755) // PostgreSQL runs as another user
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, source := range map[string]string{"rectification": "../../../services/rectification/cmd/rectification", "gateway": "../../../gateway/cmd/gateway"} {
		if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, name), source).CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", name, err, out)
		}
	}
	running, err := stack.Start(t.Context(), stack.Options{Dir: dir, Listen: "127.0.0.1:0", IssuerListen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := running.StopService("rectification"); err != nil {
		t.Fatal(err)
	}
	s := &system{rectification: openCase(t, running)}
	if s.token, err = running.Token(t.Context(), "clerk", "COUNTY_COMMITTEE", county); err != nil {
		t.Fatal(err)
	}
	s.service = spawn(t, filepath.Join(dir, "rectification"), "serve", "--config", configOf(dir, "rectification"))
	awaitReady(t, read(t, dir, "rectification").Admin)
	cfg := edgeConfig(t, dir)
	s.edge, s.url = spawn(t, filepath.Join(dir, "gateway"), "serve", "--config", configOf(dir, "edge")), "http://"+cfg["listen"].(string)
	awaitReady(t, cfg["admin"].(string))
	return s
}

// openCase makes a case past all steps before it, which are not what this is about.
func openCase(t *testing.T, s *stack.Stack) string {
	t.Helper()
	db, err := sql.Open("pgx", s.AdminDSN("rectification"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	id := uuid.NewString()
	_, err = db.Exec(`SET session_replication_role = replica;
		INSERT INTO rectification (province, id, inspection_id, county_code, city_code, delivery_id, rule_set, problems, state,
		  receive_date, city_may_see, version, create_time, update_time)
		VALUES ('51', '` + id + `', gen_random_uuid(), '510104', '510100', gen_random_uuid(), 'CN-COUNTY-2012', '[]', 'PLANNING',
		  '2012-11-13', true, 1, now(), now())`)
	if err != nil {
		t.Fatal(err)
	}
	return stack.Sichuan + "/rectifications/" + id
}

// settings are what the edge needs to know of a service.
type settings struct {
	Listen string `yaml:"listen"`
	Admin  string `yaml:"admin"`
}

func configOf(dir, name string) string { return filepath.Join(dir, "config", name+".yaml") }

func read(t *testing.T, dir, name string) (cfg settings) {
	t.Helper()
	text, err := os.ReadFile(configOf(dir, name))
	if err == nil {
		err = yaml.Unmarshal(text, &cfg)
	}
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// edgeConfig writes the configuration of the edge, as an operator would.
func edgeConfig(t *testing.T, dir string) map[string]any {
	t.Helper()
	tls := filepath.Join(dir, "tls")
	cfg := map[string]any{
		"listen": freePort(t), "admin": freePort(t),
		"identity": map[string]any{
			"cert_file": filepath.Join(tls, "gateway.crt"), "key_file": filepath.Join(tls, "gateway.key"), "ca_file": filepath.Join(tls, "ca.crt"),
		},
	}
	for _, name := range stack.Names() {
		cfg[name] = map[string]any{"target": "dns:///" + read(t, dir, name).Listen, "server_name": name}
	}
	text, err := yaml.Marshal(cfg)
	if err == nil {
		err = os.WriteFile(configOf(dir, "edge"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func freePort(t *testing.T) string {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	return lis.Addr().String()
}

// process is one that runs until the test ends.
type process struct{ pid int }

func spawn(t *testing.T, binary string, args ...string) *process {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.Env = append(os.Environ(), "GOGC=25", "GOMEMLIMIT=20MiB") // as deploy/config/rectification.yaml says
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", binary, err)
		}
		if t.Failed() {
			t.Logf("%s:\n%s", binary, log.String())
		}
	})
	return &process{cmd.Process.Pid}
}

// peak is the most memory that the process ever held (VmHWM), in bytes.
func (p *process) peak(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kib, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatal("the kernel does not tell")
	return 0
}

func awaitReady(t *testing.T, admin string) {
	t.Helper()
	for range 600 {
		resp, err := http.Get("http://" + admin + "/readyz")
		if err == nil {
			_ = resp.Body.Close() // nothing of it is read
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s is not ready", admin)
}
