package domain

import (
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Reasons of refusal about working papers and signatures (art. 8).
const (
	ReasonPaperState      = "WORKING_PAPER_STATE_INVALID"
	ReasonAuthorRequired  = "AUTHOR_REQUIRED"
	ReasonReviewerAuthor  = "REVIEWER_IS_AUTHOR"
	ReasonLeaderRequired  = "LEADER_SIGNATURE_REQUIRED"
	ReasonOpinionRequired = "OPINION_REQUIRED"
	ReasonLeaderReviews   = "LEADER_REVIEWS"
	ReasonWithdrawer      = "AUTHOR_OR_LEADER_REQUIRED"
)

// PaperState says where a working paper stands.
type PaperState string

// The states of a working paper.
const (
	PaperDraft            PaperState = "DRAFT"              // 草稿
	PaperLeaderReview     PaperState = "LEADER_REVIEW"      // 组长审核
	PaperOfficeReview     PaperState = "OFFICE_REVIEW"      // 巡视办审核
	PaperReturnedToMember PaperState = "RETURNED_TO_MEMBER" // 退回组员
	PaperReturnedToLeader PaperState = "RETURNED_TO_LEADER" // 退回组长
	PaperPassed           PaperState = "PASSED"             // 审核通过
	PaperWithdrawn        PaperState = "WITHDRAWN"          // 撤回
)

// PaperStates lists the states.
func PaperStates() []PaperState {
	return []PaperState{
		PaperDraft, PaperLeaderReview, PaperOfficeReview,
		PaperReturnedToMember, PaperReturnedToLeader, PaperPassed, PaperWithdrawn,
	}
}

// Signature is who signed and when; the zero value is none.
type Signature struct {
	Subject string
	Time    time.Time
}

// Signatures are those that stand for the paper as it reads now. The author's
// subject is the paper's own.
type Signatures struct {
	Author time.Time
	Leader Signature
	Office Signature
}

// PaperRecord is what is known of a working paper.
type PaperRecord struct {
	Key
	Title          string
	Facts          string
	State          PaperState
	Author         string
	ReviewOpinion  string
	WithdrawReason string // empty unless withdrawn
	Signed         Signatures
	CreateTime     time.Time
	UpdateTime     time.Time
	Version        int64
}

// Paper is a problem working paper (问题底稿): one matter, one paper, three
// signatures — author, group leader, office (三级审核).
type Paper struct {
	r PaperRecord
}

// DraftPaper starts a paper of the member who writes it (art. 8). The leader
// writes none: nobody could sign it at the second level.
func DraftPaper(key Key, by Actor, title, facts string, now time.Time) (*Paper, error) {
	if by.leader {
		return nil, fault.Refuse("8", ReasonLeaderReviews)
	}
	return &Paper{PaperRecord{
		Key: key, Title: title, Facts: facts, State: PaperDraft, Author: by.Subject,
		CreateTime: now, UpdateTime: now, Version: 1,
	}}, nil
}

// RehydratePaper makes a paper of a stored record; for the store only.
func RehydratePaper(r PaperRecord) *Paper { return &Paper{r} }

// Record gives a copy of what is known.
func (p *Paper) Record() PaperRecord { return p.r }

// Saved counts the version up; for the store only, after it wrote the record.
func (p *Paper) Saved() { p.r.Version++ }

// Passed reports whether a finding may rest on the paper.
func (p *Paper) Passed() bool { return p.r.State == PaperPassed }

// paperMove is a lawful change of state; an empty to means that it stays.
type paperMove struct {
	from []PaperState
	to   PaperState
}

// The moves of the author. In the states from which he acts nobody else's
// signature stands, so what he changes is always signed again by all three.
func authorMoves() (update, submit paperMove) {
	withAuthor := []PaperState{PaperDraft, PaperReturnedToMember}
	return paperMove{withAuthor, ""}, paperMove{withAuthor, PaperLeaderReview}
}

// Update changes what the paper says; its author only (art. 8).
func (p *Paper) Update(by Actor, title, facts string, now time.Time) error {
	update, _ := authorMoves()
	if err := p.authorActs(by, update); err != nil {
		return err
	}
	p.r.Title, p.r.Facts = title, facts
	p.apply(update, now)
	return nil
}

// Submit signs the paper as its author and hands it to the leader (art. 8).
func (p *Paper) Submit(by Actor, now time.Time) error {
	_, submit := authorMoves()
	if err := p.authorActs(by, submit); err != nil {
		return err
	}
	p.r.Signed = Signatures{Author: now}
	p.apply(submit, now)
	return nil
}

func (p *Paper) authorActs(by Actor, m paperMove) error {
	if err := p.check(m); err != nil {
		return err
	}
	if by.office || by.Subject != p.r.Author {
		return fault.Refuse("8", ReasonAuthorRequired)
	}
	return nil
}

// check refuses a move in a wrong state, before any other rule is asked.
func (p *Paper) check(m paperMove) error {
	if !slices.Contains(m.from, p.r.State) {
		return fault.Refuse("8", ReasonPaperState, "state", string(p.r.State))
	}
	return nil
}

func (p *Paper) apply(m paperMove, now time.Time) {
	if m.to != "" {
		p.r.State = m.to
	}
	p.r.UpdateTime = now
}
