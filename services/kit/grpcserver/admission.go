package grpcserver

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// admission bounds how many calls run at once and how many may wait for a short
// while. Both channels count by how full they are.
type admission struct {
	running chan struct{}
	waiting chan struct{}
	maxWait time.Duration
}

func newAdmission(cfg Admission) *admission {
	return &admission{
		running: make(chan struct{}, cfg.Running),
		waiting: make(chan struct{}, cfg.Waiting),
		maxWait: cfg.MaxWait,
	}
}

// admit runs the handler when there is room.
func (s *Server) admit(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	room := s.admitted
	if s.streams[info.FullMethod] != nil {
		room = s.lasting
	}
	if err := room.enter(ctx); err != nil {
		return nil, err
	}
	defer room.leave()
	return handler(ctx, req)
}

// enter takes a place to run, or refuses.
func (a *admission) enter(ctx context.Context) error {
	select {
	case a.running <- struct{}{}:
		return nil
	default:
	}
	select {
	case a.waiting <- struct{}{}:
	default:
		return overloaded()
	}
	defer func() { <-a.waiting }()

	timer := time.NewTimer(a.maxWait)
	defer timer.Stop()
	select {
	case a.running <- struct{}{}:
		return nil
	case <-timer.C:
		return overloaded()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *admission) leave() { <-a.running }

func overloaded() error {
	return fault.New(fault.Exhausted, fault.ReasonOverloaded)
}
