package store

import (
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// forUpdate and forShare lock a row that a decision rests on.
func forUpdate() clause.Expression { return clause.Locking{Strength: clause.LockingStrengthUpdate} }
func forShare() clause.Expression  { return clause.Locking{Strength: clause.LockingStrengthShare} }

// key is which row is meant, and by which name it was asked for: of a row that
// is not there, or not there for this caller, nothing but the name is told.
type key struct {
	province, id string
	name         func(province, id string) string
}

func (k key) missing() error { return fault.Missing(k.name(k.province, k.id)) }

// one reads the row of the key in the scope of the caller.
func one[R any](tx *pg.Tx, scope clause.Expression, k key, lock ...clause.Expression) (R, error) {
	var none R
	if k.province == "" || k.id == "" {
		return none, k.missing()
	}
	row, err := gorm.G[R](tx.Gorm(), lock...).
		Where(scope).Where("province = ? AND id = ?", k.province, k.id).
		Take(tx.Context())
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return none, k.missing()
	}
	if err != nil {
		return none, fmt.Errorf("read %T: %w", none, err)
	}
	return row, nil
}

// Query is which page of a list is wanted.
type Query struct {
	Province  string
	Condition string // of a filter; empty for none
	Args      []any
	Cursor    page.Cursor
	Size      int
}

// many reads one row more than the page has, in the order of a column, in the
// scope of the caller.
func many[R any](tx *pg.Tx, scope clause.Expression, q Query, column string) ([]R, error) {
	chain := gorm.G[R](tx.Gorm()).Where(scope).Where("province = ?", q.Province)
	return finish(tx, chain, q, column)
}

func finish[R any](tx *pg.Tx, chain gorm.ChainInterface[R], q Query, column string) ([]R, error) {
	if q.Condition != "" {
		chain = chain.Where(q.Condition, q.Args...)
	}
	after, args, err := q.Cursor.Condition(false, column)
	if err != nil {
		return nil, err
	}
	if after != "" {
		chain = chain.Where(after, args...)
	}
	rows, err := chain.Order(column).Limit(q.Size + 1).Find(tx.Context())
	if err != nil {
		var none R
		return nil, fmt.Errorf("list %T: %w", none, err)
	}
	return rows, nil
}

func insert[R any](tx *pg.Tx, row *R) error {
	if err := gorm.G[R](tx.Gorm()).Create(tx.Context(), row); err != nil {
		return fmt.Errorf("insert %T: %w", *row, err)
	}
	return nil
}

// batchSize keeps an INSERT below the limit of 65,535 parameters.
const batchSize = 500

func insertAll[R any](tx *pg.Tx, rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	if err := gorm.G[R](tx.Gorm()).CreateInBatches(tx.Context(), &rows, batchSize); err != nil {
		var none R
		return fmt.Errorf("insert %T: %w", none, err)
	}
	return nil
}

// update writes the named columns of a row that nobody else has changed since it
// was read with this version; the row carries the next one.
func update[R any](tx *pg.Tx, row R, province, id string, version int64, columns ...string) error {
	rest := make([]any, len(columns))
	for i, c := range columns {
		rest[i] = c
	}
	n, err := gorm.G[R](tx.Gorm()).
		Where("province = ? AND id = ? AND version = ?", province, id, version).
		Select("version", rest...).
		Updates(tx.Context(), row)
	if err != nil {
		return fmt.Errorf("update %T: %w", row, err)
	}
	if n != 1 {
		return fault.New(fault.Stale, fault.ReasonETagMismatch)
	}
	return nil
}

// refusal puts the law's answer in place of the violation of a constraint.
func refusal(err error, constraint string, instead *fault.Error) error {
	if pg.Violated(err, constraint) {
		return instead.Wrap(err)
	}
	return err
}

// convert turns the rows of a page into what they stand for.
func convert[R, D any](rows []R, to func(R) D) []D {
	out := make([]D, 0, len(rows))
	for _, r := range rows {
		out = append(out, to(r))
	}
	return out
}
