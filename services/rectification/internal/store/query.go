package store

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
)

// Query is which page of a list is wanted.
type Query struct {
	Filter filter.Condition
	Cursor page.Cursor
	Size   int
}

// byPlace are the columns by which a caller's scope is decided on what concerns
// an inspection.
func byPlace() pg.Columns {
	return pg.Columns{City: "city_code", County: "county_code", Inspection: "inspection_id"}
}

// byTask are those of what has no county of its own.
func byTask() pg.Columns { return pg.Columns{Inspection: "inspection_id"} }

// visible is the part of the caller's scope that columns of the place alone do
// not tell.
type visible func(tx *pg.Tx) clause.Expression

func always(*pg.Tx) clause.Expression { return clause.Expr{SQL: "true"} }

// onceCopied hides a case and its items from the city until the feedback was
// copied to it (art. 11).
func onceCopied(tx *pg.Tx) clause.Expression {
	if tx.Principal().City == "" {
		return always(tx)
	}
	return clause.Expr{SQL: "city_may_see"}
}

// notCity hides from the city what is between the county and the inside (art. 17).
func notCity(tx *pg.Tx) clause.Expression {
	if tx.Principal().City == "" {
		return always(tx)
	}
	return clause.Expr{SQL: "false"}
}

// onceSubmitted hides plan and report from the inside until the county submits
// them (art. 17).
func onceSubmitted(tx *pg.Tx) clause.Expression {
	if !tx.Principal().Inside() {
		return always(tx)
	}
	return clause.Expr{SQL: "submission_count > 0"}
}

// scoped starts every query: the caller's scope goes into all of them.
func scoped[T any](tx *pg.Tx, columns pg.Columns, v visible, lock ...clause.Expression) gorm.ChainInterface[T] {
	return gorm.G[T](tx.Gorm(), lock...).Where(tx.Own(columns)).Where(v(tx)).
		Where("province = ?", tx.Principal().Province)
}

// list reads a page in the order of the keys.
func list[T any](tx *pg.Tx, query gorm.ChainInterface[T], q Query, keys ...string) ([]T, error) {
	if q.Filter.SQL != "" {
		query = query.Where(q.Filter.SQL, q.Filter.Args...)
	}
	return row.Page(tx, query, q.Cursor, q.Size, keys...)
}
