package docket

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Compliance is how a duty was kept.
type Compliance struct {
	Article string
	Duty    regulation.DutyName
	Due     int // fell due in the period; what fell away is not counted
	Kept    int // of these: met in time
	Late    int // met late
	Open    int // not met, and not overdue or suspended
	Overdue int // not met, and overdue
}

// ComplianceQuery says what to count.
type ComplianceQuery struct {
	City, County string       // six digits; "" for all
	From, To     workday.Date // due dates; zero for no bound
	AsOf         *time.Time   // nil: as they are
}

const complianceCounts = `duty, article, count(*) AS due,
	count(*) FILTER (WHERE state = 'SATISFIED' AND NOT late) AS kept,
	count(*) FILTER (WHERE state = 'SATISFIED' AND late) AS late,
	count(*) FILTER (WHERE state = 'SUSPENDED' OR state = 'OPEN' AND due_date >= @today) AS open,
	count(*) FILTER (WHERE state = 'OPEN' AND due_date < @today) AS overdue`

// Compliance counts what the caller may see, by duty and article, in the order of
// the duties. Of a past instant it counts what was known then.
func (d *Docket) Compliance(tx *pg.Tx, q ComplianceQuery) ([]Compliance, error) {
	now, query := d.now(), mine[obligationRow](tx)
	if q.AsOf != nil {
		now, query = *q.AsOf, asOf(tx, *q.AsOf)
	}
	query = query.Where("state <> 'CANCELLED'")
	for column, code := range map[string]string{"city_code = ?": q.City, "county_code = ?": q.County} {
		if code != "" {
			query = query.Where(column, code)
		}
	}
	if !q.From.IsZero() {
		query = query.Where("due_date >= ?", row.Day(q.From))
	}
	if !q.To.IsZero() {
		query = query.Where("due_date <= ?", row.Day(q.To))
	}
	var found []Compliance
	err := query.Select(complianceCounts, map[string]any{"today": row.Day(workday.DateOf(now))}).
		Group("duty, article").Scan(tx.Context(), &found)
	if err != nil {
		return nil, fmt.Errorf("compliance: %w", err)
	}
	order := d.duties()
	slices.SortFunc(found, func(a, b Compliance) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Duty), slices.Index(order, b.Duty)), cmp.Compare(a.Article, b.Article))
	})
	return found, nil
}

// duties lists the duties of all rule sets, in their order.
func (d *Docket) duties() []regulation.DutyName {
	var names []regulation.DutyName
	for _, rules := range d.book.All() {
		for _, duty := range rules.Duties {
			if !slices.Contains(names, duty.Name) {
				names = append(names, duty.Name)
			}
		}
	}
	return names
}
