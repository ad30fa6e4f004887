package grpcservertest

import (
	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/internal/drill"
)

// WithoutPolicy lets every known caller call every method, with the widest
// scope, so that what still holds is row-level security alone (security.md §2.4,
// bypass drill).
func WithoutPolicy() grpcserver.Option {
	return func(s *drill.Settings) { s.PolicyOff = true }
}
