package api

import (
	"context"

	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type batchServer struct {
	schedulingv1.UnimplementedBatchServiceServer
	*core
}

// CreateBatch starts planning a batch (arts 5, 12(1)).
func (s *batchServer) CreateBatch(ctx context.Context, req *schedulingv1.CreateBatchRequest) (*schedulingv1.Batch, error) {
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	term, err := s.names.term.parseIn(parent.province, "batch.term", req.GetBatch().GetTerm())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.Batch, error) {
		batch := domain.NewBatch(parent.province, id, req.GetBatch().GetDisplayName(), term.id, s.now())
		if err := store.InsertBatch(tx, batch); err != nil {
			return nil, err
		}
		return encodeBatch(shownBatch{Batch: batch}), nil
	})
}

// ApproveBatch makes the scheme of a batch final by a decision (art. 5).
func (s *batchServer) ApproveBatch(ctx context.Context, req *schedulingv1.ApproveBatchRequest) (*schedulingv1.Batch, error) {
	name, err := s.names.batch.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	by, err := s.names.decision.parseIn(name.province, "decision", req.GetDecision())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.Batch, error) {
		batch, err := store.BatchForUpdate(tx, name.province, name.id)
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), batch.Record().Version); err != nil {
			return nil, err
		}
		decision, err := store.Decision(tx, by.province, by.id)
		if err != nil {
			return nil, err
		}
		scheme, err := store.SchemeOf(tx, name.province, name.id)
		if err != nil {
			return nil, err
		}
		if err := batch.Approve(decision, scheme, s.now()); err != nil {
			return nil, err
		}
		if err := store.SaveBatch(tx, batch); err != nil {
			return nil, err
		}
		return encodeBatch(shownBatch{Batch: batch}), nil
	})
}

// RecordBatchHearing records that the leading group heard the report of a batch
// (art. 5).
func (s *batchServer) RecordBatchHearing(ctx context.Context, req *schedulingv1.RecordBatchHearingRequest) (*schedulingv1.Batch, error) {
	name, err := s.names.batch.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	heard, err := wire.Day("hearing_date", req.GetHearingDate())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.Batch, error) {
		batch, err := store.Batch(tx, name.province, name.id)
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), batch.Record().Version); err != nil {
			return nil, err
		}
		if err := batch.RecordHearing(heard, s.now()); err != nil {
			return nil, err
		}
		if err := store.SaveHearing(tx, batch); err != nil {
			return nil, err
		}
		if err := s.keepHearing(tx, batch); err != nil {
			return nil, err
		}
		shown, err := s.showBatch(tx, batch)
		return encodeBatch(shown), err
	})
}

func (s *batchServer) keepHearing(tx *pg.Tx, batch *domain.Batch) error {
	found, err := s.Docket.Of(tx, batch.Record().Name())
	if err != nil {
		return err
	}
	return s.keepRunning(tx, records(found[batch.Record().Name()]), batch.DutiesOfHearing())
}

// shownBatch is a batch with the date that the docket keeps for it.
type shownBatch struct {
	*domain.Batch
	hearing *regulationv1.StatutoryDate // nil until the batch ended
}

func (s *batchServer) showBatch(tx *pg.Tx, batch *domain.Batch) (shownBatch, error) {
	shown, err := s.showBatches(tx, []*domain.Batch{batch})
	if err != nil {
		return shownBatch{}, err
	}
	return shown[0], nil
}

func (s *batchServer) showBatches(tx *pg.Tx, batches []*domain.Batch) ([]shownBatch, error) {
	names := encodeAll(batches, func(b *domain.Batch) string { return b.Record().Name() })
	hearings, err := s.dates(tx, regulation.DutyHearing, names)
	return encodeAll(batches, func(b *domain.Batch) shownBatch {
		return shownBatch{b, hearings[b.Record().Name()]}
	}), err
}

// GetBatch reads a batch (art. 5).
func (s *batchServer) GetBatch(ctx context.Context, req *schedulingv1.GetBatchRequest) (*schedulingv1.Batch, error) {
	read := func(tx *pg.Tx, province, id string) (shownBatch, error) {
		batch, err := store.Batch(tx, province, id)
		if err != nil {
			return shownBatch{}, err
		}
		return s.showBatch(tx, batch)
	}
	return get(ctx, s.core, req, s.names.batch, read, encodeBatch)
}

// ListBatches lists the batches of a province (art. 5).
func (s *batchServer) ListBatches(ctx context.Context, req *schedulingv1.ListBatchesRequest) (*schedulingv1.ListBatchesResponse, error) {
	return list(ctx, s.core, req, listing[shownBatch, *schedulingv1.Batch, *schedulingv1.ListBatchesResponse]{
		read: func(tx *pg.Tx, q store.Query) ([]shownBatch, error) {
			batches, err := store.Batches(tx, q)
			if err != nil {
				return nil, err
			}
			return s.showBatches(tx, batches)
		},
		key: func(b shownBatch) string { return b.Record().ID }, encode: encodeBatch,
		answer: func(batches []*schedulingv1.Batch, next string) *schedulingv1.ListBatchesResponse {
			return &schedulingv1.ListBatchesResponse{Batches: batches, NextPageToken: next}
		},
	})
}

func encodeBatch(b shownBatch) *schedulingv1.Batch {
	r := b.Record()
	return &schedulingv1.Batch{
		Name: r.Name(), DisplayName: r.DisplayName, Term: domain.TermName(r.Province, r.Term),
		State:    schedulingv1.Batch_State(schedulingv1.Batch_State_value["STATE_"+string(r.State)]),
		Decision: domain.DecisionName(r.Province, r.Decision),
		EndDate:  wire.Date(r.EndDate), HearingDue: b.hearing, HearingDate: wire.Date(r.HearingDate),
		CreateTime: wire.Time(r.CreateTime), UpdateTime: wire.Time(r.UpdateTime), Etag: etag.Format(r.Version),
	}
}
