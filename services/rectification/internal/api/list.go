package api

import (
	"context"

	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// listing says how a kind of resource is listed.
type listing[D, M any] struct {
	read   func(tx *pg.Tx, q store.Query) ([]D, error)
	encode func(tx *pg.Tx, rows []D) ([]M, error)
	sort   func(D) (id string, keys []string) // of a row
}

// each encodes what needs nothing but itself.
func each[D, M any](encode func(D) M) func(*pg.Tx, []D) ([]M, error) {
	return func(_ *pg.Tx, rows []D) ([]M, error) { return mapped(rows, encode), nil }
}

// page reads one page and the token of the next.
func (l listing[D, M]) page(ctx context.Context, pager *page.Pager, req page.Request, f filter.Condition, tx *pg.Tx) ([]M, string, error) {
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, "", err
	}
	cursor, err := pager.Parse(ctx, req)
	if err != nil {
		return nil, "", err
	}
	rows, err := l.read(tx, store.Query{Filter: f, Cursor: cursor, Size: size})
	if err != nil {
		return nil, "", err
	}
	rows, more := page.Cut(rows, size)
	encoded, err := l.encode(tx, rows)
	if err != nil || !more {
		return encoded, "", err
	}
	id, keys := l.sort(rows[len(rows)-1])
	next, err := pager.Next(ctx, req, id, keys...)
	return encoded, next, err
}
