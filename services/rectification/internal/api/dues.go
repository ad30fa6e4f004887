package api

import (
	"context"
	"slices"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/docketserver"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// settle enters in the docket what an event did to the dates of a subject.
func (d Deps) settle(tx *pg.Tx, at obligation.Moment, subject string, dues domain.Dues) error {
	for _, m := range dues.Met {
		if err := d.Docket.Meet(tx, at, docket.Key{Subject: subject, Duty: m.Duty}, m.On); err != nil {
			return err
		}
	}
	for _, in := range dues.Counted {
		in.Subject = subject
		if err := d.Docket.Count(tx, at, in); err != nil {
			return err
		}
	}
	return nil
}

// Overdue is what else happens when a date passes: with a missing plan begins the
// time of the report (art. 17).
func (d Deps) Overdue() map[regulation.DutyName]docket.Overdue {
	return map[regulation.DutyName]docket.Overdue{
		regulation.DutyPlan: func(tx *pg.Tx, at obligation.Moment, plan obligation.Record) error {
			dues, err := domain.PlanOverdue(plan, at)
			if err != nil {
				return err
			}
			return d.settle(tx, at, plan.Subject, dues)
		},
	}
}

// Decided asks scheduling whether a decision moves an obligation (art. 5). Another
// province's decides nothing here.
func (d Deps) Decided(ctx context.Context, decision string, action docketserver.Action, obligation string) (bool, error) {
	if _, err := parse(ctx, decisionName, "decision", decision); err != nil {
		return false, err
	}
	kind := schedulingv1.DecisionItem_Kind_value[prefixKind+string(action)]
	return d.covers(ctx, decision, schedulingv1.DecisionItem_Kind(kind), obligation)
}

// encoded writes a case with its dates.
func (d Deps) encoded(tx *pg.Tx, r *domain.Rectification) (*rectificationv1.Rectification, error) {
	all, err := d.encodedAll(tx, []*domain.Rectification{r})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// encodedAll reads the dates of a page of cases at once.
func (d Deps) encodedAll(tx *pg.Tx, cases []*domain.Rectification) ([]*rectificationv1.Rectification, error) {
	dates, err := d.Docket.DatesOf(tx, mapped(cases, caseName)...)
	if err != nil {
		return nil, err
	}
	return mapped(cases, func(r *domain.Rectification) *rectificationv1.Rectification {
		own := dates[caseName(r)]
		return encodeRectification(r, told(own, regulation.DutyPlan), told(own, regulation.DutyReport))
	}), nil
}

// due is the date of a duty that stands, nil where none was opened.
func (d Deps) due(all []*obligation.Obligation, duty regulation.DutyName) *regulationv1.StatutoryDate {
	for _, o := range slices.Backward(all) {
		if r := o.Record(); r.Duty == duty && r.State != obligation.Cancelled {
			return d.Docket.StatutoryDate(o)
		}
	}
	return nil
}

// told is due of dates that were read as such, as lists do.
func told(all []docket.Date, duty regulation.DutyName) *regulationv1.StatutoryDate {
	for _, date := range slices.Backward(all) {
		if date.Duty == duty && date.State != obligation.Cancelled {
			return date.Statutory
		}
	}
	return nil
}

func caseName(r *domain.Rectification) string {
	return rectificationName.Format(r.Record().Place.Province, r.Record().ID)
}
