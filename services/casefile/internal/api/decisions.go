package api

import (
	"context"
	"slices"

	"google.golang.org/grpc"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/docketserver"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/principal"
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
	covers, err := s.covers(ctx, req.GetDecision(), schedulingv1.DecisionItem_KIND_AGREE_REPORT, req.GetName())
	if fault.Is(err, fault.ReasonNotFound) {
		return a, err, nil
	}
	return domain.Agreement{Decision: at.id, Covers: covers}, nil, err
}

// covers asks scheduling whether a decision has an item of the kind for the subject.
// A decision that it does not know is missing.
func (b *base) covers(ctx context.Context, decision string, kind schedulingv1.DecisionItem_Kind, subject string) (bool, error) {
	found, err := b.Decisions.GetDecision(ctx, &schedulingv1.GetDecisionRequest{Name: decision})
	if err != nil {
		err = faultstatus.FromStatus(err)
		if f, ok := fault.As(err); ok && f.Kind == fault.NotFound {
			return false, fault.Missing(decision)
		}
		return false, err
	}
	return slices.ContainsFunc(found.GetItems(), func(i *schedulingv1.DecisionItem) bool {
		return i.GetKind() == kind && i.GetSubject() == subject
	}), nil
}

// Decided asks scheduling whether a decision moves an obligation (art. 5). Another
// province's decides nothing here.
func (s *Servers) Decided(ctx context.Context, decision string, action docketserver.Action, obligation string) (bool, error) {
	at, err := placeOf(decisions, "decision", "decision", decision)
	if err != nil {
		return false, err
	}
	if caller, _ := principal.From(ctx); caller.Province != at.province {
		return false, fault.Missing(decision)
	}
	kind := schedulingv1.DecisionItem_Kind_value["KIND_"+string(action)]
	return s.base.covers(ctx, decision, schedulingv1.DecisionItem_Kind(kind), obligation)
}
