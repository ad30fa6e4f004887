package grpcserver

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// authorize asks the policy that the proto declares for the method. Whether the
// object is this caller's is judged behind, where the object is read.
func (s *Server) authorize(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	p, ok := principal.From(ctx)
	if !ok {
		return nil, fmt.Errorf("authorize %s: no principal", info.FullMethod)
	}
	grant, err := s.decide(info.FullMethod, p, req)
	if err != nil {
		return nil, err
	}
	p = grant.Bind(p)
	note(ctx, p)
	return handler(principal.With(policy.WithGrant(ctx, grant), p), req)
}

func (s *Server) decide(method string, p principal.Principal, req any) (policy.Grant, error) {
	rule, ok := s.rules.Rule(method)
	if !ok { // cannot be: New refuses such a server
		return policy.Grant{}, fault.New(fault.Denied, fault.ReasonMethodNotGranted, "permission", method)
	}
	msg, ok := req.(proto.Message)
	if !ok {
		return policy.Grant{}, fmt.Errorf("authorize %s: the request is a %T", method, req)
	}
	grant, err := rule.Decide(p, msg)
	if s.policyOff {
		// The drill keeps what later layers account by and widens the rest.
		grant.Method, grant.Scope, err = method, policy.ScopeAny, nil
	}
	return grant, err
}
