package api

import (
	"context"
	"time"

	"google.golang.org/genproto/googleapis/type/date"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/docketserver"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type calendarServer struct {
	schedulingv1.UnimplementedCalendarServiceServer
	*core
}

const (
	maxCalendarDays = 400
	firstYear       = 1949
	lastYear        = 2199
)

// ListCalendarDays lists the days of a province's calendar (arts 5, 12(2), 17).
func (s *calendarServer) ListCalendarDays(ctx context.Context, req *schedulingv1.ListCalendarDaysRequest) (*schedulingv1.ListCalendarDaysResponse, error) {
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	first, err := decodeCounted("start_date", req.GetStartDate())
	if err != nil {
		return nil, err
	}
	last, err := decodeCounted("end_date", req.GetEndDate())
	if err != nil {
		return nil, err
	}
	days := last.DaysSince(first) + 1
	if days < 1 || days > maxCalendarDays {
		return nil, fault.InvalidField("end_date", "RANGE_INVALID", "not before start_date, and at most 399 days after it")
	}
	known, err := s.decodeKnown(req.GetKnownDate())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.ListCalendarDaysResponse, error) {
		calendar, err := s.Calendars.For(tx, known)
		if err != nil {
			return nil, err
		}
		answer := &schedulingv1.ListCalendarDaysResponse{CalendarVersion: calendar.Version()}
		for n := range days {
			answer.CalendarDays = append(answer.CalendarDays, encodeCalendarDay(calendar, calendar.Day(parent.province, first.AddDays(n))))
		}
		return answer, nil
	})
}

// ComputeDeadlines tells what is due when, from a day on (arts 5, 12(2), 17).
func (s *calendarServer) ComputeDeadlines(ctx context.Context, req *schedulingv1.ComputeDeadlinesRequest) (*schedulingv1.ComputeDeadlinesResponse, error) {
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	start, err := decodeCounted("start_date", req.GetStartDate())
	if err != nil {
		return nil, err
	}
	known, err := s.decodeKnown(req.GetKnownDate())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.ComputeDeadlinesResponse, error) {
		rules, err := domain.RulesToCountBy(s.Book, parent.province, req.GetRuleSet(), workday.DateOf(s.now()))
		if err != nil {
			return nil, err
		}
		law, err := s.law(tx, rules, known)
		if err != nil {
			return nil, err
		}
		dues, err := domain.Deadlines(law, parent.province, start, regulation.ClockName(req.GetClock()))
		if err != nil {
			return nil, err
		}
		return &schedulingv1.ComputeDeadlinesResponse{
			Deadlines: encodeAll(dues, func(d regulation.Due) *schedulingv1.Deadline { return encodeDeadline(law, d) }),
		}, nil
	})
}

// ExplainDeadline counts a date out again that an answer showed (arts 5, 12(2), 17).
func (s *calendarServer) ExplainDeadline(ctx context.Context, req *schedulingv1.ExplainDeadlineRequest) (*schedulingv1.Deadline, error) {
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	told, err := decodeDue("due", req.GetDue())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.Deadline, error) {
		rules, err := domain.RulesToCountBy(s.Book, parent.province, told.RuleSet, workday.DateOf(s.now()))
		if err != nil {
			return nil, err
		}
		calendar, ok, err := s.Calendars.AtVersion(tx, told.CalendarVersion)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, domain.NotReproduced(told)
		}
		law := domain.Law{Rules: rules, Calendar: calendar, Now: s.now()}
		due, err := domain.Reproduce(law, parent.province, told)
		if err != nil {
			return nil, err
		}
		return encodeDeadline(law, due), nil
	})
}

// decodeKnown gives the instant whose calendar is meant: the end of the given day,
// or now. What is not known yet nobody can ask for.
func (s *calendarServer) decodeKnown(d *date.Date) (time.Time, error) {
	now := s.now()
	if d == nil {
		return now, nil
	}
	day, err := wire.Day("known_date", d)
	if end := day.End().Add(-time.Microsecond); err == nil && end.Before(now) {
		return end, nil
	}
	return now, err
}

// decodeCounted reads a day that a count may start from: one of our calendar, so that
// no count runs out of it.
func decodeCounted(field string, d *date.Date) (workday.Date, error) {
	day, err := wire.Day(field, d)
	if err == nil && (day.Year < firstYear || day.Year > lastYear) {
		err = fault.InvalidField(field, "DATE_OUT_OF_RANGE", "a day of the years 1949 to 2199")
	}
	return day, err
}

func decodeDue(field string, d *regulationv1.StatutoryDate) (regulation.Due, error) {
	day, err := decodeCounted(field+".date", d.GetDate())
	if err != nil {
		return regulation.Due{}, err
	}
	start, err := decodeCounted(field+".start_date", d.GetStartDate())
	return regulation.Due{
		Date: day, Start: start, Article: d.GetArticle(), RuleSet: d.GetRuleSet(),
		CalendarVersion: d.GetCalendarVersion(), Clock: regulation.ClockName(d.GetClock()),
	}, err
}

func encodeCalendarDay(calendar *workday.Calendar, d workday.Day) *schedulingv1.CalendarDay {
	notice, _ := calendar.Notice(d.Notice)
	return &schedulingv1.CalendarDay{
		Date: wire.Date(d.Date), Working: d.Working, Weekend: d.Weekend, Holiday: d.Name,
		Notice: d.Notice, Source: notice.Source, Settled: d.Settled,
	}
}

func encodeDeadline(law domain.Law, d regulation.Due) *schedulingv1.Deadline {
	return &schedulingv1.Deadline{
		Due: encodeDue(d), Clock: string(d.Clock), Count: int32(d.Count), Unit: string(d.Unit), Soft: d.Soft,
		Days: encodeAll(d.Days, func(day workday.Day) *obligationv1.CountedDay {
			return docketserver.CountedDay(law.Calendar, day)
		}),
	}
}
