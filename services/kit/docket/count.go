package docket

import (
	"fmt"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// Count counts a duty from the start of an event that may come again: it opens the
// obligation, or counts the one that runs anew from there. What is met is not owed a
// second time, so that nothing happens where the subject has one that is satisfied.
func (d *Docket) Count(tx *pg.Tx, at obligation.Moment, in obligation.Opening) error {
	query := gorm.G[obligationRow](tx.Gorm()).
		Where("province = ? AND subject = ? AND duty = ?", tx.Principal().Province, in.Subject, string(in.Duty)).
		Where("county_code = ? AND state <> 'CANCELLED'", in.Place.County)
	known, err := query.Find(tx.Context())
	if err != nil {
		return fmt.Errorf("obligation of %s: %w", in.Duty, err)
	}
	if len(known) == 0 {
		return d.Open(tx, at, in)
	}
	return d.Restart(tx, at, Key{Subject: in.Subject, Duty: in.Duty, County: in.Place.County}, in.Start, in.Planned)
}
