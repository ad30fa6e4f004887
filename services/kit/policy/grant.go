package policy

import (
	"context"

	"github.com/xunshi/xunshi/services/kit/principal"
)

// Grant is what a decision allowed. It travels in the context to the layers that
// narrow it further (pg) or account for it (audit).
type Grant struct {
	Method      string   // full method, e.g. "/xunshi.scheduling.v1.PlanService/GetPlan"
	Scope       Scope    // which objects
	Articles    []string // what the method rests on; not to be changed
	AuditedRead bool     // whether a read is entered in the audit log first
	Object      string   // resource name of the object or its parent, as requested
	Province    string   // the province in Object; empty where there is none
}

// Bind gives the caller as the rest of the request must see it: a service has no
// province of its own and acts in that of the object.
func (g Grant) Bind(p principal.Principal) principal.Principal {
	if p.Party == principal.Service {
		p.Province = g.Province
	}
	return p
}

type contextKey struct{}

// WithGrant returns a context that carries g.
func WithGrant(ctx context.Context, g Grant) context.Context {
	return context.WithValue(ctx, contextKey{}, g)
}

// GrantFrom gives the grant of the request.
func GrantFrom(ctx context.Context) (Grant, bool) {
	g, ok := ctx.Value(contextKey{}).(Grant)
	return g, ok
}
