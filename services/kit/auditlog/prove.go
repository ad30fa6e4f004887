package auditlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
)

// The proofs are read within the scope of a caller: row-level security says whose
// entries he may have proven.

// Newest gives the newest checkpoint as it was signed; row.Missing if nothing has been
// sequenced yet.
func Newest(tx *pg.Tx) (Checkpoint, string, error) {
	return checkpoint(tx, "SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
}

// At gives the checkpoint of a size; row.Missing if there was none.
func At(tx *pg.Tx, size int64) (Checkpoint, string, error) {
	return checkpoint(tx, "SELECT note FROM audit_checkpoint WHERE size = $1", size)
}

func checkpoint(tx *pg.Tx, query string, args ...any) (Checkpoint, string, error) {
	var signed string
	err := tx.SQL().QueryRowContext(tx.Context(), query, args...).Scan(&signed)
	if errors.Is(err, sql.ErrNoRows) {
		return Checkpoint{}, "", row.Missing()
	}
	if err != nil {
		return Checkpoint{}, "", fmt.Errorf("read checkpoint: %w", err)
	}
	c, err := readNote(signed)
	return c, signed, err
}

// having gives the first checkpoint that has the entry of an index. A later one would
// tell how busy the log has been since.
func having(tx *pg.Tx, index int64) (Checkpoint, string, error) {
	return checkpoint(tx, "SELECT note FROM audit_checkpoint WHERE size > $1 ORDER BY size LIMIT 1", index)
}

// Inclusion proves that an entry is in a log.
type Inclusion struct {
	Index      int64
	Leaf       tlog.Hash
	Hashes     []tlog.Hash // beside the way from the leaf to the root
	Checkpoint Checkpoint
	Note       string // the checkpoint as it was signed
}

// ProveEntry proves an entry against the first checkpoint that has it; row.Missing if it has no
// place yet, or none for the caller.
func ProveEntry(tx *pg.Tx, id string) (Inclusion, error) {
	var p Inclusion
	err := tx.SQL().QueryRowContext(tx.Context(), "SELECT idx FROM audit_leaf WHERE province = $1 AND entry_id = $2",
		tx.Principal().Province, id).Scan(&p.Index)
	if errors.Is(err, sql.ErrNoRows) {
		return Inclusion{}, row.Missing()
	}
	if err != nil {
		return Inclusion{}, fmt.Errorf("read the place of an entry: %w", err)
	}
	if p.Checkpoint, p.Note, err = having(tx, p.Index); err != nil {
		return Inclusion{}, err
	}
	hashes := hashesOf(tx)
	if p.Hashes, err = tlog.ProveRecord(p.Checkpoint.Size, p.Index, hashes); err != nil {
		return Inclusion{}, fmt.Errorf("prove entry %d: %w", p.Index, err)
	}
	leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, p.Index)})
	if err != nil {
		return Inclusion{}, err
	}
	p.Leaf = leaf[0]
	return p, nil
}

// Consistency proves that a tree of size begins with the one of old.
func Consistency(tx *pg.Tx, old, size int64) ([]tlog.Hash, error) {
	proof, err := tlog.ProveTree(size, old, hashesOf(tx))
	if err != nil {
		return nil, fmt.Errorf("prove %d in %d: %w", old, size, err)
	}
	return proof, nil
}

func hashesOf(tx *pg.Tx) *stored {
	return newStored(tx.Context(), func(ctx context.Context, positions []int64) (map[int64]tlog.Hash, error) {
		rows, err := tx.SQL().QueryContext(ctx, "SELECT position, hash FROM audit_hash WHERE position = ANY ($1)", positions)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		found := make(map[int64]tlog.Hash, len(positions))
		for rows.Next() {
			var position int64
			var hash []byte
			if err := rows.Scan(&position, &hash); err != nil {
				return nil, err
			}
			found[position] = tlog.Hash(hash)
		}
		return found, rows.Err()
	})
}

// ReadEntry reads every column of an entry; row.Missing if it is not there for the caller.
// The session's time zone is UTC, as that of the sequencer is (kit/pg).
func ReadEntry(tx *pg.Tx, id string) (e Entry, err error) {
	err = tx.SQL().QueryRowContext(tx.Context(), "SELECT "+selectList("e")+" FROM audit_entry e WHERE e.province = $1 AND e.id = $2",
		tx.Principal().Province, id).Scan(e.targets()...)
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, row.Missing()
	}
	if err != nil {
		return Entry{}, fmt.Errorf("read audit entry: %w", err)
	}
	return e, nil
}
