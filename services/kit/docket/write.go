package docket

import (
	"fmt"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/receipt"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Key finds the one obligation that runs under it.
type Key struct {
	Subject string // resource name of what it is about
	Duty    regulation.DutyName
	County  string // six digits, only where one subject has many: COVERAGE of a term
}

// Open opens an obligation by an event of its case. An empty id is made here. A
// second one under a key that runs is ALREADY_EXISTS.
func (d *Docket) Open(tx *pg.Tx, at obligation.Moment, in obligation.Opening) (err error) {
	if in.ID == "" {
		if in.ID, err = newID(); err != nil {
			return err
		}
	}
	o, err := obligation.New(at, in)
	if err != nil {
		return err
	}
	r := o.Record()
	if err := row.Insert(tx, toObligationRow(r)); err != nil {
		return err
	}
	var beside pending
	if err := beside.take(at, o, r.Version); err != nil {
		return err
	}
	return beside.insert(tx)
}

// Meet records that what runs under the key was met on a day; the zero day is the
// legal day of the moment. Where nothing runs there is nothing to do.
func (d *Docket) Meet(tx *pg.Tx, at obligation.Moment, key Key, on workday.Date) error {
	return d.step(tx, at, key, func(o *obligation.Obligation) error {
		if err := o.Meet(at, on); err != nil {
			return err
		}
		if len(o.Changes()) > 0 {
			receipt.AddStop(tx, d.stop(o.Record()))
		}
		return nil
	})
}

// stop is what the receipt of the act says of a clock that it met.
func (d *Docket) stop(r obligation.Record) receipt.Stop {
	s := receipt.Stop{
		Obligation: d.Name(r.ID, r.Place.Province), Duty: string(r.Duty), Article: r.Article, DueDate: r.Due.String(), Late: r.Late,
	}
	if !r.SatisfyDate.IsZero() {
		s.MetDate = r.SatisfyDate.String()
	}
	return s
}

// Restart counts what runs under the key from another day, or to another planned
// one. Where nothing runs there is nothing to do.
func (d *Docket) Restart(tx *pg.Tx, at obligation.Moment, key Key, start, planned workday.Date) error {
	return d.step(tx, at, key, func(o *obligation.Obligation) error { return o.Restart(at, start, planned) })
}

// ExtendTo moves the planned end of what runs under the key to a later day, by a
// decision on what it is about (art. 3). Where nothing runs there is nothing to do.
func (d *Docket) ExtendTo(tx *pg.Tx, at obligation.Moment, key Key, day workday.Date, decision string) error {
	return d.step(tx, at, key, func(o *obligation.Obligation) error { return o.ExtendTo(at, day, decision) })
}

// Cancel records that what runs under the key fell away. Where nothing runs there
// is nothing to do.
func (d *Docket) Cancel(tx *pg.Tx, at obligation.Moment, key Key, cause string) error {
	return d.step(tx, at, key, func(o *obligation.Obligation) error { return o.Cancel(at, cause) })
}

// Show lets county and city know of what runs under the key: they were notified of
// what it is about (art. 12(2)). Where nothing runs there is nothing to do.
func (d *Docket) Show(tx *pg.Tx, at obligation.Moment, key Key) error {
	return d.step(tx, at, key, func(o *obligation.Obligation) error { return o.Show(at) }, "county_sees", "city_sees")
}

// ShowToCity lets the city know of these duties of a task, as far as its county knows of
// them: what they are about was copied to the city (arts 11, 17). What has ended is shown
// too.
func (d *Docket) ShowToCity(tx *pg.Tx, at obligation.Moment, inspectionID string, duties ...regulation.DutyName) error {
	query := mine[obligationRow](tx, row.ForUpdate()).Where("inspection_id = ? AND duty IN ?", inspectionID, duties).
		Where("county_sees AND NOT city_sees AND city_code <> ''").Order("id")
	found, err := query.Find(tx.Context())
	if err != nil {
		return fmt.Errorf("obligations of a task: %w", err)
	}
	for _, r := range found {
		o := r.obligation()
		if err := o.ShowToCity(at); err != nil {
			return err
		}
		if err := d.save(tx, at, o, "city_sees"); err != nil {
			return err
		}
	}
	return nil
}

// step finds what runs under the key, as far as the caller may know of it, locks it
// and takes a step.
func (d *Docket) step(tx *pg.Tx, at obligation.Moment, key Key, step func(*obligation.Obligation) error, more ...string) error {
	query := mine[obligationRow](tx, row.ForUpdate()).
		Where("subject = ? AND duty = ?", key.Subject, string(key.Duty)).
		Where("state IN ('OPEN', 'SUSPENDED')").Order("id")
	if key.County != "" {
		query = query.Where("county_code = ?", key.County)
	}
	found, err := query.Limit(2).Find(tx.Context())
	switch {
	case err != nil:
		return fmt.Errorf("obligation of %s: %w", key.Duty, err)
	case len(found) == 0:
		return nil
	case len(found) > 1:
		return fmt.Errorf("several obligations of %s run under one key: it needs a county", key.Duty)
	}
	return d.take(tx, at, found[0].obligation(), step, more...)
}

// take takes a step and writes what it changed, if anything.
func (d *Docket) take(tx *pg.Tx, at obligation.Moment, o *obligation.Obligation,
	step func(*obligation.Obligation) error, more ...string,
) error {
	if err := step(o); err != nil {
		return err
	}
	if len(o.Changes()) == 0 {
		return nil
	}
	return d.save(tx, at, o, more...)
}

// Decide applies a decision to an obligation that the caller may see and that has
// this version, and gives it as it is then.
func (d *Docket) Decide(tx *pg.Tx, id string, version int64,
	step func(at obligation.Moment, o *obligation.Obligation) error,
) (*obligation.Obligation, error) {
	found, err := row.One(tx, mine[obligationRow](tx, row.ForUpdate()).Where("id = ?", id), d.missing(tx, id))
	if err != nil {
		return nil, err
	}
	if found.Columns.Version != version {
		return nil, fault.New(fault.Stale, fault.ReasonETagMismatch)
	}
	at, err := d.Moment(tx, found.Columns.RuleSet)
	if err != nil {
		return nil, err
	}
	o := found.obligation()
	return o, d.take(tx, at, o, func(o *obligation.Obligation) error { return step(at, o) })
}

// Applied reports whether a step of this kind was taken on an obligation by this
// decision before: what the leading group decided once is done once.
func (d *Docket) Applied(tx *pg.Tx, id string, kind obligation.ChangeKind, decision string) (bool, error) {
	// The cause of a shortening also has the number of the document that announced it.
	n, err := mine[changeRow](tx).Where("id = ? AND kind = ?", id, string(kind)).
		Where("(cause = ? OR starts_with(cause, ?))", decision, decision+" ").Count(tx.Context(), "*")
	if err != nil {
		return false, fmt.Errorf("history of an obligation: %w", err)
	}
	return n > 0, nil
}
