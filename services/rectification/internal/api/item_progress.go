package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// toldOf is the progress of an item, of one alone or among several.
type toldOf interface {
	GetState() rectificationv1.RectificationItem_State
	GetPercent() int32
	GetProgress() string
	GetEvidence() []*rectificationv1.Evidence
}

// ReportItemProgress records what the county did.
func (s *ItemServer) ReportItemProgress(ctx context.Context, req *rectificationv1.ReportItemProgressRequest) (*rectificationv1.RectificationItem, error) {
	progress, err := decodeProgress("", req)
	if err != nil {
		return nil, err
	}
	return s.changeIn(ctx, req, func(tx *pg.Tx, i *domain.Item, act domain.Act) error {
		known, err := documentsNamed(tx, i.Record().Rectification, progress)
		if err != nil {
			return err
		}
		proven, err := progress.Prove(i.Record().Measure.Number, known)
		if err != nil {
			return err
		}
		return i.Report(proven, act)
	})
}

// BatchReportItemProgress records what the county did about several items, all or
// none: one statement reads them, one the documents that they name, and one writes them.
func (s *ItemServer) BatchReportItemProgress(ctx context.Context, req *rectificationv1.BatchReportItemProgressRequest) (*rectificationv1.BatchReportItemProgressResponse, error) {
	ids, err := parse(ctx, rectificationName, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	updates, err := decodeUpdates(req.GetUpdates())
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.BatchReportItemProgressResponse, error) {
		items, err := itemsNumbered(tx, ids["rectification"], req)
		if err != nil {
			return nil, err
		}
		known, err := documentsNamed(tx, ids["rectification"], updates...)
		if err != nil {
			return nil, err
		}
		act := domain.Act{By: tx.Principal().Subject, Now: now}
		for n, u := range req.GetUpdates() {
			if err := etag.Check(u.GetEtag(), items[n].Record().Version); err != nil {
				return nil, ofItem(err, u)
			}
			proven, err := updates[n].Prove(u.GetNumber(), known)
			if err != nil {
				return nil, err
			}
			if err := items[n].Report(proven, act); err != nil {
				return nil, ofItem(err, u)
			}
		}
		if err := store.SaveReported(tx, items, act); err != nil {
			return nil, err
		}
		return &rectificationv1.BatchReportItemProgressResponse{RectificationItems: mapped(items, encodeItem)}, nil
	})
}

// itemsNumbered gives the items of a request in its order.
func itemsNumbered(tx *pg.Tx, rectification string, req *rectificationv1.BatchReportItemProgressRequest) ([]*domain.Item, error) {
	numbers := mapped(req.GetUpdates(), (*rectificationv1.ItemProgress).GetNumber)
	found, err := store.ItemsNumbered(tx, rectification, numbers)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		if _, err := store.Rectification(tx, rectification); err != nil {
			return nil, named(err, req.GetParent())
		}
	}
	return domain.PickItems(found, numbers)
}

// ofItem says of which of several items a refusal is.
func ofItem(err error, u *rectificationv1.ItemProgress) error {
	if f, ok := fault.As(err); ok {
		return f.With("item", strconv.Itoa(int(u.GetNumber())))
	}
	return err
}

func decodeUpdates(updates []*rectificationv1.ItemProgress) ([]domain.Progress, error) {
	out := make([]domain.Progress, len(updates))
	for n, u := range updates {
		path := fmt.Sprintf("updates[%d].", n)
		if slices.ContainsFunc(updates[:n], func(o *rectificationv1.ItemProgress) bool { return o.GetNumber() == u.GetNumber() }) {
			return nil, fault.InvalidField(path+"number", "REPEATED", "one update for each item")
		}
		var err error
		if out[n], err = decodeProgress(path, u); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// decodeProgress reads the progress of an item; path is where the request has it.
func decodeProgress(path string, m toldOf) (domain.Progress, error) {
	p := domain.Progress{
		State: decodeEnum[domain.ItemState](m.GetState(), prefixState), Percent: m.GetPercent(), Text: m.GetProgress(),
	}
	var err error
	p.Evidence, err = decodeEvidence(path, m.GetEvidence())
	return p, err
}

func encodeItem(i *domain.Item) *rectificationv1.RectificationItem {
	r := i.Record()
	out := &rectificationv1.RectificationItem{
		Name:                    itemName.Format(r.Place.Province, r.Rectification, r.ID),
		Measure:                 encodeMeasure(r.Measure),
		State:                   encodeEnum[rectificationv1.RectificationItem_State](r.State, prefixState),
		Percent:                 r.Percent,
		Progress:                r.Progress,
		DueDate:                 wire.Date(r.Due),
		Evidence:                mapped(r.Evidence, encodeEvidence),
		Opinion:                 r.Opinion,
		CityNotApplicableReason: encodeEnum[rectificationv1.NotApplicableReason](r.CityNotApplicable, prefixNotApplicable),
		CreateTime:              wire.Time(r.CreateTime),
		UpdateTime:              wire.Time(r.UpdateTime),
		Etag:                    etag.Format(r.Version),
	}
	if r.LooksBackAt != "" {
		out.LooksBackAt = itemName.Format(r.Place.Province, r.Rectification, r.LooksBackAt)
	}
	return out
}
