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
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// ItemServer answers RectificationItemService (arts 15(3), 17).
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

// ListRectificationItems lists the items of a case by number.
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
		if _, err := store.Rectification(tx, ids["rectification"]); err != nil {
			return nil, named(err, req.GetParent())
		}
		page, next, err := items.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListRectificationItemsResponse{RectificationItems: page, NextPageToken: next}, err
	})
}

// ReportItemProgress records what the county did.
func (s *ItemServer) ReportItemProgress(ctx context.Context, req *rectificationv1.ReportItemProgressRequest) (*rectificationv1.RectificationItem, error) {
	ids, err := parse(ctx, itemName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	progress := domain.Progress{
		State: decodeEnum[domain.ItemState](req.GetState(), prefixState), Percent: req.GetPercent(), Text: req.GetProgress(),
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.RectificationItem, error) {
		r, err := store.Rectification(tx, ids["rectification"])
		if err != nil {
			return nil, named(err, req.GetName())
		}
		i, err := store.Item(tx, ids["rectification"], ids["item"])
		if err != nil {
			return nil, named(err, req.GetName())
		}
		if err := etag.Check(req.GetEtag(), i.Record().Version); err != nil {
			return nil, err
		}
		if err := r.ReportProgress(i, progress, now); err != nil {
			return nil, err
		}
		if err := store.HoldRectification(tx, r.Record().ID); err != nil {
			return nil, err
		}
		if err := store.SaveItem(tx, i); err != nil {
			return nil, err
		}
		return encodeItem(i), nil
	})
}

func encodeItem(i *domain.Item) *rectificationv1.RectificationItem {
	r := i.Record()
	return &rectificationv1.RectificationItem{
		Name:       itemName.Format(r.Place.Province, r.Rectification, r.ID),
		Measure:    encodeMeasure(r.Measure),
		State:      encodeEnum[rectificationv1.RectificationItem_State](r.State, prefixState),
		Percent:    r.Percent,
		Progress:   r.Progress,
		CreateTime: wire.Time(r.CreateTime),
		UpdateTime: wire.Time(r.UpdateTime),
		Etag:       etag.Format(r.Version),
	}
}
