package domain

import (
	"slices"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// The articles that refusals cite.
const (
	artDecision    = "5"     // the leading group decides
	artImmediate   = "9"     // immediate rectification
	artFeedback    = "11"    // feedback and its gates
	artAttendance  = "15(2)" // a member of the city's leading body attends
	artGuidance    = "15(3)" // the city guides and urges
	artCityMeasure = "15(4)" // the city's own bodies use the results
	artPlan        = "17"    // plan, report and their chain
)

// move is one lawful step of a kind of object.
type move[S ~string] struct {
	from []S
	to   S
}

// apply takes the step, or refuses it with the reason of the kind of object and
// changes nothing.
func (m move[S]) apply(state *S, article, reason string) error {
	if err := require(*state, article, reason, m.from...); err != nil {
		return err
	}
	*state = m.to
	return nil
}

func require[S ~string](state S, article, reason string, lawful ...S) error {
	if slices.Contains(lawful, state) {
		return nil
	}
	return fault.Refuse(article, reason, "state", string(state))
}
