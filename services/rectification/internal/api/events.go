package api

import (
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/outbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// Handlers are the events of scheduling that this service takes.
func (d Deps) Handlers() inbox.Handlers {
	return inbox.Handlers{"scheduling": {
		proto.MessageName((*eventv1.TaskAuthorized)(nil)):         d.taskAuthorized,
		proto.MessageName((*eventv1.TaskMembershipChanged)(nil)):  d.taskMembershipChanged,
		proto.MessageName((*eventv1.InspectionEntered)(nil)):      d.inspectionEntered,
		proto.MessageName((*eventv1.OnSiteEnded)(nil)):            d.onSiteEnded,
		proto.MessageName((*eventv1.HolidayNoticeActivated)(nil)): calendars.Activated,
	}}
}

// taskAuthorized keeps the task, so that its group can draft the feedback (art. 11).
func (d Deps) taskAuthorized(tx *pg.Tx, ev inbox.Event) error {
	payload, ok := ev.Payload.(*eventv1.TaskAuthorized)
	if !ok {
		return fmt.Errorf("event %s has a payload of type %T", ev.ID, ev.Payload)
	}
	task, err := decodeTask(tx, payload)
	if err != nil {
		return err
	}
	if _, err := d.Rules.Get(task.RuleSet); err != nil {
		return err // a task that nobody here can count for is parked, not accepted
	}
	if err := store.AddTask(tx, task, d.now()); err != nil {
		return named(err, payload.GetInspection())
	}
	return store.ReplaceMembers(tx, task.Place.Inspection, mapped(payload.GetMembers(), decodeMember))
}

// taskMembershipChanged gives and takes access from the next call on (domain.md §8).
func (d Deps) taskMembershipChanged(tx *pg.Tx, ev inbox.Event) error {
	payload, ok := ev.Payload.(*eventv1.TaskMembershipChanged)
	if !ok {
		return fmt.Errorf("event %s has a payload of type %T", ev.ID, ev.Payload)
	}
	ids, err := parse(tx.Context(), inspectionName, "payload.inspection", payload.GetInspection())
	if err != nil {
		return err
	}
	if _, err := store.Task(tx, ids["inspection"]); err != nil {
		return named(err, payload.GetInspection())
	}
	return store.ReplaceMembers(tx, ids["inspection"], mapped(payload.GetMembers(), decodeMember))
}

// inspectionEntered: from now on the group may draft immediate rectifications (art. 9).
func (d Deps) inspectionEntered(tx *pg.Tx, ev inbox.Event) error {
	payload, ok := ev.Payload.(*eventv1.InspectionEntered)
	if !ok {
		return fmt.Errorf("event %s has a payload of type %T", ev.ID, ev.Payload)
	}
	return d.stay(tx, payload.GetInspection(), "payload.entry_date", payload.GetEntryDate(), (*domain.Task).Enter)
}

// onSiteEnded: from now on it may not (arts 3, 9).
func (d Deps) onSiteEnded(tx *pg.Tx, ev inbox.Event) error {
	payload, ok := ev.Payload.(*eventv1.OnSiteEnded)
	if !ok {
		return fmt.Errorf("event %s has a payload of type %T", ev.ID, ev.Payload)
	}
	return d.stay(tx, payload.GetInspection(), "payload.end_date", payload.GetEndDate(), (*domain.Task).EndStay)
}

// stay records a day of the stay of a task.
func (d Deps) stay(tx *pg.Tx, inspection, field string, on *date.Date, record func(*domain.Task, workday.Date)) error {
	ids, err := parse(tx.Context(), inspectionName, "payload.inspection", inspection)
	if err != nil {
		return err
	}
	day, err := wire.OptionalDay(field, on)
	if err != nil {
		return err
	}
	task, err := store.Task(tx, ids["inspection"])
	if err != nil {
		return named(err, inspection)
	}
	record(&task, day)
	return store.SaveStay(tx, task)
}

func decodeTask(tx *pg.Tx, m *eventv1.TaskAuthorized) (domain.Task, error) {
	inspection, err := parse(tx.Context(), inspectionName, "payload.inspection", m.GetInspection())
	if err != nil {
		return domain.Task{}, err
	}
	county, err := parse(tx.Context(), countyName, "payload.county", m.GetCounty())
	if err != nil {
		return domain.Task{}, err
	}
	place := domain.Place{Province: inspection["province"], County: county["county"], Inspection: inspection["inspection"]}
	if m.GetCity() != "" { // 省直管: no city committee supervises the county
		city, err := parse(tx.Context(), cityName, "payload.city", m.GetCity())
		if err != nil {
			return domain.Task{}, err
		}
		place.City = city["city"]
	}
	return domain.Task{Place: place, CountyName: m.GetCountyDisplayName(), RuleSet: m.GetRuleSet()}, nil
}

func decodeMember(m *eventv1.TaskMember) domain.Member {
	return domain.Member{Subject: m.GetSubject(), Name: m.GetDisplayName(), Leader: m.GetLeader()}
}

// announce tells scheduling of an event of an inspection, in the transaction of
// what happened.
func announce(tx *pg.Tx, p domain.Place, now time.Time, payload proto.Message) error {
	return outbox.Add(tx, outbox.Event{
		Destinations: []string{"scheduling"}, Aggregate: inspectionOf(p), Payload: payload, OccurTime: now,
	})
}
