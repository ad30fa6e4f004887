package daemon

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/authn"
	"github.com/xunshi/xunshi/services/kit/config"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/grpcclient"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/telemetry"
	"github.com/xunshi/xunshi/services/kit/tlsconf"
)

// Config is the configuration file of a service. All commands read the same
// file; which secrets must be set depends on the command, so that a serving
// process does not hold the owner's login.
type Config struct {
	// Listen is the address of gRPC, e.g. ":8443".
	Listen string `yaml:"listen"`
	// Admin is the address of /metrics, /livez and /readyz, for the operator only.
	Admin string `yaml:"admin"`
	// TLS is this service's certificate and the authority of its peers.
	TLS tlsconf.Config `yaml:"tls"`
	// Callers lists the certificate names that may call.
	Callers grpcserver.Callers `yaml:"callers"`
	// Admission bounds the work taken on at once.
	Admission grpcserver.Admission `yaml:"admission"`
	// StopTimeout is how long running calls may take to finish at the end.
	StopTimeout time.Duration `yaml:"stop_timeout"`
	// OIDC says whose tokens are good.
	OIDC     authn.Config `yaml:"oidc"`
	Database Database     `yaml:"database"`
	Events   Events       `yaml:"events"`
	// Obligations says how the statutory dates are watched.
	Obligations Obligations `yaml:"obligations"`
	// Audit says how the audit log is kept.
	Audit Audit `yaml:"audit"`
	// Peers says where the other services are, by name.
	Peers     map[string]grpcclient.Config `yaml:"peers"`
	Telemetry telemetry.Config             `yaml:"telemetry"`
	// Documents says where documents are kept, by a service that takes them.
	Documents document.Config `yaml:"documents"`
	// PageKeyFile holds the key of page tokens, at least 64 hexadecimal digits,
	// the same for all replicas.
	PageKeyFile config.SecretFile `yaml:"page_key_file"`
}

// DefaultConfig has everything but addresses of others and secrets.
func DefaultConfig() Config {
	server := grpcserver.DefaultConfig()
	return Config{
		Listen:      "127.0.0.1:8443",
		Admin:       "127.0.0.1:8444",
		Admission:   server.Admission,
		StopTimeout: server.StopTimeout,
		Database:    Database{MaxConns: 12},
		Events:      Events{MaxAttempts: 20, Workers: 4, CallTimeout: 5 * time.Second},
		Obligations: Obligations{SweepInterval: time.Minute},
		Audit:       Audit{Interval: 500 * time.Millisecond},
		Telemetry:   telemetry.DefaultConfig(),
		Documents:   document.DefaultConfig(),
	}
}

// server gives the section of the gRPC server.
func (c Config) server() grpcserver.Config {
	return grpcserver.Config{Callers: c.Callers, Admission: c.Admission, StopTimeout: c.StopTimeout}
}

// Validate returns every fault of the settings that no section checks by itself.
func (c Config) Validate() []error {
	faults := c.server().Validate()
	for name, address := range map[string]string{"listen": c.Listen, "admin": c.Admin} {
		if _, _, err := net.SplitHostPort(address); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Peers)) {
		for _, err := range c.Peers[name].Validate() {
			faults = append(faults, fmt.Errorf("peers.%s.%w", name, err))
		}
	}
	return faults
}

// serveFaults tells what is missing to serve the program, beyond what is wrong
// with the file itself.
func (c Config) serveFaults(p Program) []error {
	faults := c.Database.missing("inside", "outside", "job", "scope_key_file")
	faults = append(faults, c.Audit.missing()...)
	if c.PageKeyFile == "" {
		faults = append(faults, errors.New("page_key_file: is required"))
	}
	if p.Documents != c.Documents.Kept() {
		faults = append(faults, fmt.Errorf("documents: the service takes them is %v, a place for them is named is %v", p.Documents, c.Documents.Kept()))
	}
	for _, name := range p.Peers {
		if _, ok := c.Peers[name]; !ok {
			faults = append(faults, fmt.Errorf("peers.%s: is required", name))
		}
	}
	return faults
}
