package api

import (
	"context"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// change carries an immediate rectification through one gate. decide changes it, and
// gives what else is to be kept once it is stored, if anything.
func (s *ImmediateServer) change(ctx context.Context, req matter,
	decide func(tx *pg.Tx, i *domain.Immediate) (beside func() error, err error),
) (*rectificationv1.ImmediateRectification, error) {
	ids, err := parse(ctx, immediateName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ImmediateRectification, error) {
		i, err := store.Immediate(tx, ids["immediate_rectification"])
		if err != nil {
			return nil, named(err, req.GetName())
		}
		if err := etag.Check(req.GetEtag(), i.Edition()); err != nil {
			return nil, err
		}
		beside, err := decide(tx, i)
		if err != nil {
			return nil, err
		}
		if err := store.SaveImmediate(tx, i); err != nil {
			return nil, err
		}
		if beside != nil {
			if err := beside(); err != nil {
				return nil, err
			}
		}
		return s.encodedImmediate(tx, i)
	})
}

// matter is a request that changes one that its caller has read.
type matter interface {
	binding
	GetName() string
}

// deciding is such a request that rests on a decision of the leading group.
type deciding interface {
	matter
	GetDecision() string
}

// decided carries one through a gate that a decision opens. Scheduling is asked for it
// before the transaction; a repeat asks nobody.
func (s *ImmediateServer) decided(ctx context.Context, req deciding, kind schedulingv1.DecisionItem_Kind,
	decide func(i *domain.Immediate, decision string, covered bool) error,
) (*rectificationv1.ImmediateRectification, error) {
	decision, err := parse(ctx, decisionName, "decision", req.GetDecision())
	if err != nil {
		return nil, err
	}
	if answer, ok, err := idempotency.Stored[*rectificationv1.ImmediateRectification](ctx, s.DB, req); ok || err != nil {
		return answer, err
	}
	covered, err := s.covers(ctx, req.GetDecision(), kind, req.GetName())
	if err != nil {
		return nil, err
	}
	return s.change(ctx, req, func(_ *pg.Tx, i *domain.Immediate) (func() error, error) {
		return nil, decide(i, decision["decision"], covered)
	})
}

// ConfirmImmediateRectificationConsent takes the first gate, on the word of scheduling.
func (s *ImmediateServer) ConfirmImmediateRectificationConsent(ctx context.Context, req *rectificationv1.ConfirmImmediateRectificationConsentRequest) (*rectificationv1.ImmediateRectification, error) {
	now := s.now()
	return s.decided(ctx, req, schedulingv1.DecisionItem_KIND_CONSENT_IMMEDIATE_RECTIFICATION,
		func(i *domain.Immediate, decision string, covered bool) error {
			return i.Consent(decision, covered, now)
		})
}

// HearCity takes the second gate.
func (s *ImmediateServer) HearCity(ctx context.Context, req *rectificationv1.HearCityRequest) (*rectificationv1.ImmediateRectification, error) {
	hearing, err := decodeConsultation(req.GetCityConsultation())
	if err != nil {
		return nil, err
	}
	now := s.now()
	return s.change(ctx, req, func(_ *pg.Tx, i *domain.Immediate) (func() error, error) {
		return nil, i.HearCity(hearing, now)
	})
}

// BypassCity takes the second gate past an implicated city, on the word of scheduling.
func (s *ImmediateServer) BypassCity(ctx context.Context, req *rectificationv1.BypassCityRequest) (*rectificationv1.ImmediateRectification, error) {
	now := s.now()
	return s.decided(ctx, req, schedulingv1.DecisionItem_KIND_BYPASS_CITY,
		func(i *domain.Immediate, decision string, covered bool) error {
			return i.BypassCity(domain.Bypass{Decision: decision, Reason: req.GetReason()}, covered, now)
		})
}

// IssueImmediateRectification takes the third gate and hands the notice to the county.
func (s *ImmediateServer) IssueImmediateRectification(ctx context.Context, req *rectificationv1.IssueImmediateRectificationRequest) (*rectificationv1.ImmediateRectification, error) {
	id, err := newID()
	if err != nil {
		return nil, err
	}
	now := s.now()
	return s.change(ctx, req, func(tx *pg.Tx, i *domain.Immediate) (func() error, error) {
		task, err := store.Task(tx, i.Record().Place.Inspection)
		if err != nil {
			return nil, err
		}
		delivery, err := i.Issue(id, req.GetDocumentNumber(), task.RuleSet, now)
		if err != nil {
			return nil, err
		}
		return func() error { return store.AddDelivery(tx, delivery) }, nil // no delivery of what is not issued
	})
}

// VerifyImmediateRectification is the group's check of the county's answer.
func (s *ImmediateServer) VerifyImmediateRectification(ctx context.Context, req *rectificationv1.VerifyImmediateRectificationRequest) (*rectificationv1.ImmediateRectification, error) {
	verdict := decodeEnum[domain.Verdict](req.GetVerdict(), prefixVerdict)
	now := s.now()
	return s.change(ctx, req, func(tx *pg.Tx, i *domain.Immediate) (func() error, error) {
		task, err := store.Task(tx, i.Record().Place.Inspection)
		if err != nil {
			return nil, err
		}
		checked, err := i.Verify(verdict, req.GetOpinion(), task.EndDate, now)
		if err != nil {
			return nil, err
		}
		return nil, store.SaveVerdict(tx, i, checked) // first, for nothing is verified without it
	})
}

// WithdrawImmediateRectification gives up what is not issued yet.
func (s *ImmediateServer) WithdrawImmediateRectification(ctx context.Context, req *rectificationv1.WithdrawImmediateRectificationRequest) (*rectificationv1.ImmediateRectification, error) {
	now := s.now()
	return s.change(ctx, req, func(_ *pg.Tx, i *domain.Immediate) (func() error, error) {
		return nil, i.Withdraw(req.GetReason(), now)
	})
}

// CloseImmediateRectification ends it.
func (s *ImmediateServer) CloseImmediateRectification(ctx context.Context, req *rectificationv1.CloseImmediateRectificationRequest) (*rectificationv1.ImmediateRectification, error) {
	now := s.now()
	return s.change(ctx, req, func(_ *pg.Tx, i *domain.Immediate) (func() error, error) { return nil, i.Close(now) })
}
