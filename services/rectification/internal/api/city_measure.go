package api

import (
	"context"

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

// CityMeasureServer answers CityMeasureService (arts 15(4), 16).
type CityMeasureServer struct {
	rectificationv1.UnimplementedCityMeasureServiceServer
	Deps
}

// CreateCityMeasure enters a measure; the first meets what the city owes.
func (s *CityMeasureServer) CreateCityMeasure(ctx context.Context, req *rectificationv1.CreateCityMeasureRequest) (*rectificationv1.CityMeasure, error) {
	ids, err := parse(ctx, rectificationName, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	due, err := wire.Day("city_measure.due_date", req.GetCityMeasure().GetDueDate())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.CityMeasure, error) {
		r, err := store.Rectification(tx, ids["rectification"])
		if err != nil {
			return nil, named(err, req.GetParent())
		}
		at, err := s.Docket.Moment(tx, r.Record().RuleSet)
		if err != nil {
			return nil, err
		}
		m, dues, err := r.DirectMeasure(domain.CityMeasureRecord{
			ID: id, Body: req.GetCityMeasure().GetBody(), Description: req.GetCityMeasure().GetDescription(),
			Problems: req.GetCityMeasure().GetProblemNumbers(), Due: due,
		}, at)
		if err != nil {
			return nil, err
		}
		if err := store.AddCityMeasure(tx, m); err != nil {
			return nil, err
		}
		if err := s.settle(tx, at, req.GetParent(), dues); err != nil {
			return nil, err
		}
		return encodeCityMeasure(m), nil
	})
}

// GetCityMeasure reads a measure.
func (s *CityMeasureServer) GetCityMeasure(ctx context.Context, req *rectificationv1.GetCityMeasureRequest) (*rectificationv1.CityMeasure, error) {
	return get(ctx, s.Deps, cityMeasureName, req, func(tx *pg.Tx, ids map[string]string) (*domain.CityMeasure, error) {
		return store.CityMeasure(tx, ids["rectification"], ids["city_measure"])
	}, one(encodeCityMeasure))
}

// ListCityMeasures lists the measures on a case.
func (s *CityMeasureServer) ListCityMeasures(ctx context.Context, req *rectificationv1.ListCityMeasuresRequest) (*rectificationv1.ListCityMeasuresResponse, error) {
	ids, err := parse(ctx, rectificationName, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	measures := listing[*domain.CityMeasure, *rectificationv1.CityMeasure]{
		read: func(tx *pg.Tx, q store.Query) ([]*domain.CityMeasure, error) {
			return store.CityMeasures(tx, ids["rectification"], q)
		},
		encode: each(encodeCityMeasure),
		sort:   func(m *domain.CityMeasure) (string, []string) { return m.Record().ID, nil },
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListCityMeasuresResponse, error) {
		if _, err := store.Rectification(tx, ids["rectification"]); err != nil {
			return nil, named(err, req.GetParent())
		}
		page, next, err := measures.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListCityMeasuresResponse{CityMeasures: page, NextPageToken: next}, err
	})
}

// ReportCityMeasure tells how a measure goes.
func (s *CityMeasureServer) ReportCityMeasure(ctx context.Context, req *rectificationv1.ReportCityMeasureRequest) (*rectificationv1.CityMeasure, error) {
	ids, err := parse(ctx, cityMeasureName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	state := decodeEnum[domain.CityMeasureState](req.GetState(), prefixState)
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.CityMeasure, error) {
		m, err := store.CityMeasure(tx, ids["rectification"], ids["city_measure"])
		if err != nil {
			return nil, named(err, req.GetName())
		}
		if err := etag.Check(req.GetEtag(), m.Record().Version); err != nil {
			return nil, err
		}
		if err := m.Report(state, req.GetText(), now); err != nil {
			return nil, err
		}
		if err := store.SaveCityMeasure(tx, m); err != nil {
			return nil, err
		}
		return encodeCityMeasure(m), nil
	})
}

func encodeCityMeasure(m *domain.CityMeasure) *rectificationv1.CityMeasure {
	r := m.Record()
	return &rectificationv1.CityMeasure{
		Name:           cityMeasureName.Format(r.Place.Province, r.Rectification, r.ID),
		Body:           r.Body,
		Description:    r.Description,
		ProblemNumbers: r.Problems,
		DueDate:        wire.Date(r.Due),
		State:          encodeEnum[rectificationv1.CityMeasure_State](r.State, prefixState),
		Updates: mapped(r.Updates, func(u domain.CityMeasureUpdate) *rectificationv1.CityMeasureUpdate {
			return &rectificationv1.CityMeasureUpdate{
				State: encodeEnum[rectificationv1.CityMeasure_State](u.State, prefixState),
				Text:  u.Text, ReportTime: wire.Time(u.Time),
			}
		}),
		CreateTime: wire.Time(r.CreateTime),
		UpdateTime: wire.Time(r.UpdateTime),
		Etag:       etag.Format(r.Version),
	}
}
