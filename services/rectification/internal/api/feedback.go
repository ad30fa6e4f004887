package api

import (
	"context"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/form"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
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
	text, err := decodeFeedbackText(ctx, m)
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.Feedback, error) {
		task, lexicon, err := s.lexicon(tx, inspection["inspection"])
		if err != nil {
			return nil, named(err, m.GetInspection())
		}
		f, err := domain.NewFeedback(id, task, report["report"], text, lexicon, now)
		if err != nil {
			return nil, err
		}
		if err := store.AddFeedback(tx, f); err != nil {
			return nil, named(err, m.GetInspection())
		}
		return s.encodedFeedback(tx, f)
	})
}

// GetFeedback reads a feedback; the reading is entered in the audit log.
func (s *FeedbackServer) GetFeedback(ctx context.Context, req *rectificationv1.GetFeedbackRequest) (*rectificationv1.Feedback, error) {
	return get(ctx, s.Deps, feedbackName, req, func(tx *pg.Tx, ids map[string]string) (*domain.Feedback, error) {
		return store.Feedback(tx, ids["feedback"])
	}, s.encodedFeedback)
}

// ListFeedbacks lists feedbacks in order of creation.
func (s *FeedbackServer) ListFeedbacks(ctx context.Context, req *rectificationv1.ListFeedbacksRequest) (*rectificationv1.ListFeedbacksResponse, error) {
	if _, err := parse(ctx, provinceName, "parent", req.GetParent()); err != nil {
		return nil, err
	}
	feedbacks := listing[*domain.Feedback, *rectificationv1.Feedback]{
		read: store.Feedbacks, encode: s.encodedFeedbacks,
		sort: func(f *domain.Feedback) (string, []string) { return f.Record().ID, nil },
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListFeedbacksResponse, error) {
		page, next, err := feedbacks.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListFeedbacksResponse{Feedbacks: page, NextPageToken: next}, err
	})
}

// UpdateFeedback changes summary, problems or sources of a draft.
func (s *FeedbackServer) UpdateFeedback(ctx context.Context, req *rectificationv1.UpdateFeedbackRequest) (*rectificationv1.Feedback, error) {
	paths, err := checkMask(req.GetUpdateMask(), "summary", "problems", "sources")
	if err != nil {
		return nil, err
	}
	now := s.now()
	return s.change(ctx, "feedback.name", req.GetFeedback().GetName(), req, func(tx *pg.Tx, f *domain.Feedback) error {
		merged := encodeFeedback(f)
		merge(merged, req.GetFeedback(), paths)
		if err := form.Check("feedback", merged); err != nil {
			return err
		}
		text, err := decodeFeedbackText(ctx, merged)
		if err != nil {
			return err
		}
		_, lexicon, err := s.lexicon(tx, f.Record().Place.Inspection)
		if err != nil {
			return err
		}
		return f.Revise(text, lexicon, now)
	})
}

// ConfirmFeedbackWarnings lets the wording of a draft stand.
func (s *FeedbackServer) ConfirmFeedbackWarnings(ctx context.Context, req *rectificationv1.ConfirmFeedbackWarningsRequest) (*rectificationv1.Feedback, error) {
	now := s.now()
	return s.change(ctx, "name", req.GetName(), req, func(tx *pg.Tx, f *domain.Feedback) error {
		inspection := f.Record().Place.Inspection
		if err := s.checkLeads(tx, inspection); err != nil {
			return err
		}
		_, lexicon, err := s.lexicon(tx, inspection)
		if err != nil {
			return err
		}
		return f.ConfirmWarnings(lexicon, tx.Principal().Subject, req.GetReason(), now)
	})
}

// checkLeads wants of a group its leader, and of the office nothing (art. 11).
func (s *FeedbackServer) checkLeads(tx *pg.Tx, inspection string) error {
	if tx.Principal().Party != principal.InspectionGroup {
		return nil
	}
	leads, err := store.Leads(tx, inspection)
	if err == nil && !leads {
		err = fault.Refuse("11", "NOT_GROUP_LEADER")
	}
	return err
}

// lexicon is what the feedback of a task is scanned for, as far as the caller knows of
// other counties.
func (s *FeedbackServer) lexicon(tx *pg.Tx, inspection string) (domain.Task, domain.Lexicon, error) {
	task, err := store.Task(tx, inspection)
	if err != nil {
		return task, domain.Lexicon{}, err
	}
	rules, err := s.Rules.Get(task.RuleSet)
	if err != nil {
		return task, domain.Lexicon{}, err
	}
	others, err := store.OtherCounties(tx, task)
	if err != nil {
		return task, domain.Lexicon{}, err
	}
	lexicon, err := domain.NewLexicon(rules, others)
	return task, lexicon, err
}
