package api

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

// Deps are what the servers need; all are required.
type Deps struct {
	DB    *pg.DB
	Clock clock.Clock // of the business: it says which legal day it is
	Pager *page.Pager
	Book  *regulation.Book
	// Calendars gives what a date is counted by: the built-in notices and those that
	// the province activated.
	Calendars *calendars.Calendars
	// Docket keeps the obligations that run here.
	Docket *docket.Docket
	// Previewer finds what a holiday notice would move in all services.
	Previewer Previewer
}

// Servers are the gRPC servers of the service.
type Servers struct {
	*core
}

// core is what the servers share.
type core struct {
	Deps
	names   names
	filters *filter.Table // of ListInspections
}

// New makes the servers.
func New(d Deps) (*Servers, error) {
	if d.DB == nil || d.Clock == nil || d.Pager == nil || d.Book == nil || d.Calendars == nil ||
		d.Docket == nil || d.Previewer == nil {
		return nil, errors.New("scheduling: a dependency is missing")
	}
	c := &core{Deps: d, names: newNames()}
	var err error
	if c.filters, err = c.names.inspectionFilters(); err != nil {
		return nil, err
	}
	return &Servers{c}, nil
}

// Register adds the servers to a gRPC server.
func (s *Servers) Register(r grpc.ServiceRegistrar) {
	schedulingv1.RegisterRegistryServiceServer(r, &registryServer{core: s.core})
	schedulingv1.RegisterTermServiceServer(r, &termServer{core: s.core})
	schedulingv1.RegisterInspectionGroupServiceServer(r, &groupServer{core: s.core})
	schedulingv1.RegisterDecisionServiceServer(r, &decisionServer{core: s.core})
	schedulingv1.RegisterBatchServiceServer(r, &batchServer{core: s.core})
	schedulingv1.RegisterInspectionServiceServer(r, &inspectionServer{core: s.core})
	schedulingv1.RegisterEntryNoticeServiceServer(r, &noticeServer{core: s.core})
	schedulingv1.RegisterBriefingServiceServer(r, &briefingServer{core: s.core})
	schedulingv1.RegisterLiaisonBodyServiceServer(r, &liaisonServer{core: s.core})
	schedulingv1.RegisterLiaisonTaskServiceServer(r, &liaisonTaskServer{core: s.core})
	schedulingv1.RegisterMobilisationMeetingServiceServer(r, &mobilisationServer{core: s.core})
	schedulingv1.RegisterHolidayNoticeServiceServer(r, &holidayNoticeServer{core: s.core})
	schedulingv1.RegisterCalendarServiceServer(r, &calendarServer{core: s.core})
	schedulingv1.RegisterRuleSetServiceServer(r, &ruleSetServer{core: s.core})
}

// now is the moment of a step, as exact as the database keeps it.
func (c *core) now() time.Time { return c.Clock.Now().UTC().Truncate(time.Microsecond) }

// lawInForce is by what a task is measured that has not pinned a rule set yet.
func (c *core) lawInForce(tx *pg.Tx, now time.Time) (domain.Law, error) {
	rules, err := c.Book.Select(regulation.County, workday.DateOf(now))
	if err != nil {
		return domain.Law{}, err
	}
	return c.law(tx, rules, now)
}

// lawOf is by what this task is measured: the rule set that it has pinned, or the
// one in force.
func (c *core) lawOf(tx *pg.Tx, i *domain.Inspection, now time.Time) (domain.Law, error) {
	pinned := i.Record().RuleSet
	if pinned == "" {
		return c.lawInForce(tx, now)
	}
	rules, err := c.Book.Get(pinned)
	if err != nil {
		return domain.Law{}, err
	}
	return c.law(tx, rules, now)
}

func (c *core) law(tx *pg.Tx, rules *regulation.RuleSet, now time.Time) (domain.Law, error) {
	calendar, err := c.Calendars.For(tx, now)
	return domain.Law{Rules: rules, Calendar: calendar, Now: now}, err
}

// newID makes an id that sorts by time.
func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("new id: %w", err)
	}
	return id.String(), nil
}
