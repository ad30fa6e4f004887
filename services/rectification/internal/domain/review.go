package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

const reviewState = "REVIEW_STATE_INVALID"

// ReviewState is where a review stands.
type ReviewState string

// The states of a review.
const (
	ReviewInvited ReviewState = "INVITED"
	ReviewGiven   ReviewState = "GIVEN"
	ReviewClosed  ReviewState = "CLOSED"
)

// ReviewStates lists them in order.
func ReviewStates() []ReviewState { return []ReviewState{ReviewInvited, ReviewGiven, ReviewClosed} }

var giveReview = move[ReviewState]{[]ReviewState{ReviewInvited}, ReviewGiven}

// Reviewer is a body that reviews, named as a party.
type Reviewer string

// The reviewers.
const (
	ReviewerDiscipline   Reviewer = "DISCIPLINE_ORGAN"
	ReviewerOrganization Reviewer = "ORGANIZATION_DEPARTMENT"
	ReviewerOffice       Reviewer = "INSPECTION_OFFICE"
	ReviewerGroup        Reviewer = "INSPECTION_GROUP"
)

// Reviewers lists them.
func Reviewers() []Reviewer {
	return []Reviewer{ReviewerDiscipline, ReviewerOrganization, ReviewerOffice, ReviewerGroup}
}

// organ reports whether it is of a level, so that there is one of the city too.
func (r Reviewer) organ() bool { return r == ReviewerDiscipline || r == ReviewerOrganization }

// Review is what one body says to a submission, before the reply. It never reaches county
// or city.
type Review struct{ r ReviewRecord }

// ReviewRecord is what is known of a review.
type ReviewRecord struct {
	ID            string
	Rectification string
	Place         Place
	Reviewer      Reviewer
	OfCity        bool
	State         ReviewState
	Content       Content // a copy of what is reviewed
	Opinion       string
	Items         []ItemOpinion
	Inviter       string
	Author        string
	CreateTime    time.Time
	GiveTime      time.Time
	Version       int64
}

// RehydrateReview is for the store only.
func RehydrateReview(r ReviewRecord) *Review { return &Review{r} }

// Record is a copy of what is known of it.
func (r *Review) Record() ReviewRecord { return r.r }

// Invitation says who is asked.
type Invitation struct {
	ID      string
	Body    Reviewer
	OfCity  bool
	Copied  bool // the city has the feedback as it stands
	Inviter string
}

// Invite hands a submission that awaits its reply to a body: an organ of the province or of
// the county's city, the office or the group.
func (s *Submission) invite(in Invitation, content Content, reason string, now time.Time) (*Review, error) {
	if err := require(s.State, artPlan, reason, passSubmission.from...); err != nil {
		return nil, err
	}
	if in.OfCity && (!in.Body.organ() || !s.Place.HasCity()) {
		return nil, fault.Refuse(artPlan, "REVIEWER_NOT_ELIGIBLE")
	}
	if in.OfCity && !in.Copied { // its organs learn nothing before the city itself does
		return nil, fault.Refuse(artFeedback, "FEEDBACK_NOT_COPIED")
	}
	content.Submission = s.Count
	return &Review{ReviewRecord{
		ID: in.ID, Rectification: s.Rectification, Place: s.Place, Reviewer: in.Body, OfCity: in.OfCity,
		State: ReviewInvited, Content: content, Inviter: in.Inviter, CreateTime: now, Version: 1,
	}}, nil
}

// Invite asks a body for a review of the plan.
func (p *Plan) Invite(in Invitation, problems []Problem, now time.Time) (*Review, error) {
	return p.r.invite(in, Content{Problems: problems, Measures: p.r.Measures}, planState, now)
}

// Invite asks a body for a review of the report.
func (r *Report) Invite(in Invitation, problems []Problem, now time.Time) (*Review, error) {
	return r.r.invite(in, Content{Problems: problems, Accounts: r.r.Accounts}, reportState, now)
}

// Give takes the opinion of the body that was invited, once.
func (r *Review) Give(body Reviewer, author, opinion string, items []ItemOpinion, now time.Time) error {
	if body != r.r.Reviewer {
		return fault.Refuse(artPlan, "REVIEWER_NOT_ELIGIBLE")
	}
	if err := require(r.r.State, artPlan, reviewState, giveReview.from...); err != nil {
		return err
	}
	if astray := opinionsAstray(items, r.r.Content.numbers()); len(astray) > 0 {
		return fault.Refuse(artPlan, "OPINION_ASTRAY", "items", list(astray))
	}
	r.r.State, r.r.Opinion, r.r.Items, r.r.Author, r.r.GiveTime = giveReview.to, opinion, items, author, now
	return nil
}

// numbers gives the numbers of its measures or accounts.
func (c Content) numbers() []int32 {
	var out []int32
	for _, m := range c.Measures {
		out = append(out, m.Number)
	}
	for _, a := range c.Accounts {
		out = append(out, a.Number)
	}
	return out
}
