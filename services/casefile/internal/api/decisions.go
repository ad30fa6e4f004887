package api

import (
	"context"
	"slices"

	"google.golang.org/grpc"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
)

// Decisions is what is asked of scheduling, which owns the leading group's
// decisions; its DecisionServiceClient is one.
type Decisions interface {
	GetDecision(ctx context.Context, req *schedulingv1.GetDecisionRequest, opts ...grpc.CallOption) (*schedulingv1.Decision, error)
}

// agreement asks what the named decision says of the report. A decision that does
// not exist is told in missing, so that the report is looked at first; err is that
// scheduling gave no answer, which a repeat may get.
func (s *Reports) agreement(ctx context.Context, req *casefilev1.AgreeInspectionReportRequest) (a domain.Agreement, missing, err error) {
	report, err := reportAt("name", req.GetName())
	if err != nil {
		return a, nil, err
	}
	at, err := placeOf(decisions, "decision", "decision", req.GetDecision())
	if err != nil {
		return a, nil, err
	}
	if at.province != report.province {
		return a, fault.Missing(req.GetDecision()), nil
	}
	found, err := s.Decisions.GetDecision(ctx, &schedulingv1.GetDecisionRequest{Name: req.GetDecision()})
	if err != nil {
		err = faultstatus.FromStatus(err)
		if f, ok := fault.As(err); ok && f.Kind == fault.NotFound {
			return a, fault.Missing(req.GetDecision()), nil
		}
		return a, nil, err
	}
	return domain.Agreement{
		Decision: at.id,
		Covers: slices.ContainsFunc(found.GetItems(), func(i *schedulingv1.DecisionItem) bool {
			return i.GetKind() == schedulingv1.DecisionItem_KIND_AGREE_REPORT && i.GetSubject() == req.GetName()
		}),
	}, nil, nil
}
