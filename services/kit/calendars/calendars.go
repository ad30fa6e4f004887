package calendars

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Calendars gives the calendar of a province. It keeps nothing between calls.
type Calendars struct {
	base *workday.Calendar
}

// New makes the calendars over the notices built into the program. Each of those
// counts from the day of its publication, everywhere.
func New(base *workday.Calendar) *Calendars { return &Calendars{base: base} }

// Notice is a holiday notice as a province activates it.
type Notice struct {
	workday.Notice                // its Province is the caller's, or empty for a national one
	Facts          []workday.Fact // of this notice
	ActivateTime   time.Time      // by the business clock
}

// Base is the calendar of the built-in notices alone.
func (c *Calendars) Base() *workday.Calendar { return c.base }

// For gives the calendar of the caller's province as it is, or was, known at the
// instant now: the built-in notices published by its legal day and those that the
// province activated at or before it.
func (c *Calendars) For(tx *pg.Tx, now time.Time) (*workday.Calendar, error) {
	active, err := list(tx, &now)
	if err != nil {
		return nil, err
	}
	cal, err := c.with(active)
	if err != nil {
		return nil, err
	}
	return cal.KnownAt(workday.DateOf(now)), nil
}

// AtVersion gives the calendar by which a date with this calendar version was
// counted. Notices are only ever added, so it is that of the notices activated up
// to some point; ok is false if the province never had such a calendar.
func (c *Calendars) AtVersion(tx *pg.Tx, version string) (cal *workday.Calendar, ok bool, err error) {
	active, err := list(tx, nil)
	if err != nil {
		return nil, false, err
	}
	for n := len(active); n >= 0; n-- {
		if cal, err = c.with(active[:n]); err != nil {
			return nil, false, err
		}
		if cal, ok = cal.AtVersion(version); ok {
			return cal, true, nil
		}
	}
	return nil, false, nil
}

// Behind reports whether the province activated a notice later than the instant now:
// it comes from a clock that stands behind, or was set back.
func (c *Calendars) Behind(tx *pg.Tx, now time.Time) (behind bool, err error) {
	const query = "SELECT EXISTS (SELECT FROM holiday_notice_active WHERE province = $1 AND activate_time > $2)"
	err = tx.SQL().QueryRowContext(tx.Context(), query, tx.Principal().Province, now).Scan(&behind)
	if err != nil {
		return false, fmt.Errorf("read activated holiday notices: %w", err)
	}
	return behind, nil
}

// with adds activated notices to the built-in ones. One that a later program also
// has built in stays as it was activated: by that its dates were counted, and its
// version must not change with the program.
func (c *Calendars) with(active []Notice) (*workday.Calendar, error) {
	if len(active) == 0 {
		return c.base, nil
	}
	ids := make([]string, 0, len(active))
	notices := make([]workday.Notice, 0, len(active))
	var facts []workday.Fact
	for _, n := range active {
		ids = append(ids, n.ID)
		notices = append(notices, n.Notice)
		facts = append(facts, n.Facts...)
	}
	cal, err := c.base.Without(ids...).With(notices, facts)
	if err != nil {
		return nil, fmt.Errorf("activated holiday notices: %w", err)
	}
	return cal, nil
}

const selectActive = `
SELECT id, jurisdiction, publish_date, source, days, activate_time FROM holiday_notice_active
WHERE province = $1 AND ($2::timestamptz IS NULL OR activate_time <= $2)
ORDER BY position`

// list reads the notices in the order of activation, all of them if no time is given.
func list(tx *pg.Tx, by *time.Time) ([]Notice, error) {
	rows, err := tx.SQL().QueryContext(tx.Context(), selectActive, tx.Principal().Province, by)
	if err != nil {
		return nil, fmt.Errorf("read activated holiday notices: %w", err)
	}
	defer rows.Close()
	var found []Notice
	for rows.Next() {
		var n Notice
		var published row.Day
		var days []byte
		if err := rows.Scan(&n.ID, &n.Province, &published, &n.Source, &days, &n.ActivateTime); err != nil {
			return nil, fmt.Errorf("read activated holiday notices: %w", err)
		}
		n.Published = workday.Date(published)
		if n.Facts, err = factsOf(n.ID, days); err != nil {
			return nil, err
		}
		found = append(found, n)
	}
	return found, rows.Err()
}

// day is one fact in the column days.
type day struct {
	Date    string `json:"date"`
	Working bool   `json:"working"`
	Name    string `json:"name"`
}

func factsOf(id string, column []byte) ([]workday.Fact, error) {
	var days []day
	if err := json.Unmarshal(column, &days); err != nil {
		return nil, fmt.Errorf("days of holiday notice %s: %w", id, err)
	}
	facts := make([]workday.Fact, 0, len(days))
	for _, d := range days {
		date, err := workday.ParseDate(d.Date)
		if err != nil {
			return nil, fmt.Errorf("days of holiday notice %s: %w", id, err)
		}
		facts = append(facts, workday.Fact{Notice: id, Date: date, Working: d.Working, Name: d.Name})
	}
	return facts, nil
}
