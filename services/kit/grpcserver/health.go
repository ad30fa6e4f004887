package grpcserver

import (
	"context"

	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
)

// health answers probes. It does not watch: a watch is a stream, which would
// also keep a stopping server from ending. Clients take that as "not offered".
type health struct {
	healthgrpc.UnimplementedHealthServer
	server *Server
}

func (s *Server) registerHealth() {
	healthgrpc.RegisterHealthServer(s.grpc, &health{server: s})
}

// Check tells whether the whole server is ready; the services in it share a
// database, so they are ready together.
func (h *health) Check(ctx context.Context, _ *healthgrpc.HealthCheckRequest) (*healthgrpc.HealthCheckResponse, error) {
	return &healthgrpc.HealthCheckResponse{Status: h.status(ctx)}, nil
}

// List says the same of the server as a whole.
func (h *health) List(ctx context.Context, _ *healthgrpc.HealthListRequest) (*healthgrpc.HealthListResponse, error) {
	return &healthgrpc.HealthListResponse{
		Statuses: map[string]*healthgrpc.HealthCheckResponse{"": {Status: h.status(ctx)}},
	}, nil
}

func (h *health) status(ctx context.Context) healthgrpc.HealthCheckResponse_ServingStatus {
	if h.server.stopping.Load() {
		return healthgrpc.HealthCheckResponse_NOT_SERVING
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := h.server.deps.Ready(ctx); err != nil {
		h.server.deps.Logger.WarnContext(ctx, "not ready", "error", err)
		return healthgrpc.HealthCheckResponse_NOT_SERVING
	}
	return healthgrpc.HealthCheckResponse_SERVING
}
