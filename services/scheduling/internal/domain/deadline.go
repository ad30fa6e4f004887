package domain

import (
	"slices"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Reasons of refusal about dates that anybody asks for.
const (
	ReasonDeadlineNotReproduced = "DEADLINE_NOT_REPRODUCED"
	ReasonRuleSetNotVerified    = "RULE_SET_NOT_VERIFIED"
)

// RulesToCountBy gives the rule set with this id, or the one in force if none is
// named. What was not read in full counts nowhere (art. 20).
func RulesToCountBy(book *regulation.Book, province, id string, today workday.Date) (*regulation.RuleSet, error) {
	if id == "" {
		return book.Select(regulation.County, today)
	}
	rules, ok := book.Find(id)
	if !ok {
		return nil, fault.Missing(RuleSetName(province, id))
	}
	if !rules.Verified {
		return nil, fault.Refuse("20", ReasonRuleSetNotVerified, "rule_set", id)
	}
	return rules, nil
}

// Deadlines counts the periods that start with an event of the given day: the named
// one, or each that runs on from its event.
func Deadlines(law Law, province string, start workday.Date, clock regulation.ClockName) ([]regulation.Due, error) {
	var out []regulation.Due
	for _, c := range law.Rules.Clocks {
		if clock == "" && c.Back || clock != "" && clock != c.Name {
			continue
		}
		due, err := law.Rules.Deadline(c.Name, law.Calendar, province, start)
		if err != nil {
			return nil, err
		}
		out = append(out, due)
	}
	if len(out) == 0 {
		return nil, fault.InvalidField("clock", "CLOCK_UNKNOWN", "the rule set has no such period")
	}
	return out, nil
}

// Reproduce counts a date again that was told, by its own calendar and rules, and
// refuses one that does not come out: an explanation that ends on another day would
// explain nothing. A date that does not name its period is of one of its article.
func Reproduce(law Law, province string, told regulation.Due) (regulation.Due, error) {
	for _, c := range law.Rules.Clocks {
		if told.Clock != "" && told.Clock != c.Name || told.Article != "" && told.Article != c.Article {
			continue
		}
		due, err := law.Rules.Deadline(c.Name, law.Calendar, province, told.Start)
		if err != nil || due.Date == told.Date {
			return due, err
		}
	}
	return regulation.Due{}, NotReproduced(told)
}

// NotReproduced is the refusal of a date that does not follow from what it names.
func NotReproduced(told regulation.Due) error {
	article := told.Article
	if !slices.Contains([]string{"5", "12(2)", "17"}, article) {
		article = CalendarArticles
	}
	return fault.Refuse(article, ReasonDeadlineNotReproduced,
		"date", told.Date.String(), "calendar_version", told.CalendarVersion, "rule_set", told.RuleSet)
}
