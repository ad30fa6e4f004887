package auditlog

import (
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// What a verifier finds wrong.
var (
	ErrOrder      = errors.New("an entry is missing, doubled or out of its place")
	ErrEntry      = errors.New("an entry is not what it was")
	ErrRoot       = errors.New("the entries are not those of a checkpoint of the database")
	ErrSignature  = errors.New("a checkpoint of the database is not signed by the log")
	ErrOrigin     = errors.New("a checkpoint is of another log")
	ErrUnsigned   = errors.New("entries stand behind the last checkpoint")
	ErrRolledBack = errors.New("the database is behind a checkpoint that was kept outside")
	ErrRewritten  = errors.New("the entries are not those of a checkpoint that was kept outside")
	ErrNoOutside  = errors.New("no checkpoint was kept outside")
)

// Verifier verifies exports with the public key of the log alone.
type Verifier struct {
	key  note.Verifier
	skip string // a check that a test leaves out, to see that it matters
}

// NewVerifier takes the public key as Key.Verifier writes it.
func NewVerifier(publicKey string) (*Verifier, error) {
	key, err := note.NewVerifier(publicKey)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	return &Verifier{key: key}, nil
}

// Key opens checkpoints.
func (v *Verifier) Key() note.Verifier { return v.key }

// Verify holds an export against checkpoints that were kept outside of the database.
// It derives every leaf from the columns and the tree from the leaves, and believes no
// hash of the export. It gives the size and root that hold, or the first thing wrong.
func (v *Verifier) Verify(x *Export, outside []Checkpoint) (Checkpoint, error) {
	if len(outside) == 0 {
		return Checkpoint{}, ErrNoOutside
	}
	roots, err := v.rebuild(x.Rows, outside, x.Checkpoints)
	if err != nil {
		return Checkpoint{}, err
	}
	size := int64(len(x.Rows))
	if err := v.outside(outside, size, roots); err != nil {
		return Checkpoint{}, err
	}
	if err := v.inside(x.Checkpoints, size, roots); err != nil {
		return Checkpoint{}, err
	}
	return Checkpoint{Origin: v.key.Name(), Size: size, Root: roots[size]}, nil
}

// rebuild gives the root of the tree at each size that a checkpoint speaks of, and at
// the end.
func (v *Verifier) rebuild(rows []Row, outside []Checkpoint, inside []string) (map[int64]tlog.Hash, error) {
	wanted := map[int64]bool{int64(len(rows)): true, 0: true}
	for _, c := range outside {
		wanted[c.Size] = true
	}
	for _, signed := range inside {
		if c, err := readNote(signed); err == nil {
			wanted[c.Size] = true
		}
	}
	roots := map[int64]tlog.Hash{0: Empty("").Root}
	tree := grown{}
	for i, r := range rows {
		hash := tlog.RecordHash(r.Entry.Leaf())
		if err := v.row(r, int64(i), hash); err != nil {
			return nil, err
		}
		tree.add(hash)
		if wanted[int64(i)+1] {
			roots[int64(i)+1] = tree.root()
		}
	}
	return roots, nil
}

// row holds one row against its place and against the hash that the tree has of it.
func (v *Verifier) row(r Row, index int64, hash tlog.Hash) error {
	if v.skip != "order" && r.Index != index {
		return fmt.Errorf("%w: entry %d stands where %d should", ErrOrder, r.Index, index)
	}
	if v.skip != "entry" && r.Hash != hex.EncodeToString(hash[:]) {
		return fmt.Errorf("%w: entry %d, %s", ErrEntry, index, r.Entry.ID)
	}
	return nil
}

// outside holds the tree against what was kept outside.
func (v *Verifier) outside(kept []Checkpoint, size int64, roots map[int64]tlog.Hash) error {
	for _, c := range kept {
		if v.skip != "origin" && c.Origin != v.key.Name() {
			return fmt.Errorf("%w: %s", ErrOrigin, c.Origin)
		}
		if v.skip != "rollback" && c.Size > size {
			return fmt.Errorf("%w: it has %d entries, the checkpoint says %d", ErrRolledBack, size, c.Size)
		}
		if v.skip != "outside" && c.Size <= size && roots[c.Size] != c.Root {
			return fmt.Errorf("%w: of %d entries", ErrRewritten, c.Size)
		}
	}
	return nil
}

// inside holds the tree against the checkpoints of the database.
func (v *Verifier) inside(signed []string, size int64, roots map[int64]tlog.Hash) error {
	var last int64
	for _, s := range signed {
		c, err := OpenCheckpoint(s, v.key)
		if err != nil {
			if v.skip != "signature" {
				return fmt.Errorf("%w: %w", ErrSignature, err)
			}
			if c, err = readNote(s); err != nil {
				continue
			}
		}
		if v.skip != "origin" && c.Origin != v.key.Name() {
			return fmt.Errorf("%w: %s", ErrOrigin, c.Origin)
		}
		if v.skip != "inside" && roots[c.Size] != c.Root {
			return fmt.Errorf("%w: of %d entries", ErrRoot, c.Size)
		}
		last = max(last, c.Size)
	}
	if v.skip != "unsigned" && last != size {
		return fmt.Errorf("%w: %d of %d are signed", ErrUnsigned, last, size)
	}
	return nil
}

// grown is a tree of which only the complete subtrees at the right edge are kept, the
// largest first.
type grown struct {
	size  int64
	edges []tlog.Hash
}

func (g *grown) add(leaf tlog.Hash) {
	g.edges = append(g.edges, leaf)
	g.size++
	for n := g.size; n%2 == 0; n /= 2 {
		k := len(g.edges)
		g.edges = append(g.edges[:k-2], tlog.NodeHash(g.edges[k-2], g.edges[k-1]))
	}
}

func (g *grown) root() tlog.Hash {
	if len(g.edges) == 0 {
		return Empty("").Root
	}
	root := g.edges[len(g.edges)-1]
	for i := len(g.edges) - 2; i >= 0; i-- {
		root = tlog.NodeHash(g.edges[i], root)
	}
	return root
}
