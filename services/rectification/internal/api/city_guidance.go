package api

import (
	"context"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// GuidanceServer answers CityGuidanceService (arts 15(3), 16).
type GuidanceServer struct {
	rectificationv1.UnimplementedCityGuidanceServiceServer
	Deps
}

// CreateCityGuidance enters how the city guided the county.
func (s *GuidanceServer) CreateCityGuidance(ctx context.Context, req *rectificationv1.CreateCityGuidanceRequest) (*rectificationv1.CityGuidance, error) {
	ids, err := parse(ctx, rectificationName, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	day, err := wire.Day("city_guidance.guide_date", req.GetCityGuidance().GetGuideDate())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.CityGuidance, error) {
		r, err := store.Rectification(tx, ids["rectification"])
		if err != nil {
			return nil, named(err, req.GetParent())
		}
		g, err := r.Guide(domain.Guidance{
			ID: id, Date: day, AuthorParty: string(tx.Principal().Party),
			Content: req.GetCityGuidance().GetContent(), Signer: req.GetCityGuidance().GetSigner(),
		}, now)
		if err != nil {
			return nil, err
		}
		if err := store.AddGuidance(tx, g); err != nil {
			return nil, err
		}
		return encodeGuidance(g), nil
	})
}

// GetCityGuidance reads an entry.
func (s *GuidanceServer) GetCityGuidance(ctx context.Context, req *rectificationv1.GetCityGuidanceRequest) (*rectificationv1.CityGuidance, error) {
	return get(ctx, s.Deps, guidanceName, req, func(tx *pg.Tx, ids map[string]string) (domain.Guidance, error) {
		return store.Guidance(tx, ids["rectification"], ids["city_guidance"])
	}, one(encodeGuidance))
}

// ListCityGuidances lists the entries on a case.
func (s *GuidanceServer) ListCityGuidances(ctx context.Context, req *rectificationv1.ListCityGuidancesRequest) (*rectificationv1.ListCityGuidancesResponse, error) {
	ids, err := parse(ctx, rectificationName, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	entries := listing[domain.Guidance, *rectificationv1.CityGuidance]{
		read: func(tx *pg.Tx, q store.Query) ([]domain.Guidance, error) {
			return store.Guidances(tx, ids["rectification"], q)
		},
		encode: each(encodeGuidance),
		sort:   func(g domain.Guidance) (string, []string) { return g.ID, nil },
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListCityGuidancesResponse, error) {
		if _, err := store.Rectification(tx, ids["rectification"]); err != nil {
			return nil, named(err, req.GetParent())
		}
		page, next, err := entries.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListCityGuidancesResponse{CityGuidances: page, NextPageToken: next}, err
	})
}

func encodeGuidance(g domain.Guidance) *rectificationv1.CityGuidance {
	return &rectificationv1.CityGuidance{
		Name:        guidanceName.Format(g.Place.Province, g.Rectification, g.ID),
		GuideDate:   wire.Date(g.Date),
		Content:     g.Content,
		Signer:      g.Signer,
		AuthorParty: policyv1.Party(policyv1.Party_value["PARTY_"+g.AuthorParty]),
		CreateTime:  wire.Time(g.CreateTime),
	}
}
