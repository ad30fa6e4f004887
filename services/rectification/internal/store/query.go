package store

import (
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// Condition is a part of a WHERE clause, with a ? for each argument. Its text
// comes from code, never from a request.
type Condition struct {
	SQL  string
	Args []any
}

// Query asks for a page of rows.
type Query struct {
	Conditions []Condition
	Limit      int
}

// byPlace are the columns by which a caller's scope is decided on what concerns
// an inspection.
func byPlace() pg.Columns {
	return pg.Columns{City: "city_code", County: "county_code", Inspection: "inspection_id"}
}

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

// onceSubmitted hides plan and report from the inside until the county submits
// them (art. 17).
func onceSubmitted(tx *pg.Tx) clause.Expression {
	if !tx.Principal().Inside() {
		return always(tx)
	}
	return clause.Expr{SQL: "submission_count > 0"}
}

// scoped starts every query: the caller's scope goes into all of them.
func scoped[T any](tx *pg.Tx, columns pg.Columns, v visible) gorm.ChainInterface[T] {
	return gorm.G[T](tx.Gorm()).Where(tx.Own(columns)).Where(v(tx)).
		Where("province = ?", tx.Principal().Province)
}

func list[T any](tx *pg.Tx, columns pg.Columns, v visible, q Query, order string) ([]T, error) {
	chain := scoped[T](tx, columns, v)
	for _, c := range q.Conditions {
		if c.SQL != "" {
			chain = chain.Where(c.SQL, c.Args...)
		}
	}
	return chain.Order(order).Limit(q.Limit).Find(tx.Context())
}

func insert[T any](tx *pg.Tx, row *T) error {
	return gorm.G[T](tx.Gorm()).Create(tx.Context(), row)
}

// update writes the named columns of the one row that chain finds; none means
// that somebody was quicker.
func update[T any](tx *pg.Tx, chain gorm.ChainInterface[T], row T, column string, more ...any) error {
	n, err := chain.Select(column, more...).Updates(tx.Context(), row)
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if n != 1 {
		return fault.New(fault.Stale, fault.ReasonETagMismatch)
	}
	return nil
}
