package row_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/row"
)

var probe = pgtest.Service{Name: "rows", Migrations: fstest.MapFS{"00001_note.sql": {Data: []byte(`
-- +goose Up
CREATE TABLE note (
  number  integer PRIMARY KEY,
  day     date,
  writer  text CONSTRAINT note_writer CHECK (writer <> 'nobody'),
  at      timestamptz,
  words   text[] NOT NULL,
  lines   jsonb NOT NULL,
  version bigint NOT NULL
);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
ALTER TABLE note FORCE ROW LEVEL SECURITY;
CREATE POLICY inside ON note TO rows_inside USING ((SELECT authz.province()) = '51');
GRANT SELECT, INSERT, UPDATE ON note TO rows_inside;
-- +goose Down
DROP TABLE note;
`)}}}

type note struct {
	Number  int `gorm:"primaryKey"`
	Day     row.Day
	Writer  row.Text
	At      row.Instant
	Words   row.Texts      `gorm:"type:text[]"`
	Lines   row.Docs[line] `gorm:"type:jsonb"`
	Version int64
}

type line struct {
	Number int    `json:"number"`
	Text   string `json:"text"`
}

func (note) TableName() string { return "note" }

func notes(tx *pg.Tx) gorm.ChainInterface[note] {
	return gorm.G[note](tx.Gorm()).Where("number > ?", 0)
}

func full(number int) note {
	return note{
		Number: number, Day: row.Day{Year: 2012, Month: time.September, Day: 3}, Writer: "li",
		At:    row.Instant(time.Date(2012, 9, 3, 4, 5, 6, 7000, time.UTC)),
		Words: row.Texts{"a", `quo"te`, "com,ma", "{}", ""}, Lines: row.Docs[line]{{1, `a "b" 中`}, {2, ""}}, Version: 1,
	}
}

// stage opens a database and gives what runs in a transaction of the office.
func stage(t *testing.T) func(f func(tx *pg.Tx) error) error {
	db := pgtest.New(t, probe).Open(t)
	ctx := pgtest.As(t.Context(), principal.InspectionOffice, "provinces/51", "office")
	return func(f func(tx *pg.Tx) error) error { return db.Write(ctx, f) }
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, err error, reason string) {
	t.Helper()
	if !fault.Is(err, reason) {
		t.Fatalf("got %v, want %s", err, reason)
	}
}

// TestRoundTrip stores every type, and the empty value of every type, and reads
// the same again.
func TestRoundTrip(t *testing.T) {
	in := stage(t)
	want := []note{full(1), {Number: 2, Words: row.Texts{}, Lines: row.Docs[line]{}, Version: 1}}
	var got []note
	must(t, in(func(tx *pg.Tx) (err error) {
		if err := row.InsertAll(tx, want); err != nil {
			return err
		}
		got, err = row.Page(tx, notes(tx), page.Cursor{}, 5, "number")
		return err
	}))
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b row.Instant) bool { return time.Time(a).Equal(time.Time(b)) })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	must(t, in(func(tx *pg.Tx) error {
		var nulls int
		err := tx.Gorm().Raw("SELECT num_nulls(day, writer, at) FROM note WHERE number = 2").Row().Scan(&nulls)
		if err == nil && nulls != 3 {
			err = fmt.Errorf("%d of 3 empty values are NULL", nulls)
		}
		return err
	}))
}

// TestScanRefusesAnotherType: a column of another type is an error of the
// program, not an empty value.
func TestScanRefusesAnotherType(t *testing.T) {
	for _, into := range []sql.Scanner{&row.Day{}, new(row.Text), &row.Instant{}, &row.Docs[line]{}} {
		if err := into.Scan(1.5); err == nil {
			t.Errorf("%T takes a number", into)
		}
	}
	for _, empty := range []driver.Valuer{row.Day{}, row.Text(""), row.Instant{}} {
		if v, err := empty.Value(); v != nil || err != nil {
			t.Errorf("an empty %T is stored as %v, %v", empty, v, err)
		}
	}
}

