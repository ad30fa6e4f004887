package api

import (
	"context"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// ReviewServer answers RectificationReviewService (art. 17).
type ReviewServer struct {
	rectificationv1.UnimplementedRectificationReviewServiceServer
	Deps
}

// CreateRectificationReview invites a body to review what awaits its reply.
func (s *ReviewServer) CreateRectificationReview(ctx context.Context, req *rectificationv1.CreateRectificationReviewRequest) (*rectificationv1.RectificationReview, error) {
	ids, err := parse(ctx, rectificationName, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.RectificationReview, error) {
		r, err := store.Rectification(tx, ids["rectification"])
		if err != nil {
			return nil, named(err, req.GetParent())
		}
		m := req.GetRectificationReview()
		in := domain.Invitation{
			ID: id, Body: decodeEnum[domain.Reviewer](m.GetReviewer(), prefixReviewer), OfCity: m.GetOfCity(), Inviter: tx.Principal().Subject,
		}
		review, err := s.invite(tx, r, m.GetDocument(), in)
		if err != nil {
			return nil, named(err, req.GetParent())
		}
		if err := store.AddReview(tx, review); err != nil {
			return nil, named(err, req.GetParent())
		}
		return encodeReview(review), nil
	})
}

// invite reads what is to be reviewed. What the county has not submitted is not known
// inside, and is refused like a draft.
func (s *ReviewServer) invite(tx *pg.Tx, r *domain.Rectification, d rectificationv1.RectificationReview_Document, in domain.Invitation) (*domain.Review, error) {
	record := r.Record()
	in.Copied = record.CityMaySee && record.CityProblems == nil
	draft := domain.Submission{State: domain.SubmissionDraft}
	if d == rectificationv1.RectificationReview_DOCUMENT_PLAN {
		p, err := store.Plan(tx, record.ID)
		if fault.Is(err, fault.ReasonNotFound) {
			p, err = domain.RehydratePlan(domain.PlanRecord{Submission: draft}), nil
		}
		if err != nil {
			return nil, err
		}
		return p.Invite(in, record.Problems, s.now())
	}
	p, err := store.Report(tx, record.ID)
	if fault.Is(err, fault.ReasonNotFound) {
		p, err = domain.RehydrateReport(domain.ReportRecord{Submission: draft}), nil
	}
	if err != nil {
		return nil, err
	}
	return p.Invite(in, record.Problems, s.now())
}

// GiveRectificationReview takes the opinion of the body that was invited.
func (s *ReviewServer) GiveRectificationReview(ctx context.Context, req *rectificationv1.GiveRectificationReviewRequest) (*rectificationv1.RectificationReview, error) {
	ids, err := parse(ctx, reviewName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.RectificationReview, error) {
		r, err := store.Review(tx, ids["rectification"], ids["review"])
		if err != nil {
			return nil, named(err, req.GetName())
		}
		if err := etag.Check(req.GetEtag(), r.Record().Version); err != nil {
			return nil, err
		}
		caller := tx.Principal()
		err = r.Give(domain.Reviewer(caller.Party), caller.Subject, req.GetOpinion(), mapped(req.GetItemOpinions(), decodeOpinion), now)
		if err != nil {
			return nil, err
		}
		if err := store.SaveReview(tx, r); err != nil {
			return nil, err
		}
		return encodeReview(r), nil
	})
}

// GetRectificationReview reads a review.
func (s *ReviewServer) GetRectificationReview(ctx context.Context, req *rectificationv1.GetRectificationReviewRequest) (*rectificationv1.RectificationReview, error) {
	return get(ctx, s.Deps, reviewName, req, func(tx *pg.Tx, ids map[string]string) (*domain.Review, error) {
		return store.Review(tx, ids["rectification"], ids["review"])
	}, one(encodeReview))
}

// ListRectificationReviews lists reviews in order of invitation.
func (s *ReviewServer) ListRectificationReviews(ctx context.Context, req *rectificationv1.ListRectificationReviewsRequest) (*rectificationv1.ListRectificationReviewsResponse, error) {
	if _, err := parse(ctx, provinceName, "parent", req.GetParent()); err != nil {
		return nil, err
	}
	reviews := listing[*domain.Review, *rectificationv1.RectificationReview]{
		read: store.Reviews, encode: each(encodeReview),
		sort: func(r *domain.Review) (string, []string) { return r.Record().ID, nil },
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListRectificationReviewsResponse, error) {
		page, next, err := reviews.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListRectificationReviewsResponse{RectificationReviews: page, NextPageToken: next}, err
	})
}

func encodeReview(review *domain.Review) *rectificationv1.RectificationReview {
	r := review.Record()
	m := &rectificationv1.RectificationReview{
		Name:         reviewName.Format(r.Place.Province, r.Rectification, r.ID),
		Reviewer:     encodeEnum[rectificationv1.RectificationReview_Reviewer](r.Reviewer, prefixReviewer),
		OfCity:       r.OfCity,
		State:        encodeEnum[rectificationv1.RectificationReview_State](r.State, prefixState),
		Problems:     mapped(r.Content.Problems, encodeProblem),
		Opinion:      r.Opinion,
		ItemOpinions: mapped(r.Items, encodeOpinion),
		CreateTime:   wire.Time(r.CreateTime),
		GiveTime:     wire.Time(r.GiveTime),
		Etag:         etag.Format(r.Version),
	}
	if len(r.Content.Accounts) > 0 {
		m.Document = rectificationv1.RectificationReview_DOCUMENT_REPORT
		m.Report = &rectificationv1.ReportContent{Version: r.Content.Submission, Accounts: mapped(r.Content.Accounts, encodeAccount)}
		return m
	}
	m.Document = rectificationv1.RectificationReview_DOCUMENT_PLAN
	m.Plan = &rectificationv1.PlanContent{Version: r.Content.Submission, Measures: mapped(r.Content.Measures, encodeMeasure)}
	return m
}
