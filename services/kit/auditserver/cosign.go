package auditserver

import (
	"fmt"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/note"
	"google.golang.org/protobuf/types/known/timestamppb"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// Reasons of xunshi.fault.v1.ErrorReason.
const (
	reasonEntryWaits         = "AUDIT_ENTRY_WAITS"
	reasonSizeUnknown        = "AUDIT_SIZE_UNKNOWN"
	reasonCosignatureInvalid = "AUDIT_COSIGNATURE_INVALID"
)

func sizeUnknown(size int64) error {
	return fault.Refuse(article, reasonSizeUnknown, "size", strconv.FormatInt(size, 10))
}

const insertCosignature = `
INSERT INTO audit_cosignature (size, witness, province, note) VALUES ($1, $2, $3, $4)
ON CONFLICT (province, size, witness) DO NOTHING`

// cosign keeps the note if a known witness signed just what the log signed. A witness
// that signs the same again changes nothing.
func (s *server) cosign(tx *pg.Tx, province, signed string) (*auditv1.Cosignature, error) {
	opened, err := note.Open([]byte(signed), note.VerifierList(s.Witnesses...))
	if err != nil || len(opened.Sigs) != 1 {
		return nil, fault.Refuse(article, reasonCosignatureInvalid).Wrap(err)
	}
	claimed, err := auditlog.ParseCheckpoint(opened.Text)
	if err != nil {
		return nil, fault.Refuse(article, reasonCosignatureInvalid).Wrap(err)
	}
	ours, _, err := auditlog.At(tx, claimed.Size)
	switch {
	case fault.Is(err, fault.ReasonNotFound):
		return nil, sizeUnknown(claimed.Size)
	case err != nil:
		return nil, err
	case ours != claimed: // a witness has seen another log than we show
		return nil, fault.Refuse(article, reasonCosignatureInvalid)
	}
	witness := opened.Sigs[0].Name
	if _, err := tx.SQL().ExecContext(tx.Context(), insertCosignature, claimed.Size, witness, province, signed); err != nil {
		return nil, fmt.Errorf("store cosignature: %w", err)
	}
	return stored(tx, claimed.Size, witness)
}

const selectCosignature = `
SELECT size, witness, note, create_time FROM audit_cosignature WHERE province = $1 AND size = $2 AND witness = $3`

func stored(tx *pg.Tx, size int64, witness string) (*auditv1.Cosignature, error) {
	row := tx.SQL().QueryRowContext(tx.Context(), selectCosignature, tx.Principal().Province, size, witness)
	return scanCosignature(row)
}

type scanner interface{ Scan(...any) error }

func scanCosignature(row scanner) (*auditv1.Cosignature, error) {
	c := &auditv1.Cosignature{}
	var made time.Time
	if err := row.Scan(&c.Size, &c.Witness, &c.Note, &made); err != nil {
		return nil, fmt.Errorf("read cosignature: %w", err)
	}
	c.CreateTime = timestamppb.New(made)
	return c, nil
}

const selectCosignatures = `
SELECT DISTINCT ON (witness) size, witness, note, create_time FROM audit_cosignature
WHERE province = $1 ORDER BY witness, size DESC`

// cosignatures gives the newest of each witness.
func cosignatures(tx *pg.Tx) ([]*auditv1.Cosignature, error) {
	rows, err := tx.SQL().QueryContext(tx.Context(), selectCosignatures, tx.Principal().Province)
	if err != nil {
		return nil, fmt.Errorf("read cosignatures: %w", err)
	}
	defer rows.Close()
	var all []*auditv1.Cosignature
	for rows.Next() {
		c, err := scanCosignature(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
