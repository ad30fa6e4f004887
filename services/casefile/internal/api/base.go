package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/casefile/internal/store"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// Deps are what the servers need; all are required.
type Deps struct {
	DB        *pg.DB
	Clock     clock.Clock // the business clock
	Pager     *page.Pager
	Rules     *regulation.Book
	Docket    *docket.Docket // the statutory dates
	Decisions Decisions      // of scheduling
}

// base is what all servers share.
type base struct {
	Deps
}

func newBase(d Deps) (*base, error) {
	if d.DB == nil || d.Clock == nil || d.Pager == nil || d.Rules == nil || d.Docket == nil || d.Decisions == nil {
		return nil, errors.New("casefile api: a dependency is missing")
	}
	return &base{Deps: d}, nil
}

// now is the moment of a step, as exactly as the database keeps it.
func (b *base) now() time.Time { return b.Clock.Now().UTC().Truncate(time.Microsecond) }

// randomID makes the id of source material: one that tells nothing, neither how
// many there are nor when it came in (api.md, names).
func randomID() (string, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return "", fmt.Errorf("random id: %w", err)
	}
	return id.String(), nil
}

// listing is how a list of one kind is read and written.
type listing[D, M any] struct {
	find   func(*pg.Tx, store.Query) ([]D, error)
	encode func(D) M
	at     func(D) (id string, keys []string) // its place in the order
}

// page reads one page of the list and makes the token of the next.
func (l listing[D, M]) page(ctx context.Context, b *base, tx *pg.Tx, req page.Request, q store.Query) (items []M, next string, err error) {
	if q.Size, err = page.Size(req.GetPageSize()); err != nil {
		return nil, "", err
	}
	if q.Cursor, err = b.Pager.Parse(ctx, req); err != nil {
		return nil, "", err
	}
	found, err := l.find(tx, q)
	if err != nil {
		return nil, "", err
	}
	found, more := page.Cut(found, q.Size)
	for _, d := range found {
		items = append(items, l.encode(d))
	}
	if more {
		id, keys := l.at(found[len(found)-1])
		next, err = b.Pager.Next(ctx, req, id, keys...)
	}
	return items, next, err
}

// created is a place in the order of creation.
func created(at time.Time, id string) (string, []string) {
	return id, []string{at.UTC().Format(time.RFC3339Nano)}
}
