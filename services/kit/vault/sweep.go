package vault

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob"
)

// Known tells which of the ids are those of documents of the province.
type Known func(ctx context.Context, province string, ids []string) (map[string]bool, error)

// sweepBatch is how many names are asked for at a time.
const sweepBatch = 500

// Sweep removes what was put before the given instant and belongs to no document: an
// upload that a crash cut off between its content and its row. It gives how many it
// removed.
func (v *Vault) Sweep(ctx context.Context, before time.Time, known Known) (removed int, err error) {
	all := v.bucket.List(nil)
	for {
		batch, err := nextOld(ctx, all, before)
		if len(batch) > 0 {
			n, sweepErr := v.sweep(ctx, batch, known)
			removed, err = removed+n, errors.Join(err, sweepErr)
		}
		if errors.Is(err, io.EOF) && len(batch) == 0 {
			return removed, nil
		}
		if err != nil {
			return removed, err
		}
	}
}

// nextOld gives the next names that are old enough; none at the end.
func nextOld(ctx context.Context, all *blob.ListIterator, before time.Time) ([]string, error) {
	var batch []string
	for len(batch) < sweepBatch {
		object, err := all.Next(ctx)
		if errors.Is(err, io.EOF) && len(batch) > 0 {
			return batch, nil
		}
		if err != nil {
			return batch, err
		}
		if object.ModTime.Before(before) {
			batch = append(batch, object.Key)
		}
	}
	return batch, nil
}

// sweep removes those of the names that no document has.
func (v *Vault) sweep(ctx context.Context, keys []string, known Known) (removed int, err error) {
	ids := make(map[string][]string) // by province
	for _, key := range keys {
		if province, id, ok := documentKey(key); ok {
			ids[province] = append(ids[province], id)
		}
	}
	kept := make(map[string]bool)
	for province, asked := range ids {
		found, err := known(ctx, province, asked)
		if err != nil {
			return removed, err // what could not be asked is left alone
		}
		for id := range found {
			kept[Ref{Province: province, ID: id}.key()] = true
		}
	}
	for _, key := range keys {
		if kept[key] {
			continue
		}
		if err := v.bucket.Delete(ctx, key); err != nil {
			return removed, unavailable(err)
		}
		removed++
	}
	return removed, nil
}

// documentKey reads a name that Put gave; the unfinished file of a folder has another.
func documentKey(key string) (province, id string, ok bool) {
	province, id, ok = strings.Cut(key, "/")
	return province, id, ok && uuid.Validate(id) == nil
}
