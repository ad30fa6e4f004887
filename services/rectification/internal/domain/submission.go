package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// SubmissionState is where a plan or a report stands in the chain of art. 17:
// group, office, leading group (经巡视组审核，并通过巡视办报领导小组).
type SubmissionState string

// The states of a submission.
const (
	SubmissionDraft       SubmissionState = "DRAFT"
	SubmissionSubmitted   SubmissionState = "SUBMITTED"
	SubmissionReturned    SubmissionState = "RETURNED"
	SubmissionGroupPassed SubmissionState = "GROUP_PASSED"
	SubmissionForwarded   SubmissionState = "FORWARDED"
	SubmissionReceived    SubmissionState = "RECEIVED"
	SubmissionWithdrawn   SubmissionState = "WITHDRAWN"
)

// SubmissionStates lists them in order.
func SubmissionStates() []SubmissionState {
	return []SubmissionState{
		SubmissionDraft, SubmissionSubmitted, SubmissionReturned,
		SubmissionGroupPassed, SubmissionForwarded, SubmissionReceived, SubmissionWithdrawn,
	}
}

// The moves of a submission.
var (
	withCounty       = []SubmissionState{SubmissionDraft, SubmissionReturned, SubmissionWithdrawn}
	submit           = move[SubmissionState]{withCounty, SubmissionSubmitted}
	passSubmission   = move[SubmissionState]{[]SubmissionState{SubmissionSubmitted}, SubmissionGroupPassed}
	returnSubmission = move[SubmissionState]{[]SubmissionState{SubmissionSubmitted}, SubmissionReturned}
	forward          = move[SubmissionState]{[]SubmissionState{SubmissionGroupPassed}, SubmissionForwarded}
	withdraw         = move[SubmissionState]{[]SubmissionState{SubmissionSubmitted}, SubmissionWithdrawn}
	receive          = move[SubmissionState]{[]SubmissionState{SubmissionForwarded}, SubmissionReceived}
)

// Verdict is what the group decides on a submission.
type Verdict string

// The verdicts.
const (
	Pass   Verdict = "PASS"   // 审核通过
	Return Verdict = "RETURN" // 退回
)

// Submission is what plan and report have in common: both are singletons of
// their case and go the same way.
type Submission struct {
	Rectification  string // id of the case
	Place          Place
	State          SubmissionState
	Count          int32 // how often it was submitted
	Signature      Signature
	SubmitTime     time.Time    // of the last submission
	SubmitDate     workday.Date // the day of it that counts
	WithdrawReason string       // while it is withdrawn
	Opinion        string       // of the last reviewer
	Version        int64
	CreateTime     time.Time
	UpdateTime     time.Time
}

func newSubmission(rectification string, place Place, now time.Time) Submission {
	return Submission{
		Rectification: rectification, Place: place, State: SubmissionDraft,
		Version: 1, CreateTime: now, UpdateTime: now,
	}
}

// take makes a move; reason is the reason of refusal of plans or of reports.
func (s *Submission) take(m move[SubmissionState], reason string, now time.Time) error {
	if err := m.apply(&s.State, artPlan, reason); err != nil {
		return err
	}
	s.UpdateTime = now
	return nil
}

func (s *Submission) submit(signature Signature, on workday.Date, reason string, now time.Time) error {
	if err := s.take(submit, reason, now); err != nil {
		return err
	}
	s.Signature, s.SubmitTime, s.SubmitDate, s.WithdrawReason = signature, now, on, ""
	s.Count++
	return nil
}
