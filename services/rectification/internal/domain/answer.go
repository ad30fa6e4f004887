package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Answer is one answer of the county to a notice of immediate rectification, and what
// the group said to it (art. 9).
type Answer struct {
	Number     int32 // from 1
	Text       string
	Signer     string
	AnswerTime time.Time
	Verdict    Verdict // empty until the group checked it
	Opinion    string
	VerifyTime time.Time
}

// awaitsVerdict reports whether the last answer is with the group.
func awaitsVerdict(answers []Answer) bool {
	return len(answers) > 0 && answers[len(answers)-1].Verdict == ""
}

// Answer answers a notice that was signed for, once and again after each return. The
// first answer meets the duty, however late: lateness is recorded, not refused. A return
// does not start it again (art. 9).
func (d *Delivery) Answer(text, signer string, now time.Time) (Answer, Dues, error) {
	last := len(d.r.Answers) - 1
	if d.r.Kind != DeliverImmediate || d.r.ReceiveTime.IsZero() || last >= 0 && d.r.Answers[last].Verdict != Return {
		return Answer{}, Dues{}, fault.Refuse(artImmediate, "ANSWER_NOT_DUE")
	}
	a := Answer{Number: int32(last + 2), Text: text, Signer: signer, AnswerTime: now}
	d.r.Answers = append(append([]Answer(nil), d.r.Answers...), a)
	if a.Number > 1 {
		return a, Dues{}, nil
	}
	return a, met(regulation.DutyImmediate, workday.Date{}), nil
}

// AsksAnswer reports whether its receipt starts the clock of the county's answer: that
// of a notice of immediate rectification does.
func (d *Delivery) AsksAnswer() bool { return d.r.Kind == DeliverImmediate }

// Edition is the version that callers see. Answers, verdicts and the steps of a submission
// change the delivery without touching it, so each counts as one more.
func (d *Delivery) Edition() int64 {
	edition := d.r.Version + int64(len(d.r.Steps))
	for _, a := range d.r.Answers {
		edition++
		if a.Verdict != "" {
			edition++
		}
	}
	return edition
}
