package api

import (
	"context"
	"slices"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/form"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// FeedbackServer answers FeedbackService (art. 11).
type FeedbackServer struct {
	rectificationv1.UnimplementedFeedbackServiceServer
	Deps
}

// CreateFeedback drafts the feedback of a task of the caller's.
func (s *FeedbackServer) CreateFeedback(ctx context.Context, req *rectificationv1.CreateFeedbackRequest) (*rectificationv1.Feedback, error) {
	m := req.GetFeedback()
	if _, err := parse(ctx, provinceName, "parent", req.GetParent()); err != nil {
		return nil, err
	}
	inspection, err := parse(ctx, inspectionName, "feedback.inspection", m.GetInspection())
	if err != nil {
		return nil, err
	}
	report, err := parse(ctx, reportOfGroupName, "feedback.inspection_report", m.GetInspectionReport())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.Feedback, error) {
		task, err := store.Task(tx, inspection["inspection"])
		if err != nil {
			return nil, named(err, m.GetInspection())
		}
		f, err := domain.NewFeedback(id, task, report["report"], m.GetSummary(), mapped(m.GetProblems(), decodeProblem), now)
		if err != nil {
			return nil, err
		}
		if err := store.AddFeedback(tx, f); err != nil {
			return nil, named(err, m.GetInspection())
		}
		return encodeFeedback(f), nil
	})
}

// GetFeedback reads a feedback; the reading is entered in the audit log.
func (s *FeedbackServer) GetFeedback(ctx context.Context, req *rectificationv1.GetFeedbackRequest) (*rectificationv1.Feedback, error) {
	return get(ctx, s.Deps, feedbackName, req, func(tx *pg.Tx, ids map[string]string) (*domain.Feedback, error) {
		return store.Feedback(tx, ids["feedback"])
	}, one(encodeFeedback))
}

// ListFeedbacks lists feedbacks in order of creation.
func (s *FeedbackServer) ListFeedbacks(ctx context.Context, req *rectificationv1.ListFeedbacksRequest) (*rectificationv1.ListFeedbacksResponse, error) {
	if _, err := parse(ctx, provinceName, "parent", req.GetParent()); err != nil {
		return nil, err
	}
	feedbacks := listing[*domain.Feedback, *rectificationv1.Feedback]{
		read: store.Feedbacks, encode: each(encodeFeedback),
		sort: func(f *domain.Feedback) (string, []string) { return f.Record().ID, nil },
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListFeedbacksResponse, error) {
		page, next, err := feedbacks.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListFeedbacksResponse{Feedbacks: page, NextPageToken: next}, err
	})
}

// UpdateFeedback changes summary or problems of a draft.
func (s *FeedbackServer) UpdateFeedback(ctx context.Context, req *rectificationv1.UpdateFeedbackRequest) (*rectificationv1.Feedback, error) {
	paths, err := checkMask(req.GetUpdateMask(), "summary", "problems")
	if err != nil {
		return nil, err
	}
	now := s.now()
	return s.change(ctx, "feedback.name", req.GetFeedback().GetName(), req, func(_ *pg.Tx, f *domain.Feedback) error {
		merged := encodeFeedback(f)
		if slices.Contains(paths, "summary") {
			merged.Summary = req.GetFeedback().GetSummary()
		}
		if slices.Contains(paths, "problems") {
			merged.Problems = req.GetFeedback().GetProblems()
		}
		if err := form.Check("feedback", merged); err != nil {
			return err
		}
		return f.Revise(merged.GetSummary(), mapped(merged.GetProblems(), decodeProblem), now)
	})
}
