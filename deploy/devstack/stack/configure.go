package stack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"

	"go.opentelemetry.io/otel/trace/noop"
	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc"

	"github.com/xunshi/xunshi/gateway"
	"github.com/xunshi/xunshi/services/kit/grpcclient"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
	"github.com/xunshi/xunshi/services/kit/tlsconf"
)

type object = map[string]any

func configFile(dir, name string) string { return filepath.Join(dir, "config", name+".yaml") }

// configure takes a port for everything that listens and writes the
// configuration file of each service, as an operator would.
func (s *Stack) configure(context.Context) error {
	if err := s.takePorts(); err != nil {
		return err
	}
	for _, name := range Names() {
		identity, err := s.ca.Issue(name)
		if err != nil {
			return err
		}
		text, err := yaml.Marshal(s.serviceConfig(name, identity))
		if err != nil {
			return err
		}
		if err := os.WriteFile(configFile(s.dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stack) serviceConfig(name string, identity servertest.Files) object {
	dsns := s.cluster.DSNs(name, name)
	peers := object{}
	var others []string
	for _, other := range Names() {
		if other != name {
			peers[other] = object{"target": "dns:///" + s.ports[other], "server_name": other}
			others = append(others, other)
		}
	}
	config := object{
		"listen":  s.ports[name],
		"admin":   s.ports[name+".admin"],
		"tls":     object{"cert_file": identity.Cert, "key_file": identity.Key, "ca_file": identity.CA},
		"callers": object{"people": []string{"gateway"}, "services": others},
		"oidc":    object{"issuer": s.issuer.url, "audience": audience, "jwks_url": s.issuer.url + "/jwks"},
		"database": object{
			"owner": object{"dsn": dsns.Owner}, "inside": object{"dsn": dsns.Inside},
			"outside": object{"dsn": dsns.Outside}, "job": object{"dsn": dsns.Job},
			"scope_key_file": s.path("scope.key"),
		},
		// Less than the default, so that what a killed service was sending follows soon.
		"events":      object{"call_timeout": "2s"},
		"obligations": object{"sweep_interval": "500ms"},
		"audit": object{
			"key_file": s.path("audit-" + name + ".key"), "checkpoint_file": s.path("checkpoints", name),
			"interval": "100ms", "witnesses": []string{s.witness.Verifier()},
		},
		"peers":         peers,
		"page_key_file": s.path("page.key"),
	}
	if name == "rectification" { // a service that takes documents
		config["documents"] = object{"directory": s.path("documents"), "key_file": s.path("documents.keys")}
	}
	return config
}

func (s *Stack) edgeConfig() (gateway.Config, error) {
	identity, err := s.ca.Issue("gateway")
	if err != nil {
		return gateway.Config{}, err
	}
	cfg := gateway.DefaultConfig()
	cfg.Listen, cfg.Admin = s.opts.Listen, s.ports["gateway.admin"]
	cfg.Identity = tlsconf.Config{CertFile: identity.Cert, KeyFile: identity.Key, CAFile: identity.CA}
	cfg.Scheduling, cfg.Casefile, cfg.Rectification = s.peer("scheduling"), s.peer("casefile"), s.peer("rectification")
	return cfg, errors.Join(cfg.Validate()...)
}

func (s *Stack) peer(name string) grpcclient.Config {
	return grpcclient.Config{Target: "dns:///" + s.ports[name], ServerName: name}
}

// Conn connects to a service as the gateway does: a call is a person's, by its
// token.
func (s *Stack) Conn(name string) (*grpc.ClientConn, error) { return s.ConnAs("gateway", name) }

// ConnAs connects to a service with the certificate of another.
func (s *Stack) ConnAs(caller, name string) (*grpc.ClientConn, error) {
	identity, err := s.ca.Issue(caller)
	if err != nil {
		return nil, err
	}
	source, err := tlsconf.New(tlsconf.Config{CertFile: identity.Cert, KeyFile: identity.Key, CAFile: identity.CA}, func(error) {})
	if err != nil {
		return nil, err
	}
	return grpcclient.New(s.peer(name), source.Client, noop.NewTracerProvider())
}

// takePorts finds a free port for everything that listens. It holds all of them
// until it has all, so that no two are the same.
func (s *Stack) takePorts() (err error) {
	for _, name := range append(Names(), "gateway") {
		for _, use := range []string{name, name + ".admin"} {
			lis, listenErr := listenBelow()
			if listenErr != nil {
				return listenErr
			}
			defer func() { err = errors.Join(err, lis.Close()) }()
			s.ports[use] = lis.Addr().String()
		}
	}
	return nil
}

// listenBelow listens on a port below those that the kernel gives out by itself
// (from 32768): nobody is given the port of a service while that is started again.
func listenBelow() (lis net.Listener, err error) {
	const first, last, attempts = 20000, 32767, 100
	for range attempts {
		port := first + rand.IntN(last-first+1)
		if lis, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return lis, nil
		}
	}
	return nil, fmt.Errorf("no free port in %d attempts: %w", attempts, err)
}
