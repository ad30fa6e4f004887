package api

import (
	"context"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/resourcename"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// RectificationServer answers RectificationService (arts 15, 17).
type RectificationServer struct {
	rectificationv1.UnimplementedRectificationServiceServer
	Deps
}

// rectificationFields are what ListRectifications filters by.
var rectificationFields = filter.Must(map[string]filter.Column{
	"state":  {SQL: "state", Kind: filter.Enum, Values: stateValues()},
	"county": {SQL: "county_code", Kind: filter.Name, Convert: segment(countyName, "county")},
	"city":   {SQL: "city_code", Kind: filter.Name, Convert: segment(cityName, "city")},
})

func stateValues() map[string]any {
	values := make(map[string]any)
	for _, s := range domain.RectificationStates() {
		values[prefixState+string(s)] = string(s)
	}
	return values
}

func segment(p *resourcename.Pattern, variable string) func(string) (any, error) {
	return func(name string) (any, error) {
		ids, err := p.ParseField("filter", name)
		return ids[variable], err
	}
}

// GetRectification reads a case.
func (s *RectificationServer) GetRectification(ctx context.Context, req *rectificationv1.GetRectificationRequest) (*rectificationv1.Rectification, error) {
	return get(ctx, s.Deps, rectificationName, req, func(tx *pg.Tx, ids map[string]string) (*domain.Rectification, error) {
		return store.Rectification(tx, ids["rectification"])
	}, s.encoded)
}

// ListRectifications lists cases in order of creation.
func (s *RectificationServer) ListRectifications(ctx context.Context, req *rectificationv1.ListRectificationsRequest) (*rectificationv1.ListRectificationsResponse, error) {
	if _, err := parse(ctx, provinceName, "parent", req.GetParent()); err != nil {
		return nil, err
	}
	condition, err := rectificationFields.Compile(req.GetFilter())
	if err != nil {
		return nil, err
	}
	cases := listing[*domain.Rectification, *rectificationv1.Rectification]{
		read: store.Rectifications, encode: s.encodedAll,
		sort: func(r *domain.Rectification) (string, []string) { return r.Record().ID, nil },
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListRectificationsResponse, error) {
		page, next, err := cases.page(ctx, s.Pager, req, condition, tx)
		return &rectificationv1.ListRectificationsResponse{Rectifications: page, NextPageToken: next}, err
	})
}

// CloseRectification closes a case by a decision, which scheduling is asked for
// before the transaction; a repeat asks nobody.
func (s *RectificationServer) CloseRectification(ctx context.Context, req *rectificationv1.CloseRectificationRequest) (*rectificationv1.Rectification, error) {
	ids, err := parse(ctx, rectificationName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	decision, err := parse(ctx, decisionName, "decision", req.GetDecision())
	if err != nil {
		return nil, err
	}
	if answer, ok, err := idempotency.Stored[*rectificationv1.Rectification](ctx, s.DB, req); ok || err != nil {
		return answer, err
	}
	covered, err := s.covers(ctx, req.GetDecision(), schedulingv1.DecisionItem_KIND_CLOSE_RECTIFICATION, req.GetName())
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.Rectification, error) {
		r, err := store.Rectification(tx, ids["rectification"])
		if err != nil {
			return nil, named(err, req.GetName())
		}
		if err := etag.Check(req.GetEtag(), r.Record().Version); err != nil {
			return nil, err
		}
		f, err := store.FeedbackOf(tx, r.Record().Place.Inspection)
		if err != nil {
			return nil, err
		}
		if err := r.Close(decision["decision"], covered, f, now); err != nil {
			return nil, err
		}
		if err := store.SaveRectification(tx, r); err != nil {
			return nil, err
		}
		place := r.Record().Place
		err = announce(tx, place, now, &eventv1.RectificationClosed{
			Inspection: inspectionOf(place), CloseDate: wire.Date(r.Record().CloseDate),
		})
		if err != nil {
			return nil, err
		}
		return s.encoded(tx, r)
	})
}

func encodeRectification(c *domain.Rectification, plan, report *regulationv1.StatutoryDate) *rectificationv1.Rectification {
	r := c.Record()
	return &rectificationv1.Rectification{
		Name:                rectificationName.Format(r.Place.Province, r.ID),
		Inspection:          inspectionOf(r.Place),
		County:              countyOf(r.Place),
		City:                cityOf(r.Place),
		Problems:            mapped(r.Problems, encodeProblem),
		State:               encodeEnum[rectificationv1.Rectification_State](r.State, prefixState),
		FeedbackReceiveDate: wire.Date(r.ReceiveDate),
		PlanDue:             plan,
		PlanSubmitDate:      wire.Date(r.PlanSubmitDate),
		ReportDue:           report,
		ReportSubmitDate:    wire.Date(r.ReportSubmitDate),
		CloseDate:           wire.Date(r.CloseDate),
		CreateTime:          wire.Time(r.CreateTime),
		UpdateTime:          wire.Time(r.UpdateTime),
		Etag:                etag.Format(r.Version),
	}
}
