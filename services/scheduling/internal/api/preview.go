package api

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/grpc"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

// Previewer finds which running obligations a holiday notice would move, in all
// services, and how many it looked at. It changes nothing.
type Previewer interface {
	Preview(ctx context.Context, province string, notice workday.Notice, facts []workday.Fact) (moves []domain.NoticeMove, examined int, err error)
}

// previewPage is how many obligations a service is asked for at once.
const previewPage = 200

// NewPreviewer asks these services, by name, one after the other. The service's own
// obligations are asked for in the same way, see InProcess.
func NewPreviewer(services map[string]obligationv1.RecomputationServiceClient) Previewer {
	return previewer(services)
}

type previewer map[string]obligationv1.RecomputationServiceClient

// Preview implements Previewer. If one service does not answer there is no answer at
// all: a dry run that leaves obligations out would be signed for as if it were whole.
func (p previewer) Preview(ctx context.Context, province string, notice workday.Notice, facts []workday.Fact) ([]domain.NoticeMove, int, error) {
	req := &obligationv1.PreviewRecomputationRequest{
		Parent: domain.ProvinceName(province), NoticeNumber: notice.ID, NoticeProvince: notice.Province,
		PublishDate: wire.Date(notice.Published), PageSize: previewPage,
		Days: encodeAll(facts, func(f workday.Fact) *obligationv1.NoticeDay {
			return &obligationv1.NoticeDay{Date: wire.Date(f.Date), Working: f.Working, Holiday: f.Name}
		}),
	}
	var moves []domain.NoticeMove
	examined := 0
	for _, name := range slices.Sorted(maps.Keys(p)) {
		for req.PageToken = ""; ; {
			page, err := p[name].PreviewRecomputation(ctx, req)
			if err != nil {
				return nil, 0, fmt.Errorf("preview of %s: %w", name, asFault(err))
			}
			examined += int(page.GetExaminedCount())
			found, err := decodeMoves(page.GetMoves())
			if err != nil {
				return nil, 0, fmt.Errorf("preview of %s: %w", name, err)
			}
			moves = append(moves, found...)
			if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
				break
			}
		}
	}
	return moves, examined, nil
}

// asFault: a server in the same process answers with the fault itself.
func asFault(err error) error {
	if _, ok := fault.As(err); ok {
		return err
	}
	return faultstatus.FromStatus(err)
}

// decodeMoves leaves out what would not move.
func decodeMoves(list []*obligationv1.ObligationMove) ([]domain.NoticeMove, error) {
	moves := make([]domain.NoticeMove, 0, len(list))
	for _, m := range list {
		o := m.GetObligation()
		before, err := wire.Day("moves.obligation.due_date", o.GetDueDate())
		if err != nil {
			return nil, err
		}
		after, err := wire.Day("moves.computed_date", m.GetComputedDate())
		if err != nil {
			return nil, err
		}
		if before == after {
			continue
		}
		moves = append(moves, domain.NoticeMove{
			Obligation: o.GetName(), Duty: strings.TrimPrefix(o.GetDuty().String(), dutyPrefix), Article: o.GetArticle(),
			Obligor:             strings.TrimPrefix(o.GetObligor().String(), partyPrefix),
			ObligorJurisdiction: o.GetObligorJurisdiction(), County: o.GetCounty(), Before: before, After: after,
		})
	}
	return moves, nil
}

const (
	dutyPrefix  = "DUTY_"
	partyPrefix = "PARTY_"
)

// InProcess makes a client of a server in the same process: the service asks itself
// in its own name, as it asks the others.
func InProcess(service string, server obligationv1.RecomputationServiceServer) obligationv1.RecomputationServiceClient {
	return inProcess{service, server}
}

type inProcess struct {
	service string
	server  obligationv1.RecomputationServiceServer
}

// PreviewRecomputation implements RecomputationServiceClient.
func (c inProcess) PreviewRecomputation(ctx context.Context, req *obligationv1.PreviewRecomputationRequest, _ ...grpc.CallOption) (*obligationv1.PreviewRecomputationResponse, error) {
	province, _ := policy.Province(req.GetParent())
	ctx = principal.With(ctx, principal.Principal{Subject: c.service, Party: principal.Service, Province: province})
	return c.server.PreviewRecomputation(policy.WithGrant(ctx, policy.Grant{
		Method: obligationv1.RecomputationService_PreviewRecomputation_FullMethodName,
		Scope:  policy.ScopeAny, Object: req.GetParent(), Province: province,
	}), req)
}
