package api_test

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// peer is another service with running obligations of working days. It counts them
// with the notice as a service does, and answers a page of one.
type peer struct {
	running []runningObligation
	asked   int
	down    bool
}

type runningObligation struct {
	start string
	days  int
	due   string // as announced
}

func (w *world) asked() map[string]obligationv1.RecomputationServiceClient {
	clients := map[string]obligationv1.RecomputationServiceClient{}
	for name, p := range w.peers {
		clients[name] = peerClient{name, p, w}
	}
	return clients
}

type peerClient struct {
	name string
	*peer
	w *world
}

// PreviewRecomputation implements RecomputationServiceClient.
func (c peerClient) PreviewRecomputation(_ context.Context, req *obligationv1.PreviewRecomputationRequest, _ ...grpc.CallOption) (*obligationv1.PreviewRecomputationResponse, error) {
	c.asked++
	if c.down {
		return nil, status.Error(codes.Unavailable, "down")
	}
	if len(c.running) == 0 {
		return &obligationv1.PreviewRecomputationResponse{}, nil
	}
	at := len(req.GetPageToken())
	o := c.running[at]
	answer := &obligationv1.PreviewRecomputationResponse{ExaminedCount: 1}
	if at+1 < len(c.running) {
		answer.NextPageToken = req.GetPageToken() + "x"
	}
	cal, err := c.calendar(req)
	if err != nil {
		return nil, err
	}
	start, err := workday.ParseDate(o.start)
	if err != nil {
		return nil, err
	}
	due := cal.AddWorkingDays(req.GetNoticeProvince(), start, o.days, workday.CivilCode()).Date
	if due.String() != o.due {
		answer.Moves = append(answer.Moves, &obligationv1.ObligationMove{
			Obligation: &obligationv1.Obligation{
				Name: fmt.Sprintf("%s/obligations/%s-%d", req.GetParent(), c.name, at), Duty: obligationv1.Obligation_DUTY_RECTIFICATION_PLAN,
				Article: "17", Obligor: policyv1.Party_PARTY_COUNTY_COMMITTEE, ObligorJurisdiction: jinjiang, County: jinjiang,
				DueDate: day(c.w.t, o.due),
			},
			ComputedDate: day(c.w.t, due.String()), DueDate: day(c.w.t, max(due.String(), o.due)),
		})
	}
	return answer, nil
}

func (c peerClient) calendar(req *obligationv1.PreviewRecomputationRequest) (*workday.Calendar, error) {
	base, err := workday.National()
	if err != nil {
		return nil, err
	}
	notice := workday.Notice{ID: req.GetNoticeNumber(), Province: req.GetNoticeProvince(), Published: civil(req.GetPublishDate())}
	var facts []workday.Fact
	for _, d := range req.GetDays() {
		facts = append(facts, workday.Fact{Notice: notice.ID, Date: civil(d.GetDate()), Working: d.GetWorking(), Name: d.GetHoliday()})
	}
	return base.KnownAt(workday.DateOf(c.w.clock.Now())).With([]workday.Notice{notice}, facts)
}

func civil(d *date.Date) workday.Date {
	return workday.Date{Year: int(d.GetYear()), Month: time.Month(d.GetMonth()), Day: int(d.GetDay())}
}
