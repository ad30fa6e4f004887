package domain

import (
	"slices"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// Lists are the three lists (问题清单、任务清单、责任清单) of a case (art. 17).
type Lists struct {
	Problems []ListedProblem
	Tasks    []ListedTask
	Owners   []ListedOwner
}

// ListedProblem is a problem with the measures that answer it. State is empty before
// there are items.
type ListedProblem struct {
	Problem  Problem
	Measures []int32
	State    ItemState
}

// ListedTask is a measure and how far it is.
type ListedTask struct {
	Measure Measure
	State   ItemState
	Percent int32
}

// ListedOwner is a person and what that person answers for.
type ListedOwner struct {
	Name, Post         string
	Measures, Problems []int32
	Due                workday.Date // the last
}

// MakeLists makes the lists of the problems fed back, the measures as last submitted, and
// the items. Of a measure that became an item, the item has the last word.
func MakeLists(problems []Problem, measures []Measure, items []*Item) Lists {
	tasks := make(map[int32]ListedTask, len(measures))
	for _, m := range measures {
		tasks[m.Number] = ListedTask{Measure: m}
	}
	for _, i := range items {
		r := i.Record()
		tasks[r.Measure.Number] = ListedTask{r.Measure, r.State, r.Percent}
	}
	var l Lists
	for _, n := range unionOf(tasks, nil) {
		l.Tasks = append(l.Tasks, tasks[n])
		l.answers(tasks[n].Measure)
	}
	for _, p := range problems {
		listed := ListedProblem{Problem: p}
		for _, t := range l.Tasks {
			if slices.Contains(t.Measure.Problems, p.Number) {
				listed.Measures = append(listed.Measures, t.Measure.Number)
				listed.State = least(listed.State, t.State)
			}
		}
		l.Problems = append(l.Problems, listed)
	}
	return l
}

// answers enters a measure under the one who answers for it.
func (l *Lists) answers(m Measure) {
	at := slices.IndexFunc(l.Owners, func(o ListedOwner) bool { return o.Name == m.Owner && o.Post == m.OwnerPost })
	if at < 0 {
		l.Owners = append(l.Owners, ListedOwner{Name: m.Owner, Post: m.OwnerPost})
		at = len(l.Owners) - 1
	}
	o := &l.Owners[at]
	o.Measures = append(o.Measures, m.Number)
	o.Problems = slices.Compact(slices.Sorted(slices.Values(append(o.Problems, m.Problems...))))
	if m.Due.After(o.Due) {
		o.Due = m.Due
	}
}

// least gives the state that is less far.
func least(a, b ItemState) ItemState {
	if a == "" || b != "" && slices.Index(ItemStates(), b) < slices.Index(ItemStates(), a) {
		return b
	}
	return a
}
