package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/xunshi/xunshi/gateway"
	"github.com/xunshi/xunshi/services/casefile"
	"github.com/xunshi/xunshi/services/kit/config"
	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/rectification"
	"github.com/xunshi/xunshi/services/scheduling"
)

// programs are the services that have a file here.
func programs() []daemon.Program {
	return []daemon.Program{scheduling.Program(), casefile.Program(), rectification.Program()}
}

// load reads a file as its process does, with only the secrets elsewhere: a
// process opens those when it starts.
func load(t *testing.T, name string, cfg any) {
	t.Helper()
	settings, err := config.Reference(cfg)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(strings.Repeat("0", 64)), 0o600); err != nil {
		t.Fatal(err)
	}
	var document any
	if err := yaml.Unmarshal(file, &document); err != nil {
		t.Fatal(err)
	}
	var environ []string
	for _, s := range settings {
		value, shown := at(document, strings.Split(s.Key, "."))
		switch {
		case strings.HasPrefix(s.Key, "documents.") && !shown && !takesDocuments(name):
		case s.Key == "documents.s3.credentials_file": // beside a folder there is none
		case strings.HasSuffix(s.Key, ".dsn"): // the other form is shown: with a password, only a file will do
			if shown {
				t.Errorf("%s: %s shows a connection string", name, s.Key)
			}
		case !shown:
			t.Errorf("%s does not show the setting %s", name, s.Key)
		case s.Type == "config.SecretFile":
			if path, ok := value.(string); !ok || !filepath.IsAbs(path) {
				t.Errorf("%s: %s is no path: %v", name, s.Key, value)
			}
			environ = append(environ, s.Env+"="+secret)
		}
	}
	if err := config.LoadFrom(file, environ, cfg); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// takesDocuments tells whether the process of the name keeps documents.
func takesDocuments(name string) bool {
	return slices.ContainsFunc(programs(), func(p daemon.Program) bool { return p.Name == name && p.Documents })
}

// at gives the value of a key in a YAML document.
func at(document any, key []string) (any, bool) {
	for _, name := range key {
		section, ok := document.(map[string]any)
		if !ok {
			return nil, false
		}
		if document, ok = section[name]; !ok {
			return nil, false
		}
	}
	return document, true
}

// TestServices: the files load strictly, show every setting, and let through
// exactly the calls that the services make.
func TestServices(t *testing.T) {
	for _, p := range programs() {
		cfg := daemon.DefaultConfig()
		load(t, p.Name, &cfg)
		for _, peer := range p.Peers {
			if cfg.Peers[peer].ServerName != peer {
				t.Errorf("%s expects its peer %s as %q", p.Name, peer, cfg.Peers[peer].ServerName)
			}
		}
		if len(cfg.Peers) != len(p.Peers) {
			t.Errorf("%s has %d peers, needs %v", p.Name, len(cfg.Peers), p.Peers)
		}
		if cfg.Documents.Kept() != p.Documents {
			t.Errorf("%s takes documents is %v, its file names a place for them is %v", p.Name, p.Documents, cfg.Documents.Kept())
		}
		var callers []string
		for _, other := range programs() {
			if slices.Contains(other.Peers, p.Name) {
				callers = append(callers, other.Name)
			}
		}
		slices.Sort(callers)
		if diff := cmp.Diff(callers, cfg.Callers.Services); diff != "" {
			t.Errorf("%s: the services that may call: %s", p.Name, diff)
		}
		if diff := cmp.Diff([]string{"gateway"}, cfg.Callers.People); diff != "" {
			t.Errorf("%s: the edges that may call: %s", p.Name, diff)
		}
	}
}

// TestGateway: the file loads strictly, shows every setting, and the edge does
// not speak plain HTTP.
func TestGateway(t *testing.T) {
	cfg := gateway.DefaultConfig()
	load(t, "gateway", &cfg)
	if cfg.TLS.Cert == "" || cfg.TLS.Key == "" {
		t.Error("no TLS")
	}
	for name, peer := range map[string]string{
		"scheduling": cfg.Scheduling.ServerName, "casefile": cfg.Casefile.ServerName, "rectification": cfg.Rectification.ServerName,
	} {
		if peer != name {
			t.Errorf("%s is expected as %q", name, peer)
		}
	}
}

// TestEveryFileIsChecked fails for a file that no test here loads.
func TestEveryFileIsChecked(t *testing.T) {
	known := []string{"gateway.yaml"}
	for _, p := range programs() {
		known = append(known, p.Name+".yaml")
	}
	found, err := filepath.Glob("*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(known)
	if diff := cmp.Diff(known, found); diff != "" {
		t.Error(diff)
	}
}
