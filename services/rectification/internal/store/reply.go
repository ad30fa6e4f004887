package store

import (
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type opinionDoc struct {
	Number int32  `json:"number"`
	Text   string `json:"text"`
}

func toOpinion(o domain.ItemOpinion) opinionDoc   { return opinionDoc(o) }
func fromOpinion(o opinionDoc) domain.ItemOpinion { return domain.ItemOpinion(o) }

type replyRow struct {
	RectificationID string
	Kind            Kind
	Number          int32
	Place           place `gorm:"embedded"`
	Verdict         string
	Opinion         string
	ItemOpinions    []opinionDoc `gorm:"serializer:json"`
	Leader          string
	CountersignDate row.Day
	ReplyTime       time.Time
}

func (replyRow) TableName() string { return "submission_reply" }

// AddReply keeps the reply to a submission, once that has its new state.
func AddReply(tx *pg.Tx, kind Kind, s domain.Submission, r domain.Reply) error {
	return row.Insert(tx, replyRow{
		RectificationID: s.Rectification, Kind: kind, Number: r.Number, Place: toPlace(s.Place), Verdict: string(r.Verdict),
		Opinion: r.Opinion, ItemOpinions: row.Convert(r.Items, toOpinion), Leader: r.Countersignature.Leader,
		CountersignDate: row.Day(r.Countersignature.Date), ReplyTime: r.Time,
	})
}

// Replies gives the replies that the caller may read, by the number of the submission.
func Replies(tx *pg.Tx, kind Kind, rectification string) (map[int32]domain.Reply, error) {
	rows, err := scoped[replyRow](tx, byPlace(), notCity).Where("rectification_id = ? AND kind = ?", rectification, kind).Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("replies: %w", err)
	}
	out := make(map[int32]domain.Reply, len(rows))
	for _, r := range rows {
		out[r.Number] = domain.Reply{
			Number: r.Number, Verdict: domain.Verdict(r.Verdict), Opinion: r.Opinion, Items: row.Convert(r.ItemOpinions, fromOpinion),
			Countersignature: domain.Countersignature{Leader: r.Leader, Date: workday.Date(r.CountersignDate)}, Time: r.ReplyTime,
		}
	}
	return out, nil
}

type stepRow struct {
	RectificationID string
	Kind            Kind
	Number          int32
	State           string
	Place           place `gorm:"embedded"`
	Actor           string
	StepDate        row.Day
	StepTime        time.Time
}

func (stepRow) TableName() string { return "submission_step" }

// AddStep keeps the step that a submission just took.
func AddStep(tx *pg.Tx, kind Kind, s domain.Submission) error {
	step := s.LastStep(tx.Principal().Subject)
	return row.Insert(tx, stepRow{
		RectificationID: s.Rectification, Kind: kind, Number: s.Count, State: string(step.State), Place: toPlace(s.Place),
		Actor: step.Actor, StepDate: row.Day(step.Date), StepTime: step.Time,
	})
}

// Actor gives the person who took a step of the submission that stands, for the inside
// alone; empty where it is not known.
func Actor(tx *pg.Tx, kind Kind, s domain.Submission, state domain.SubmissionState) (string, error) {
	rows, err := scoped[stepRow](tx, byPlace(), always).
		Where("rectification_id = ? AND kind = ? AND number = ? AND state = ?", s.Rectification, kind, s.Count, state).Find(tx.Context())
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].Actor, nil
}

// stepsOf gives the steps of the submissions that are copied by deliveries, by case, kind
// and number. Who took them is for the inside, and not asked for.
func stepsOf(tx *pg.Tx, cases []string) (map[string][]domain.Step, error) {
	out := make(map[string][]domain.Step)
	if len(cases) == 0 {
		return out, nil
	}
	rows, err := scoped[stepRow](tx, byPlace(), always).
		Select("rectification_id", "kind", "number", "state", "step_date", "step_time").
		Where("rectification_id IN ?", cases).Order("step_time").Order("number").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("steps: %w", err)
	}
	for _, r := range rows {
		key := stepKey(r.RectificationID, string(r.Kind)+"_COPY", r.Number)
		out[key] = append(out[key], domain.Step{State: domain.SubmissionState(r.State), Date: workday.Date(r.StepDate), Time: r.StepTime})
	}
	return out, nil
}

func stepKey(rectification, kind string, number int32) string {
	return fmt.Sprint(rectification, " ", kind, " ", number)
}

// GroupStands reports whether anybody is a member of the task; for the office.
func GroupStands(tx *pg.Tx, inspection string) (bool, error) {
	rows, err := scoped[memberRow](tx, byTask(), always).Where("inspection_id = ?", inspection).Limit(1).Find(tx.Context())
	if err != nil {
		return false, fmt.Errorf("members: %w", err)
	}
	return len(rows) > 0, nil
}
