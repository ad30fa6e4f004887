package bench

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
	rectification "github.com/xunshi/xunshi/services/rectification/migrations"
)

// open makes so many open obligations of 21 cities and 183 counties, due within 500
// days, of which no rung is due.
const open = `
INSERT INTO obligation
SELECT '51', gen_random_uuid(), 'RECTIFICATION_PLAN', '17', 'COUNTY_COMMITTEE', false, 'provinces/51/rectifications/' || i,
  (510100 + i % 183)::text, (510000 + 100 * (1 + i % 21))::text, gen_random_uuid(), 'CN-COUNTY-2012', 'plan', '2026-01-05', NULL, 1,
  '2026-02-01'::date + i % 500, '2026-02-01'::date + i % 500, false, 'SC-2026', 0, '[]',
  'OPEN', NULL, false, true, true, 1, 0, '2026-03-01'::date + i % 1000, '2026-02-01', 1, now(), now(), 1
FROM generate_series(1, $1) AS i`

// BenchmarkDocket reads a page of fifty and looks for work, over ten times more rows
// from one run to the next (performance.md: the time must not follow).
func BenchmarkDocket(b *testing.B) {
	for _, rows := range []int{20_000, 200_000} {
		db, own := docketOf(b, rows)
		office := pgtest.As(b.Context(), principal.InspectionOffice, "provinces/51", "office")
		city := pgtest.As(b.Context(), principal.CityCommittee, "provinces/51/cities/510700", "clerk")
		b.Run(fmt.Sprintf("list/office/%d", rows), func(b *testing.B) { list(office, b, db, own, filter.Condition{}) })
		b.Run(fmt.Sprintf("list/city/%d", rows), func(b *testing.B) {
			list(city, b, db, own, filter.Condition{SQL: "city_code = ?", Args: []any{"510700"}})
		})
		worker := docket.NewWorker(db, own, slog.New(slog.DiscardHandler), time.Hour)
		b.Run(fmt.Sprintf("idle round/%d", rows), func(b *testing.B) {
			for b.Loop() {
				if err := worker.Round(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func docketOf(b *testing.B, rows int) (*pg.DB, *docket.Docket) {
	b.Helper()
	d := pgtest.New(b, pgtest.Service{Name: "rectification", Migrations: rectification.FS})
	admin := d.Admin(b)
	for _, statement := range []struct {
		text string
		args []any
	}{{open, []any{rows}}, {"VACUUM ANALYZE obligation", nil}} {
		if _, err := admin.Exec(statement.text, statement.args...); err != nil {
			b.Fatal(err)
		}
	}
	book, err := regulation.Load()
	if err != nil {
		b.Fatal(err)
	}
	national, err := workday.National()
	if err != nil {
		b.Fatal(err)
	}
	var at clock.Clock = clocktest.Fixed(workday.NewDate(2026, time.February, 2).Time().Add(9 * time.Hour))
	return d.Open(b), docket.New("rectification", book, calendars.New(national), at)
}

func list(ctx context.Context, b *testing.B, db *pg.DB, own *docket.Docket, only filter.Condition) {
	b.ReportAllocs()
	for b.Loop() {
		err := db.Read(ctx, func(tx *pg.Tx) error {
			found, err := own.List(tx, docket.Query{Filter: only, Size: 50})
			if err == nil && len(found) != 51 {
				err = fmt.Errorf("%d rows", len(found))
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
