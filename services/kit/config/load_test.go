package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/config"
)

type settings struct {
	Name    string   `yaml:"name"`
	Server  server   `yaml:"server"`
	Clients []client `yaml:"clients"`
}

type server struct {
	Address  string            `yaml:"address"`
	MaxConns int               `yaml:"max_conns"`
	Timeout  time.Duration     `yaml:"timeout"`
	Debug    bool              `yaml:"debug"`
	Ratio    float64           `yaml:"ratio"`
	Small    uint8             `yaml:"small"`
	Peers    []string          `yaml:"peers"`
	Level    level             `yaml:"level"`
	Key      config.SecretFile `yaml:"key_file"`
	Inner    *inner            `yaml:"inner"`
}

type inner struct {
	Depth int `yaml:"depth"`
}

type client struct {
	Target string `yaml:"target"`
}

// level is a value that is read as a whole.
type level struct{ n int }

func (l *level) UnmarshalText(text []byte) error {
	if string(text) != "high" {
		return errors.New("no such level")
	}
	l.n = 9
	return nil
}

func (s server) Validate() []error {
	if s.MaxConns < 1 {
		return []error{errors.New("max_conns: must be positive")}
	}
	return nil
}

func (c *client) Validate() []error {
	if c.Target == "" {
		return []error{errors.New("target: is missing")}
	}
	return nil
}

func defaults() settings {
	return settings{Name: "default", Server: server{MaxConns: 12, Timeout: time.Second}}
}

func TestFileThenEnvironmentOverDefaults(t *testing.T) {
	s := defaults()
	err := config.LoadFrom([]byte(`
server:
  address: ":443"
  timeout: 5s
  ratio: 0.5
  inner: {depth: 1}
clients: [{target: a}]
`), []string{
		"XUNSHI_NAME=from env", "XUNSHI_SERVER_TIMEOUT=7s", "XUNSHI_SERVER_DEBUG=true", "XUNSHI_SERVER_SMALL=255",
		"XUNSHI_SERVER_PEERS=a, b", "XUNSHI_SERVER_LEVEL=high", "XUNSHI_SERVER_RATIO=0.25", "XUNSHI_SERVER_INNER_DEPTH=3",
		"XUNSHI_CONFIG=/etc/x.yaml", "PATH=/bin", "OTHER_SERVER_DEBUG=x",
	}, &s)
	if err != nil {
		t.Fatal(err)
	}
	want := settings{Name: "from env", Clients: []client{{"a"}}, Server: server{
		Address: ":443", MaxConns: 12, Timeout: 7 * time.Second, Debug: true, Ratio: 0.25, Small: 255,
		Peers: []string{"a", "b"}, Level: level{9}, Inner: &inner{3},
	}}
	if diff := cmp.Diff(want, s, cmp.AllowUnexported(level{})); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	s := defaults()
	err := config.LoadFrom([]byte(`
nmae: misspelt
server:
  max_conns: 0
  debug: perhaps
  key_file: /nonexistent/key
clients: [{target: a}, {}]
`), []string{"XUNSHI_SERVER_TIMOUT=1s", "XUNSHI_SERVER_TIMEOUT=hunter2", "XUNSHI_SERVER_SMALL=256", "XUNSHI_SERVER_LEVEL=low", "XUNSHI_CLIENTS=x"}, &s)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"nmae", "cannot unmarshal", "server.max_conns: must be positive", "server.key_file: open /nonexistent/key",
		"clients[1].target: is missing", "XUNSHI_SERVER_TIMOUT: there is no such setting",
		"XUNSHI_SERVER_TIMEOUT: not a valid", "XUNSHI_SERVER_SMALL: not a valid", "XUNSHI_SERVER_LEVEL: not a valid",
		"XUNSHI_CLIENTS: not a valid",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error repeats a value of the environment: %v", err)
	}
	if n := strings.Count(err.Error(), "config: "); n != 10 {
		t.Errorf("%d faults:\n%v", n, err)
	}
}

func TestStrictFile(t *testing.T) {
	tests := []struct {
		name, file string
		ok         bool
	}{
		{"empty", "", true},
		{"only a comment", "# nothing", true},
		{"unknown section", "sever: {}", false},
		{"key twice", "name: a\nname: b", false},
		{"two documents", "name: a\n---\nname: b", false},
		{"not YAML", "name: [", false},
		{"not a mapping", "- a", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := defaults()
			if err := config.LoadFrom([]byte(tt.file), nil, &s); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
			if tt.ok && s.Name != "default" {
				t.Errorf("the default is gone: %+v", s)
			}
		})
	}
}

func TestLoadReadsTheFileAndTheEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.yaml")
	if err := os.WriteFile(path, []byte("name: from file\nserver: {address: a}"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XUNSHI_SERVER_ADDRESS", "b")
	s := defaults()
	if err := config.Load(path, &s); err != nil || s.Name != "from file" || s.Server.Address != "b" {
		t.Errorf("got %+v, %v", s, err)
	}
	if err := config.Load(path+".missing", &s); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gave %v", err)
	}
}

func TestMistakesOfTheProgrammer(t *testing.T) {
	if err := config.LoadFrom(nil, nil, defaults()); err == nil {
		t.Error("a struct that is not a pointer is accepted")
	}
	clash := struct {
		A struct {
			B int `yaml:"b"`
		} `yaml:"a"`
		AB int `yaml:"a_b"`
	}{}
	if err := config.LoadFrom(nil, nil, &clash); err == nil || !strings.Contains(err.Error(), "XUNSHI_A_B") {
		t.Errorf("two settings with one variable gave %v", err)
	}
}

func TestReference(t *testing.T) {
	s := defaults()
	got, err := config.Reference(&s)
	if err != nil || len(got) != 12 {
		t.Fatalf("%d settings, %v", len(got), err)
	}
	want := config.Setting{Key: "server.max_conns", Env: "XUNSHI_SERVER_MAX_CONNS", Type: "int", Default: "12"}
	if got[2] != want {
		t.Errorf("got %+v, want %+v", got[2], want)
	}
	if _, err := config.Reference(s); err == nil {
		t.Error("a struct that is not a pointer is accepted")
	}
}

func TestSecretFile(t *testing.T) {
	tests := []struct {
		name, content string
		mode          os.FileMode
		want          string // empty: refused
	}{
		{"plain", "s3cret", 0o600, "s3cret"},
		{"one newline goes", "s3cret\n", 0o640, "s3cret"},
		{"Windows newline goes", "s3cret\r\n", 0o600, "s3cret"},
		{"inner and further newlines stay", "a\nb\n\n", 0o400, "a\nb\n"},
		{"open to everybody", "s3cret", 0o644, ""},
		{"empty", "\n", 0o600, ""},
		{"too large", strings.Repeat("x", 64<<10+1), 0o600, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			f := config.SecretFile(path)
			got, err := f.Read()
			if string(got) != tt.want || (err == nil) != (tt.want != "") || (len(f.Validate()) == 0) != (err == nil) {
				t.Errorf("got %.20q, %v, %v", got, err, f.Validate())
			}
		})
	}
	if _, err := config.SecretFile("").Read(); err == nil {
		t.Error("no path is read")
	}
	if errs := config.SecretFile("").Validate(); len(errs) != 0 {
		t.Errorf("no path is refused: %v", errs)
	}
	if _, err := config.SecretFile(t.TempDir()).Read(); err == nil {
		t.Error("a folder is read")
	}
}
