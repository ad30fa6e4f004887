package api

import (
	"context"
	"errors"

	"google.golang.org/grpc"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// Reports is what casefile tells of inspection reports; its client implements it.
type Reports interface {
	CheckReportAgreement(ctx context.Context, in *casefilev1.CheckReportAgreementRequest, opts ...grpc.CallOption) (*casefilev1.CheckReportAgreementResponse, error)
}

// Decisions is what scheduling tells of the leading group's decisions; its client
// implements it.
type Decisions interface {
	GetDecision(ctx context.Context, in *schedulingv1.GetDecisionRequest, opts ...grpc.CallOption) (*schedulingv1.Decision, error)
}

// agreement asks casefile whether the report is agreed, and scheduling whether
// the decision that casefile names has an item for it: neither is believed alone
// (arts 5, 11). A report that casefile does not know is not agreed.
func (d Deps) agreement(ctx context.Context, report string) (domain.Agreement, error) {
	answer, err := d.Reports.CheckReportAgreement(ctx, &casefilev1.CheckReportAgreementRequest{Name: report})
	if err = faultstatus.FromStatus(err); fault.Is(err, fault.ReasonNotFound) {
		return domain.Agreement{}, nil
	}
	if err != nil || !answer.GetAgreed() {
		return domain.Agreement{}, err
	}
	inspection, err := inspectionName.ParseField("inspection", answer.GetInspection())
	if err != nil {
		return domain.Agreement{}, unintelligible(err)
	}
	decision, err := decisionName.ParseField("decision", answer.GetDecision())
	if err != nil {
		return domain.Agreement{}, unintelligible(err)
	}
	findings, err := findingIDs(answer.GetFindings())
	if err != nil {
		return domain.Agreement{}, unintelligible(err)
	}
	decided, err := d.covering(ctx, answer.GetDecision(), schedulingv1.DecisionItem_KIND_AGREE_REPORT, report)
	if err != nil && !fault.Is(err, fault.ReasonNotFound) {
		return domain.Agreement{}, err
	}
	agreed := domain.Agreement{
		Inspection: inspection["inspection"], Agreed: true, Decision: decision["decision"], Covered: decided != nil,
		Findings: findings,
	}
	if agreed.Date, err = wire.OptionalDay("decide_date", decided.GetDecideDate()); err != nil {
		return domain.Agreement{}, unintelligible(err)
	}
	if agreed.Covered && agreed.Date.IsZero() {
		return domain.Agreement{}, unintelligible(errors.New("a decision of no day"))
	}
	return agreed, nil
}

func findingIDs(names []string) ([]string, error) {
	var ids []string
	for _, name := range names {
		found, err := findingName.ParseField("findings", name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, found["finding"])
	}
	return ids, nil
}

// covering asks scheduling for a decision; nil if it has no item of the kind for the
// subject.
func (d Deps) covering(ctx context.Context, decision string, kind schedulingv1.DecisionItem_Kind, subject string) (*schedulingv1.Decision, error) {
	answer, err := d.Decisions.GetDecision(ctx, &schedulingv1.GetDecisionRequest{Name: decision})
	if err != nil {
		return nil, named(faultstatus.FromStatus(err), decision)
	}
	for _, item := range answer.GetItems() {
		if item.GetKind() == kind && item.GetSubject() == subject {
			return answer, nil
		}
	}
	return nil, nil
}

// covers is covering for who needs no more than that.
func (d Deps) covers(ctx context.Context, decision string, kind schedulingv1.DecisionItem_Kind, subject string) (bool, error) {
	decided, err := d.covering(ctx, decision, kind, subject)
	return decided != nil, err
}

// unintelligible is an answer of a peer that is not what it promised: no fault of
// the caller.
func unintelligible(err error) error {
	return fault.New(fault.Internal, fault.ReasonInternal).Wrap(err)
}
