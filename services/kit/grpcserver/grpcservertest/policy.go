package grpcservertest

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/internal/drill"
)

// WithoutPolicy lets every known caller call every method, with the widest
// scope, so that what still holds is row-level security alone (security.md §2.4,
// bypass drill).
func WithoutPolicy() grpcserver.Option {
	return func(s *drill.Settings) { s.PolicyOff = true }
}

// WithStall lets a stream be given up after so short a silence that a test can wait
// for it.
func WithStall(d time.Duration) grpcserver.Option {
	return func(s *drill.Settings) { s.Stall = d }
}
