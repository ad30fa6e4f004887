package docket

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// Query asks for a page of obligations.
type Query struct {
	// Filter is over the columns state, duty, article, county_code, city_code,
	// inspection_id, subject, soft and due_date.
	Filter filter.Condition
	Cursor page.Cursor // Keys: due_date as 2012-09-03
	Size   int
	AsOf   *time.Time // nil: as they are
}

// Of gives the obligations of each of the subjects, the ended ones too, oldest first.
func (d *Docket) Of(tx *pg.Tx, subjects ...string) (map[string][]*obligation.Obligation, error) {
	return nil, nil
}

// Get reads an obligation that the caller may see.
func (d *Docket) Get(tx *pg.Tx, id string) (*obligation.Obligation, error) { return nil, nil }

// GetAsOf reads it as it was known at an instant.
func (d *Docket) GetAsOf(tx *pg.Tx, id string, t time.Time) (*obligation.Obligation, error) {
	return nil, nil
}

// List gives a page by (due_date, id), with one more than its size if another follows.
func (d *Docket) List(tx *pg.Tx, q Query) ([]*obligation.Obligation, error) { return nil, nil }

// Changes gives the history, oldest first; as it was known at an instant if one is given.
func (d *Docket) Changes(tx *pg.Tx, id string, asOf *time.Time) ([]obligation.Change, error) {
	return nil, nil
}
