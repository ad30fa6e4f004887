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
	case domain.ExtendDuty:
		return c.Docket.ExtendTo(tx, law, key, s.On, s.By)
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

// mostRunning bounds how many obligations of one duty run for one county, or for the
// counties of one city: those of the terms, or of the tasks, that are not over.
const mostRunning = 200

// runningFor reads the obligations of a duty that run for a county, as far as the
// caller may know of them.
func (c *core) runningFor(tx *pg.Tx, duty regulation.DutyName, county string) ([]obligation.Record, error) {
	return c.running(tx, duty, "county_code = ?", county)
}

// runningForCity is runningFor for the counties of a city.
func (c *core) runningForCity(tx *pg.Tx, duty regulation.DutyName, city string) ([]obligation.Record, error) {
	return c.running(tx, duty, "city_code = ?", city)
}

func (c *core) running(tx *pg.Tx, duty regulation.DutyName, where, code string) ([]obligation.Record, error) {
	found, err := c.Docket.List(tx, docket.Query{Size: mostRunning, Filter: filter.Condition{
		SQL:  "duty = ? AND state IN ? AND " + where,
		Args: []any{string(duty), []string{string(obligation.Open), string(obligation.Suspended)}, code},
	}})
	return records(found), err
}

// extendedBy tells whether a decision has extended an obligation of a duty before.
func (c *core) extendedBy(tx *pg.Tx, duty regulation.DutyName, subject, decision string) (bool, error) {
	found, err := c.Docket.Of(tx, subject)
	if err != nil {
		return false, err
	}
	for _, o := range found[subject] {
		if o.Record().Duty != duty {
			continue
		}
		if used, err := c.Docket.Applied(tx, o.Record().ID, obligation.Extended, decision); used || err != nil {
			return used, err
		}
	}
	return false, nil
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

// MovedBy names the methods that move what an obligation is about and its date with it:
// no decision moves the date alone (art. 3).
func MovedBy() map[regulation.DutyName]string {
	return map[regulation.DutyName]string{regulation.DutyOnSitePeriod: "ExtendOnSite"}
}
