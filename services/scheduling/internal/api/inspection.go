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

type inspectionServer struct {
	schedulingv1.UnimplementedInspectionServiceServer
	*core
}

// CreateInspection plans the inspection of a county in a draft batch (arts 2, 3).
func (s *inspectionServer) CreateInspection(ctx context.Context, req *schedulingv1.CreateInspectionRequest) (*schedulingv1.Inspection, error) {
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	in, err := s.names.batch.parseIn(parent.province, "inspection.batch", req.GetInspection().GetBatch())
	if err != nil {
		return nil, err
	}
	of, err := s.names.county.parseIn(parent.province, "inspection.county", req.GetInspection().GetCounty())
	if err != nil {
		return nil, err
	}
	period, err := decodePeriod(req.GetInspection())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.Inspection, error) {
		law, err := s.lawInForce(tx, s.now())
		if err != nil {
			return nil, err
		}
		batch, err := store.BatchForShare(tx, in.province, in.id)
		if err != nil {
			return nil, err
		}
		county, err := store.County(tx, of.province, of.id, law.Today())
		if err != nil {
			return nil, err
		}
		inspection, err := domain.PlanInspection(law, batch, id, county.Code, county.City, period)
		if err != nil {
			return nil, err
		}
		if err := store.InsertInspection(tx, inspection); err != nil {
			return nil, err
		}
		return s.showInspection(tx, inspection)
	})
}

// GetInspection reads an inspection (arts 3, 5).
func (s *inspectionServer) GetInspection(ctx context.Context, req *schedulingv1.GetInspectionRequest) (*schedulingv1.Inspection, error) {
	read := func(tx *pg.Tx, province, id string) (shownInspection, error) {
		inspection, err := store.Inspection(tx, province, id)
		if err != nil {
			return shownInspection{}, err
		}
		shown, err := s.showInspections(tx, []*domain.Inspection{inspection})
		if err != nil {
			return shownInspection{}, err
		}
		return shown[0], nil
	}
	return get(ctx, s.core, req, s.names.inspection, read, encodeInspection)
}

// ListInspections lists inspections; a group member sees the tasks of his groups
// (arts 3, 5).
func (s *inspectionServer) ListInspections(ctx context.Context, req *schedulingv1.ListInspectionsRequest) (*schedulingv1.ListInspectionsResponse, error) {
	condition, err := s.filters.Compile(req.GetFilter())
	if err != nil {
		return nil, err
	}
	return list(ctx, s.core, req, listing[shownInspection, *schedulingv1.Inspection, *schedulingv1.ListInspectionsResponse]{
		read: func(tx *pg.Tx, q store.Query) ([]shownInspection, error) {
			inspections, err := store.Inspections(tx, q)
			if err != nil {
				return nil, err
			}
			return s.showInspections(tx, inspections)
		},
		key: func(i shownInspection) string { return i.Record().ID }, encode: encodeInspection, filter: condition,
		answer: func(inspections []*schedulingv1.Inspection, next string) *schedulingv1.ListInspectionsResponse {
			return &schedulingv1.ListInspectionsResponse{Inspections: inspections, NextPageToken: next}
		},
	})
}

// inspectionRequest is a request for a step of an inspection.
type inspectionRequest interface {
	idempotency.Request
	GetName() string
	GetEtag() string
}

// step loads the inspection, lets do decide and change it by the law that it is
// measured by, and saves it.
func (c *core) step(ctx context.Context, req inspectionRequest,
	do func(tx *pg.Tx, i *domain.Inspection, law domain.Law) error,
) (*schedulingv1.Inspection, error) {
	name, err := c.names.inspection.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, c.DB, req, func(tx *pg.Tx) (*schedulingv1.Inspection, error) {
		inspection, law, err := c.load(tx, name, req.GetEtag())
		if err != nil {
			return nil, err
		}
		if err := do(tx, inspection, law); err != nil {
			return nil, err
		}
		if err := store.SaveInspection(tx, inspection); err != nil {
			return nil, err
		}
		return c.showInspection(tx, inspection)
	})
}

// load reads an inspection for a change, as fresh as the caller believes it.
func (c *core) load(tx *pg.Tx, name ref, tag string) (*domain.Inspection, domain.Law, error) {
	inspection, err := store.InspectionForUpdate(tx, name.province, name.id)
	if err != nil {
		return nil, domain.Law{}, err
	}
	if err := etag.Check(tag, inspection.Record().Version); err != nil {
		return nil, domain.Law{}, err
	}
	law, err := c.lawOf(tx, inspection, c.now())
	return inspection, law, err
}

func decodePeriod(i *schedulingv1.Inspection) (domain.Period, error) {
	entry, err := wire.Day("inspection.planned_entry_date", i.GetPlannedEntryDate())
	if err != nil {
		return domain.Period{}, err
	}
	end, err := wire.Day("inspection.planned_end_date", i.GetPlannedEndDate())
	return domain.Period{Entry: entry, End: end, Reason: i.GetPeriodReason()}, err
}

// shownInspection is an inspection with the last day of its notices: the one that the
// docket keeps or, of one that nobody is authorised to yet, the one that would be.
type shownInspection struct {
	*domain.Inspection
	latestNotice *regulationv1.StatutoryDate
}

func (c *core) showInspection(tx *pg.Tx, i *domain.Inspection) (*schedulingv1.Inspection, error) {
	shown, err := c.showInspections(tx, []*domain.Inspection{i})
	if err != nil {
		return nil, err
	}
	return encodeInspection(shown[0]), nil
}

func (c *core) showInspections(tx *pg.Tx, list []*domain.Inspection) ([]shownInspection, error) {
	names := encodeAll(list, func(i *domain.Inspection) string { return i.Record().Name() })
	kept, err := c.dates(tx, regulation.DutyEntryNotice, names)
	if err != nil {
		return nil, err
	}
	shown := make([]shownInspection, 0, len(list))
	var law domain.Law
	for n, i := range list {
		latest := kept[names[n]]
		if latest == nil {
			if law.Rules == nil {
				if law, err = c.lawInForce(tx, c.now()); err != nil {
					return nil, err
				}
			}
			due, err := i.LatestNotice(law)
			if err != nil {
				return nil, err
			}
			latest = encodeDue(due)
		}
		shown = append(shown, shownInspection{i, latest})
	}
	return shown, nil
}

func encodeInspection(i shownInspection) *schedulingv1.Inspection {
	r := i.Record()
	return &schedulingv1.Inspection{
		Name: r.Name(), Batch: domain.BatchName(r.Province, r.Batch),
		County: domain.CountyName(r.Province, r.County), City: domain.CityName(r.Province, r.City),
		State:            schedulingv1.Inspection_State(schedulingv1.Inspection_State_value["STATE_"+string(r.State)]),
		PlannedEntryDate: wire.Date(r.PlannedEntry), PlannedEndDate: wire.Date(r.PlannedEnd),
		PeriodReason: r.PeriodReason, InspectionGroup: domain.GroupName(r.Province, r.Group), RuleSet: r.RuleSet,
		LatestNotice: i.latestNotice, EntryDate: wire.Date(r.EntryDate),
		OnSiteEndDate: wire.Date(r.OnSiteEndDate), FeedbackReceiveDate: wire.Date(r.FeedbackReceiveDate),
		CloseDate: wire.Date(r.CloseDate), CreateTime: wire.Time(r.CreateTime),
		UpdateTime: wire.Time(r.UpdateTime), Etag: etag.Format(r.Version),
	}
}
