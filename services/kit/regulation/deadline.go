package regulation

import "github.com/xunshi/xunshi/services/kit/workday"

// Deadline counts a period of the rule set from the day of its event: the one way
// in which every date is counted, so that an explanation is the count itself.
func (rs *RuleSet) Deadline(name ClockName, cal *workday.Calendar, province string, start workday.Date) (Due, error) {
	return rs.due(name, cal, province, start)
}
