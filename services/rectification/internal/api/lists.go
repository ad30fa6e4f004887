package api

import (
	"context"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// ListsServer answers RectificationListsService (arts 15(3), 17).
type ListsServer struct {
	rectificationv1.UnimplementedRectificationListsServiceServer
	Deps
}

// GetRectificationLists reads the three lists of a case.
func (s *ListsServer) GetRectificationLists(ctx context.Context, req *rectificationv1.GetRectificationListsRequest) (*rectificationv1.RectificationLists, error) {
	return get(ctx, s.Deps, listsName, req, func(tx *pg.Tx, ids map[string]string) (*rectificationv1.RectificationLists, error) {
		r, err := store.Rectification(tx, ids["rectification"])
		if err != nil {
			return nil, err
		}
		plan, err := store.LastVersion(tx, store.KindPlan, ids["rectification"])
		if err != nil {
			return nil, err
		}
		items, err := store.AllItems(tx, ids["rectification"])
		if err != nil {
			return nil, err
		}
		return encodeLists(r, plan, domain.MakeLists(r.Record().Problems, plan.Content.Measures, items)), nil
	}, one(itself[*rectificationv1.RectificationLists]))
}

func encodeLists(c *domain.Rectification, plan domain.Version, l domain.Lists) *rectificationv1.RectificationLists {
	r := c.Record()
	m := &rectificationv1.RectificationLists{
		Name:     listsName.Format(r.Place.Province, r.ID),
		Problems: mapped(l.Problems, encodeListedProblem),
		Tasks:    mapped(l.Tasks, encodeListedTask),
		Owners: mapped(l.Owners, func(o domain.ListedOwner) *rectificationv1.ListedOwner {
			return &rectificationv1.ListedOwner{
				Owner: o.Name, OwnerPost: o.Post, MeasureNumbers: o.Measures, ProblemNumbers: o.Problems, DueDate: wire.Date(o.Due),
			}
		}),
	}
	if plan.ID != "" {
		m.PlanVersion = planVersionName.Format(r.Place.Province, r.ID, plan.ID)
	}
	return m
}

func encodeListedProblem(p domain.ListedProblem) *rectificationv1.ListedProblem {
	return &rectificationv1.ListedProblem{
		Number: p.Problem.Number, Description: p.Problem.Description, Suggestion: p.Problem.Suggestion, MeasureNumbers: p.Measures,
		State: encodeEnum[rectificationv1.RectificationItem_State](p.State, prefixState),
	}
}

func encodeListedTask(t domain.ListedTask) *rectificationv1.ListedTask {
	m := t.Measure
	return &rectificationv1.ListedTask{
		Number: m.Number, Description: m.Description, ProblemNumbers: m.Problems, DueDate: wire.Date(m.Due),
		AcceptanceTest: m.AcceptanceTest, Owner: m.Owner, OwnerPost: m.OwnerPost,
		State: encodeEnum[rectificationv1.RectificationItem_State](t.State, prefixState), Percent: t.Percent,
	}
}
