package store

import (
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// day is a legal day in a column of type date; the zero day is NULL.
type day workday.Date

// Scan implements sql.Scanner.
func (d *day) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = day{}
	case time.Time:
		*d = day{Year: v.Year(), Month: v.Month(), Day: v.Day()}
	default:
		return fmt.Errorf("a date came as %T", src)
	}
	return nil
}

// Value implements driver.Valuer.
func (d day) Value() (driver.Value, error) {
	if workday.Date(d).IsZero() {
		return nil, nil
	}
	return workday.Date(d).String(), nil
}

// optional is a text or uuid that may be missing; the empty one is NULL.
type optional string

// Scan implements sql.Scanner.
func (o *optional) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*o = ""
	case string:
		*o = optional(v)
	case []byte:
		*o = optional(v)
	default:
		return fmt.Errorf("a text came as %T", src)
	}
	return nil
}

// Value implements driver.Valuer.
func (o optional) Value() (driver.Value, error) {
	if o == "" {
		return nil, nil
	}
	return string(o), nil
}

// instant is a moment that may be missing; the zero one is NULL.
type instant time.Time

// Scan implements sql.Scanner.
func (i *instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = instant{}
	case time.Time:
		*i = instant(v)
	default:
		return fmt.Errorf("an instant came as %T", src)
	}
	return nil
}

// Value implements driver.Valuer.
func (i instant) Value() (driver.Value, error) {
	if time.Time(i).IsZero() {
		return nil, nil
	}
	return time.Time(i), nil
}

// dueColumns is a statutory date with what it was computed from.
type dueColumns struct {
	Date        day
	Start       day
	Provisional bool
	Article     optional
	RuleSet     optional
	Calendar    string
}

func dueRow(d regulation.Due) dueColumns {
	return dueColumns{
		Date: day(d.Date), Start: day(d.Start), Provisional: d.Provisional,
		Article: optional(d.Article), RuleSet: optional(d.RuleSet), Calendar: d.CalendarVersion,
	}
}

func (c dueColumns) due() regulation.Due {
	return regulation.Due{
		Date: workday.Date(c.Date), Start: workday.Date(c.Start), Provisional: c.Provisional,
		Article: string(c.Article), RuleSet: string(c.RuleSet), CalendarVersion: c.Calendar,
	}
}
