package api

import (
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// replyTo is a request that replies to a submission.
type replyTo interface {
	namedBinding
	GetVerdict() rectificationv1.Verdict
	GetOpinion() string
	GetItemOpinions() []*rectificationv1.ItemOpinion
	GetCountersignature() *rectificationv1.Countersignature
}

func decodeReply(req replyTo) (*domain.Reply, error) {
	signed := req.GetCountersignature()
	day, err := wire.OptionalDay("countersignature.sign_date", signed.GetSignDate())
	return &domain.Reply{
		Verdict: decodeEnum[domain.Verdict](req.GetVerdict(), prefixVerdict), Opinion: req.GetOpinion(),
		Items:            mapped(req.GetItemOpinions(), decodeOpinion),
		Countersignature: domain.Countersignature{Leader: signed.GetLeader(), Date: day},
	}, err
}

// replier says who replies, and what is known of the others on the way.
func replier(tx *pg.Tx, kind store.Kind, s domain.Submission) (by domain.Replier, err error) {
	caller := tx.Principal()
	by.Subject, by.Office = caller.Subject, caller.Party == principal.InspectionOffice
	if by.Submitter, err = store.Actor(tx, kind, s, domain.SubmissionSubmitted); err != nil || !by.Office {
		return by, err
	}
	if by.GroupStands, err = store.GroupStands(tx, s.Place.Inspection); err != nil {
		return by, err
	}
	task, err := store.Task(tx, s.Place.Inspection)
	by.Leader = task.Leader
	return by, err
}

// sent keeps the reply to a submission that has taken it; reviews that were not given by
// then are of no use any more.
func sent(tx *pg.Tx, kind store.Kind, s domain.Submission, r *domain.Reply) error {
	if err := store.AddReply(tx, kind, s, *r); err != nil {
		return err
	}
	return store.CloseReviews(tx, kind, s.Rectification)
}

// lastReply gives the reply to the latest submission that has one, nil where none has.
func lastReply(tx *pg.Tx, kind store.Kind, s domain.Submission) (*rectificationv1.SubmissionReply, error) {
	replies, err := store.Replies(tx, kind, s.Rectification)
	for n := s.Count; n > 0 && err == nil; n-- {
		if r, ok := replies[n]; ok {
			return encodeReply(r), nil
		}
	}
	return nil, err
}

func encodeReply(r domain.Reply) *rectificationv1.SubmissionReply {
	m := &rectificationv1.SubmissionReply{
		Verdict: encodeEnum[rectificationv1.Verdict](r.Verdict, prefixVerdict), Opinion: r.Opinion,
		ItemOpinions: mapped(r.Items, encodeOpinion), ReplyDate: wire.Date(workday.DateOf(r.Time)),
	}
	if c := r.Countersignature; c.Leader != "" {
		m.Countersignature = &rectificationv1.Countersignature{Leader: c.Leader, SignDate: wire.Date(c.Date)}
	}
	return m
}

func decodeOpinion(m *rectificationv1.ItemOpinion) domain.ItemOpinion {
	return domain.ItemOpinion{Number: m.GetNumber(), Text: m.GetOpinion()}
}

func encodeOpinion(o domain.ItemOpinion) *rectificationv1.ItemOpinion {
	return &rectificationv1.ItemOpinion{Number: o.Number, Opinion: o.Text}
}

func encodeStep(s domain.Step) *rectificationv1.SubmissionStep {
	return &rectificationv1.SubmissionStep{
		State: encodeEnum[rectificationv1.SubmissionState](s.State, prefixSubmission), StepDate: wire.Date(s.Date),
	}
}
