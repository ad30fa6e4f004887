package row

import (
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// ForUpdate and ForShare lock a row that a decision rests on.
func ForUpdate() clause.Expression { return clause.Locking{Strength: clause.LockingStrengthUpdate} }
func ForShare() clause.Expression  { return clause.Locking{Strength: clause.LockingStrengthShare} }

// Missing is all that is told of a row that is not there, or not there for this
// caller. Who knows by which name it was asked for adds that name.
func Missing() *fault.Error { return fault.New(fault.NotFound, fault.ReasonNotFound) }

// One reads the row that the query finds, or answers missing.
func One[R any](tx *pg.Tx, query gorm.ChainInterface[R], missing *fault.Error) (R, error) {
	found, err := query.Take(tx.Context())
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return found, missing
	}
	if err != nil {
		return found, fmt.Errorf("read %T: %w", found, err)
	}
	return found, nil
}

// Page reads what the query finds behind the cursor in the order of the keys: one
// row more than the page has, which tells whether another follows.
func Page[R any](tx *pg.Tx, query gorm.ChainInterface[R], cursor page.Cursor, size int, keys ...string) ([]R, error) {
	after, args, err := cursor.Condition(false, keys...)
	if err != nil {
		return nil, err
	}
	if after != "" {
		query = query.Where(after, args...)
	}
	for _, key := range keys {
		query = query.Order(key)
	}
	found, err := query.Limit(size + 1).Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("list %T: %w", *new(R), err)
	}
	return found, nil
}

// Convert turns each row into what it stands for, or the other way round. The
// result is never nil, so that a document of none is [] and not null.
func Convert[A, B any](in []A, to func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = to(a)
	}
	return out
}
