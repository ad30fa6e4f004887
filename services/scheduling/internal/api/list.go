package api

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

// listRequest asks for a page of what a province has.
type listRequest interface {
	page.Request
	GetParent() string
}

// listing is how a list is read and answered: D the domain's type, M the proto's.
type listing[D any, M any, R proto.Message] struct {
	read   func(*pg.Tx, store.Query) ([]D, error)
	key    func(D) string // by which the list is ordered
	encode func(D) M
	answer func(items []M, next string) R
	filter filter.Condition
}

// list answers a list request with one page.
func list[D any, M any, R proto.Message](ctx context.Context, c *core, req listRequest, l listing[D, M, R]) (R, error) {
	parent, err := c.names.province.parse("parent", req.GetParent())
	if err != nil {
		return *new(R), err
	}
	return listIn(ctx, c, req, parent.province, l)
}

// listIn is list for what lies deeper than in the province itself.
func listIn[D any, M any, R proto.Message](ctx context.Context, c *core, req page.Request, province string, l listing[D, M, R]) (R, error) {
	var none R
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return none, err
	}
	cursor, err := c.Pager.Parse(ctx, req)
	if err != nil {
		return none, err
	}
	q := store.Query{
		Province: province, Condition: l.filter.SQL, Args: l.filter.Args, Cursor: cursor, Size: size,
	}
	return audit.Read(ctx, c.DB, req, func(tx *pg.Tx) (R, error) {
		rows, err := l.read(tx, q)
		if err != nil {
			return none, err
		}
		rows, more := page.Cut(rows, size)
		next := ""
		if more {
			if next, err = c.Pager.Next(ctx, req, l.key(rows[len(rows)-1])); err != nil {
				return none, err
			}
		}
		return l.answer(encodeAll(rows, l.encode), next), nil
	})
}

// get answers a request for one object.
func get[D any, R proto.Message](ctx context.Context, c *core, req interface {
	proto.Message
	GetName() string
}, f nameForm, read func(*pg.Tx, string, string) (D, error), encode func(D) R,
) (R, error) {
	var none R
	name, err := f.parse("name", req.GetName())
	if err != nil {
		return none, err
	}
	return audit.Read(ctx, c.DB, req, func(tx *pg.Tx) (R, error) {
		found, err := read(tx, name.province, name.id)
		if err != nil {
			return none, err
		}
		return encode(found), nil
	})
}
