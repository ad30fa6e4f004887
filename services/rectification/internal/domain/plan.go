package domain

import (
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/workday"
)

const planState = "PLAN_STATE_INVALID"

// Measure is one rectification measure (整改措施).
type Measure struct {
	Number         int32
	Problems       []int32 // numbers of the problems it answers
	Description    string
	Owner          string // 责任人
	OwnerPost      string
	Due            workday.Date
	AcceptanceTest string // 验收标准
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
func (p *Plan) Forward(by, replier string, now time.Time) error {
	return p.r.forward(by, replier, planState, now)
}

// Withdraw takes it back before the group's reply, to be replaced by another submission.
// The day of the first complete submission stands (art. 17; domain.md §7).
func (p *Plan) Withdraw(reason string, now time.Time) error {
	if err := p.r.take(withdraw, planState, now); err != nil {
		return err
	}
	p.r.WithdrawReason = reason
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
