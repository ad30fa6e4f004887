package api

import (
	"context"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/proto"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type holidayNoticeServer struct {
	schedulingv1.UnimplementedHolidayNoticeServiceServer
	*core
}

// ImportHolidayNotice proposes a notice with its dry run, for which all services are
// asked before the transaction; a repeat asks nobody (arts 5, 12(2), 17).
func (s *holidayNoticeServer) ImportHolidayNotice(ctx context.Context, req *schedulingv1.ImportHolidayNoticeRequest) (*schedulingv1.HolidayNotice, error) {
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	if answer, done, err := idempotency.Stored[*schedulingv1.HolidayNotice](ctx, s.DB, req); done || err != nil {
		return answer, err
	}
	text, refusal := domain.CheckHolidayNotice(decodeHolidayNotice(req.GetHolidayNotice()), req.GetCsv(), workday.DateOf(s.now()))
	var run domain.DryRun
	if refusal == nil {
		if run, err = s.dryRun(ctx, parent.province, text); err != nil {
			return nil, err
		}
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.HolidayNotice, error) {
		if refusal != nil {
			return nil, refusal
		}
		if err := s.requireNew(tx, parent.province, text.Number); err != nil {
			return nil, err
		}
		notice := domain.ProposeHolidayNotice(parent.province, id, tx.Principal().Subject, text, run, s.now())
		if err := store.InsertHolidayNotice(tx, notice, run.Moves); err != nil {
			return nil, err
		}
		return encodeHolidayNotice(notice), nil
	})
}

// dryRun finds what the notice would move. A number that is taken moves nothing and
// asks nobody: the transaction will refuse it.
func (s *holidayNoticeServer) dryRun(ctx context.Context, province string, text domain.HolidayNoticeText) (run domain.DryRun, err error) {
	err = s.DB.Read(ctx, func(tx *pg.Tx) error {
		calendar, err := s.Calendars.For(tx, s.now())
		if err != nil {
			return err
		}
		run.CalendarVersion = calendar.Version()
		return s.requireNew(tx, province, text.Number)
	})
	switch {
	case fault.Is(err, fault.ReasonAlreadyExists):
		return run, nil
	case err != nil:
		return run, err
	}
	notice, facts := text.Calendar(province)
	run.Moves, run.Examined, err = s.Previewer.Preview(ctx, province, notice, facts)
	return run, err
}

// requireNew refuses a number that the program has built in or the province has.
func (s *holidayNoticeServer) requireNew(tx *pg.Tx, province, number string) error {
	if _, builtIn := s.Calendars.Base().Notice(number); builtIn {
		return store.HolidayNoticeExists(number)
	}
	return store.RequireNewHolidayNotice(tx, province, number)
}

// ActivateHolidayNotice makes dates be counted by a notice, by another person than
// its proposer, here and in the other services (arts 5, 12(2), 17).
func (s *holidayNoticeServer) ActivateHolidayNotice(ctx context.Context, req *schedulingv1.ActivateHolidayNoticeRequest) (*schedulingv1.HolidayNotice, error) {
	return s.move(ctx, req, func(tx *pg.Tx, n *domain.HolidayNotice) error {
		now := s.now()
		calendar, err := s.Calendars.For(tx, now)
		if err != nil {
			return err
		}
		if err := n.Activate(tx.Principal().Subject, calendar.Version(), now); err != nil {
			return err
		}
		// The calendar takes nothing that is not stored as active.
		if err := store.SaveHolidayNotice(tx, n); err != nil {
			return err
		}
		return activate(tx, n.Record(), now)
	})
}

// activate takes the notice into the calendar here and announces it. The event comes
// first: its number makes two activations wait for each other.
func activate(tx *pg.Tx, r domain.HolidayNoticeRecord, now time.Time) error {
	active := calendars.Notice{ActivateTime: now}
	active.Notice, active.Facts = r.Calendar(r.Province)
	if err := announce(tx, calendars.Aggregate(r.Province), active.Event(r.Name()), now, casefile, rectification); err != nil {
		return err
	}
	return calendars.Activate(tx, active)
}

// DiscardHolidayNotice withdraws a notice that is not active (arts 5, 12(2), 17).
func (s *holidayNoticeServer) DiscardHolidayNotice(ctx context.Context, req *schedulingv1.DiscardHolidayNoticeRequest) (*schedulingv1.HolidayNotice, error) {
	return s.move(ctx, req, func(tx *pg.Tx, n *domain.HolidayNotice) error {
		if err := n.Discard(s.now()); err != nil {
			return err
		}
		return store.SaveHolidayNotice(tx, n)
	})
}

// move makes one step of a notice and stores it.
func (s *holidayNoticeServer) move(ctx context.Context, req interface {
	proto.Message
	GetName() string
	GetEtag() string
	GetRequestId() string
}, step func(*pg.Tx, *domain.HolidayNotice) error,
) (*schedulingv1.HolidayNotice, error) {
	name, err := s.names.holidayNotice.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.HolidayNotice, error) {
		notice, err := store.HolidayNotice(tx, name.province, name.id)
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), notice.Record().Version); err != nil {
			return nil, err
		}
		if err := step(tx, notice); err != nil {
			return nil, err
		}
		return encodeHolidayNotice(notice), nil
	})
}

