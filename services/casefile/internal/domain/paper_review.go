package domain

import (
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Verdict is what a reviewer decides.
type Verdict string

// The verdicts.
const (
	Pass   Verdict = "PASS"   // 通过
	Return Verdict = "RETURN" // 退回
)

// reviewMove is the move by which a level of review passes or returns a paper:
// the group leader is the second of the three levels, the office the third.
func reviewMove(office bool, v Verdict) paperMove {
	withLeader := []PaperState{PaperLeaderReview, PaperReturnedToLeader}
	withOffice := []PaperState{PaperOfficeReview}
	switch {
	case office && v == Pass:
		return paperMove{withOffice, PaperPassed}
	case office:
		return paperMove{withOffice, PaperReturnedToLeader}
	case v == Pass:
		return paperMove{withLeader, PaperOfficeReview}
	default:
		return paperMove{withLeader, PaperReturnedToMember}
	}
}

// Review signs the paper or returns it with a reason (art. 8). A return takes
// back the signature of the level that it goes to.
func (p *Paper) Review(by Actor, v Verdict, opinion string, now time.Time) error {
	m := reviewMove(by.office, v)
	if err := p.mayReview(by, m); err != nil {
		return err
	}
	opinion = strings.TrimSpace(opinion)
	if v == Return && opinion == "" {
		return reasonRequired("8", "opinion")
	}
	p.r.ReviewOpinion = opinion
	p.sign(by, v, now)
	p.apply(m, now)
	return nil
}

func (p *Paper) mayReview(by Actor, m paperMove) error {
	if err := p.check(m); err != nil {
		return err
	}
	if !by.office && !by.leader {
		return fault.Refuse("8", ReasonLeaderRequired)
	}
	if by.Subject == p.r.Author {
		return fault.Refuse("8", ReasonReviewerAuthor)
	}
	return nil
}

func (p *Paper) sign(by Actor, v Verdict, now time.Time) {
	signature := Signature{Subject: by.Subject, Time: now}
	switch {
	case v == Return && by.office:
		p.r.Signed.Leader = Signature{}
	case v == Return:
		p.r.Signed = Signatures{}
	case by.office:
		p.r.Signed.Office = signature
	default:
		p.r.Signed.Leader = signature
	}
}

// reasonRequired is a fault of the request: the same step with a reason is fine.
func reasonRequired(article, field string) error {
	return fault.New(fault.Invalid, ReasonOpinionRequired, fault.MetaArticle, article).
		WithField(field, "REQUIRED", "a return or a withdrawal needs a reason")
}
