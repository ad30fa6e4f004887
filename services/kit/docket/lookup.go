package docket

import (
	"fmt"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// CalendarOf gives the calendar of a version, by which a stored date was counted.
func (d *Docket) CalendarOf(tx *pg.Tx, version string) (*workday.Calendar, error) {
	cal, ok, err := d.cals.AtVersion(tx, version)
	if err == nil && !ok {
		cause := fmt.Errorf("calendar version %q was never known to province %s", version, tx.Principal().Province)
		err = fault.New(fault.Internal, fault.ReasonInternal).Wrap(cause)
	}
	return cal, err
}
