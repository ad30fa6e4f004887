package api

import (
	"context"
	"strconv"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// ItemServer answers RectificationItemService (arts 15(3), 16, 17).
type ItemServer struct {
	rectificationv1.UnimplementedRectificationItemServiceServer
	Deps
}

// GetRectificationItem reads an item.
func (s *ItemServer) GetRectificationItem(ctx context.Context, req *rectificationv1.GetRectificationItemRequest) (*rectificationv1.RectificationItem, error) {
	return get(ctx, s.Deps, itemName, req, func(tx *pg.Tx, ids map[string]string) (*domain.Item, error) {
		return store.Item(tx, ids["rectification"], ids["item"])
	}, one(encodeItem))
}

// ListRectificationItems lists the items of a case by number. Whoever sees an item
// sees its case, so that the case is looked for only where there is no item.
func (s *ItemServer) ListRectificationItems(ctx context.Context, req *rectificationv1.ListRectificationItemsRequest) (*rectificationv1.ListRectificationItemsResponse, error) {
	ids, err := parse(ctx, rectificationName, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	items := listing[*domain.Item, *rectificationv1.RectificationItem]{
		read: func(tx *pg.Tx, q store.Query) ([]*domain.Item, error) {
			return store.Items(tx, ids["rectification"], q)
		},
		encode: each(encodeItem),
		sort: func(i *domain.Item) (string, []string) {
			return i.Record().ID, []string{strconv.Itoa(int(i.Record().Measure.Number))}
		},
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListRectificationItemsResponse, error) {
		found, next, err := items.page(ctx, s.Pager, req, filter.Condition{}, tx)
		if err == nil && len(found) == 0 {
			_, err = store.Rectification(tx, ids["rectification"])
		}
		return &rectificationv1.ListRectificationItemsResponse{RectificationItems: found, NextPageToken: next}, named(err, req.GetParent())
	})
}

// ListProgressUpdates lists the steps of an item. Like its items, those of an item
// that is not the caller's are looked for once more only to say so.
func (s *ItemServer) ListProgressUpdates(ctx context.Context, req *rectificationv1.ListProgressUpdatesRequest) (*rectificationv1.ListProgressUpdatesResponse, error) {
	ids, err := parse(ctx, itemName, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	steps := listing[domain.ItemChange, *rectificationv1.ProgressUpdate]{
		read:   func(tx *pg.Tx, q store.Query) ([]domain.ItemChange, error) { return store.Changes(tx, ids["item"], q) },
		encode: each(encodeChange),
		sort: func(c domain.ItemChange) (string, []string) {
			return ids["item"], []string{strconv.FormatInt(c.Number, 10)}
		},
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListProgressUpdatesResponse, error) {
		if _, err := store.Item(tx, ids["rectification"], ids["item"]); err != nil {
			return nil, named(err, req.GetParent())
		}
		found, next, err := steps.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListProgressUpdatesResponse{ProgressUpdates: found, NextPageToken: next}, err
	})
}

// change carries an item through one step.
func (s *ItemServer) change(ctx context.Context, req matter, decide func(i *domain.Item, act domain.Act) error) (*rectificationv1.RectificationItem, error) {
	return s.changeIn(ctx, req, func(_ *pg.Tx, i *domain.Item, act domain.Act) error { return decide(i, act) })
}

// changeIn carries an item through a step that is decided by more than the item.
func (s *ItemServer) changeIn(ctx context.Context, req matter, decide func(tx *pg.Tx, i *domain.Item, act domain.Act) error) (*rectificationv1.RectificationItem, error) {
	ids, err := parse(ctx, itemName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.RectificationItem, error) {
		i, err := heldItem(tx, ids, req)
		if err != nil {
			return nil, err
		}
		if err := decide(tx, i, domain.Act{By: tx.Principal().Subject, Now: now}); err != nil {
			return nil, err
		}
		if err := store.SaveItem(tx, i); err != nil {
			return nil, err
		}
		return encodeItem(i), nil
	})
}

// heldItem gives the item of a request, as its caller has read it.
func heldItem(tx *pg.Tx, ids map[string]string, req matter) (*domain.Item, error) {
	i, err := store.Item(tx, ids["rectification"], ids["item"])
	if err != nil {
		return nil, named(err, req.GetName())
	}
	return i, etag.Check(req.GetEtag(), i.Record().Version)
}
