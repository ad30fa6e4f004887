package docket

import (
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
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

// Preview counts the caller's province's running obligations, size of them behind the
// cursor by id, as if the notice were activated now. It changes nothing.
func (d *Docket) Preview(tx *pg.Tx, n calendars.Notice, cursor page.Cursor, size int) (Preview, error) {
	return Preview{}, nil
}
