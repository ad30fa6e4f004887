package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/resourcename"
)

// Deps are what the servers need; all are required.
type Deps struct {
	DB        *pg.DB
	Clock     clock.Clock    // of business: the legal day
	Docket    *docket.Docket // the statutory dates
	Rules     *regulation.Book
	Pager     *page.Pager
	Reports   Reports
	Decisions Decisions
}

// now is the time of an act as the database keeps it.
func (d Deps) now() time.Time { return d.Clock.Now().UTC().Truncate(time.Microsecond) }

// newID makes the id of a new resource; ids sort by creation.
func newID() (string, error) {
	id, err := uuid.NewV7()
	return id.String(), err
}

// parse reads the ids out of a name. An object of another province is missing
// here even where no policy says so.
func parse(ctx context.Context, p *resourcename.Pattern, field, name string) (map[string]string, error) {
	ids, err := p.ParseField(field, name)
	if err != nil {
		return nil, err
	}
	if caller, _ := principal.From(ctx); caller.Province != ids["province"] {
		return nil, fault.Missing(name)
	}
	return ids, nil
}

// named tells what was asked for where a look-up found nothing, or what is taken
// where there is one already. Nothing else may enter: a foreign object and one
// that never existed answer alike.
func named(err error, name string) error {
	if err == nil {
		return nil
	}
	e, ok := fault.As(pg.Fault(err))
	switch {
	case ok && e.Reason == fault.ReasonNotFound:
		return fault.Missing(name).Wrap(err)
	case ok && e.Reason == fault.ReasonAlreadyExists:
		return fault.New(fault.Exists, fault.ReasonAlreadyExists, fault.MetaName, name).Wrap(err)
	default:
		return err
	}
}
