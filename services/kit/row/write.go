package row

import (
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// Insert stores a new row.
func Insert[R any](tx *pg.Tx, row R) error {
	if err := gorm.G[R](tx.Gorm()).Create(tx.Context(), &row); err != nil {
		return fmt.Errorf("insert %T: %w", row, err)
	}
	return nil
}

// batchSize keeps an INSERT below the limit of 65,535 parameters.
const batchSize = 500

// InsertAll stores new rows. A clause may say what to do with those that exist.
func InsertAll[R any](tx *pg.Tx, rows []R, clauses ...clause.Expression) error {
	if len(rows) == 0 {
		return nil
	}
	if err := gorm.G[R](tx.Gorm(), clauses...).CreateInBatches(tx.Context(), &rows, batchSize); err != nil {
		return fmt.Errorf("insert %T: %w", *new(R), err)
	}
	return nil
}

// Update writes the named columns of the one row that the query finds, if nobody
// has changed it since it was read with this version; next carries the next one.
func Update[R any](tx *pg.Tx, query gorm.ChainInterface[R], next R, version int64, columns ...string) error {
	return Change(tx, query.Where("version = ?", version), next, "version", columns...)
}

// Change writes the named columns of the one row that the query finds: to find
// none means that somebody was quicker.
func Change[R any](tx *pg.Tx, query gorm.ChainInterface[R], next R, column string, more ...string) error {
	rest := Convert(more, func(c string) any { return c })
	n, err := query.Select(column, rest...).Updates(tx.Context(), next)
	if err != nil {
		return fmt.Errorf("update %T: %w", next, err)
	}
	if n != 1 {
		return fault.New(fault.Stale, fault.ReasonETagMismatch)
	}
	return nil
}

// Instead puts the law's answer in place of the violation of a constraint.
func Instead(err error, constraint string, refusal *fault.Error) error {
	if pg.Violated(err, constraint) {
		return refusal.Wrap(err)
	}
	return err
}
