package api

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/fault"
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

// namedBinding is one about an object that it names.
type namedBinding interface {
	binding
	GetName() string
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
	kind    store.Kind
	pattern *resourcename.Pattern
	load    func(tx *pg.Tx, rectification string) (*S, error)
	save    func(tx *pg.Tx, s *S) error
	common  func(s *S) domain.Submission
	version func(s *S, id string) domain.Version // that was just submitted
	encode  func(d Deps, tx *pg.Tx, s *S) (M, error)
}

func (c chain[S, M]) get(ctx context.Context, d Deps, req naming) (M, error) {
	return get(ctx, d, c.pattern, req, func(tx *pg.Tx, ids map[string]string) (*S, error) {
		return c.load(tx, ids["rectification"])
	}, func(tx *pg.Tx, s *S) (M, error) { return c.encode(d, tx, s) })
}

// stepOf is a step of a submission that itself saves what it changes of the case.
type stepOf[S any] func(tx *pg.Tx, r *domain.Rectification, s *S, at obligation.Moment) error

// reply carries a submission through the one reply to it, which is kept once it was taken.
func (c chain[S, M]) reply(ctx context.Context, d Deps, req replyTo, take func(tx *pg.Tx, r *domain.Rectification, s *S, reply *domain.Reply, by domain.Replier, at obligation.Moment) error) (M, error) {
	reply := new(domain.Reply)
	step := func(tx *pg.Tx, r *domain.Rectification, s *S, at obligation.Moment) (err error) {
		if reply, err = decodeReply(req); err != nil {
			return err
		}
		by, err := replier(tx, c.kind, c.common(s))
		if err != nil {
			return err
		}
		return take(tx, r, s, reply, by, at)
	}
	return c.change(ctx, d, "name", req.GetName(), req, step, func(tx *pg.Tx, s domain.Submission) error {
		return sent(tx, c.kind, s, reply)
	})
}

// forward passes a submission on through the office.
func (c chain[S, M]) forward(ctx context.Context, d Deps, req namedBinding, step func(s *S, by, replier string, at obligation.Moment) error) (M, error) {
	return c.change(ctx, d, "name", req.GetName(), req, func(tx *pg.Tx, _ *domain.Rectification, s *S, at obligation.Moment) error {
		replier, err := store.Actor(tx, c.kind, c.common(s), domain.SubmissionGroupPassed)
		if err != nil {
			return err
		}
		return step(s, tx.Principal().Subject, replier, at)
	})
}

// change carries a submission through one step; field is where the request has the name.
// What comes after the step is done when the submission is saved.
func (c chain[S, M]) change(ctx context.Context, d Deps, field, name string, req binding, step stepOf[S], after ...func(tx *pg.Tx, s domain.Submission) error) (M, error) {
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
		if err := etag.Check(req.GetEtag(), c.common(s).Version); err != nil {
			return none, err
		}
		at, err := d.Docket.Moment(tx, r.Record().RuleSet)
		if err != nil {
			return none, err
		}
		return rehearse(tx, req, func() (M, error) {
			if err := c.take(tx, r, s, at, step, after); err != nil {
				return none, err
			}
			return c.encode(d, tx, s)
		})
	})
}

// take makes the step and saves it; a step along the chain is on record with the person,
// and a submission leaves its version.
func (c chain[S, M]) take(tx *pg.Tx, r *domain.Rectification, s *S, at obligation.Moment, step stepOf[S], next []func(tx *pg.Tx, s domain.Submission) error) error {
	before := c.common(s)
	if err := step(tx, r, s, at); err != nil {
		return err
	}
	if err := c.save(tx, s); err != nil {
		return err
	}
	after := c.common(s)
	if after.State == before.State {
		return nil
	}
	if err := store.AddStep(tx, c.kind, after); err != nil {
		return err
	}
	for _, f := range next {
		if err := f(tx, after); err != nil {
			return err
		}
	}
	if after.Count == before.Count {
		return nil
	}
	id, err := newID()
	if err != nil {
		return err
	}
	return store.AddVersion(tx, c.kind, c.version(s, id))
}

// rehearsed ends a rehearsal that met no refusal, so that what it wrote is undone.
var rehearsed = fault.New(fault.Precondition, "REHEARSED")

// rehearse does what f does, and where the request is a rehearsal (validate_only, AIP-163)
// undoes it: the answer, or the refusal, is the same.
func rehearse[M proto.Message](tx *pg.Tx, req proto.Message, f func() (M, error)) (answer M, err error) {
	if r, ok := req.(interface{ GetValidateOnly() bool }); !ok || !r.GetValidateOnly() {
		return f()
	}
	refusal, err := tx.Attempt(func() error {
		if answer, err = f(); err != nil {
			return err
		}
		return rehearsed
	})
	switch {
	case err != nil:
		return answer, err
	case refusal.Reason != rehearsed.Reason:
		return answer, refusal
	default:
		return answer, nil
	}
}
