package auditlog

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Export is a whole log, to be verified without its database. As a text it is a line
// with its head, one for each entry in the order of the log, one for each checkpoint.
// Every line is JSON in the one form that Write gives it, so that no byte of the text
// can change unseen.
type Export struct {
	Waiting     int64 // entries that had no place in the log yet
	Rows        []Row
	Checkpoints []string // signed notes, by size
}

// Row is an entry in its place, with the hash of its leaf as the tree has it.
type Row struct {
	Index int64  `json:"index"`
	Hash  string `json:"hash"`  // hexadecimal digits; empty if the database has lost it
	Entry Entry  `json:"entry"` // empty if the database has lost it
}

const exportFormat = "xunshi.audit.export.v1"

type exportHead struct {
	Format      string `json:"format"`
	Waiting     int64  `json:"waiting"`
	Entries     int    `json:"entries"`
	Checkpoints int    `json:"checkpoints"`
}

const (
	countWaiting = `
SELECT count(*) FROM audit_entry e
WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.province = e.province AND l.entry_id = e.id)`
	selectCheckpoints = `SELECT note FROM audit_checkpoint ORDER BY size`
)

// selectRows leaves a hole where an entry or a hash is gone. The hash of a leaf stands
// at twice its index less the ones in it (tlog.StoredHashIndex).
func selectRows() string {
	columns := strings.Split(selectList("e"), ", ")
	for i := range (&Entry{}).required() {
		columns[i] = "coalesce(" + columns[i] + ", '')"
	}
	return `SELECT l.idx, coalesce(encode(h.hash, 'hex'), ''), ` + strings.Join(columns, ", ") + `
FROM audit_leaf l LEFT JOIN audit_entry e ON e.province = l.province AND e.id = l.entry_id
LEFT JOIN audit_hash h ON h.position = 2 * l.idx - bit_count(l.idx::bit(64)) ORDER BY l.idx`
}

// ReadExport reads the log of a service as its job role, all of it at one moment.
func ReadExport(ctx context.Context, dsn string) (*Export, error) {
	pool, err := connect(ctx, dsn)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	defer pool.Close()
	x := &Export{}
	at := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, pool, at, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return err
		}
		return x.read(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return x, nil
}

func (x *Export) read(ctx context.Context, tx pgx.Tx) error {
	if err := tx.QueryRow(ctx, countWaiting).Scan(&x.Waiting); err != nil {
		return err
	}
	found, err := tx.Query(ctx, selectRows())
	if err != nil {
		return err
	}
	x.Rows, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (r Row, err error) {
		return r, row.Scan(append([]any{&r.Index, &r.Hash}, r.Entry.targets()...)...)
	})
	if err != nil {
		return err
	}
	if found, err = tx.Query(ctx, selectCheckpoints); err != nil {
		return err
	}
	x.Checkpoints, err = pgx.CollectRows(found, pgx.RowTo[string])
	return err
}

// Write writes the text of an export.
func (x *Export) Write(to io.Writer) error {
	out := bufio.NewWriter(to)
	lines := []any{exportHead{exportFormat, x.Waiting, len(x.Rows), len(x.Checkpoints)}}
	for _, r := range x.Rows {
		lines = append(lines, r)
	}
	for _, c := range x.Checkpoints {
		lines = append(lines, fileLine{c})
	}
	for _, line := range lines {
		text, err := json.Marshal(line)
		if err != nil {
			return fmt.Errorf("write export: %w", err)
		}
		if _, err := out.Write(append(text, '\n')); err != nil {
			return fmt.Errorf("write export: %w", err)
		}
	}
	return out.Flush()
}

// ParseExport reads what Write wrote, byte for byte, and nothing else.
func ParseExport(text []byte) (*Export, error) {
	lines := bytes.SplitAfter(text, []byte("\n"))
	if len(lines) < 2 || len(lines[len(lines)-1]) > 0 {
		return nil, errors.New("export: it does not end with a line")
	}
	lines = lines[:len(lines)-1]
	var head exportHead
	if err := parseLine(lines[0], &head); err != nil {
		return nil, fmt.Errorf("export: head: %w", err)
	}
	if head.Format != exportFormat || head.Entries < 0 || head.Checkpoints < 0 ||
		len(lines) != 1+head.Entries+head.Checkpoints {
		return nil, errors.New("export: its head does not fit its lines")
	}
	x := &Export{Waiting: head.Waiting, Rows: make([]Row, head.Entries), Checkpoints: make([]string, head.Checkpoints)}
	for i := range x.Rows {
		if err := parseLine(lines[1+i], &x.Rows[i]); err != nil {
			return nil, fmt.Errorf("export: line %d: %w", 2+i, err)
		}
	}
	for i := range x.Checkpoints {
		var l fileLine
		if err := parseLine(lines[1+head.Entries+i], &l); err != nil {
			return nil, fmt.Errorf("export: line %d: %w", 2+head.Entries+i, err)
		}
		x.Checkpoints[i] = l.Checkpoint
	}
	return x, nil
}

func parseLine[T any](line []byte, to *T) error {
	if err := json.Unmarshal(line, to); err != nil {
		return err
	}
	again, err := json.Marshal(*to)
	if err != nil {
		return err
	}
	if !bytes.Equal(append(again, '\n'), line) {
		return errors.New("not in its one form")
	}
	return nil
}
