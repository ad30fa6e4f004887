package api

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/resourcename"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// naming is a request for one object.
type naming interface {
	proto.Message
	GetName() string
}

// binding is a request that changes what its caller has read.
type binding interface {
	idempotency.Request
	GetEtag() string
}

// get answers a request for one object; load gets the ids in its name.
func get[D any, M proto.Message](ctx context.Context, d Deps, p *resourcename.Pattern, req naming,
	load func(tx *pg.Tx, ids map[string]string) (D, error), encode func(tx *pg.Tx, found D) (M, error),
) (M, error) {
	var none M
	ids, err := parse(ctx, p, "name", req.GetName())
	if err != nil {
		return none, err
	}
	return audit.Read(ctx, d.DB, req, func(tx *pg.Tx) (M, error) {
		found, err := load(tx, ids)
		if err != nil {
			return none, named(err, req.GetName())
		}
		return encode(tx, found)
	})
}

// one encodes what needs nothing but itself.
func one[D, M any](encode func(D) M) func(*pg.Tx, D) (M, error) {
	return func(_ *pg.Tx, found D) (M, error) { return encode(found), nil }
}

// chain is what differs between plan and report on their common way of art. 17.
type chain[S any, M proto.Message] struct {
	pattern *resourcename.Pattern
	load    func(tx *pg.Tx, rectification string) (*S, error)
	save    func(tx *pg.Tx, s *S) error
	version func(s *S) int64
	encode  func(s *S) M
}

func (c chain[S, M]) get(ctx context.Context, d Deps, req naming) (M, error) {
	return get(ctx, d, c.pattern, req, func(tx *pg.Tx, ids map[string]string) (*S, error) {
		return c.load(tx, ids["rectification"])
	}, one(c.encode))
}

// change carries a submission through one step, which itself saves what it
// changes of the case. field is where the request has the name.
func (c chain[S, M]) change(ctx context.Context, d Deps, field, name string, req binding,
	step func(tx *pg.Tx, r *domain.Rectification, s *S, at obligation.Moment) error,
) (M, error) {
	var none M
	ids, err := parse(ctx, c.pattern, field, name)
	if err != nil {
		return none, err
	}
	return idempotency.Write(ctx, d.DB, req, func(tx *pg.Tx) (M, error) {
		s, err := c.load(tx, ids["rectification"])
		if err != nil {
			return none, named(err, name)
		}
		r, err := store.Rectification(tx, ids["rectification"])
		if err != nil {
			return none, named(err, name)
		}
		if err := etag.Check(req.GetEtag(), c.version(s)); err != nil {
			return none, err
		}
		at, err := d.Docket.Moment(tx, r.Record().RuleSet)
		if err != nil {
			return none, err
		}
		if err := step(tx, r, s, at); err != nil {
			return none, err
		}
		if err := c.save(tx, s); err != nil {
			return none, err
		}
		return c.encode(s), nil
	})
}
