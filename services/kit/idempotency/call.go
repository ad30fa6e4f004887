package idempotency

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/policy"
)

const requestIDField = "request_id"

// call is one request under its request_id. The third part of its key, the
// principal, is taken by the database from the signed scope, so that nobody can
// ask for another's answer.
type call struct {
	method    string
	requestID string
	hash      []byte
	grant     policy.Grant
	object    string
}

func newCall(ctx context.Context, req Request) (call, error) {
	id, err := uuid.Parse(req.GetRequestId())
	if err != nil {
		return call{}, fault.InvalidField(requestIDField, "UUID_INVALID", "request_id must be a UUID").Wrap(err)
	}
	hash, err := contentHash(req)
	if err != nil {
		return call{}, err
	}
	grant, ok := policy.GrantFrom(ctx)
	if !ok {
		// Only a test that switches the policy interceptor off gets here.
		grant.Method = string(proto.MessageName(req))
	}
	return call{
		method:    grant.Method,
		requestID: id.String(),
		hash:      hash,
		grant:     grant,
		object:    audit.ObjectOf(grant, req),
	}, nil
}

// hashVersion is the first byte of a stored hash. Raise it when contentHash
// changes, so that a hash of the old form is known for one.
const hashVersion byte = 1

// contentHash is hashVersion and the SHA-256 of the request without its
// request_id. The fields are moved to a new message, not the whole message
// copied: a request may carry a megabyte.
//
// The hash rests on the deterministic encoding of protobuf, which is the same
// within one build but not promised from one version of the library to the next.
// A release that encodes otherwise would take a repeat of an older request for
// another one (REQUEST_ID_REUSED), never another one for a repeat; such a release
// must raise hashVersion.
func contentHash(req proto.Message) ([]byte, error) {
	from := req.ProtoReflect()
	to := from.New()
	from.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if fd.Name() != requestIDField {
			to.Set(fd, v)
		}
		return true
	})
	to.SetUnknown(from.GetUnknown())
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(to.Interface())
	if err != nil {
		return nil, fmt.Errorf("hash request: %w", err)
	}
	sum := sha256.Sum256(content)
	return append([]byte{hashVersion}, sum[:]...), nil
}

// entry is the audit entry of the call. A created object has its name only in
// the answer.
func (c call) entry(out outcome) audit.Entry {
	e := audit.Entry{
		Method:    c.method,
		Object:    c.object,
		Outcome:   audit.OutcomeOK,
		RequestID: c.requestID,
		Articles:  c.grant.Articles,
	}
	if out.refusal != nil {
		e.Outcome = out.refusal.Reason
		return e
	}
	if name := audit.StringField(out.answer, "name"); name != "" {
		e.Object = name
	}
	return e
}

const claimRow = `
INSERT INTO request_log (principal, method, request_id, request_hash, province)
VALUES (authz.principal_key(), $1, $2, $3, $4)
ON CONFLICT DO NOTHING`

// claim takes the request_id. It waits for a concurrent call with the same key.
// If that one commits, the insert fails with 40001, since the row is younger than
// our snapshot, and the transaction runs again and sees the stored answer; if it
// rolls back, we are first.
func (c call) claim(tx *pg.Tx) (first bool, err error) {
	res, err := tx.SQL().ExecContext(tx.Context(), claimRow, c.method, c.requestID, c.hash, tx.Principal().Province)
	if err != nil {
		return false, fmt.Errorf("claim request_id: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("claim request_id: %w", err)
	}
	return n == 1, nil
}
