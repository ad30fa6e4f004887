package shared

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
)

// byTerm lets compliance be asked for a term of office (届), whose dates only
// scheduling has. Who may not read the term is answered as by TermService.
type byTerm struct {
	obligationv1.ObligationServiceClient
	terms schedulingv1.TermServiceClient
}

// SummarizeCompliance counts within the term, if one is named.
func (b byTerm) SummarizeCompliance(ctx context.Context, req *obligationv1.SummarizeComplianceRequest, opts ...grpc.CallOption) (*obligationv1.SummarizeComplianceResponse, error) {
	if req.GetTerm() == "" {
		return b.ObligationServiceClient.SummarizeCompliance(ctx, req, opts...)
	}
	if req.GetStartDate() != nil || req.GetEndDate() != nil {
		return nil, fault.InvalidField("term", "TERM_WITH_DATES", "stands instead of start_date and end_date")
	}
	term, err := b.terms.GetTerm(ctx, &schedulingv1.GetTermRequest{Name: req.GetTerm()}, opts...)
	if err != nil {
		return nil, err
	}
	within := proto.CloneOf(req)
	within.Term, within.StartDate, within.EndDate = "", term.GetStartDate(), term.GetEndDate()
	return b.ObligationServiceClient.SummarizeCompliance(ctx, within, opts...)
}
