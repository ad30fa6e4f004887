package idempotency

import (
	"context"
	"database/sql"
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/receipt"
)

// Stored gives the answer, or the refusal as an error, that an earlier call with
// the request_id of req had; ok is false if there was none. A method that asks
// another service before it writes looks here first, so that a repeat is answered
// while the other service is down. Write decides all the same: what is not stored
// yet may be by then. T must be a concrete message type.
func Stored[T proto.Message](ctx context.Context, db *pg.DB, req Request) (answer T, ok bool, err error) {
	c, err := newCall(ctx, req)
	if err != nil {
		return answer, false, err
	}
	var out outcome
	err = db.Read(ctx, func(tx *pg.Tx) (err error) {
		out, err = c.stored(tx, answer)
		return err
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return answer, false, nil
	case err != nil:
		return answer, false, err
	case out.refusal != nil:
		return answer, true, out.refusal
	default:
		out.hand(receipt.CallFrom(ctx))
		return out.answer.(T), true, nil
	}
}
