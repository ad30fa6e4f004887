package api

import (
	"context"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/form"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// ImmediateServer answers ImmediateRectificationService (art. 9).
type ImmediateServer struct {
	rectificationv1.UnimplementedImmediateRectificationServiceServer
	Deps
}

// CreateImmediateRectification drafts one of a task of the caller's.
func (s *ImmediateServer) CreateImmediateRectification(ctx context.Context, req *rectificationv1.CreateImmediateRectificationRequest) (*rectificationv1.ImmediateRectification, error) {
	m := req.GetImmediateRectification()
	if _, err := parse(ctx, provinceName, "parent", req.GetParent()); err != nil {
		return nil, err
	}
	inspection, err := parse(ctx, inspectionName, "immediate_rectification.inspection", m.GetInspection())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ImmediateRectification, error) {
		task, err := store.Task(tx, inspection["inspection"])
		if err != nil {
			return nil, named(err, m.GetInspection())
		}
		i, err := domain.NewImmediate(id, task, decodeDrafting(m), now)
		if err != nil {
			return nil, err
		}
		if err := store.AddImmediate(tx, i); err != nil {
			return nil, err
		}
		return s.encodedImmediate(tx, i)
	})
}

// GetImmediateRectification reads one; the reading is entered in the audit log.
func (s *ImmediateServer) GetImmediateRectification(ctx context.Context, req *rectificationv1.GetImmediateRectificationRequest) (*rectificationv1.ImmediateRectification, error) {
	return get(ctx, s.Deps, immediateName, req, func(tx *pg.Tx, ids map[string]string) (*domain.Immediate, error) {
		return store.Immediate(tx, ids["immediate_rectification"])
	}, s.encodedImmediate)
}

// ListImmediateRectifications lists them in order of creation.
func (s *ImmediateServer) ListImmediateRectifications(ctx context.Context, req *rectificationv1.ListImmediateRectificationsRequest) (*rectificationv1.ListImmediateRectificationsResponse, error) {
	if _, err := parse(ctx, provinceName, "parent", req.GetParent()); err != nil {
		return nil, err
	}
	matters := listing[*domain.Immediate, *rectificationv1.ImmediateRectification]{
		read: store.Immediates, encode: s.encodedImmediates,
		sort: func(i *domain.Immediate) (string, []string) { return i.Record().ID, nil },
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListImmediateRectificationsResponse, error) {
		page, next, err := matters.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListImmediateRectificationsResponse{ImmediateRectifications: page, NextPageToken: next}, err
	})
}

// UpdateImmediateRectification rewrites a draft.
func (s *ImmediateServer) UpdateImmediateRectification(ctx context.Context, req *rectificationv1.UpdateImmediateRectificationRequest) (*rectificationv1.ImmediateRectification, error) {
	paths, err := checkMask(req.GetUpdateMask(), "problem", "proposal", "recipient", "strongly_reported", "clearly_against_rules",
		"solvable_at_once", "concerns_principal", "orders_specific_case", "concerns_provincial_cadre")
	if err != nil {
		return nil, err
	}
	name := req.GetImmediateRectification().GetName()
	ids, err := parse(ctx, immediateName, "immediate_rectification.name", name)
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ImmediateRectification, error) {
		i, err := store.Immediate(tx, ids["immediate_rectification"])
		if err != nil {
			return nil, named(err, name)
		}
		if err := etag.Check(req.GetEtag(), i.Edition()); err != nil {
			return nil, err
		}
		merged := encodeImmediate(i, nil)
		merge(merged, req.GetImmediateRectification(), paths)
		if err := form.Check("immediate_rectification", merged); err != nil {
			return nil, err
		}
		if err := i.Revise(decodeDrafting(merged), now); err != nil {
			return nil, err
		}
		if err := store.SaveImmediateDraft(tx, i); err != nil {
			return nil, err
		}
		return s.encodedImmediate(tx, i)
	})
}
