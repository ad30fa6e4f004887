package store

import (
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
)

// inCaseFile is the caller's scope on a table that belongs to case files.
func inCaseFile(tx *pg.Tx) clause.Expression {
	return tx.Own(pg.Columns{Inspection: "inspection_id"})
}

// one reads the single row that the condition names, in the scope of the caller.
// No argument may be empty: an empty condition would match any row. The api layer
// adds the name as it was requested to what is missing.
func one[R any](tx *pg.Tx, scope clause.Expression, condition string, args ...any) (R, error) {
	if slices.Contains(args, "") {
		return *new(R), row.Missing()
	}
	return row.One(tx, gorm.G[R](tx.Gorm()).Where(scope).Where(condition, args...), row.Missing())
}

// oneIn reads the row of a thing within a case file.
func oneIn[R any](tx *pg.Tx, k domain.Key) (R, error) {
	return one[R](tx, inCaseFile(tx), byKey, k.Province, k.CaseFile, k.ID)
}

// The conditions that name a row by its key.
const (
	byID   = "province = ? AND id = ?"
	byKey  = "province = ? AND inspection_id = ? AND id = ?"
	byFile = "province = ? AND inspection_id = ?"
)

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

// many reads a page in the order of the keys, in the scope of the caller.
func many[R any](tx *pg.Tx, scope clause.Expression, q Query, keys ...string) ([]R, error) {
	query := gorm.G[R](tx.Gorm()).Where(scope).Where("province = ?", q.Province)
	if q.CaseFile != "" {
		query = query.Where("inspection_id = ?", q.CaseFile)
	}
	return row.Page(tx, query, q.Cursor, q.Size, keys...)
}

// update writes the named columns of the row that the condition names.
func update[R any](tx *pg.Tx, next R, version int64, columns []string, condition string, args ...any) error {
	return row.Update(tx, gorm.G[R](tx.Gorm()).Where(condition, args...), next, version, columns...)
}

// signature reads the two columns of a signature.
func signature(subject row.Text, at row.Instant) domain.Signature {
	return domain.Signature{Subject: string(subject), Time: time.Time(at)}
}
