package auditlog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

// takeEntries removes from the queue what it gives. In the order of their times as far
// as those who wait are concerned; across batches the log is in the order of commits.
var takeEntries = `
WITH taken AS (
  DELETE FROM audit_pending p USING (SELECT province, id FROM audit_pending LIMIT $1) AS next
  WHERE p.province = next.province AND p.id = next.id RETURNING p.province, p.id
)
SELECT ` + selectList("e") + ` FROM taken t JOIN audit_entry e ON e.province = t.province AND e.id = t.id
ORDER BY e.occur_time, e.id`

func take(ctx context.Context, tx pgx.Tx) ([]Entry, error) {
	rows, err := tx.Query(ctx, takeEntries, batch)
	if err != nil {
		return nil, fmt.Errorf("take entries: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Entry, err error) {
		return e, row.Scan(e.targets()...)
	})
}

func fetchHashes(ctx context.Context, tx pgx.Tx, positions []int64) (map[int64]tlog.Hash, error) {
	rows, err := tx.Query(ctx, "SELECT position, hash FROM audit_hash WHERE position = ANY ($1)", positions)
	if err != nil {
		return nil, err
	}
	found := make(map[int64]tlog.Hash, len(positions))
	var position int64
	var hash []byte
	_, err = pgx.ForEachRow(rows, []any{&position, &hash}, func() error {
		found[position] = tlog.Hash(hash)
		return nil
	})
	return found, err
}

// batchRows is what a batch adds to the tables.
type batchRows struct {
	size    int64 // of the tree before
	entries []Entry
	first   int64 // position of the first new hash
	hashes  []tlog.Hash
	next    Checkpoint
	note    string
}

const (
	insertLeaves = `
INSERT INTO audit_leaf (idx, province, entry_id)
SELECT $1 + n - 1, province, id FROM unnest($2::text[], $3::uuid[]) WITH ORDINALITY AS t (province, id, n)`
	insertHashes = `
INSERT INTO audit_hash (position, hash) SELECT $1 + n - 1, hash FROM unnest($2::bytea[]) WITH ORDINALITY AS t (hash, n)`
	insertCheckpoint = `INSERT INTO audit_checkpoint (size, note) VALUES ($1, $2)`
)

// write sends all rows in one round trip.
func write(ctx context.Context, tx pgx.Tx, b batchRows) error {
	provinces, ids := make([]string, len(b.entries)), make([]string, len(b.entries))
	for i, e := range b.entries {
		provinces[i], ids[i] = e.Province, e.ID
	}
	hashes := make([][]byte, len(b.hashes))
	for i := range b.hashes {
		hashes[i] = b.hashes[i][:]
	}
	var statements pgx.Batch
	statements.Queue(insertLeaves, b.size, provinces, ids)
	statements.Queue(insertHashes, b.first, hashes)
	statements.Queue(insertCheckpoint, b.next.Size, b.note)
	return tx.SendBatch(ctx, &statements).Close()
}
