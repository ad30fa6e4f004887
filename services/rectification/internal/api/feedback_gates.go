package api

import (
	"context"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// change carries a feedback through one gate.
func (s *FeedbackServer) change(ctx context.Context, field, name string, req binding,
	decide func(tx *pg.Tx, f *domain.Feedback) error,
) (*rectificationv1.Feedback, error) {
	ids, err := parse(ctx, feedbackName, field, name)
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.Feedback, error) {
		f, err := store.Feedback(tx, ids["feedback"])
		if err != nil {
			return nil, named(err, name)
		}
		if err := etag.Check(req.GetEtag(), f.Edition()); err != nil {
			return nil, err
		}
		if err := decide(tx, f); err != nil {
			return nil, err
		}
		if err := store.SaveFeedback(tx, f); err != nil {
			return nil, err
		}
		return s.encodedFeedback(tx, f)
	})
}

// ConfirmFeedbackAgreement takes the first gate, on the word of casefile and
// scheduling, who are asked before the transaction; a repeat asks nobody.
func (s *FeedbackServer) ConfirmFeedbackAgreement(ctx context.Context, req *rectificationv1.ConfirmFeedbackAgreementRequest) (*rectificationv1.Feedback, error) {
	ids, err := parse(ctx, feedbackName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	if answer, ok, err := idempotency.Stored[*rectificationv1.Feedback](ctx, s.DB, req); ok || err != nil {
		return answer, err
	}
	var report string // of a feedback it never changes
	err = s.DB.Read(ctx, func(tx *pg.Tx) error {
		f, err := store.Feedback(tx, ids["feedback"])
		if err != nil {
			return named(err, req.GetName())
		}
		report = encodeFeedback(f).GetInspectionReport()
		return nil
	})
	if err != nil {
		return nil, err
	}
	agreement, err := s.agreement(ctx, report)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, "name", req.GetName(), req, func(tx *pg.Tx, f *domain.Feedback) error {
		at, err := s.moment(tx, f)
		if err != nil {
			return err
		}
		_, lexicon, err := s.lexicon(tx, f.Record().Place.Inspection)
		if err != nil {
			return err
		}
		dues, err := f.ConfirmAgreement(agreement, lexicon, at)
		if err != nil {
			return err
		}
		return s.settle(tx, at, req.GetName(), dues)
	})
}

// RecordCityConsultation takes the second gate.
func (s *FeedbackServer) RecordCityConsultation(ctx context.Context, req *rectificationv1.RecordCityConsultationRequest) (*rectificationv1.Feedback, error) {
	consultation, err := decodeConsultation(req.GetCityConsultation())
	if err != nil {
		return nil, err
	}
	now := s.now()
	return s.change(ctx, "name", req.GetName(), req, func(_ *pg.Tx, f *domain.Feedback) error {
		return f.RecordCityConsultation(consultation, now)
	})
}

// GiveFeedback takes the third gate and hands the feedback to the county.
func (s *FeedbackServer) GiveFeedback(ctx context.Context, req *rectificationv1.GiveFeedbackRequest) (*rectificationv1.Feedback, error) {
	meeting, err := decodeMeeting(req.GetMeeting())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return s.change(ctx, "name", req.GetName(), req, func(tx *pg.Tx, f *domain.Feedback) error {
		at, err := s.moment(tx, f)
		if err != nil {
			return err
		}
		before, err := s.replace(tx, f, at.Now)
		if err != nil {
			return err
		}
		delivery, dues, err := f.Give(id, req.GetDocumentNumber(), meeting, at)
		if err != nil {
			return err
		}
		if before != nil {
			delivery.Replace(before)
		}
		if err := store.AddDelivery(tx, delivery); err != nil {
			return err
		}
		return s.settle(tx, at, req.GetName(), dues)
	})
}

// CopyFeedbackToCity takes the last gate: the city gets its copy and from now on
// sees the case and its dates.
func (s *FeedbackServer) CopyFeedbackToCity(ctx context.Context, req *rectificationv1.CopyFeedbackToCityRequest) (*rectificationv1.Feedback, error) {
	id, err := newID()
	if err != nil {
		return nil, err
	}
	reason := decodeEnum[domain.NotApplicable](req.GetNotApplicableReason(), prefixNotApplicable)
	return s.change(ctx, "name", req.GetName(), req, func(tx *pg.Tx, f *domain.Feedback) error {
		at, err := s.moment(tx, f)
		if err != nil {
			return err
		}
		copied, err := f.CopyToCity(id, reason, at)
		if err != nil {
			return err
		}
		if copied.Delivery != nil {
			if err := s.copied(tx, f, copied.Delivery); err != nil {
				return err
			}
		}
		if err := s.settle(tx, at, req.GetName(), copied.Dues); err != nil {
			return err
		}
		if err := s.settle(tx, at, rectificationName.Format(f.Record().Place.Province, f.Record().Receipt.Rectification), copied.CaseDues); err != nil {
			return err
		}
		if copied.Delivery == nil {
			return nil
		}
		opened := rectificationName.Format(f.Record().Place.Province, f.Record().Receipt.Rectification)
		if err := s.settle(tx, at, opened, f.CopiedDues(at.Today())); err != nil {
			return err
		}
		return s.Docket.ShowToCity(tx, at, f.Record().Place.Inspection, regulation.DutyPlan, regulation.DutyReport)
	})
}

// copied hands the copy to the city, in the place of the one before if there is one, and
// shows it the case.
func (s *FeedbackServer) copied(tx *pg.Tx, f *domain.Feedback, d *domain.Delivery) error {
	if old := f.Record().Supersedes; old != "" {
		before, err := store.DeliveryOf(tx, domain.DeliverFeedbackCopy, old)
		if err != nil {
			return err
		}
		d.Replace(before)
	}
	if err := store.AddDelivery(tx, d); err != nil {
		return err
	}
	return store.ShowToCity(tx, f.Record().Receipt.Rectification)
}

// moment is now with the law that the task of a feedback has pinned.
func (s *FeedbackServer) moment(tx *pg.Tx, f *domain.Feedback) (obligation.Moment, error) {
	task, err := store.Task(tx, f.Record().Place.Inspection)
	if err != nil {
		return obligation.Moment{}, err
	}
	return s.Docket.Moment(tx, task.RuleSet)
}
