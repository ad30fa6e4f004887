package calendars

import (
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/type/date"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Aggregate is the resource whose events are the activations of a province: they
// arrive everywhere in one order, and two at once are one after the other.
func Aggregate(province string) string { return "provinces/" + province + "/calendar" }

// Of two activations at once the second finds its place taken by a row that it
// cannot see, fails with 40001 and runs again.
const insertActive = `
INSERT INTO holiday_notice_active (province, id, jurisdiction, publish_date, source, days, activate_time, position)
SELECT $1, $2, $3, $4, $5, $6, greatest($7, max(activate_time)), coalesce(max(position), 0) + 1
FROM holiday_notice_active WHERE province = $1
ON CONFLICT ON CONSTRAINT holiday_notice_active_order DO NOTHING`

// Activate makes a notice count in the caller's province from n.ActivateTime on, or
// from that of the notice before it, should a clock have stood behind: the order of
// activation is the order of time. A number that is active already is refused.
func Activate(tx *pg.Tx, n Notice) error {
	days := make([]day, 0, len(n.Facts))
	for _, f := range n.Facts {
		days = append(days, day{Date: f.Date.String(), Working: f.Working, Name: f.Name})
	}
	column, err := json.Marshal(days)
	if err != nil {
		return fmt.Errorf("days of holiday notice %s: %w", n.ID, err)
	}
	result, err := tx.SQL().ExecContext(tx.Context(), insertActive,
		tx.Principal().Province, n.ID, n.Province, row.Day(n.Published), n.Source, string(column), n.ActivateTime)
	if pg.Violated(err, "holiday_notice_active_pkey") {
		return fault.New(fault.Exists, fault.ReasonAlreadyExists, "notice_number", n.ID).Wrap(err)
	}
	if err != nil {
		return fmt.Errorf("activate holiday notice %s: %w", n.ID, err)
	}
	if stored, err := result.RowsAffected(); err != nil || stored != 1 {
		return fmt.Errorf("activate holiday notice %s: %d rows (%w)", n.ID, stored, err)
	}
	return nil
}

// Event announces that the notice, whose resource name is given, was activated.
func (n Notice) Event(name string) *eventv1.HolidayNoticeActivated {
	event := &eventv1.HolidayNoticeActivated{
		HolidayNotice: name, NoticeNumber: n.ID, Provincial: n.Province != "",
		PublishDate: wire.Date(n.Published), Source: n.Source,
	}
	for _, f := range n.Facts {
		event.Days = append(event.Days, &eventv1.HolidayDay{Date: wire.Date(f.Date), Working: f.Working, Holiday: f.Name})
	}
	return event
}

// Activated is the inbox.Handler of HolidayNoticeActivated: it stores a notice that
// scheduling announced (arts 5, 12(2), 17). It counts from the moment of its
// activation there, so that all services give one answer for any instant.
func Activated(tx *pg.Tx, ev inbox.Event) error {
	told, ok := ev.Payload.(*eventv1.HolidayNoticeActivated)
	if !ok {
		return fmt.Errorf("holiday notice activated: a %T came", ev.Payload)
	}
	n := Notice{
		Notice: workday.Notice{
			ID: told.GetNoticeNumber(), Published: decode(told.GetPublishDate()), Source: told.GetSource(),
		},
		ActivateTime: ev.OccurTime,
	}
	if told.GetProvincial() {
		n.Province = tx.Principal().Province
	}
	for _, d := range told.GetDays() {
		n.Facts = append(n.Facts, workday.Fact{
			Notice: n.ID, Date: decode(d.GetDate()), Working: d.GetWorking(), Name: d.GetHoliday(),
		})
	}
	// What would break every count of the province must not get in.
	if _, err := workday.New([]workday.Notice{n.Notice}, n.Facts); err != nil || len(n.Facts) == 0 {
		return fault.InvalidField("payload", "NOTICE_INVALID", "the notice is not one that a calendar can take").Wrap(err)
	}
	return Activate(tx, n)
}

func decode(d *date.Date) workday.Date {
	return workday.Date{Year: int(d.GetYear()), Month: time.Month(d.GetMonth()), Day: int(d.GetDay())}
}
