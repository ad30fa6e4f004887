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
	encode func(D) M
	sort   func(D) (id string, keys []string) // of a row
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
	encoded := mapped(rows, l.encode)
	if !more {
		return encoded, "", nil
	}
	id, keys := l.sort(rows[len(rows)-1])
	next, err := pager.Next(ctx, req, id, keys...)
	return encoded, next, err
}
