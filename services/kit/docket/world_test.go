package docket_test

import (
	"context"
	"database/sql"
	"log/slog"
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/docket/dockettest"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// probe is a service that gives the outside its part, as scheduling and
// rectification do.
func probe() pgtest.Service {
	return pgtest.Service{Name: "docketprobe", Migrations: dockettest.Migrations("docketprobe")}
}

const (
	rules   = "CN-COUNTY-2012"
	task    = "01990000-0000-7000-8000-000000000001"
	subject = "provinces/51/rectifications/01990000-0000-7000-8000-00000000000a"
)

func jinjiang() obligation.Place {
	return obligation.Place{Province: "51", City: "510100", County: "510104", Inspection: task}
}

// world is a database, its docket and the business clock.
type world struct {
	t      testing.TB
	base   *pgtest.Database
	admin  *sql.DB // the superuser's
	db     *pg.DB
	clock  *clocktest.Manual
	docket *docket.Docket
}

// newWorld begins at noon of a day; the program does not know the notices without.
func newWorld(t testing.TB, today string, without ...string) *world {
	t.Helper()
	w := &world{t: t, base: pgtest.New(t, probe()), clock: clocktest.Fixed(noon(date(today)))}
	w.db, w.admin = w.base.Open(t), w.base.Admin(t)
	w.docket = docket.New("docketprobe", must(regulation.Load())(t),
		calendars.New(must(workday.National())(t).Without(without...)), w.clock)
	return w
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// date reads a date that is written in the tests.
func date(s string) workday.Date {
	d, err := workday.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func noon(d workday.Date) time.Time { return d.Time().Add(12 * time.Hour) }

func (w *world) on(day workday.Date) *world {
	w.clock.Set(noon(day))
	return w
}

func as(party principal.Party, area, subject string) context.Context {
	return pgtest.As(context.Background(), party, area, subject)
}

func office() context.Context  { return as(principal.InspectionOffice, "provinces/51", "office") }
func leading() context.Context { return as(principal.LeadingGroup, "provinces/51", "chair") }
func service() context.Context { return as(principal.Service, "provinces/51", "docketprobe") }
func county() context.Context {
	return as(principal.CountyCommittee, "provinces/51/counties/510104", "clerk")
}
func city() context.Context {
	return as(principal.CityCommittee, "provinces/51/cities/510100", "clerk")
}

// try runs f in a transaction of the caller.
func (w *world) try(ctx context.Context, f func(tx *pg.Tx, at obligation.Moment) error) error {
	return w.db.Write(ctx, func(tx *pg.Tx) error {
		at, err := w.docket.Moment(tx, rules)
		if err != nil {
			return err
		}
		return f(tx, at)
	})
}

func (w *world) do(ctx context.Context, f func(tx *pg.Tx, at obligation.Moment) error) {
	w.t.Helper()
	if err := w.try(ctx, f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open(ctx context.Context, in obligation.Opening) {
	w.t.Helper()
	w.do(ctx, func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Open(tx, at, in) })
}

// plan opens the plan of a county that was given its feedback today.
func (w *world) plan() obligation.Record {
	w.t.Helper()
	w.open(office(), obligation.Opening{
		Duty: regulation.DutyPlan, Subject: subject, Place: jinjiang(), Start: workday.DateOf(w.clock.Now()), CountySees: true,
	})
	return w.of(office(), subject)[0]
}

func planKey() docket.Key { return docket.Key{Subject: subject, Duty: regulation.DutyPlan} }

// of gives what a caller sees of a subject.
func (w *world) of(ctx context.Context, subject string) (out []obligation.Record) {
	w.t.Helper()
	err := w.db.Read(ctx, func(tx *pg.Tx) error {
		found, err := w.docket.Of(tx, subject)
		out = nil
		for _, o := range found[subject] {
			out = append(out, o.Record())
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) worker() *docket.Worker {
	return docket.NewWorker(w.db, w.docket, slog.New(slog.NewTextHandler(w.t.Output(), nil)), 10*time.Millisecond)
}

// sweep does what is due now.
func (w *world) sweep() {
	w.t.Helper()
	if err := w.worker().Round(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// number asks the superuser for a number.
func (w *world) number(query string, args ...any) (n int) {
	w.t.Helper()
	if err := w.admin.QueryRow(query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) is(err error, reason string) {
	w.t.Helper()
	if !fault.Is(err, reason) {
		w.t.Errorf("got %v, want %s", err, reason)
	}
}
