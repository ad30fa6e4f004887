package docket

import (
	"strings"
	"time"

	"github.com/google/uuid"

	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
)

// Docket keeps the obligations of one service. It holds nothing between calls.
type Docket struct {
	service string
	book    *regulation.Book
	cals    *calendars.Calendars
	clock   clock.Clock
}

// New makes the docket of a service. The clock is the business clock.
func New(service string, book *regulation.Book, cals *calendars.Calendars, c clock.Clock) *Docket {
	return &Docket{service: service, book: book, cals: cals, clock: c}
}

// Moment is now, with the calendar that the caller's province knows and the rules
// that a task has pinned.
func (d *Docket) Moment(tx *pg.Tx, ruleSet string) (obligation.Moment, error) {
	now := d.now()
	cal, err := d.cals.For(tx, now)
	if err != nil {
		return obligation.Moment{}, err
	}
	rules, err := d.book.Get(ruleSet)
	return obligation.Moment{Now: now, Calendar: cal, Rules: rules}, err
}

// now is cut to what PostgreSQL keeps, so that what is written is what is read back.
func (d *Docket) now() time.Time { return d.clock.Now().UTC().Truncate(time.Microsecond) }

// Name is the resource name of an obligation. The service is a part of it, so that
// the edge knows whom to ask.
func (d *Docket) Name(id, province string) string {
	return "provinces/" + province + "/obligations/" + d.service + "-" + id
}

// ID gives the id in the last segment of a name, "<service>-<uuid>"; ok is false
// for one that this service cannot have.
func (d *Docket) ID(segment string) (id string, ok bool) {
	text, ok := strings.CutPrefix(segment, d.service+"-")
	parsed, err := uuid.Parse(text)
	if !ok || err != nil || parsed.String() != text {
		return "", false
	}
	return text, true
}

// NotificationName is the resource name of a notification.
func (d *Docket) NotificationName(id, province string) string {
	return "provinces/" + province + "/notifications/" + d.service + "-" + id
}

// StatutoryDate is the date of an obligation that stands, which is the computed one
// but for the time between a shortening notice and the decision on it.
func (d *Docket) StatutoryDate(o *obligation.Obligation) *regulationv1.StatutoryDate {
	r := o.Record()
	out := d.Computed(r)
	out.Date = wire.Date(r.Due)
	return out
}

// Computed is the date as counted by the calendar of the record.
func (d *Docket) Computed(r obligation.Record) *regulationv1.StatutoryDate {
	return &regulationv1.StatutoryDate{
		Date: wire.Date(r.Computed), StartDate: wire.Date(r.Start), Provisional: r.Provisional,
		Article: r.Article, RuleSet: r.RuleSet, CalendarVersion: r.Calendar, Clock: string(r.Clock),
		Obligation: d.Name(r.ID, r.Place.Province),
	}
}
