package audit

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/kit/pg"
)

// OutcomeOK is the outcome of an act that took effect. Any other outcome is the
// reason of a fault.
const OutcomeOK = "OK"

// Entry is what the caller of Stage knows about an act. Who acted, and for
// which body and area, comes from the transaction's principal; when, from the
// clock of the database, which no caller can set.
type Entry struct {
	Method    string            // full gRPC method
	Object    string            // resource name acted on
	Outcome   string            // OutcomeOK or the reason of a refusal
	RequestID string            // UUID of the request or of the event; empty for a read
	Articles  []string          // e.g. "12(2)"
	Detail    map[string]string // never content of source material

	// Of an act that gives a receipt: the id that the receipt names, and its hash.
	ID         string
	Commitment []byte
}

const insertEntry = `
INSERT INTO audit_entry
  (id, province, subject, party, jurisdiction, method, object, outcome, request_id, articles, detail, commitment)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

// Stage adds the entry to the transaction. If it fails, the transaction must
// not be committed.
func Stage(tx *pg.Tx, e Entry) error {
	id, err := e.id()
	if err != nil {
		return fmt.Errorf("audit entry id: %w", err)
	}
	var requestID *string
	if e.RequestID != "" {
		requestID = &e.RequestID
	}
	articles := e.Articles
	if articles == nil {
		articles = []string{}
	}
	detail := []byte("{}")
	if len(e.Detail) > 0 {
		if detail, err = json.Marshal(e.Detail); err != nil {
			return fmt.Errorf("audit detail: %w", err)
		}
	}
	p := tx.Principal()
	_, err = tx.SQL().ExecContext(tx.Context(), insertEntry,
		id, p.Province, p.Subject, string(p.Party), p.Jurisdiction(),
		e.Method, e.Object, e.Outcome, requestID, articles, string(detail), e.Commitment)
	if err != nil {
		return fmt.Errorf("stage audit entry: %w", err)
	}
	return nil
}

func (e Entry) id() (string, error) {
	if e.ID != "" {
		return e.ID, nil
	}
	id, err := uuid.NewV7()
	return id.String(), err
}
