package idempotency

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/receipt"
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
// the order of things: claim, effect or refusal, receipt, audit entry, answer.
func write(ctx context.Context, db *pg.DB, req Request, like proto.Message, f func(tx *pg.Tx) (proto.Message, error)) (proto.Message, error) {
	c, err := newCall(ctx, req)
	if err != nil {
		return nil, err
	}
	var out outcome
	giving := receipt.CallFrom(ctx)
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
		entry := c.entry(out)
		if out.given, err = c.receipt(tx, giving, out, req); err != nil {
			return err
		}
		if out.given != nil {
			entry.ID, entry.Commitment, out.receipt = out.given.ID, out.given.Commitment(), out.given.Text
		}
		if err := audit.Stage(tx, entry); err != nil {
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
		out.hand(giving)
		return out.answer, nil
	}
}

// receipt issues the receipt of a submission that took effect. A rehearsal (AIP-163) hands
// nothing in.
func (c call) receipt(tx *pg.Tx, giving *receipt.Call, out outcome, req Request) (*receipt.Given, error) {
	rehearsal, _ := req.(interface{ GetValidateOnly() bool })
	if giving == nil || out.refusal != nil || !receipt.For(tx.Principal().Party) || rehearsal != nil && rehearsal.GetValidateOnly() {
		return nil, nil
	}
	return giving.Issuer.Issue(tx, c.method, c.entry(out).Object, c.requestID, req)
}

// attempt runs f; a refusal is an outcome too.
func attempt(tx *pg.Tx, f func(tx *pg.Tx) (proto.Message, error)) (out outcome, err error) {
	out.refusal, err = tx.Attempt(func() error {
		out.answer, err = f(tx)
		if err == nil && (out.answer == nil || !out.answer.ProtoReflect().IsValid()) {
			err = errors.New("no answer and no error")
		}
		return err
	})
	return out, err
}
