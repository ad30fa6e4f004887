package api

import (
	"context"
	"time"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// SupersedeFeedback drafts the feedback that is to take the place of another.
func (s *FeedbackServer) SupersedeFeedback(ctx context.Context, req *rectificationv1.SupersedeFeedbackRequest) (*rectificationv1.Feedback, error) {
	ids, err := parse(ctx, feedbackName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.Feedback, error) {
		f, err := store.Feedback(tx, ids["feedback"])
		if err != nil {
			return nil, named(err, req.GetName())
		}
		if err := etag.Check(req.GetEtag(), f.Edition()); err != nil {
			return nil, err
		}
		text, err := decodeFeedbackText(ctx, &rectificationv1.Feedback{
			Summary: req.GetSummary(), Problems: req.GetProblems(), Sources: req.GetSources(),
		})
		if err != nil {
			return nil, err
		}
		next, err := s.supersede(tx, f, id, req.GetReason(), text, now)
		if err != nil {
			return nil, err
		}
		if err := store.AddFeedback(tx, next); err != nil {
			return nil, named(err, req.GetName())
		}
		return s.encodedFeedback(tx, next)
	})
}

func (s *FeedbackServer) supersede(tx *pg.Tx, f *domain.Feedback, id, reason string, text domain.FeedbackText, now time.Time) (*domain.Feedback, error) {
	plan, err := planState(tx, f)
	if err != nil {
		return nil, err
	}
	_, lexicon, err := s.lexicon(tx, f.Record().Place.Inspection)
	if err != nil {
		return nil, err
	}
	return f.Supersede(id, reason, text, plan, lexicon, now)
}

// replace ends the feedback in whose place another is given, if there is one, and gives its
// delivery to the county. The case is held, so that no plan is submitted meanwhile.
func (s *FeedbackServer) replace(tx *pg.Tx, f *domain.Feedback, now time.Time) (*domain.Delivery, error) {
	if f.Record().Supersedes == "" {
		return nil, nil
	}
	old, err := store.Feedback(tx, f.Record().Supersedes)
	if err != nil {
		return nil, err
	}
	plan, err := planState(tx, old)
	if err != nil {
		return nil, err
	}
	if err := f.Replace(old, plan, now); err != nil {
		return nil, err
	}
	if err := store.HoldRectification(tx, old.Record().Receipt.Rectification); err != nil {
		return nil, err
	}
	if err := store.SaveFeedback(tx, old); err != nil {
		return nil, err
	}
	return store.DeliveryOf(tx, domain.DeliverFeedback, old.Record().ID)
}

// planState is where the plan of the case stands that a feedback opened. The inside does not
// see one that was never submitted: it is with the county.
func planState(tx *pg.Tx, f *domain.Feedback) (domain.SubmissionState, error) {
	id := f.Record().Receipt.Rectification
	if id == "" {
		return domain.SubmissionDraft, nil
	}
	p, err := store.Plan(tx, id)
	if fault.Is(err, fault.ReasonNotFound) {
		return domain.SubmissionDraft, nil
	}
	if err != nil {
		return "", err
	}
	return p.Record().State, nil
}

// follow signs for a superseding feedback: the case goes on with its problems, and with the
// dates that it has (arts 11, 17). The county was covered by the first (art. 2).
func (s *DeliveryServer) follow(tx *pg.Tx, d *domain.Delivery, receiver string) error {
	at, err := s.Docket.Moment(tx, d.Record().RuleSet)
	if err != nil {
		return err
	}
	if err := d.Acknowledge(receiver, at.Now); err != nil {
		return err
	}
	before, err := store.Delivery(tx, d.Record().Supersedes)
	if err != nil {
		return err
	}
	r, err := store.Rectification(tx, before.Record().Rectification)
	if err != nil {
		return err
	}
	dues, err := r.Follow(d)
	if err != nil {
		return err
	}
	if err := store.SaveReceipt(tx, d, nil); err != nil {
		return err
	}
	if err := store.SaveFollowed(tx, r); err != nil { // after the signature, which the tables want
		return err
	}
	return s.settle(tx, at, feedbackName.Format(d.Record().Place.Province, d.Record().Feedback), dues)
}

// checkStands: a plan answers the feedback that stands.
func (d Deps) checkStands(tx *pg.Tx, r *domain.Rectification) error {
	awaiting, err := store.AwaitsReceipt(tx, r.Record().Place)
	if err != nil {
		return err
	}
	return domain.CheckStands(awaiting)
}
