package store

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
)

// key is which row is meant, and by which name it was asked for: of a row that
// is not there, or not there for this caller, nothing but the name is told.
type key struct {
	province, id string
	name         func(province, id string) string
}

// one reads the row of the key in the scope of the caller.
func one[R any](tx *pg.Tx, scope clause.Expression, k key, lock ...clause.Expression) (R, error) {
	missing := fault.Missing(k.name(k.province, k.id))
	if k.province == "" || k.id == "" {
		return *new(R), missing
	}
	query := gorm.G[R](tx.Gorm(), lock...).Where(scope).Where("province = ? AND id = ?", k.province, k.id)
	return row.One(tx, query, missing)
}

// Query is which page of a list is wanted.
type Query struct {
	Province  string
	Condition string // of a filter; empty for none
	Args      []any
	Cursor    page.Cursor
	Size      int
}

// many reads a page in the order of a column, in the scope of the caller.
func many[R any](tx *pg.Tx, scope clause.Expression, q Query, column string) ([]R, error) {
	return finish(tx, gorm.G[R](tx.Gorm()).Where(scope).Where("province = ?", q.Province), q, column)
}

func finish[R any](tx *pg.Tx, chain gorm.ChainInterface[R], q Query, column string) ([]R, error) {
	if q.Condition != "" {
		chain = chain.Where(q.Condition, q.Args...)
	}
	return row.Page(tx, chain, q.Cursor, q.Size, column)
}

// update writes the named columns of the row with this id.
func update[R any](tx *pg.Tx, next R, province, id string, version int64, columns ...string) error {
	query := gorm.G[R](tx.Gorm()).Where("province = ? AND id = ?", province, id)
	return row.Update(tx, query, next, version, columns...)
}
