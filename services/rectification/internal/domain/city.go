package domain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

const cityMeasureState = "CITY_MEASURE_STATE_INVALID"

// Guidance is one entry of the city's guidance log (指导和督促, art. 15(3)). It never
// changes, so it is a value.
type Guidance struct {
	ID            string
	Rectification string // id of its case
	Place         Place
	Date          workday.Date
	Content       string
	Signer        string
	AuthorParty   string // as in package principal
	CreateTime    time.Time
}

// Guide enters a guidance on a case that is not closed, of a day from the county's
// receipt of the feedback to today (art. 15(3)).
func (r *Rectification) Guide(g Guidance, now time.Time) (Guidance, error) {
	if r.r.State == RectificationClosed {
		return Guidance{}, fault.Refuse(artGuidance, rectificationState, "state", string(r.r.State))
	}
	if g.Date.After(workday.DateOf(now)) || g.Date.Before(r.r.ReceiveDate) {
		return Guidance{}, outOfOrder(artGuidance, g.Date)
	}
	g.Rectification, g.Place, g.CreateTime = r.r.ID, r.r.Place, now
	return g, nil
}

// CityMeasureState is where a measure of the city stands.
type CityMeasureState string

// The states of a measure of the city.
const (
	CityMeasurePlanned    CityMeasureState = "PLANNED"
	CityMeasureInProgress CityMeasureState = "IN_PROGRESS"
	CityMeasureDone       CityMeasureState = "DONE"
)

// CityMeasureStates lists them in order.
func CityMeasureStates() []CityMeasureState {
	return []CityMeasureState{CityMeasurePlanned, CityMeasureInProgress, CityMeasureDone}
}

// cityMeasureReports are the moves of a measure, by the state that is reported.
func cityMeasureReports() map[CityMeasureState]move[CityMeasureState] {
	running := []CityMeasureState{CityMeasurePlanned, CityMeasureInProgress}
	return map[CityMeasureState]move[CityMeasureState]{
		CityMeasureInProgress: {running, CityMeasureInProgress},
		CityMeasureDone:       {running, CityMeasureDone},
	}
}

// CityMeasureUpdate is one report on a measure.
type CityMeasureUpdate struct {
	State CityMeasureState
	Text  string
	Time  time.Time
}

// CityMeasure is how a body of the city uses the results at its own level (art. 15(4)).
type CityMeasure struct{ r CityMeasureRecord }

// CityMeasureRecord is what is known of it.
type CityMeasureRecord struct {
	ID            string
	Rectification string // id of its case
	Place         Place
	Body          string // 有关机关和部门
	Description   string
	Problems      []int32
	Due           workday.Date
	State         CityMeasureState
	Updates       []CityMeasureUpdate
	Version       int64
	CreateTime    time.Time
	UpdateTime    time.Time
}

// RehydrateCityMeasure is for the store only.
func RehydrateCityMeasure(r CityMeasureRecord) *CityMeasure { return &CityMeasure{r} }

// Record is a copy of what is known of it.
func (m *CityMeasure) Record() CityMeasureRecord { return m.r }

// DirectMeasure enters a measure that the city committee directed one of its bodies to
// (责成有关机关和部门研究, art. 15(4)). It is about problems of the feedback, and the first
// meets what the city owes. The county's case may be closed: this is the city's own work.
func (r *Rectification) DirectMeasure(m CityMeasureRecord, at obligation.Moment) (*CityMeasure, Dues, error) {
	var unknown []string
	for _, number := range m.Problems {
		has := func(p Problem) bool { return p.Number == number }
		if !slices.ContainsFunc(r.r.Problems, has) {
			unknown = append(unknown, fmt.Sprint(number))
		}
	}
	if len(unknown) > 0 {
		return nil, Dues{}, fault.Refuse(artCityMeasure, "PROBLEM_UNKNOWN", "problems", strings.Join(unknown, ","))
	}
	if m.Due.Before(at.Today()) {
		return nil, Dues{}, outOfOrder(artCityMeasure, m.Due)
	}
	m.Rectification, m.Place, m.State, m.Version = r.r.ID, r.r.Place, CityMeasurePlanned, 1
	m.CreateTime, m.UpdateTime = at.Now, at.Now
	return &CityMeasure{m}, met(regulation.DutyCityMeasures, workday.Date{}), nil
}

// Report tells how a measure goes (督促落实, art. 15(4)); what is done stays done.
func (m *CityMeasure) Report(state CityMeasureState, text string, now time.Time) error {
	step, ok := cityMeasureReports()[state]
	if !ok {
		return fault.Refuse(artCityMeasure, cityMeasureState, "state", string(state))
	}
	if err := step.apply(&m.r.State, artCityMeasure, cityMeasureState); err != nil {
		return err
	}
	m.r.Updates = append(slices.Clone(m.r.Updates), CityMeasureUpdate{state, text, now})
	m.r.UpdateTime = now
	return nil
}

// CopiedDues: from the copy of the feedback on, the city owes measures of its own
// bodies, and is reminded while its register is empty (art. 15(4)). The county never
// learns of it.
func (f *Feedback) CopiedDues(copied workday.Date) Dues {
	return Dues{Counted: []obligation.Opening{{
		Duty: regulation.DutyCityMeasures, Place: f.r.Place.ofObligation(), Start: copied, CitySees: true,
	}}}
}
