package api

import (
	"context"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type registryServer struct {
	schedulingv1.UnimplementedRegistryServiceServer
	*core
}

// ImportRegistry loads the divisions of a province from CSV (art. 1).
func (s *registryServer) ImportRegistry(ctx context.Context, req *schedulingv1.ImportRegistryRequest) (*schedulingv1.ImportRegistryResponse, error) {
	name, err := s.names.province.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	from, err := wire.Day("effective_date", req.GetEffectiveDate())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.ImportRegistryResponse, error) {
		registry, err := domain.ReadRegistry(name.province, req.GetCsv())
		if err != nil {
			return nil, err
		}
		registered, err := store.Registered(tx, name.province)
		if err != nil {
			return nil, err
		}
		changes, err := registry.Diff(registered, from)
		if err != nil {
			return nil, err
		}
		if !req.GetValidateOnly() {
			if err := s.apply(tx, changes, registered); err != nil {
				return nil, err
			}
		}
		return &schedulingv1.ImportRegistryResponse{
			CityAddedCount: int32(changes.CitiesAdded), CountyAddedCount: int32(changes.CountiesAdded),
			RenamedCount: int32(changes.Renamed), SupervisionChangedCount: int32(changes.Moved),
		}, nil
	})
}

// apply stores an import, and opens that the counties which it adds are inspected in
// the terms that run (art. 2).
func (s *registryServer) apply(tx *pg.Tx, changes domain.Changes, before domain.Registered) error {
	now := s.now()
	if err := store.ApplyChanges(tx, changes, now); err != nil {
		return err
	}
	terms, err := store.TermsFrom(tx, changes.Province, workday.DateOf(now))
	if err != nil || len(terms) == 0 {
		return err
	}
	law, err := s.lawInForce(tx, now)
	if err != nil {
		return err
	}
	return s.keep(tx, law, domain.DutiesOfImport(changes, before, terms))
}

// GetProvince reads a province (art. 2).
func (s *registryServer) GetProvince(ctx context.Context, req *schedulingv1.GetProvinceRequest) (*schedulingv1.Province, error) {
	read := func(tx *pg.Tx, province, _ string) (domain.Province, error) { return store.Province(tx, province) }
	return get(ctx, s.core, req, s.names.province, read, func(p domain.Province) *schedulingv1.Province {
		return &schedulingv1.Province{
			Name: domain.ProvinceName(p.Province), DisplayName: p.DisplayName,
			CityCount: int32(p.Cities), CountyCount: int32(p.Counties),
		}
	})
}

// ListCities lists the cities of a province by code; a city sees itself (arts 4, 15).
func (s *registryServer) ListCities(ctx context.Context, req *schedulingv1.ListCitiesRequest) (*schedulingv1.ListCitiesResponse, error) {
	return list(ctx, s.core, req, listing[domain.City, *schedulingv1.City, *schedulingv1.ListCitiesResponse]{
		read: store.Cities, key: func(c domain.City) string { return c.Code },
		encode: func(c domain.City) *schedulingv1.City {
			return &schedulingv1.City{Name: domain.CityName(c.Province, c.Code), DisplayName: c.DisplayName}
		},
		answer: func(cities []*schedulingv1.City, next string) *schedulingv1.ListCitiesResponse {
			return &schedulingv1.ListCitiesResponse{Cities: cities, NextPageToken: next}
		},
	})
}

// ListCounties lists the counties of a province by code; a city sees those it
// supervises today, a county itself (arts 2, 15).
func (s *registryServer) ListCounties(ctx context.Context, req *schedulingv1.ListCountiesRequest) (*schedulingv1.ListCountiesResponse, error) {
	today := workday.DateOf(s.now())
	return list(ctx, s.core, req, listing[domain.County, *schedulingv1.County, *schedulingv1.ListCountiesResponse]{
		read: func(tx *pg.Tx, q store.Query) ([]domain.County, error) { return store.Counties(tx, q, today) },
		key:  func(c domain.County) string { return c.Code }, encode: encodeCounty,
		answer: func(counties []*schedulingv1.County, next string) *schedulingv1.ListCountiesResponse {
			return &schedulingv1.ListCountiesResponse{Counties: counties, NextPageToken: next}
		},
	})
}

// GetCounty reads a county (arts 2, 15).
func (s *registryServer) GetCounty(ctx context.Context, req *schedulingv1.GetCountyRequest) (*schedulingv1.County, error) {
	today := workday.DateOf(s.now())
	read := func(tx *pg.Tx, province, code string) (domain.County, error) {
		return store.County(tx, province, code, today)
	}
	return get(ctx, s.core, req, s.names.county, read, encodeCounty)
}

func encodeCounty(c domain.County) *schedulingv1.County {
	return &schedulingv1.County{
		Name: domain.CountyName(c.Province, c.Code), DisplayName: c.DisplayName,
		City: domain.CityName(c.Province, c.City), SupervisedSince: wire.Date(c.SupervisedSince),
		TownshipCount: int32(c.Townships),
	}
}
