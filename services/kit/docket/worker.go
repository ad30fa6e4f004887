package docket

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// batch is how many obligations a transaction of the worker takes.
const batch = 200

// Overdue is what else happens when an obligation becomes overdue, in the
// transaction that finds it so.
type Overdue func(tx *pg.Tx, at obligation.Moment, o obligation.Record) error

// Worker climbs the ladders, and counts again what an older calendar counted. Where
// it stands is in the tables alone, so any number of them may run over one database
// and be killed at any point.
type Worker struct {
	// OnOverdue is called when an obligation of the duty becomes overdue: at its first
	// rung behind the due day, and again if it was given another day and missed that
	// too. Set it before Run.
	OnOverdue map[regulation.DutyName]Overdue

	db       *pg.DB
	docket   *Docket
	log      *slog.Logger
	interval time.Duration
}

// NewWorker makes a worker that looks for work at every interval.
func NewWorker(db *pg.DB, d *Docket, log *slog.Logger, interval time.Duration) *Worker {
	return &Worker{db: db, docket: d, log: log, interval: interval}
}

// Run works until the context ends. What fails is tried again at the next interval.
func (w *Worker) Run(ctx context.Context) error {
	tick := time.NewTicker(w.interval)
	defer tick.Stop()
	for {
		if err := w.Round(ctx); err != nil && ctx.Err() == nil {
			w.log.ErrorContext(ctx, "obligations: a round failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// work is what there is to do in one province.
type work struct {
	province  string
	calendars []string // by which something that runs was counted
	due       bool     // a rung is
}

// Round does once all that is due now. A province that fails does not stop the
// others.
func (w *Worker) Round(ctx context.Context) error {
	found, err := w.find(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, todo := range found {
		// What a new calendar moves is moved before anybody is reminded of the old date.
		in := principal.With(ctx, principal.Principal{
			Subject: w.docket.service, Party: principal.Service, Province: todo.province,
		})
		for _, version := range todo.calendars {
			errs = append(errs, later(w.recompute(in, version)))
		}
		if todo.due {
			errs = append(errs, later(w.climb(in)))
		}
	}
	return errors.Join(errs...)
}

// later makes nothing of a conflict: another worker, or an act of a case, was at the
// same rows, and the next round finds what is left.
func later(err error) error {
	if fault.Is(err, fault.ReasonConflict) {
		return nil
	}
	return err
}

// find asks the database, without a scope, where there is work.
func (w *Worker) find(ctx context.Context) ([]work, error) {
	var found []work
	err := w.db.WithoutScope(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT province, calendar_version, due FROM obligation_work($1)",
			row.Day(workday.DateOf(w.docket.now())))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var next work
			var version string
			if err := rows.Scan(&next.province, &version, &next.due); err != nil {
				return err
			}
			if len(found) == 0 || found[len(found)-1].province != next.province {
				found = append(found, next)
			}
			last := &found[len(found)-1]
			last.calendars = append(last.calendars, version)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("where obligations run: %w", err)
	}
	return found, nil
}

// moments gives the moment of an obligation by its rules; the calendar is read once
// for the transaction.
type moments struct {
	book *regulation.Book
	at   obligation.Moment
}

func (d *Docket) moments(tx *pg.Tx) (moments, error) {
	now := d.now()
	cal, err := d.cals.For(tx, now)
	return moments{d.book, obligation.Moment{Now: now, Calendar: cal}}, err
}

func (m moments) of(ruleSet string) (obligation.Moment, error) {
	at := m.at
	var err error
	at.Rules, err = m.book.Get(ruleSet)
	return at, err
}
