package docket

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
)

// skipLocked leaves to another worker what it is at.
func skipLocked() clause.Expression {
	return clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked}
}

// rung is where a batch ended: what it left as it was, the next one passes by.
type rung struct {
	date row.Day
	id   string
}

// climb climbs every rung of a province that is due, batch by batch. The rung goes
// on in the transaction that tells of it, so that nobody is told twice or never.
func (w *Worker) climb(ctx context.Context) error {
	var after *rung
	for {
		var last *rung
		err := w.db.Write(ctx, func(tx *pg.Tx) (err error) {
			last, err = w.climbBatch(tx, after)
			return err
		})
		if err != nil {
			return fmt.Errorf("climb ladders: %w", err)
		}
		if last == nil {
			return nil
		}
		after = last
	}
}

// climbBatch gives the last that it looked at, nil after the last of all.
func (w *Worker) climbBatch(tx *pg.Tx, after *rung) (last *rung, err error) {
	now, err := w.docket.moments(tx)
	if err != nil {
		return nil, err
	}
	query := gorm.G[obligationRow](tx.Gorm(), skipLocked()).
		Where("province = ? AND rung_date <= ?", tx.Principal().Province, row.Day(now.at.Today()))
	if after != nil {
		query = query.Where("(rung_date, id) > (?, ?)", after.date, after.id)
	}
	due, err := query.Order("rung_date").Order("id").Limit(batch).Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("rungs that are due: %w", err)
	}
	var beside pending
	for _, r := range due {
		more, refusal, err := w.climbOne(tx, now, r.obligation(), &beside)
		if err != nil {
			return nil, err
		}
		if refusal != nil { // it must not hold up the others
			w.stuck(tx, r, refusal)
		}
		if more { // others of the batch may be different by now: the next one reads them
			return &rung{r.Columns.RungDate, r.Columns.ID}, beside.insert(tx)
		}
	}
	if len(due) == batch {
		last = &rung{due[batch-1].Columns.RungDate, due[batch-1].Columns.ID}
	}
	return last, beside.insert(tx)
}

// climbOne gives what forbids to climb apart from what the whole batch fails with, and
// tells whether more was done than to climb.
func (w *Worker) climbOne(tx *pg.Tx, now moments, o *obligation.Obligation, beside *pending) (more bool, refusal, err error) {
	before := o.Record()
	at, err := now.of(before.RuleSet)
	if err != nil {
		return false, err, nil
	}
	if err := o.Climb(at); err != nil {
		return false, err, nil
	}
	hook := w.OnOverdue[before.Duty]
	if hook == nil || !slices.ContainsFunc(o.Notices(), isOverdue) {
		return false, nil, beside.update(tx, at, o)
	}
	first, err := neverOverdue(tx, before)
	switch {
	case err != nil:
		return false, nil, err
	case !first:
		return false, nil, beside.update(tx, at, o)
	}
	refused, err := tx.Attempt(func() error {
		if err := hook(tx, at, o.Record()); err != nil {
			return err
		}
		return w.docket.save(tx, at, o)
	})
	return refused == nil && err == nil, refused, err
}

// stuck tells the operator of one that is left as it is.
func (w *Worker) stuck(tx *pg.Tx, r obligationRow, refusal error) {
	w.log.ErrorContext(tx.Context(), "obligations: one cannot go on", "obligation", r.Columns.ID, "error", refusal)
}

func isOverdue(n obligation.Notice) bool { return n.Kind == obligation.OverdueNotice }

// neverOverdue reports whether nobody was told yet, in this series, that it is overdue.
func neverOverdue(tx *pg.Tx, r obligation.Record) (bool, error) {
	n, err := gorm.G[notificationRow](tx.Gorm()).
		Where("province = ? AND obligation_id = ? AND series = ? AND kind = ?",
			r.Place.Province, r.ID, r.Series, string(obligation.OverdueNotice)).
		Count(tx.Context(), "*")
	if err != nil {
		return false, fmt.Errorf("notices of an obligation: %w", err)
	}
	return n == 0, nil
}
