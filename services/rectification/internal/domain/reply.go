package domain

import (
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// ItemOpinion is what is said of one measure of a plan or one item of a report.
type ItemOpinion struct {
	Number int32
	Text   string
}

// Countersignature is that of the leader of a group that is dissolved.
type Countersignature struct {
	Leader string
	Date   workday.Date
}

// Reply is the one consolidated reply to a submission (须经巡视组审核, art. 17).
type Reply struct {
	Number           int32 // of the submission
	Verdict          Verdict
	Opinion          string
	Items            []ItemOpinion
	Countersignature Countersignature // only of the office
	Time             time.Time
}

// Replier is who replies, and what is known of the others on the way.
type Replier struct {
	Subject     string
	Office      bool // it replies in the group's place
	GroupStands bool
	Leader      string // last leader of the group; empty where not known
	Submitter   string // person who submitted; empty where not known
}

// review takes the reply; numbers are those of what was submitted.
func (s *Submission) review(r *Reply, by Replier, numbers []int32, reason string, now time.Time) error {
	m := passSubmission
	if r.Verdict == Return {
		m = returnSubmission
	}
	if err := require(s.State, artPlan, reason, m.from...); err != nil {
		return err
	}
	if r.Verdict == Return && !written(r.Opinion) {
		return fault.Refuse(artPlan, "OPINION_REQUIRED")
	}
	if err := by.check(r.Countersignature, now); err != nil {
		return err
	}
	if astray := opinionsAstray(r.Items, numbers); len(astray) > 0 {
		return fault.Refuse(artPlan, "OPINION_ASTRAY", "items", list(astray))
	}
	if !by.Office {
		r.Countersignature = Countersignature{}
	}
	r.Number, r.Time, s.Opinion = s.Count, now, r.Opinion
	return s.take(m, reason, now)
}

// check: the group replies while it is there; when it is dissolved the office does, and
// its last leader countersigns (domain.md §7). Nobody replies to what he submitted.
func (by Replier) check(c Countersignature, now time.Time) error {
	today := workday.DateOf(now)
	switch {
	case by.Office && by.GroupStands:
		return fault.Refuse(artPlan, "GROUP_STANDS")
	case by.Office && (!written(c.Leader) || by.Leader != "" && c.Leader != by.Leader):
		return fault.Refuse(artPlan, "COUNTERSIGNATURE_REQUIRED", "leader", by.Leader)
	case by.Office && c.Date.After(today):
		return fault.Refuse(artPlan, "DATE_OUT_OF_ORDER", "date", c.Date.String())
	case by.Submitter != "" && by.Submitter == by.Subject:
		return fault.Refuse(artPlan, "SAME_PERSON")
	}
	return nil
}

func opinionsAstray(opinions []ItemOpinion, numbers []int32) []int32 {
	var astray []int32
	for _, o := range opinions {
		if !slices.Contains(numbers, o.Number) {
			astray = append(astray, o.Number)
		}
	}
	return astray
}

// forward passes it on through the office (通过巡视办, art. 17), by another person than the
// one who replied; replier is empty where that is not known.
func (s *Submission) forward(by, replier, reason string, now time.Time) error {
	if err := require(s.State, artPlan, reason, forward.from...); err != nil {
		return err
	}
	if replier != "" && replier == by {
		return fault.Refuse(artPlan, "SAME_PERSON")
	}
	return s.take(forward, reason, now)
}

// Step is where a submission got to, when, and by whom.
type Step struct {
	State SubmissionState
	Date  workday.Date
	Time  time.Time
	Actor string
}

// LastStep is the one that it just took.
func (s *Submission) LastStep(actor string) Step {
	step := Step{State: s.State, Date: workday.DateOf(s.UpdateTime), Time: s.UpdateTime, Actor: actor}
	if s.State == SubmissionSubmitted {
		step.Date = s.SubmitDate
	}
	return step
}
