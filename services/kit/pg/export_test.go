package pg

import (
	"context"

	"github.com/xunshi/xunshi/services/kit/clock"
)

// Sign lets a test hold a scope in its hands.
var Sign = sign

// OpenAt is Open with a clock that the test sets.
func OpenAt(ctx context.Context, cfg Config, c clock.Clock) (*DB, error) {
	db, err := Open(ctx, cfg)
	if err == nil {
		db.clock = c
	}
	return db, err
}
