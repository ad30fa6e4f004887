package docket

import (
	"context"
	"fmt"
	"strconv"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// counts are what a batch of a recomputation did.
type counts struct {
	examined int
	later    int // their date stands later now
	earlier  int // the calendar would have them earlier; the announced date stands
}

// recompute counts again what runs in a province and was counted by this version of
// its calendar, unless that is the current one. Each batch is one transaction with
// one entry in the audit log.
func (w *Worker) recompute(ctx context.Context, version string) error {
	after := ""
	for {
		var last string
		err := w.db.Write(ctx, func(tx *pg.Tx) (err error) {
			last, err = w.recomputeBatch(tx, version, after)
			return err
		})
		if err != nil {
			return fmt.Errorf("recompute: %w", err)
		}
		if last == "" {
			return nil
		}
		after = last
	}
}

// recomputeBatch gives the id of the last that it looked at, "" after the last of all.
func (w *Worker) recomputeBatch(tx *pg.Tx, version, after string) (last string, err error) {
	now, err := w.docket.moments(tx)
	if err != nil || now.at.Calendar.Version() == version {
		return "", err
	}
	if older, err := w.isOlder(tx, now, version); err != nil || !older {
		return "", err
	}
	query := gorm.G[obligationRow](tx.Gorm(), skipLocked()).
		Where("province = ? AND calendar_version = ? AND state = 'OPEN'", tx.Principal().Province, version)
	if after != "" {
		query = query.Where("id > ?", after)
	}
	stale, err := query.Order("id").Limit(batch).Find(tx.Context())
	if err != nil {
		return "", fmt.Errorf("what an older calendar counted: %w", err)
	}
	var done counts
	var beside pending
	for _, r := range stale {
		o := r.obligation()
		at, err := now.of(r.Columns.RuleSet)
		if err == nil {
			_, err = o.Recompute(at)
		}
		if err != nil { // it must not hold up the others
			w.stuck(tx, r, err)
			continue
		}
		if err := beside.update(tx, at, o); err != nil {
			return "", err
		}
		done.count(r.Columns.record(), o.Record())
	}
	if err := beside.insert(tx); err != nil {
		return "", err
	}
	if done.examined > 0 {
		if err := done.enter(tx, now.at.Calendar); err != nil {
			return "", err
		}
	}
	if len(stale) == batch {
		last = stale[batch-1].Columns.ID
	}
	return last, nil
}

// isOlder reports whether a calendar version was known before the one of now. Two
// replicas need not agree on the time, nor, while a release is rolled out, on the
// notices built into them; the one that knows less must not take a date back.
func (w *Worker) isOlder(tx *pg.Tx, now moments, version string) (bool, error) {
	behind, err := w.docket.cals.Behind(tx, now.at.Now)
	if err != nil || behind {
		return false, err
	}
	_, known, err := w.docket.cals.AtVersion(tx, version)
	if err == nil && !known {
		w.log.WarnContext(tx.Context(), "obligations: counted by a calendar that this release does not know",
			"province", tx.Principal().Province, "calendar_version", version)
	}
	return known, err
}

func (c *counts) count(before, after obligation.Record) {
	c.examined++
	switch {
	case after.Due.After(before.Due):
		c.later++
	case after.Computed.Before(before.Computed):
		c.earlier++
	}
}

// enter enters the batch in the audit log.
func (c counts) enter(tx *pg.Tx, cal *workday.Calendar) error {
	return audit.Stage(tx, audit.Entry{
		Method: "docket.Recompute", Object: "provinces/" + tx.Principal().Province + "/calendar", Outcome: audit.OutcomeOK,
		Articles: []string{"5", "12(2)", "17"},
		Detail: map[string]string{
			"calendar_version": cal.Version(), "examined": strconv.Itoa(c.examined),
			"later": strconv.Itoa(c.later), "earlier": strconv.Itoa(c.earlier),
		},
	})
}
