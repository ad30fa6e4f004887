package domain

import (
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// withdrawMove leads from every state but the final ones. A passed paper stays:
// findings may rest on it (art. 10).
func withdrawMove() paperMove {
	return paperMove{[]PaperState{
		PaperDraft, PaperLeaderReview, PaperOfficeReview, PaperReturnedToMember, PaperReturnedToLeader,
	}, PaperWithdrawn}
}

// Withdraw takes the paper out of the work, with a reason (art. 8). The leader may
// do it too: a paper whose author left the group could not go on, and would hold
// up the report for ever. No signature stands for what was withdrawn.
func (p *Paper) Withdraw(by Actor, reason string, now time.Time) error {
	m := withdrawMove()
	if err := p.check(m); err != nil {
		return err
	}
	if by.office || !by.leader && by.Subject != p.r.Author {
		return fault.Refuse("8", ReasonWithdrawer)
	}
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return reasonRequired("8", "reason")
	}
	p.r.WithdrawReason, p.r.Signed = reason, Signatures{}
	p.apply(m, now)
	return nil
}
