package row

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// Day is a legal day in a column of type date; the zero day is NULL.
type Day workday.Date

// Scan implements sql.Scanner. The driver gives midnight UTC.
func (d *Day) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Day{}
	case time.Time:
		*d = Day{Year: v.Year(), Month: v.Month(), Day: v.Day()}
	default:
		return fmt.Errorf("a date came as %T", src)
	}
	return nil
}

// Value implements driver.Valuer.
func (d Day) Value() (driver.Value, error) {
	if workday.Date(d).IsZero() {
		return nil, nil
	}
	return workday.Date(d).String(), nil
}

// Text is a text or uuid that may be missing; the empty one is NULL.
type Text string

// Scan implements sql.Scanner.
func (t *Text) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t = ""
	case string:
		*t = Text(v)
	case []byte:
		*t = Text(v)
	default:
		return fmt.Errorf("a text came as %T", src)
	}
	return nil
}

// Value implements driver.Valuer.
func (t Text) Value() (driver.Value, error) {
	if t == "" {
		return nil, nil
	}
	return string(t), nil
}

// Instant is a moment that may be missing; the zero one is NULL.
type Instant time.Time

// Scan implements sql.Scanner.
func (i *Instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = Instant{}
	case time.Time:
		*i = Instant(v)
	default:
		return fmt.Errorf("an instant came as %T", src)
	}
	return nil
}

// Value implements driver.Valuer.
func (i Instant) Value() (driver.Value, error) {
	if time.Time(i).IsZero() {
		return nil, nil
	}
	return time.Time(i), nil
}

// Docs is a list of documents in a column of type jsonb, which is never NULL. It is
// read without the detour of GORM's serializer, and an empty one without any parsing.
type Docs[T any] []T

// Scan implements sql.Scanner.
func (d *Docs[T]) Scan(src any) error {
	var text []byte
	switch v := src.(type) {
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return fmt.Errorf("documents came as %T", src)
	}
	*d = Docs[T]{}
	if string(text) == "[]" {
		return nil
	}
	return json.Unmarshal(text, (*[]T)(d))
}

// Value implements driver.Valuer.
func (d Docs[T]) Value() (driver.Value, error) {
	if len(d) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal([]T(d))
	return string(text), err
}

// Texts is a list in a column of type text[], which is never NULL.
type Texts []string

// Scan implements sql.Scanner.
func (t *Texts) Scan(src any) error {
	return pgtype.NewMap().SQLScanner((*[]string)(t)).Scan(src)
}

// Value implements driver.Valuer.
func (t Texts) Value() (driver.Value, error) {
	if len(t) == 0 {
		return "{}", nil
	}
	encoded, err := pgtype.NewMap().Encode(pgtype.TextArrayOID, pgtype.TextFormatCode, []string(t), nil)
	return string(encoded), err
}
