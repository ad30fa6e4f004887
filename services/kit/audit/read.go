package audit

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/policy"
)

// Read runs f in a read-only transaction. Where the policy of the method asks
// for audited reads, it runs f in a transaction that also holds the audit entry
// and that is committed before the answer returns: if the reading cannot be
// entered, nothing is read. A refused reading is entered too.
//
// f may run again after a serialization failure, so it must touch nothing but tx.
func Read[T proto.Message](ctx context.Context, db *pg.DB, req proto.Message, f func(tx *pg.Tx) (T, error)) (T, error) {
	var answer T
	grant, _ := policy.GrantFrom(ctx)
	if !grant.AuditedRead {
		err := db.Read(ctx, func(tx *pg.Tx) (err error) {
			answer, err = f(tx)
			return err
		})
		return orZero(answer, err)
	}

	var refused *fault.Error
	err := db.Write(ctx, func(tx *pg.Tx) (err error) {
		entry := Entry{
			Method:   grant.Method,
			Object:   ObjectOf(grant, req),
			Outcome:  OutcomeOK,
			Articles: grant.Articles,
		}
		refused, err = tx.Attempt(func() (err error) {
			answer, err = f(tx)
			return err
		})
		if err != nil {
			return err
		}
		if refused != nil {
			entry.Outcome = refused.Reason
		}
		return Stage(tx, entry)
	})
	if err == nil && refused != nil {
		err = refused
	}
	return orZero(answer, err)
}

// orZero keeps an answer from leaving beside an error: what was read in a
// transaction that then failed was never entered.
func orZero[T proto.Message](answer T, err error) (T, error) {
	if err != nil {
		var zero T
		return zero, err
	}
	return answer, nil
}

// ObjectOf is the name of the object that a request is about: what the policy
// found in its resource field, else the request's own name or parent.
func ObjectOf(grant policy.Grant, req proto.Message) string {
	if grant.Object != "" {
		return grant.Object
	}
	for _, field := range []protoreflect.Name{"name", "parent"} {
		if name := StringField(req, field); name != "" {
			return name
		}
	}
	return ""
}

// StringField gives the value of the singular string field called name, or "".
func StringField(m proto.Message, name protoreflect.Name) string {
	if m == nil {
		return ""
	}
	r := m.ProtoReflect()
	fd := r.Descriptor().Fields().ByName(name)
	if fd == nil || fd.Kind() != protoreflect.StringKind || fd.Cardinality() == protoreflect.Repeated {
		return ""
	}
	return r.Get(fd).String()
}
