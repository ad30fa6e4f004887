package docketserver

import (
	"context"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// decisions answers ObligationDecisionService.
type decisions struct {
	obligationv1.UnimplementedObligationDecisionServiceServer
	Deps
}

// ReasonNotDecided is the refusal of a step that the decision does not hold, or that
// was taken by it before; a value of xunshi.fault.v1.ErrorReason.
const ReasonNotDecided = "OBLIGATION_NOT_DECIDED"

// ExtendObligation adds days by a decision (arts 3, 5).
func (s *decisions) ExtendObligation(ctx context.Context, req *obligationv1.ExtendObligationRequest) (*obligationv1.Obligation, error) {
	return s.decide(ctx, req, Extend, func(at obligation.Moment, o *obligation.Obligation) error {
		return o.Extend(at, int(req.GetDays()), req.GetDecision())
	})
}

// SuspendObligation stops the period by a decision (art. 5).
func (s *decisions) SuspendObligation(ctx context.Context, req *obligationv1.SuspendObligationRequest) (*obligationv1.Obligation, error) {
	return s.decide(ctx, req, Suspend, func(at obligation.Moment, o *obligation.Obligation) error {
		return o.Suspend(at, req.GetDecision())
	})
}

// ResumeObligation lets it run again by a decision (art. 5).
func (s *decisions) ResumeObligation(ctx context.Context, req *obligationv1.ResumeObligationRequest) (*obligationv1.Obligation, error) {
	return s.decide(ctx, req, Resume, func(at obligation.Moment, o *obligation.Obligation) error {
		return o.Resume(at, req.GetDecision())
	})
}

// ShortenObligation makes the earlier computed date stand by a decision (art. 5).
func (s *decisions) ShortenObligation(ctx context.Context, req *obligationv1.ShortenObligationRequest) (*obligationv1.Obligation, error) {
	return s.decide(ctx, req, Shorten, func(at obligation.Moment, o *obligation.Obligation) error {
		return o.Shorten(at, req.GetDecision(), req.GetDocumentNumber())
	})
}

// ReasonMovedElsewhere is the refusal to move a date without what it is about; a value
// of xunshi.fault.v1.ErrorReason.
const ReasonMovedElsewhere = "OBLIGATION_MOVED_ELSEWHERE"

// movedHere refuses an obligation whose date has a method of its own. What was
// suspended before it had one runs again all the same.
func (d Deps) movedHere(action Action, r obligation.Record) error {
	if method, elsewhere := d.MovedBy[r.Duty]; elsewhere && action != Resume {
		return fault.Refuse(r.Article, ReasonMovedElsewhere, "method", method)
	}
	return nil
}

// decided is a request that names an obligation and the decision on it.
type decided interface {
	idempotency.Request
	GetName() string
	GetDecision() string
	GetEtag() string
}

// change is what the history calls the step.
func (a Action) change() obligation.ChangeKind {
	switch a {
	case Extend:
		return obligation.Extended
	case Suspend:
		return obligation.SuspendedBy
	case Resume:
		return obligation.ResumedBy
	default:
		return obligation.ShortenedBy
	}
}

// decide takes one step by a decision of the leading group. The decision is asked
// for before the transaction, and not at all for a repeat that is answered already.
// An item of it is used once: for more days yet, or another stop, there must be
// another decision.
func (s *decisions) decide(ctx context.Context, req decided, action Action,
	step func(at obligation.Moment, o *obligation.Obligation) error,
) (*obligationv1.Obligation, error) {
	name, err := s.parseObligation(req.GetName())
	if err != nil {
		return nil, err
	}
	version, err := etag.Parse(req.GetEtag())
	if err != nil {
		return nil, err
	}
	if answer, ok, err := idempotency.Stored[*obligationv1.Obligation](ctx, s.DB, req); ok || err != nil {
		return answer, err
	}
	covered, err := s.Decisions(ctx, req.GetDecision(), action, req.GetName())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*obligationv1.Obligation, error) {
		var moment obligation.Moment
		o, err := s.Docket.Decide(tx, name.id, version, func(at obligation.Moment, o *obligation.Obligation) error {
			moment = at
			if err := s.movedHere(action, o.Record()); err != nil {
				return err
			}
			used, err := s.Docket.Applied(tx, name.id, action.change(), req.GetDecision())
			switch {
			case err != nil:
				return err
			case !covered || used:
				return fault.Refuse("5", ReasonNotDecided, "kind", string(action))
			}
			return step(at, o)
		})
		if err != nil {
			return nil, named(err, req.GetName())
		}
		return s.encode(moment, o)
	})
}
