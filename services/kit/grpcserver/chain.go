package grpcserver

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
)

// chain is the order in which a call passes the interceptors, the first being
// the outermost. The span (tracing.go) is opened before all of them.
//
// Logging stands outside fault mapping, so that it sees the code that the caller
// sees; recovery stands inside it, so that a panic is answered like any other
// internal failure. Who calls and whether he may is settled before work is
// admitted and before the request is looked into.
func (s *Server) chain() []grpc.UnaryServerInterceptor {
	return []grpc.UnaryServerInterceptor{
		s.identify,     // requestid.go
		s.observe,      // accesslog.go
		s.mapFaults,    // faults.go
		s.recoverPanic, // recovery.go
		unlessHealth(s.requireDeadline),
		s.authenticate, // authn.go; of a health probe only the certificate is asked for
		unlessHealth(s.authorize),
		unlessHealth(s.admit),
		unlessHealth(s.applyHeaders),
		unlessHealth(s.validate),
		unlessHealth(s.giveReceipt),
	}
}

// unlessHealth leaves out an interceptor for the health service: a probe has a
// certificate, and nothing else.
func unlessHealth(next grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		if isHealth(info.FullMethod) {
			return handler(ctx, req)
		}
		return next(ctx, req, info, handler)
	}
}

func isHealth(fullMethod string) bool {
	return strings.HasPrefix(fullMethod, "/"+healthgrpc.Health_ServiceDesc.ServiceName+"/")
}
