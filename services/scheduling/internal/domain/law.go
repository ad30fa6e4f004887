package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Law is what a step is measured by: a rule set, the calendar as it is known
// now, and the moment of the step.
type Law struct {
	Rules    *regulation.RuleSet
	Calendar *workday.Calendar
	Now      time.Time
}

// Today is the legal day of the step.
func (l Law) Today() workday.Date { return workday.DateOf(l.Now) }
