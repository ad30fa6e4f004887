package docket

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Compliance is how a duty was kept.
type Compliance struct {
	Article string
	Duty    regulation.DutyName
	Due     int // fell due in the period
	Kept    int // met in time
	Late    int // met late
	Open    int // run, and their day has not passed
	Overdue int // run, and their day has passed
}

// ComplianceQuery says what to count.
type ComplianceQuery struct {
	City, County string       // six digits; "" for all
	From, To     workday.Date // due dates; zero for no bound
	AsOf         *time.Time   // nil: as they are
}

// Compliance counts what the caller may see by duty, in the order of the duties.
func (d *Docket) Compliance(tx *pg.Tx, q ComplianceQuery) ([]Compliance, error) { return nil, nil }