// GetHolidayNotice reads a notice (arts 5, 12(2), 17).
func (s *holidayNoticeServer) GetHolidayNotice(ctx context.Context, req *schedulingv1.GetHolidayNoticeRequest) (*schedulingv1.HolidayNotice, error) {
	return get(ctx, s.core, req, s.names.holidayNotice, store.HolidayNotice, encodeHolidayNotice)
}

// ListHolidayNotices lists the notices of a province (arts 5, 12(2), 17).
func (s *holidayNoticeServer) ListHolidayNotices(ctx context.Context, req *schedulingv1.ListHolidayNoticesRequest) (*schedulingv1.ListHolidayNoticesResponse, error) {
	return list(ctx, s.core, req, listing[*domain.HolidayNotice, *schedulingv1.HolidayNotice, *schedulingv1.ListHolidayNoticesResponse]{
		read: store.HolidayNotices, key: func(n *domain.HolidayNotice) string { return n.Record().ID }, encode: encodeHolidayNotice,
		answer: func(notices []*schedulingv1.HolidayNotice, next string) *schedulingv1.ListHolidayNoticesResponse {
			return &schedulingv1.ListHolidayNoticesResponse{HolidayNotices: notices, NextPageToken: next}
		},
	})
}

// ListHolidayNoticeMoves lists what the dry run of a notice found to move; a notice
// that is not there has none to list (arts 5, 12(2), 17).
func (s *holidayNoticeServer) ListHolidayNoticeMoves(ctx context.Context, req *schedulingv1.ListHolidayNoticeMovesRequest) (*schedulingv1.ListHolidayNoticeMovesResponse, error) {
	notice, err := s.names.holidayNotice.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	return listIn(ctx, s.core, req, notice.province, listing[store.StoredMove, *schedulingv1.HolidayNoticeMove, *schedulingv1.ListHolidayNoticeMovesResponse]{
		read: func(tx *pg.Tx, q store.Query) ([]store.StoredMove, error) {
			if _, err := store.HolidayNotice(tx, notice.province, notice.id); err != nil {
				return nil, err
			}
			return store.NoticeMoves(tx, notice.id, q)
		},
		key: func(m store.StoredMove) string { return m.Position }, encode: encodeMove,
		answer: func(moves []*schedulingv1.HolidayNoticeMove, next string) *schedulingv1.ListHolidayNoticeMovesResponse {
			return &schedulingv1.ListHolidayNoticeMovesResponse{Moves: moves, NextPageToken: next}
		},
	})
}

func decodeHolidayNotice(n *schedulingv1.HolidayNotice) domain.HolidayNoticeText {
	text := domain.HolidayNoticeText{
		Number: n.GetNoticeNumber(), Scope: domain.HolidayScope(strings.TrimPrefix(n.GetScope().String(), "SCOPE_")),
		PublishDate: rawDate(n.GetPublishDate()), Source: n.GetSource(),
	}
	for _, d := range n.GetDays() {
		text.Days = append(text.Days, domain.HolidayDay{
			Date: rawDate(d.GetDate()), Working: d.GetWorking(), Holiday: d.GetHoliday(),
		})
	}
	return text
}

// rawDate is a date as it came: the domain names every wrong one at once.
func rawDate(d *date.Date) workday.Date {
	return workday.Date{Year: int(d.GetYear()), Month: time.Month(d.GetMonth()), Day: int(d.GetDay())}
}

func encodeHolidayNotice(n *domain.HolidayNotice) *schedulingv1.HolidayNotice {
	r := n.Record()
	return &schedulingv1.HolidayNotice{
		Name: r.Name(), NoticeNumber: r.Number,
		Scope:       schedulingv1.HolidayNotice_Scope(schedulingv1.HolidayNotice_Scope_value["SCOPE_"+string(r.Scope)]),
		PublishDate: wire.Date(r.PublishDate), Source: r.Source,
		Days: encodeAll(r.Days, func(d domain.HolidayDay) *schedulingv1.HolidayNoticeDay {
			return &schedulingv1.HolidayNoticeDay{Date: wire.Date(d.Date), Working: d.Working, Holiday: d.Holiday}
		}),
		State:    schedulingv1.HolidayNotice_State(schedulingv1.HolidayNotice_State_value["STATE_"+string(r.State)]),
		Proposer: r.Proposer, Activator: r.Activator,
		ExaminedCount: int32(r.Examined), LaterCount: int32(r.Later), EarlierCount: int32(r.Earlier),
		UnchangedCount: int32(r.Examined - r.Later - r.Earlier), CalendarVersion: r.CalendarVersion,
		CreateTime: wire.Time(r.CreateTime), UpdateTime: wire.Time(r.UpdateTime),
		ActivateTime: wire.Time(r.ActivateTime), Etag: etag.Format(r.Version),
	}
}

func encodeMove(m store.StoredMove) *schedulingv1.HolidayNoticeMove {
	return &schedulingv1.HolidayNoticeMove{
		Obligation: m.Obligation, Article: m.Article, ObligorJurisdiction: m.ObligorJurisdiction, County: m.County,
		Duty:       obligationv1.Obligation_Duty(obligationv1.Obligation_Duty_value[dutyPrefix+m.Duty]),
		Obligor:    policyv1.Party(policyv1.Party_value[partyPrefix+m.Obligor]),
		BeforeDate: wire.Date(m.Before), AfterDate: wire.Date(m.After),
	}
}
