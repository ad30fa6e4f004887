package store

import (
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
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

// texts is a list in a column of type text[], which is never NULL.
type texts []string

// Scan implements sql.Scanner.
func (t *texts) Scan(src any) error {
	return pgtype.NewMap().SQLScanner((*[]string)(t)).Scan(src)
}

// Value implements driver.Valuer.
func (t texts) Value() (driver.Value, error) {
	if len(t) == 0 {
		return "{}", nil
	}
	encoded, err := pgtype.NewMap().Encode(pgtype.TextArrayOID, pgtype.TextFormatCode, []string(t), nil)
	return string(encoded), err
}

// signature reads the two columns of a signature.
func signature(subject optional, at instant) domain.Signature {
	return domain.Signature{Subject: string(subject), Time: time.Time(at)}
}
