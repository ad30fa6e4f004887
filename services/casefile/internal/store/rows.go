package store

import (
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// missing is the only thing that is told of a row that is not there, or not there
// for this caller. The api layer adds the name as it was requested.
func missing() *fault.Error { return fault.New(fault.NotFound, fault.ReasonNotFound) }

// inCaseFile is the caller's scope on a table that belongs to case files.
func inCaseFile(tx *pg.Tx) clause.Expression {
	return tx.Own(pg.Columns{Inspection: "inspection_id"})
}

// one reads the single row that the condition names, in the scope of the caller.
// No argument may be empty: an empty condition would match any row.
func one[R any](tx *pg.Tx, scope clause.Expression, condition string, args ...any) (R, error) {
	var none R
	for _, a := range args {
		if a == "" {
			return none, missing()
		}
	}
	row, err := gorm.G[R](tx.Gorm()).Where(scope).Where(condition, args...).Take(tx.Context())
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return none, missing()
	}
	if err != nil {
		return none, fmt.Errorf("read %T: %w", none, err)
	}
	return row, nil
}

// Query is which page of a list is wanted.
type Query struct {
	Province string
	CaseFile string // empty for a list of the province
	Cursor   page.Cursor
	Size     int
}

// byCreation is the order of most lists. The id makes it total: it is random and
// cannot stand alone.
func byCreation() []string { return []string{"create_time", "id"} }

// many reads one row more than the page has, in the order of the keys, in the
// scope of the caller.
func many[R any](tx *pg.Tx, scope clause.Expression, q Query, keys ...string) ([]R, error) {
	chain := gorm.G[R](tx.Gorm()).Where(scope).Where("province = ?", q.Province)
	if q.CaseFile != "" {
		chain = chain.Where("inspection_id = ?", q.CaseFile)
	}
	after, args, err := q.Cursor.Condition(false, keys...)
	if err != nil {
		return nil, err
	}
	if after != "" {
		chain = chain.Where(after, args...)
	}
	for _, key := range keys {
		chain = chain.Order(key)
	}
	rows, err := chain.Limit(q.Size + 1).Find(tx.Context())
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

// update writes the named columns of the row that the condition names and that
// nobody else has changed since it was read with this version; the row carries
// the next one.
func update[R any](tx *pg.Tx, row R, version int64, columns []string, condition string, args ...any) error {
	rest := make([]any, len(columns))
	for i, c := range columns {
		rest[i] = c
	}
	n, err := gorm.G[R](tx.Gorm()).
		Where(condition, args...).Where("version = ?", version).
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

// The conditions that name a row by its key.
const (
	byID   = "province = ? AND id = ?"
	byKey  = "province = ? AND inspection_id = ? AND id = ?"
	byFile = "province = ? AND inspection_id = ?"
)

// oneIn reads the row of a thing within a case file.
func oneIn[R any](tx *pg.Tx, k domain.Key) (R, error) {
	return one[R](tx, inCaseFile(tx), byKey, k.Province, k.CaseFile, k.ID)
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
