package docket

import (
	"fmt"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Move is what a holiday notice would do to one obligation.
type Move struct {
	Obligation *obligation.Obligation // as it stands
	Computed   workday.Date           // as it would be computed
	Due        workday.Date           // as it would stand
}

// Preview is a page of what a notice would move.
type Preview struct {
	Moves    []Move
	Examined int         // running obligations that were counted again
	Next     page.Cursor // of the next page; at the start if this is the last
}

// Preview counts the running obligations of the caller's province, size of them
// behind the cursor by id, as if the notice were activated now. It changes nothing.
func (d *Docket) Preview(tx *pg.Tx, n calendars.Notice, cursor page.Cursor, size int) (Preview, error) {
	now := d.now()
	cal, err := d.cals.For(tx, now)
	if err != nil {
		return Preview{}, err
	}
	if cal, err = cal.Without(n.ID).With([]workday.Notice{n.Notice}, n.Facts); err != nil {
		return Preview{}, fmt.Errorf("holiday notice %s: %w", n.ID, err)
	}
	query := gorm.G[obligationRow](tx.Gorm()).Where("province = ? AND state = 'OPEN'", tx.Principal().Province)
	found, err := row.Page(tx, query, cursor, size, "id")
	if err != nil {
		return Preview{}, err
	}
	rows, more := page.Cut(found, size)
	out := Preview{Examined: len(rows)}
	if more {
		out.Next.ID = rows[len(rows)-1].Columns.ID
	}
	for _, r := range rows {
		rules, err := d.book.Get(r.Columns.RuleSet)
		if err != nil {
			return Preview{}, err
		}
		o := r.obligation()
		moved, err := o.Recompute(obligation.Moment{Now: now, Calendar: cal, Rules: rules})
		if err != nil {
			return Preview{}, fmt.Errorf("obligation %s: %w", r.Columns.ID, err)
		}
		if after := o.Record(); moved {
			out.Moves = append(out.Moves, Move{Obligation: r.obligation(), Computed: after.Computed, Due: after.Due})
		}
	}
	return out, nil
}
