package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// ReasonTermOverlaps is the refusal of a term that overlaps another one.
const ReasonTermOverlaps = "TERM_OVERLAPS"

// Term is a term of office of the provincial committee (届), within which every
// county is inspected at least once (art. 2). It has no moves, so it is a value.
type Term struct {
	Province    string
	ID          string
	DisplayName string
	Start, End  workday.Date // both days belong to it
	// Covered counts the counties whose inspection entered within the term and
	// reached feedback; the store counts them on reading.
	Covered    int
	CreateTime time.Time
	UpdateTime time.Time
	Version    int64
}

// Name is the resource name.
func (t Term) Name() string { return TermName(t.Province, t.ID) }

// NewTerm records a term (art. 2). That it overlaps no other is for the store,
// which sees them all.
func NewTerm(province, id, displayName string, start, end workday.Date, now time.Time) (Term, error) {
	if end.Before(start) {
		return Term{}, fault.Refuse("2", regulation.ReasonPeriodInverted)
	}
	return Term{
		Province: province, ID: id, DisplayName: displayName, Start: start, End: end,
		CreateTime: now, UpdateTime: now, Version: 1,
	}, nil
}
