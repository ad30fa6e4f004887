package api

import (
	"fmt"

	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

// keep enters in the docket what an event of a case does to obligations, in the
// transaction of the event. law is what they are counted by.
func (c *core) keep(tx *pg.Tx, law domain.Law, steps []domain.DutyStep) error {
	for _, s := range steps {
		if err := c.keepOne(tx, law, s); err != nil {
			return fmt.Errorf("%s %s: %w", s.Verb, s.Opening.Duty, err)
		}
	}
	return nil
}

func (c *core) keepOne(tx *pg.Tx, law domain.Law, s domain.DutyStep) error {
	in := s.Opening
	key := docket.Key{Subject: in.Subject, Duty: in.Duty, County: in.Place.County}
	switch s.Verb {
	case domain.OpenDuty:
		return c.Docket.Open(tx, law, in)
	case domain.MeetDuty:
		return c.Docket.Meet(tx, law, key, s.On)
	case domain.RestartDuty:
		return c.Docket.Restart(tx, law, key, in.Start, in.Planned)
	case domain.ShowDuty:
		return c.Docket.Show(tx, law, key)
	default:
		return fmt.Errorf("no such step")
	}
}

// keepRunning is keep for an event whose case the caller cannot read: of what runs,
// the rule set that it has pinned says by what it is counted.
func (c *core) keepRunning(tx *pg.Tx, running []obligation.Record, steps []domain.DutyStep) error {
	for _, s := range steps {
		for _, r := range running {
			runs := r.State == obligation.Open || r.State == obligation.Suspended
			if !runs || r.Subject != s.Opening.Subject || r.Duty != s.Opening.Duty {
				continue
			}
			law, err := c.Docket.Moment(tx, r.RuleSet)
			if err != nil {
				return err
			}
			if err := c.keep(tx, law, []domain.DutyStep{s}); err != nil {
				return err
			}
		}
	}
	return nil
}

// mostRunning bounds how many obligations of one duty run for one county: those of
// the terms, or of the tasks, that are not over.
const mostRunning = 100

// runningFor reads the obligations of a duty that run for a county, as far as the
// caller may know of them.
func (c *core) runningFor(tx *pg.Tx, duty regulation.DutyName, county string) ([]obligation.Record, error) {
	found, err := c.Docket.List(tx, docket.Query{Size: mostRunning, Filter: filter.Condition{
		SQL:  "duty = ? AND county_code = ? AND state IN ?",
		Args: []any{string(duty), county, []string{string(obligation.Open), string(obligation.Suspended)}},
	}})
	return records(found), err
}

func records(list []*obligation.Obligation) []obligation.Record {
	return encodeAll(list, (*obligation.Obligation).Record)
}

// dates gives the latest obligation of a duty for each of the subjects that has one,
// as a date on the wire.
func (c *core) dates(tx *pg.Tx, duty regulation.DutyName, subjects []string) (map[string]*regulationv1.StatutoryDate, error) {
	found, err := c.Docket.Of(tx, subjects...)
	if err != nil {
		return nil, err
	}
	dates := make(map[string]*regulationv1.StatutoryDate, len(found))
	for subject, list := range found {
		for _, o := range list {
			if o.Record().Duty == duty {
				dates[subject] = c.Docket.StatutoryDate(o)
			}
		}
	}
	return dates, nil
}
