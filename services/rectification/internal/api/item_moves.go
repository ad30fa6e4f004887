package api

import (
	"context"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// VerifyItemByCity is the city's check.
func (s *ItemServer) VerifyItemByCity(ctx context.Context, req *rectificationv1.VerifyItemByCityRequest) (*rectificationv1.RectificationItem, error) {
	verdict := decodeEnum[domain.Verdict](req.GetVerdict(), prefixVerdict)
	return s.change(ctx, req, func(i *domain.Item, act domain.Act) error {
		return i.VerifyByCity(verdict, req.GetOpinion(), act)
	})
}

// VerifyItem is the check of office or group.
func (s *ItemServer) VerifyItem(ctx context.Context, req *rectificationv1.VerifyItemRequest) (*rectificationv1.RectificationItem, error) {
	verdict := decodeEnum[domain.Verdict](req.GetVerdict(), prefixVerdict)
	reason := decodeEnum[domain.NotApplicable](req.GetNotApplicableReason(), prefixNotApplicable)
	return s.change(ctx, req, func(i *domain.Item, act domain.Act) error {
		return i.Verify(verdict, req.GetOpinion(), reason, act)
	})
}

// CloseItem ends an item.
func (s *ItemServer) CloseItem(ctx context.Context, req *rectificationv1.CloseItemRequest) (*rectificationv1.RectificationItem, error) {
	return s.change(ctx, req, (*domain.Item).Close)
}

// DeferItem puts an item off by a decision, which scheduling is asked for before the
// transaction; a repeat asks nobody.
func (s *ItemServer) DeferItem(ctx context.Context, req *rectificationv1.DeferItemRequest) (*rectificationv1.RectificationItem, error) {
	decision, err := parse(ctx, decisionName, "decision", req.GetDecision())
	if err != nil {
		return nil, err
	}
	due, err := wire.Day("due_date", req.GetDueDate())
	if err != nil {
		return nil, err
	}
	if answer, ok, err := idempotency.Stored[*rectificationv1.RectificationItem](ctx, s.DB, req); ok || err != nil {
		return answer, err
	}
	covered, err := s.covers(ctx, req.GetDecision(), schedulingv1.DecisionItem_KIND_DEFER_RECTIFICATION_ITEM, req.GetName())
	if err != nil {
		return nil, err
	}
	return s.change(ctx, req, func(i *domain.Item, act domain.Act) error {
		return i.Defer(domain.Deferral{Decision: decision["decision"], Covered: covered, Reason: req.GetReason(), Due: due}, act.Now)
	})
}

// LookBackAtItem makes a new item of what was found wanting in a closed one.
func (s *ItemServer) LookBackAtItem(ctx context.Context, req *rectificationv1.LookBackAtItemRequest) (*rectificationv1.RectificationItem, error) {
	ids, err := parse(ctx, itemName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	due, err := wire.Day("due_date", req.GetDueDate())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.RectificationItem, error) {
		closed, err := heldItem(tx, ids, req)
		if err != nil {
			return nil, err
		}
		number, err := store.NextItemNumber(tx, ids["rectification"])
		if err != nil {
			return nil, err
		}
		again, err := closed.LookBack(domain.LookBack{
			ID: id, Number: number, Reason: req.GetReason(), Description: req.GetDescription(), Owner: req.GetOwner(), Due: due,
		}, now)
		if err != nil {
			return nil, err
		}
		if err := store.AddLookBack(tx, again); err != nil {
			return nil, err
		}
		return encodeItem(again), nil
	})
}

func encodeChange(c domain.ItemChange) *rectificationv1.ProgressUpdate {
	return &rectificationv1.ProgressUpdate{
		Number:     c.Number,
		State:      encodeEnum[rectificationv1.RectificationItem_State](c.State, prefixState),
		Percent:    c.Percent,
		Text:       c.Text,
		Evidence:   mapped(c.Evidence, encodeEvidence),
		Party:      encodeEnum[policyv1.Party](c.Party, prefixParty),
		DueDate:    wire.Date(c.Due),
		UpdateTime: wire.Time(c.Time),
	}
}
