package grpcserver

import (
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

// The limits of security.md §5.1.
const (
	maxRecvMessage       = 1 << 20
	maxHeaderList        = 16 << 10
	maxConcurrentStreams = 100
	connectionTimeout    = 5 * time.Second
	keepaliveMinTime     = 30 * time.Second
	maxConnectionAge     = 30 * time.Minute
	maxConnectionGrace   = maxStreamDeadline
	maxDeadline          = 60 * time.Second
	maxStreamDeadline    = time.Hour // a gigabyte over a line of 2.5 Mbit/s
	maxStreams           = 16        // at once; each holds a few pieces in memory
	streamWindow         = 256 << 10 // what a sender may be ahead of us, so that memory is bounded
	connectionWindow     = 1 << 20
	minDeadline          = 100 * time.Millisecond
	readyTimeout         = 2 * time.Second
	streamWorkers        = 64
)

func limits() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxRecvMessage),
		grpc.MaxHeaderListSize(maxHeaderList),
		grpc.MaxConcurrentStreams(maxConcurrentStreams),
		grpc.InitialWindowSize(streamWindow),
		grpc.InitialConnWindowSize(connectionWindow),
		grpc.ConnectionTimeout(connectionTimeout),
		// A call that finds a worker free runs on a stack that has grown already.
		grpc.NumStreamWorkers(streamWorkers),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: keepaliveMinTime}),
		// Connections end now and then, so that clients find new replicas.
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge:      maxConnectionAge,
			MaxConnectionAgeGrace: maxConnectionGrace,
		}),
	}
}
