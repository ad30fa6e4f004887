package grpcclient

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

// Config says where a peer is and who it must prove to be.
type Config struct {
	// Target is a gRPC target, e.g. "dns:///casefile:8443".
	Target string `yaml:"target"`
	// ServerName is the DNS name in the peer's certificate.
	ServerName string `yaml:"server_name"`
	// Timeout is the deadline of a call that brings none; zero means 10 s.
	Timeout time.Duration `yaml:"timeout"`
}

// Validate returns every fault.
func (c Config) Validate() []error {
	var faults []error
	if c.Target == "" {
		faults = append(faults, errors.New("target: is required"))
	}
	if c.ServerName == "" {
		faults = append(faults, errors.New("server_name: is required"))
	}
	if c.Timeout < 0 || c.Timeout > maxTimeout {
		faults = append(faults, fmt.Errorf("timeout: %v is not between 0 and %v", c.Timeout, maxTimeout))
	}
	return faults
}

const (
	defaultTimeout = 10 * time.Second
	maxTimeout     = 60 * time.Second // servers refuse more
	maxHeaderList  = 16 << 10
	// What a peer may be ahead of us, so that a file that streams stays out of memory.
	streamWindow     = 256 << 10
	connectionWindow = 1 << 20
)

// serviceConfig repeats only UNAVAILABLE (AIP-194), which is harmless because
// every write carries a request_id and every event an id. The throttle stops
// repeating when more than about a tenth of the calls fail (security.md §4.1).
const serviceConfig = `{
  "loadBalancingConfig": [{"round_robin": {}}],
  "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
  "methodConfig": [{
    "name": [{}],
    "retryPolicy": {
      "maxAttempts": 3,
      "initialBackoff": "0.1s",
      "maxBackoff": "1s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }]
}`

// New gives a connection that is made when it is first used. tlsFor gives the TLS
// of a client that expects a server name: it is tlsconf's Source.Client.
func New(cfg Config, tlsFor func(serverName string) *tls.Config, tracer trace.TracerProvider) (*grpc.ClientConn, error) {
	if err := errors.Join(cfg.Validate()...); err != nil {
		return nil, fmt.Errorf("grpcclient: %w", err)
	}
	if tlsFor == nil || tracer == nil {
		return nil, errors.New("grpcclient: a dependency is missing")
	}
	calls := newCalls(cfg.Timeout)
	conn, err := grpc.NewClient(cfg.Target,
		grpc.WithTransportCredentials(credentials.NewTLS(tlsFor(cfg.ServerName))),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithDisableServiceConfig(), // what DNS says does not change how we call
		grpc.WithDisableHealthCheck(),
		grpc.WithMaxHeaderListSize(maxHeaderList),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: time.Minute, Timeout: 10 * time.Second}),
		grpc.WithChainUnaryInterceptor(calls.passRequestID, calls.limit),
		grpc.WithStreamInterceptor(calls.passStreamID),
		grpc.WithInitialWindowSize(streamWindow),
		grpc.WithInitialConnWindowSize(connectionWindow),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler(
			otelgrpc.WithTracerProvider(tracer),
			otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()),
			otelgrpc.WithPropagators(propagation.TraceContext{}),
		)),
	)
	if err != nil {
		return nil, fmt.Errorf("grpcclient: %s: %w", cfg.Target, err)
	}
	return conn, nil
}
