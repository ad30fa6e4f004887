package docketserver

import (
	"context"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// recomputation answers RecomputationService.
type recomputation struct {
	obligationv1.UnimplementedRecomputationServiceServer
	Deps
}

// NewRecomputation gives the server alone, for the service that asks itself in its own
// process; it needs no Decisions.
func NewRecomputation(d Deps) obligationv1.RecomputationServiceServer { return &recomputation{Deps: d} }

// PreviewRecomputation tells what a holiday notice would move (arts 5, 12(2), 17).
func (s *recomputation) PreviewRecomputation(ctx context.Context, req *obligationv1.PreviewRecomputationRequest) (*obligationv1.PreviewRecomputationResponse, error) {
	if _, err := parseProvince(req.GetParent()); err != nil {
		return nil, err
	}
	notice, err := decodeNotice(req)
	if err != nil {
		return nil, err
	}
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	cursor, err := s.Pager.Parse(ctx, req)
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*obligationv1.PreviewRecomputationResponse, error) {
		found, err := s.Docket.Preview(tx, notice, cursor, size)
		if err != nil {
			return nil, err
		}
		answer := &obligationv1.PreviewRecomputationResponse{ExaminedCount: int32(found.Examined)}
		reader := s.reader(tx, nil)
		for _, m := range found.Moves {
			encoded, err := reader.obligation(m.Obligation)
			if err != nil {
				return nil, err
			}
			answer.Moves = append(answer.Moves, &obligationv1.ObligationMove{
				Obligation: encoded, ComputedDate: wire.Date(m.Computed), DueDate: wire.Date(m.Due),
			})
		}
		if !found.Next.First() {
			answer.NextPageToken, err = s.Pager.Next(ctx, req, found.Next.ID, found.Next.Keys...)
		}
		return answer, err
	})
}

func decodeNotice(req *obligationv1.PreviewRecomputationRequest) (calendars.Notice, error) {
	published, err := wire.OptionalDay("publish_date", req.GetPublishDate())
	if err != nil {
		return calendars.Notice{}, err
	}
	n := calendars.Notice{Notice: workday.Notice{
		ID: req.GetNoticeNumber(), Province: req.GetNoticeProvince(), Published: published,
	}}
	for _, d := range req.GetDays() {
		day, err := wire.OptionalDay("days.date", d.GetDate())
		if err != nil {
			return calendars.Notice{}, err
		}
		n.Facts = append(n.Facts, workday.Fact{Notice: n.ID, Date: day, Working: d.GetWorking(), Name: d.GetHoliday()})
	}
	if _, err := workday.New([]workday.Notice{n.Notice}, n.Facts); err != nil {
		return calendars.Notice{}, fault.InvalidField("days", "NOTICE_INVALID", "the notice is not one that a calendar can take").Wrap(err)
	}
	return n, nil
}
