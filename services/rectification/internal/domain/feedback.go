package domain

import (
	"strconv"
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
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
	FeedbackSuperseded    FeedbackState = "SUPERSEDED"
)

// FeedbackStates lists them in order.
func FeedbackStates() []FeedbackState {
	return []FeedbackState{
		FeedbackDraft, FeedbackAgreed, FeedbackCityConsulted,
		FeedbackGiven, FeedbackReceived, FeedbackCopied, FeedbackSuperseded,
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
	Form          ConsultationForm
	Record        string // what there is of it on file
}

// ConsultationForm is how the city was consulted.
type ConsultationForm string

// The forms; the empty one is not said.
const (
	ByLetter  ConsultationForm = "LETTER"
	InMeeting ConsultationForm = "MEETING"
	ByPhone   ConsultationForm = "PHONE"
)

// recorded reports whether there is something of it on record: what the city said and,
// where nothing was written, who spoke with whom (沟通, art. 11).
func (c Consultation) recorded() bool {
	return strings.TrimSpace(c.Opinion) != "" && (c.Form != ByPhone || strings.TrimSpace(c.Record) != "")
}

// Meeting is the feedback meeting.
type Meeting struct {
	Date          workday.Date
	Attendees     []Attendee
	NotApplicable NotApplicable // why nobody of the city attends
	PrincipalDate workday.Date  // when the county's principal was told, where that was another day
}

// Attendee is a person at a meeting.
type Attendee struct {
	Name            string
	Post            string
	CityLeadingBody bool // 市委领导班子成员
}

// Attendance is at the meetings of how many counties a person was on one day.
type Attendance struct {
	Name     string
	Counties int
}

// Source is a finding of the report that a problem is drawn from.
type Source struct {
	Number   int32  // of the problem
	CaseFile string // id, which is that of the inspection
	Finding  string // id
}

// FeedbackText is what the group writes.
type FeedbackText struct {
	Summary  string
	Problems []Problem
	Sources  []Source
}

// check wants numbers without gaps, and no source but findings of this very case file
// (art. 11).
func (t FeedbackText) check(p Place) error {
	if err := checkProblems(t.Problems); err != nil {
		return err
	}
	for _, s := range t.Sources {
		if s.Number < 1 || int(s.Number) > len(t.Problems) || s.CaseFile != p.Inspection {
			return NoSource(s.Number)
		}
	}
	return nil
}

// NoSource refuses what a feedback is never drawn from: leads, letters, working papers,
// and what the leading group did not agree to (art. 11).
func NoSource(number int32) error {
	return fault.Refuse(artFeedback, "FEEDBACK_SOURCE_INVALID", "number", strconv.Itoa(int(number)))
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
	ID              string
	Place           Place
	Report          string // id of the inspection report
	Supersedes      string // id of the one that it takes the place of, if any
	SupersededBy    string // id of the one that took its place
	SupersedeReason string
	FeedbackText
	Warnings          []Warning
	State             FeedbackState
	Decision          string // id of the leading group's decision on the report
	Consultation      Consultation
	DocumentNumber    string
	Meeting           Meeting
	CopyNotApplicable NotApplicable
	Receipt           Receipt
	RuleSet           string       // of its delivery; empty before
	Attended          []Attendance // of the city's leading body, as far as the reader may know
	Version           int64
	CreateTime        time.Time
	UpdateTime        time.Time
}

// NewFeedback drafts the feedback of a task.
func NewFeedback(id string, task Task, report string, text FeedbackText, lexicon Lexicon, now time.Time) (*Feedback, error) {
	if err := text.check(task.Place); err != nil {
		return nil, err
	}
	return &Feedback{FeedbackRecord{
		ID: id, Place: task.Place, Report: report, FeedbackText: text, Warnings: lexicon.scanText(text),
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
