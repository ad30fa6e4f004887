package auditlog

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// stored reads hashes of complete subtrees from a database, by their positions. It
// keeps what it read, and what a batch has added.
type stored struct {
	ctx   context.Context
	fetch func(ctx context.Context, positions []int64) (map[int64]tlog.Hash, error)
	known map[int64]tlog.Hash
}

func newStored(ctx context.Context, fetch func(context.Context, []int64) (map[int64]tlog.Hash, error)) *stored {
	return &stored{ctx: ctx, fetch: fetch, known: make(map[int64]tlog.Hash)}
}

// ReadHashes implements tlog.HashReader.
func (s *stored) ReadHashes(positions []int64) ([]tlog.Hash, error) {
	var lacking []int64
	for _, p := range positions {
		if _, ok := s.known[p]; !ok {
			lacking = append(lacking, p)
		}
	}
	if len(lacking) > 0 {
		found, err := s.fetch(s.ctx, lacking)
		if err != nil {
			return nil, fmt.Errorf("read hashes of the audit log: %w", err)
		}
		for p, h := range found {
			s.known[p] = h
		}
	}
	hashes := make([]tlog.Hash, len(positions))
	for i, p := range positions {
		h, ok := s.known[p]
		if !ok {
			return nil, fmt.Errorf("%w: the database has lost the hash %d", ErrTampered, p)
		}
		hashes[i] = h
	}
	return hashes, nil
}

// add appends leaves to a tree of size and gives the hashes that are new, in order of
// their positions from first on.
func (s *stored) add(size int64, leaves [][]byte) (first int64, hashes []tlog.Hash, err error) {
	// The root needs just those hashes that a first leaf may need: one query for all.
	if _, err := tlog.TreeHash(size, s); err != nil {
		return 0, nil, err
	}
	first = tlog.StoredHashCount(size)
	for i, leaf := range leaves {
		more, err := tlog.StoredHashes(size+int64(i), leaf, s)
		if err != nil {
			return 0, nil, err
		}
		for _, h := range more {
			s.known[first+int64(len(hashes))] = h
			hashes = append(hashes, h)
		}
	}
	return first, hashes, nil
}
