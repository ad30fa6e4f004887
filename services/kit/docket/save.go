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
	var beside pending
	if err := beside.update(tx, at, o, more...); err != nil {
		return err
	}
	return beside.insert(tx)
}

// pending is what is still to be written beside the rows of obligations: one
// statement writes it for a whole batch.
type pending struct {
	changes []changeRow
	told    []notificationRow
}

// update writes the row and takes what belongs beside it.
func (p *pending) update(tx *pg.Tx, at obligation.Moment, o *obligation.Obligation, more ...string) error {
	r := o.Record()
	old := r.Version
	r.Version++
	query := gorm.G[obligationRow](tx.Gorm()).Where("province = ? AND id = ?", r.Place.Province, r.ID)
	if err := row.Update(tx, query, toObligationRow(r), old, append(changing(), more...)...); err != nil {
		return err
	}
	return p.take(at, o, r.Version)
}

// take takes what is pending of an obligation whose row has this version now.
func (p *pending) take(at obligation.Moment, o *obligation.Obligation, version int64) error {
	for _, c := range o.Changes() {
		c.After.Version = version
		p.changes = append(p.changes, toChangeRow(c))
	}
	for _, n := range o.Notices() {
		id, err := newID()
		if err != nil {
			return err
		}
		p.told = append(p.told, toNotificationRow(id, at.Now, o.Record(), n))
	}
	o.Saved(version)
	return nil
}

func (p *pending) insert(tx *pg.Tx) error {
	if err := row.InsertAll(tx, p.changes); err != nil {
		return err
	}
	return row.InsertAll(tx, p.told)
}
