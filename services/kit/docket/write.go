package docket

import (
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Key finds the one obligation that runs under it.
type Key struct {
	Subject string // resource name of what it is about
	Duty    regulation.DutyName
	County  string // six digits, only where one subject has many: COVERAGE of a term
}

// Open opens an obligation by an event of its case. An empty id is made here.
func (d *Docket) Open(tx *pg.Tx, at obligation.Moment, in obligation.Opening) error { return nil }

// Meet records that what runs under the key was met on a day; the zero day is the
// legal day of the moment. Where nothing runs there is nothing to do.
func (d *Docket) Meet(tx *pg.Tx, at obligation.Moment, key Key, on workday.Date) error { return nil }

// Restart counts what runs under the key from another day, or to another planned
// one. Where nothing runs there is nothing to do.
func (d *Docket) Restart(tx *pg.Tx, at obligation.Moment, key Key, start, planned workday.Date) error {
	return nil
}

// Cancel records that what runs under the key fell away. Where nothing runs there
// is nothing to do.
func (d *Docket) Cancel(tx *pg.Tx, at obligation.Moment, key Key, cause string) error { return nil }

// ShowToCity lets the city know of what county and city both get of a task (art. 17).
func (d *Docket) ShowToCity(tx *pg.Tx, at obligation.Moment, inspectionID string) error { return nil }

// Decide applies a decision to an obligation of this version and gives it as it is then.
func (d *Docket) Decide(tx *pg.Tx, id string, version int64,
	step func(at obligation.Moment, o *obligation.Obligation) error,
) (*obligation.Obligation, error) {
	return nil, nil
}