// TestUpdateNeedsTheVersionRead: of two who read the same version, the second
// changes nothing; and only the named columns are written.
func TestUpdateNeedsTheVersionRead(t *testing.T) {
	in := stage(t)
	must(t, in(func(tx *pg.Tx) error { return row.Insert(tx, full(1)) }))
	update := func(version int64) error {
		return in(func(tx *pg.Tx) error {
			next := note{Writer: "wang", Version: version + 1}
			return row.Update(tx, notes(tx).Where("number = 1"), next, version, "writer", "day")
		})
	}
	must(t, update(1))
	is(t, update(1), fault.ReasonETagMismatch)
	var got note
	must(t, in(func(tx *pg.Tx) (err error) {
		got, err = row.One(tx, notes(tx).Where("number = 1"), row.Missing())
		return err
	}))
	if got.Version != 2 || got.Writer != "wang" || got.Day != (row.Day{}) || len(got.Words) != 5 {
		t.Errorf("stored %+v", got)
	}
}

func TestOneAnswersMissing(t *testing.T) {
	in := stage(t)
	err := in(func(tx *pg.Tx) error {
		_, err := row.One(tx, notes(tx), fault.Missing("notes/1"))
		return err
	})
	is(t, err, fault.ReasonNotFound)
	if f, _ := fault.As(err); f.Meta[fault.MetaName] != "notes/1" {
		t.Errorf("the name is lost: %v", f.Meta)
	}
}

// TestPage reads one row more than a page has, behind the cursor.
func TestPage(t *testing.T) {
	in := stage(t)
	var got []int
	must(t, in(func(tx *pg.Tx) error {
		if err := row.InsertAll(tx, []note{full(3), full(1), full(4), full(2)}); err != nil {
			return err
		}
		found, err := row.Page(tx, notes(tx), page.Cursor{ID: "1"}, 1, "number")
		got = row.Convert(found, func(n note) int { return n.Number })
		return err
	}))
	if diff := cmp.Diff([]int{2, 3}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestInsertAll: none is nothing to do, and a clause says what becomes of a row
// that is there already.
func TestInsertAll(t *testing.T) {
	in := stage(t)
	must(t, in(func(tx *pg.Tx) error { return row.InsertAll(tx, []note(nil)) }))
	must(t, in(func(tx *pg.Tx) error { return row.Insert(tx, full(1)) }))
	replace := clause.OnConflict{
		Columns: []clause.Column{{Name: "number"}}, DoUpdates: clause.AssignmentColumns([]string{"writer"}),
	}
	var got note
	must(t, in(func(tx *pg.Tx) (err error) {
		if err := row.InsertAll(tx, []note{{Number: 1, Writer: "zhao", Version: 9}}, replace); err != nil {
			return err
		}
		got, err = row.One(tx, notes(tx), row.Missing())
		return err
	}))
	if got.Writer != "zhao" || got.Version != 1 {
		t.Errorf("stored %+v", got)
	}
}

// TestInstead: only the named constraint is the law's answer.
func TestInstead(t *testing.T) {
	in := stage(t)
	store := func(n note, constraint string) error {
		return in(func(tx *pg.Tx) error {
			return row.Instead(row.Insert(tx, n), constraint, fault.Refuse("10", "NOBODY_WROTE"))
		})
	}
	nobody := full(1)
	nobody.Writer = "nobody"
	is(t, store(nobody, "note_writer"), "NOBODY_WROTE")
	if err := store(nobody, "note_pkey"); err == nil || fault.Is(err, "NOBODY_WROTE") {
		t.Errorf("another constraint: %v", err)
	}
	if err := row.Instead(context.Canceled, "note_writer", row.Missing()); !errors.Is(err, context.Canceled) {
		t.Errorf("another error: %v", err)
	}
}
