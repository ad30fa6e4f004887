package idempotency

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/receipt"
)

// outcome is the final answer to a request: a message or a refusal.
type outcome struct {
	answer  proto.Message
	refusal *fault.Error
	receipt string         // of a submission
	given   *receipt.Given // where this call has issued it
}

// hand gives the receipt to whoever sends it.
func (o outcome) hand(to *receipt.Call) {
	if to != nil {
		to.Text = o.receipt
	}
}

// refusalBody is a stored refusal. The cause stays out: it is for the log of
// the first call only.
type refusalBody struct {
	Reason string            `json:"reason"`
	Meta   map[string]string `json:"meta,omitempty"`
	Fields []refusedField    `json:"fields,omitempty"`
}

type refusedField struct {
	Path        string `json:"path"`
	Reason      string `json:"reason"`
	Description string `json:"description"`
}

func (o outcome) encode() (codes.Code, []byte, error) {
	if o.refusal == nil {
		body, err := proto.MarshalOptions{Deterministic: true}.Marshal(o.answer)
		if body == nil {
			body = []byte{} // an empty message is an answer; NULL means none yet
		}
		return codes.OK, body, err
	}
	if !o.refusal.Kind.Deterministic() {
		return 0, nil, fmt.Errorf("a refusal of kind %v is not final", o.refusal.Kind)
	}
	body := refusalBody{Reason: o.refusal.Reason, Meta: o.refusal.Meta}
	for _, f := range o.refusal.Fields {
		body.Fields = append(body.Fields, refusedField(f))
	}
	encoded, err := json.Marshal(body)
	// The numbers of fault.Kind may be reordered by an edit; a gRPC code may not,
	// and rows outlive a build.
	return faultstatus.CodeOf(o.refusal.Kind), encoded, err
}

func decode(code codes.Code, encoded []byte, like proto.Message) (outcome, error) {
	if code == codes.OK {
		answer := like.ProtoReflect().New().Interface()
		if err := proto.Unmarshal(encoded, answer); err != nil {
			return outcome{}, fmt.Errorf("decode stored answer: %w", err)
		}
		return outcome{answer: answer}, nil
	}
	kind := faultstatus.KindOf(code)
	if !kind.Deterministic() {
		return outcome{}, fmt.Errorf("stored answer has the code %v", code)
	}
	var body refusalBody
	if err := json.Unmarshal(encoded, &body); err != nil {
		return outcome{}, fmt.Errorf("decode stored refusal: %w", err)
	}
	refusal := &fault.Error{Kind: kind, Reason: body.Reason, Meta: body.Meta}
	for _, f := range body.Fields {
		refusal.Fields = append(refusal.Fields, fault.Field(f))
	}
	return outcome{refusal: refusal}, nil
}

const storeAnswer = `
UPDATE request_log SET code = $3, answer = $4, receipt = nullif($6, '')
WHERE province = $5 AND principal = authz.principal_key() AND method = $1 AND request_id = $2`

// storeReceipt also keeps the receipt where its body reads it: one statement, since it
// is the round trips that cost.
const storeReceipt = `
WITH given AS (
  INSERT INTO receipt (province, id, party, jurisdiction, text, create_time) VALUES ($5, $7, $8, $9, $6, $10)
)` + storeAnswer

func (c call) store(tx *pg.Tx, out outcome) error {
	code, body, err := out.encode()
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	p := tx.Principal()
	statement, args := storeAnswer, []any{c.method, c.requestID, int32(code), body, p.Province, out.receipt}
	if out.given != nil {
		statement, args = storeReceipt, append(args, out.given.ID, string(p.Party), p.Jurisdiction(), out.given.Time)
	}
	res, err := tx.SQL().ExecContext(tx.Context(), statement, args...)
	if err != nil {
		return fmt.Errorf("store answer: %w", err)
	}
	n, err := res.RowsAffected()
	if err == nil && n != 1 {
		err = errors.New("the claim is gone")
	}
	if err != nil {
		return fmt.Errorf("store answer: %w", err)
	}
	return nil
}

const selectAnswer = `
SELECT request_hash, code, answer, coalesce(receipt, '') FROM request_log
WHERE province = $3 AND principal = authz.principal_key() AND method = $1 AND request_id = $2`

// stored gives the answer of the first call with this key.
func (c call) stored(tx *pg.Tx, like proto.Message) (outcome, error) {
	var (
		hash, body []byte
		code       int32
		given      string
	)
	row := tx.SQL().QueryRowContext(tx.Context(), selectAnswer, c.method, c.requestID, tx.Principal().Province)
	if err := row.Scan(&hash, &code, &body, &given); err != nil {
		return outcome{}, fmt.Errorf("read stored answer: %w", err)
	}
	if len(hash) == 0 || hash[0] != hashVersion {
		// It cannot be compared, so it is neither answered nor done again.
		return outcome{}, fmt.Errorf("request %s was stored with another version of the hash", c.requestID)
	}
	if !bytes.Equal(hash, c.hash) {
		return outcome{}, fault.New(fault.Invalid, fault.ReasonRequestIDReused, "request_id", c.requestID).
			WithField(requestIDField, fault.ReasonRequestIDReused, "request_id was used for another request")
	}
	out, err := decode(codes.Code(code), body, like)
	out.receipt = given
	return out, err
}
