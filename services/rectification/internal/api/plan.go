package api

import (
	"context"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/form"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// PlanServer answers RectificationPlanService (art. 17).
type PlanServer struct {
	rectificationv1.UnimplementedRectificationPlanServiceServer
	Deps
}

// plans is how plans are read and changed.
func plans() chain[domain.Plan, *rectificationv1.RectificationPlan] {
	return chain[domain.Plan, *rectificationv1.RectificationPlan]{
		kind: store.KindPlan, pattern: planName, load: store.Plan, save: store.SavePlan, encode: Deps.encodePlan,
		common: func(p *domain.Plan) domain.Submission { return p.Record().Submission }, version: (*domain.Plan).Version,
	}
}

// GetRectificationPlan reads a plan; before it is submitted only the county does.
func (s *PlanServer) GetRectificationPlan(ctx context.Context, req *rectificationv1.GetRectificationPlanRequest) (*rectificationv1.RectificationPlan, error) {
	return plans().get(ctx, s.Deps, req)
}

// UpdateRectificationPlan replaces the measures.
func (s *PlanServer) UpdateRectificationPlan(ctx context.Context, req *rectificationv1.UpdateRectificationPlanRequest) (*rectificationv1.RectificationPlan, error) {
	m := req.GetRectificationPlan()
	if _, err := checkMask(req.GetUpdateMask(), "measures"); err != nil {
		return nil, err
	}
	if err := form.Check("rectification_plan", m); err != nil {
		return nil, err
	}
	measures, err := decodeMeasures("rectification_plan.measures", m.GetMeasures())
	if err != nil {
		return nil, err
	}
	return plans().change(ctx, s.Deps, "rectification_plan.name", m.GetName(), req,
		func(_ *pg.Tx, _ *domain.Rectification, p *domain.Plan, at obligation.Moment) error {
			return p.Write(measures, at.Now)
		})
}

// SubmitRectificationPlan submits the plan and hands its copy to the city.
func (s *PlanServer) SubmitRectificationPlan(ctx context.Context, req *rectificationv1.SubmitRectificationPlanRequest) (*rectificationv1.RectificationPlan, error) {
	id, err := newID()
	if err != nil {
		return nil, err
	}
	signature := domain.Signature{Name: req.GetSigner(), Post: req.GetSignerPost(), Truthful: req.GetTruthfulnessCommitment()}
	return plans().change(ctx, s.Deps, "name", req.GetName(), req,
		func(tx *pg.Tx, r *domain.Rectification, p *domain.Plan, at obligation.Moment) error {
			if err := s.checkStands(tx, r); err != nil {
				return err
			}
			forCity, dues, err := r.SubmitPlan(p, signature, id, at)
			if err != nil {
				return err
			}
			if err := store.SaveByCounty(tx, r); err != nil {
				return err
			}
			if err := store.AddDelivery(tx, forCity); err != nil {
				return err
			}
			return s.settle(tx, at, caseName(r), dues)
		})
}

// WithdrawRectificationPlan takes the plan back before the group's reply.
func (s *PlanServer) WithdrawRectificationPlan(ctx context.Context, req *rectificationv1.WithdrawRectificationPlanRequest) (*rectificationv1.RectificationPlan, error) {
	return plans().change(ctx, s.Deps, "name", req.GetName(), req,
		func(_ *pg.Tx, _ *domain.Rectification, p *domain.Plan, at obligation.Moment) error {
			return p.Withdraw(req.GetReason(), at.Now)
		})
}

// ReviewRectificationPlan is the one reply to the plan.
func (s *PlanServer) ReviewRectificationPlan(ctx context.Context, req *rectificationv1.ReviewRectificationPlanRequest) (*rectificationv1.RectificationPlan, error) {
	return plans().reply(ctx, s.Deps, req,
		func(tx *pg.Tx, r *domain.Rectification, p *domain.Plan, reply *domain.Reply, by domain.Replier, at obligation.Moment) error {
			dues, err := r.ReviewPlan(p, reply, by, at)
			if err != nil || len(dues.Counted) == 0 {
				return err // by the default rule a review moves no date of the case
			}
			// The case is written too, so that a copy to the city made at the same
			// time is before or after this, and shows the city the new date.
			if err := store.SaveRectification(tx, r); err != nil {
				return err
			}
			return s.settle(tx, at, caseName(r), dues)
		})
}

// ForwardRectificationPlan passes the plan on through the office.
func (s *PlanServer) ForwardRectificationPlan(ctx context.Context, req *rectificationv1.ForwardRectificationPlanRequest) (*rectificationv1.RectificationPlan, error) {
	return plans().forward(ctx, s.Deps, req, func(p *domain.Plan, by, replier string, at obligation.Moment) error {
		return p.Forward(by, replier, at.Now)
	})
}

// ReceiveRectificationPlan records that the leading group has the plan; its
// measures become items.
func (s *PlanServer) ReceiveRectificationPlan(ctx context.Context, req *rectificationv1.ReceiveRectificationPlanRequest) (*rectificationv1.RectificationPlan, error) {
	return plans().change(ctx, s.Deps, "name", req.GetName(), req,
		func(tx *pg.Tx, r *domain.Rectification, p *domain.Plan, at obligation.Moment) error {
			f, err := store.FeedbackOf(tx, r.Record().Place.Inspection)
			if err != nil {
				return err
			}
			items, err := r.ReceivePlan(p, f, newID, at)
			if err != nil {
				return err
			}
			if err := store.SaveRectification(tx, r); err != nil {
				return err
			}
			return store.AddItems(tx, items)
		})
}

// encodePlan writes a plan with the dates of its case.
func (d Deps) encodePlan(tx *pg.Tx, p *domain.Plan) (*rectificationv1.RectificationPlan, error) {
	r := p.Record()
	c, err := store.Rectification(tx, r.Rectification)
	if err != nil {
		return nil, err
	}
	dates, err := d.Docket.Of(tx, caseName(c))
	if err != nil {
		return nil, err
	}
	own := dates[caseName(c)]
	reply, err := lastReply(tx, store.KindPlan, r.Submission)
	if err != nil {
		return nil, err
	}
	return &rectificationv1.RectificationPlan{
		Name:                   planName.Format(r.Place.Province, r.Rectification),
		Measures:               mapped(r.Measures, encodeMeasure),
		State:                  encodeEnum[rectificationv1.SubmissionState](r.State, prefixSubmission),
		Version:                r.Count,
		ReviewOpinion:          r.Opinion,
		Signer:                 r.Signature.Name,
		SignerPost:             r.Signature.Post,
		TruthfulnessCommitment: r.Signature.Truthful,
		SubmitDate:             wire.Date(c.Record().PlanSubmitDate),
		PlanDue:                d.due(own, regulation.DutyPlan),
		ReportDue:              d.due(own, regulation.DutyReport),
		WithdrawReason:         r.WithdrawReason,
		Reply:                  reply,
		CreateTime:             wire.Time(r.CreateTime),
		UpdateTime:             wire.Time(r.UpdateTime),
		Etag:                   etag.Format(r.Version),
	}, nil
}
