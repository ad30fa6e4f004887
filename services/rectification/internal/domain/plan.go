package domain

import (
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

const planState = "PLAN_STATE_INVALID"

// Measure is one rectification measure (整改措施).
type Measure struct {
	Number      int32
	Problems    []int32 // numbers of the problems it answers
	Description string
	Owner       string // 责任人
	Due         workday.Date
}

// Plan is the county's rectification plan (整改方案, art. 17).
type Plan struct{ r PlanRecord }

// PlanRecord is what is known of a plan.
type PlanRecord struct {
	Submission
	Measures []Measure
}

// RehydratePlan is for the store only.
func RehydratePlan(r PlanRecord) *Plan { return &Plan{r} }

// Record is a copy of what is known of it.
func (p *Plan) Record() PlanRecord { return p.r }

// Write replaces the measures while the plan is with the county.
func (p *Plan) Write(measures []Measure, now time.Time) error {
	if err := require(p.r.State, artPlan, planState, withCounty...); err != nil {
		return err
	}
	err := checkNumbering(artPlan, func(yield func(int32) bool) {
		for _, m := range measures {
			if !yield(m.Number) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	p.r.Measures, p.r.UpdateTime = measures, now
	return nil
}

// Forward passes the plan on through the office (通过巡视办, art. 17).
func (p *Plan) Forward(now time.Time) error { return p.r.take(forward, planState, now) }

// checkCovers wants every problem answered by enough measures and no measure for
// a problem that was not fed back (art. 17; domain.md §7).
func (p *Plan) checkCovers(problems []Problem, rules *regulation.RuleSet) error {
	enough, err := rules.Number(regulation.PlanMeasuresPerItem)
	if err != nil {
		return err
	}
	answers := make(map[int32]int, len(problems))
	for _, problem := range problems {
		answers[problem.Number] = 0
	}
	var unknown, uncovered []int32
	for _, m := range p.r.Measures {
		for _, n := range m.Problems {
			if _, ok := answers[n]; !ok {
				unknown = append(unknown, n)
				continue
			}
			answers[n]++
		}
	}
	for n, count := range answers {
		if count < enough {
			uncovered = append(uncovered, n)
		}
	}
	switch {
	case len(unknown) > 0:
		return fault.Refuse(artPlan, "PROBLEM_UNKNOWN", "problems", list(unknown))
	case len(uncovered) > 0:
		return fault.Refuse(artPlan, "PLAN_INCOMPLETE", "problems", list(uncovered))
	}
	return nil
}

func (p *Plan) copyToCity(id string, now time.Time) *Delivery {
	return p.r.copyToCity(id, DeliverPlanCopy, Content{Measures: slices.Clone(p.r.Measures)}, now)
}

// copyToCity gives the copy (抄报所在的市委, art. 17), nil where there is no city.
func (s *Submission) copyToCity(id string, kind DeliveryKind, content Content, now time.Time) *Delivery {
	if !s.Place.HasCity() {
		return nil
	}
	content.Submission = s.Count
	return newDelivery(DeliveryRecord{
		ID: id, Place: s.Place, Kind: kind, Rectification: s.Rectification,
		Content: content, DeliverTime: now,
	})
}
