package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// FeedbackState is where a feedback stands, in the order of the gates of art. 11.
type FeedbackState string

// The states of a feedback.
const (
	FeedbackDraft         FeedbackState = "DRAFT"
	FeedbackAgreed        FeedbackState = "AGREED"
	FeedbackCityConsulted FeedbackState = "CITY_CONSULTED"
	FeedbackGiven         FeedbackState = "GIVEN"
	FeedbackReceived      FeedbackState = "RECEIVED" // never stored: the county's receipt tells
	FeedbackCopied        FeedbackState = "COPIED"
)

// FeedbackStates lists them in order.
func FeedbackStates() []FeedbackState {
	return []FeedbackState{
		FeedbackDraft, FeedbackAgreed, FeedbackCityConsulted,
		FeedbackGiven, FeedbackReceived, FeedbackCopied,
	}
}

// NotApplicable says why a duty towards the city does not apply; it is recorded,
// never left empty (domain.md §6.4).
type NotApplicable string

// The reasons.
const (
	Applies         NotApplicable = ""
	NoCityCommittee NotApplicable = "NO_CITY_COMMITTEE" // 省直管
)

// Consultation is how the city was consulted before feedback (沟通, art. 11).
type Consultation struct {
	Date          workday.Date
	Opinion       string
	Dissent       bool // the city is heard and has no veto
	NotApplicable NotApplicable
}

// Meeting is the feedback meeting.
type Meeting struct {
	Date      workday.Date
	Attendees []Attendee
}

// Attendee is a person at a meeting.
type Attendee struct {
	Name            string
	Post            string
	CityLeadingBody bool // 市委领导班子成员
}

// Receipt is what the county's signature on its delivery tells of the feedback.
// It is not stored with the feedback: the county cannot write there.
type Receipt struct {
	Time          time.Time
	Rectification string // id of the case that it opened
}

// Feedback is the feedback opinion to a county (反馈意见, art. 11) as the group and
// the office prepare it.
type Feedback struct{ r FeedbackRecord }

// FeedbackRecord is what is known of a feedback.
type FeedbackRecord struct {
	ID                string
	Place             Place
	Report            string // id of the inspection report
	Summary           string
	Problems          []Problem
	State             FeedbackState
	Decision          string // id of the leading group's decision on the report
	Consultation      Consultation
	DocumentNumber    string
	Meeting           Meeting
	CopyNotApplicable NotApplicable
	Receipt           Receipt
	Version           int64
	CreateTime        time.Time
	UpdateTime        time.Time
}

// NewFeedback drafts the feedback of a task.
func NewFeedback(id string, task Task, report, summary string, problems []Problem, now time.Time) (*Feedback, error) {
	if err := checkProblems(problems); err != nil {
		return nil, err
	}
	return &Feedback{FeedbackRecord{
		ID: id, Place: task.Place, Report: report, Summary: summary, Problems: problems,
		State: FeedbackDraft, Version: 1, CreateTime: now, UpdateTime: now,
	}}, nil
}

// RehydrateFeedback is for the store only.
func RehydrateFeedback(r FeedbackRecord) *Feedback {
	if r.State == FeedbackGiven && !r.Receipt.Time.IsZero() {
		r.State = FeedbackReceived
	}
	return &Feedback{r}
}

// Record is a copy of what is known of it.
func (f *Feedback) Record() FeedbackRecord { return f.r }

// Edition is the version that callers see. The receipt changes the feedback
// without touching it, so it counts as one more.
func (f *Feedback) Edition() int64 {
	if f.r.Receipt.Time.IsZero() {
		return f.r.Version
	}
	return f.r.Version + 1
}
