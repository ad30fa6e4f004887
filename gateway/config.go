package gateway

import (
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/xunshi/xunshi/services/kit/grpcclient"
	"github.com/xunshi/xunshi/services/kit/telemetry"
	"github.com/xunshi/xunshi/services/kit/tlsconf"
)

// Config is the configuration of the edge.
type Config struct {
	// Listen is the address for HTTP, e.g. ":8443".
	Listen string `yaml:"listen"`
	// Admin is the address for /metrics, /livez and /readyz; keep it private.
	Admin string `yaml:"admin"`
	// TLS is what portals see; without it the edge speaks plain HTTP, for a
	// loopback address or behind a proxy that ends TLS.
	TLS struct {
		Cert string `yaml:"cert"`
		Key  string `yaml:"key"`
	} `yaml:"tls"`
	// Identity is the edge's own certificate towards the services.
	Identity tlsconf.Config `yaml:"identity"`
	// The services behind the edge.
	Scheduling    grpcclient.Config `yaml:"scheduling"`
	Casefile      grpcclient.Config `yaml:"casefile"`
	Rectification grpcclient.Config `yaml:"rectification"`
	// ConnectionsPerAddress bounds the connections of one client address.
	ConnectionsPerAddress int `yaml:"connections_per_address"`
	// MaxUploadBytes bounds the size of a file; a service has its own bound.
	MaxUploadBytes int64            `yaml:"max_upload_bytes"`
	Telemetry      telemetry.Config `yaml:"telemetry"`
}

// DefaultConfig is the edge on its usual port.
func DefaultConfig() Config {
	return Config{
		Listen: "127.0.0.1:8080", Admin: "127.0.0.1:8081",
		ConnectionsPerAddress: 64, MaxUploadBytes: defaultUpload, Telemetry: telemetry.DefaultConfig(),
	}
}

// Validate returns every fault.
func (c Config) Validate() []error {
	faults := slices.Concat(c.Telemetry.Validate(), c.Identity.Validate(),
		c.Scheduling.Validate(), c.Casefile.Validate(), c.Rectification.Validate())
	for name, address := range map[string]string{"listen": c.Listen, "admin": c.Admin} {
		if _, _, err := net.SplitHostPort(address); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		faults = append(faults, errors.New("tls: cert and key go together"))
	}
	if c.ConnectionsPerAddress < 1 {
		faults = append(faults, errors.New("connections_per_address: at least 1"))
	}
	if c.MaxUploadBytes < 1 {
		faults = append(faults, errors.New("max_upload_bytes: at least 1"))
	}
	return faults
}
