package domain

import "github.com/xunshi/xunshi/services/kit/obligation"

// Law is what a step is measured by: a rule set, the calendar as it is known
// now, and the moment of the step. The obligations that the step opens are counted
// by the same.
type Law = obligation.Moment
