package api

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/casefile/internal/store"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// handlers are what the service does with the events of scheduling. Each is
// harmless when it comes again.
func (b *base) handlers() inbox.Handlers {
	return inbox.Handlers{"scheduling": {
		proto.MessageName((*eventv1.TaskAuthorized)(nil)):         handler(b.taskAuthorized),
		proto.MessageName((*eventv1.TaskMembershipChanged)(nil)):  handler(b.membershipChanged),
		proto.MessageName((*eventv1.InspectionEntered)(nil)):      handler(b.entered),
		proto.MessageName((*eventv1.OnSiteEnded)(nil)):            handler(b.onSiteEnded),
		proto.MessageName((*eventv1.HolidayNoticeActivated)(nil)): calendars.Activated,
	}}
}

// fact is an event about a task.
type fact interface {
	proto.Message
	GetInspection() string
}

// handler sees to it that the event is about the task in whose order it came: by
// that one its province was settled.
func handler[M fact](apply func(*pg.Tx, M) error) inbox.Handler {
	return func(tx *pg.Tx, ev inbox.Event) error {
		m, ok := ev.Payload.(M)
		if !ok {
			return fmt.Errorf("event %s carries %T", ev.ID, ev.Payload)
		}
		if m.GetInspection() != ev.Aggregate {
			return fault.InvalidField("payload.inspection", "AGGREGATE_DIFFERS", "the event is about another task than its aggregate")
		}
		return apply(tx, m)
	}
}

// taskAuthorized opens the case file. One that is open stays as it is: an old
// event must not bring back a member who has been taken out since.
func (b *base) taskAuthorized(tx *pg.Tx, m *eventv1.TaskAuthorized) error {
	at, err := inspectionAt(m.GetInspection())
	if err != nil {
		return err
	}
	county, err := placeOf(counties, "county", "payload.county", m.GetCounty())
	if err != nil {
		return err
	}
	var city place // 省直管: no city committee supervises the county
	if m.GetCity() != "" {
		if city, err = placeOf(cities, "city", "payload.city", m.GetCity()); err != nil {
			return err
		}
	}
	if _, err := b.Rules.Get(m.GetRuleSet()); err != nil {
		return err
	}
	_, err = store.CaseFile(tx, at.province, at.id)
	if !fault.Is(err, fault.ReasonNotFound) {
		return err
	}
	return store.InsertCaseFile(tx, domain.OpenCaseFile(domain.Task{
		Province: at.province, Inspection: at.id, County: county.id, City: city.id,
		CountyDisplayName: m.GetCountyDisplayName(), RuleSet: m.GetRuleSet(), Members: decodeMembers(m.GetMembers()),
	}, b.now()))
}

// membershipChanged replaces the members; access ends with the next call (art. 12(6)).
func (b *base) membershipChanged(tx *pg.Tx, m *eventv1.TaskMembershipChanged) error {
	return b.tell(tx, m.GetInspection(), func(c *domain.CaseFile, now time.Time) (bool, error) {
		return c.ReplaceMembers(decodeMembers(m.GetMembers()), now), nil
	})
}

// entered records the day of entry (进驻).
func (b *base) entered(tx *pg.Tx, m *eventv1.InspectionEntered) error {
	return b.tell(tx, m.GetInspection(), func(c *domain.CaseFile, now time.Time) (bool, error) {
		day, err := decodeDay("payload.entry_date", m.GetEntryDate())
		return err == nil && c.Enter(day, now), err
	})
}

// onSiteEnded records the last day on site (art. 3); from it the report is due
// (art. 10).
func (b *base) onSiteEnded(tx *pg.Tx, m *eventv1.OnSiteEnded) error {
	return b.tell(tx, m.GetInspection(), func(c *domain.CaseFile, now time.Time) (bool, error) {
		day, err := decodeDay("payload.end_date", m.GetEndDate())
		if err != nil || !c.EndStay(day, now) {
			return false, err
		}
		at, err := b.Docket.Moment(tx, c.Record().RuleSet)
		if err != nil {
			return false, err
		}
		return true, b.Docket.Count(tx, at, c.ReportOpening())
	})
}

// tell lets a case file know what happened to its task. An event about a case file
// that is not open yet comes again later.
func (b *base) tell(tx *pg.Tx, inspection string, change func(*domain.CaseFile, time.Time) (bool, error)) error {
	at, err := inspectionAt(inspection)
	if err != nil {
		return err
	}
	file, err := store.CaseFile(tx, at.province, at.id)
	if fault.Is(err, fault.ReasonNotFound) {
		return fault.New(fault.Stale, fault.ReasonEventOutOfOrder, "aggregate", inspection).
			Wrap(errors.New("the case file is not open yet"))
	}
	if err != nil {
		return err
	}
	changed, err := change(file, b.now())
	if err != nil || !changed {
		return err
	}
	return store.SaveCaseFile(tx, file)
}

func inspectionAt(name string) (place, error) {
	return placeOf(inspections, "inspection", "payload.inspection", name)
}

func decodeMembers(in []*eventv1.TaskMember) []domain.Member {
	members := make([]domain.Member, 0, len(in))
	for _, m := range in {
		members = append(members, domain.Member{
			Subject: m.GetSubject(), DisplayName: m.GetDisplayName(), Leader: m.GetLeader(),
		})
	}
	return members
}

func decodeDay(field string, d *date.Date) (workday.Date, error) {
	day := workday.Date{Year: int(d.GetYear()), Month: time.Month(d.GetMonth()), Day: int(d.GetDay())}
	if !day.Valid() {
		return workday.Date{}, fault.InvalidField(field, "DATE_INVALID", "not a day of the calendar")
	}
	return day, nil
}
