package shared

import (
	"cmp"
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
)

// obligations are the clients of the three services. Where all are asked, the
// options of the call stay behind: by them the mux collects metadata, three calls
// must not share them, and the edge passes none on.
type obligations [count]obligationv1.ObligationServiceClient

func (o obligations) GetObligation(ctx context.Context, in *obligationv1.GetObligationRequest, opts ...grpc.CallOption) (*obligationv1.Obligation, error) {
	return o[owner(in.GetName())].GetObligation(ctx, in, opts...)
}

func (o obligations) ExplainObligation(ctx context.Context, in *obligationv1.ExplainObligationRequest, opts ...grpc.CallOption) (*obligationv1.ObligationExplanation, error) {
	return o[owner(in.GetName())].ExplainObligation(ctx, in, opts...)
}

// ListObligations merges by the date that stands.
func (o obligations) ListObligations(ctx context.Context, in *obligationv1.ListObligationsRequest, _ ...grpc.CallOption) (*obligationv1.ListObligationsResponse, error) {
	rows, next, err := paged(in.GetPageToken(), in.GetPageSize(), byDueDate, func(service int, token string) (*list[*obligationv1.Obligation], error) {
		one := proto.CloneOf(in) // a service binds its token to all other fields
		one.PageToken = token
		p, err := o[service].ListObligations(ctx, one)
		return &list[*obligationv1.Obligation]{
			rows: p.GetObligations(), tokens: p.GetContinueTokens(), next: p.GetNextPageToken(),
		}, err
	})
	if err != nil {
		return nil, err
	}
	return &obligationv1.ListObligationsResponse{Obligations: rows, NextPageToken: next}, nil
}

func byDueDate(a, b *obligationv1.Obligation) int {
	x, y := a.GetDueDate(), b.GetDueDate()
	return cmp.Or(
		cmp.Compare(x.GetYear(), y.GetYear()),
		cmp.Compare(x.GetMonth(), y.GetMonth()),
		cmp.Compare(x.GetDay(), y.GetDay()),
		cmp.Compare(a.GetName(), b.GetName()),
	)
}

// SummarizeCompliance adds up what the services count.
func (o obligations) SummarizeCompliance(ctx context.Context, in *obligationv1.SummarizeComplianceRequest, _ ...grpc.CallOption) (*obligationv1.SummarizeComplianceResponse, error) {
	answers, err := ask(everybody(), func(service int) (*obligationv1.SummarizeComplianceResponse, error) {
		return o[service].SummarizeCompliance(ctx, in)
	})
	if err != nil {
		return nil, err
	}
	return addUp(answers), nil
}

// ExportObligationCalendar puts the events of all into one calendar.
func (o obligations) ExportObligationCalendar(ctx context.Context, in *obligationv1.ExportObligationCalendarRequest, _ ...grpc.CallOption) (*obligationv1.ObligationCalendar, error) {
	answers, err := ask(everybody(), func(service int) (*obligationv1.ObligationCalendar, error) {
		return o[service].ExportObligationCalendar(ctx, in)
	})
	if err != nil {
		return nil, err
	}
	content, err := oneCalendar(answers)
	if err != nil {
		return nil, err
	}
	return &obligationv1.ObligationCalendar{Content: content}, nil
}
