package docket

import (
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// CalendarOf gives the calendar of a version, by which a stored date was counted. Of
// one that this release does not know, as another release has counted by while they
// are changed, it gives the present calendar: known is false.
func (d *Docket) CalendarOf(tx *pg.Tx, version string) (cal *workday.Calendar, known bool, err error) {
	if cal, known, err = d.cals.AtVersion(tx, version); err != nil || known {
		return cal, known, err
	}
	cal, err = d.cals.For(tx, d.now())
	return cal, false, err
}
