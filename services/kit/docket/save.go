package docket

import (
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
)

func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("new id: %w", err)
	}
	return id.String(), nil
}

// changing are the columns that a step may change. Whether county and city see it is
// not among them, for the outside role may not write that.
func changing() []string {
	return []string{
		"article", "soft", "start_date", "planned_date", "awaiting", "due_date", "computed_date", "provisional",
		"calendar_version", "extension", "suspensions", "state", "satisfy_date", "late", "series", "next_rung",
		"rung_date", "yellow_date", "change_count", "update_time",
	}
}

// save writes an obligation that is locked, with what changed and who is told of it.
func (d *Docket) save(tx *pg.Tx, at obligation.Moment, o *obligation.Obligation, more ...string) error {
	r := o.Record()
	old := r.Version
	r.Version++
	query := gorm.G[obligationRow](tx.Gorm()).Where("province = ? AND id = ?", r.Place.Province, r.ID)
	if err := row.Update(tx, query, toObligationRow(r), old, append(changing(), more...)...); err != nil {
		return err
	}
	return d.saveNew(tx, at, o, r.Version)
}

// saveNew writes what is pending beside the row.
func (d *Docket) saveNew(tx *pg.Tx, at obligation.Moment, o *obligation.Obligation, version int64) error {
	changes := row.Convert(o.Changes(), toChangeRow)
	for i := range changes {
		changes[i].Columns.Version = version
	}
	if err := row.InsertAll(tx, changes); err != nil {
		return err
	}
	told := make([]notificationRow, 0, len(o.Notices()))
	for _, n := range o.Notices() {
		id, err := newID()
		if err != nil {
			return err
		}
		told = append(told, toNotificationRow(id, at.Now, o.Record(), n))
	}
	if err := row.InsertAll(tx, told); err != nil {
		return err
	}
	o.Saved(version)
	return nil
}
