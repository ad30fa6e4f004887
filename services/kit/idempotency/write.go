package idempotency

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// Request is a request message of a method that writes.
type Request interface {
	proto.Message
	GetRequestId() string
}

// Write runs f once for the caller, the method and the request_id of req, and
// gives its answer. A repeat gives the first answer, or the first refusal, and
// runs nothing; the same request_id with another content is refused with
// REQUEST_ID_REUSED. The effect, its audit entry and the stored answer are
// committed together.
//
// f may run again after a serialization failure, so it must touch nothing but
// tx, and must call no other service. T must be a concrete message type.
func Write[T proto.Message](ctx context.Context, db *pg.DB, req Request, f func(tx *pg.Tx) (T, error)) (T, error) {
	var zero T
	answer, err := write(ctx, db, req, zero, func(tx *pg.Tx) (proto.Message, error) { return f(tx) })
	if err != nil {
		return zero, err
	}
	return answer.(T), nil
}

// write is Write without the type parameter. It is the only place that knows
// the order of things: claim, effect or refusal, audit entry, answer.
func write(ctx context.Context, db *pg.DB, req Request, like proto.Message, f func(tx *pg.Tx) (proto.Message, error)) (proto.Message, error) {
	c, err := newCall(ctx, req)
	if err != nil {
		return nil, err
	}
	var out outcome
	err = db.Write(ctx, func(tx *pg.Tx) error {
		first, err := c.claim(tx)
		if err != nil {
			return err
		}
		if !first {
			out, err = c.stored(tx, like)
			return err
		}
		if out, err = attempt(tx, f); err != nil {
			return err
		}
		if err := audit.Stage(tx, c.entry(out)); err != nil {
			return err
		}
		return c.store(tx, out)
	})
	switch {
	case err != nil:
		return nil, err
	case out.refusal != nil:
		return nil, out.refusal
	default:
		return out.answer, nil
	}
}

// attempt runs f behind a savepoint, so that a refusal leaves nothing of what f
// had written before it was refused, while the claim of the request_id stays.
func attempt(tx *pg.Tx, f func(tx *pg.Tx) (proto.Message, error)) (outcome, error) {
	if err := exec(tx, "SAVEPOINT effect"); err != nil {
		return outcome{}, err
	}
	answer, err := f(tx)
	if err == nil {
		if answer == nil || !answer.ProtoReflect().IsValid() {
			return outcome{}, errors.New("no answer and no error")
		}
		return outcome{answer: answer}, nil
	}
	refusal, ok := fault.As(pg.Fault(err))
	if !ok || !refusal.Kind.Deterministic() || pg.Contended(err) {
		return outcome{}, err
	}
	if err := exec(tx, "ROLLBACK TO SAVEPOINT effect"); err != nil {
		return outcome{}, err
	}
	return outcome{refusal: refusal}, nil
}

func exec(tx *pg.Tx, statement string) error {
	if _, err := tx.SQL().ExecContext(tx.Context(), statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
