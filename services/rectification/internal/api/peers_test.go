package api_test

import (
	"context"
	"sync"
	"testing"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
)

// peers is casefile and scheduling as far as this service asks them. It answers
// from what was put in, and like them with NOT_FOUND for anything else.
type peers struct {
	mu        sync.Mutex
	reports   map[string]*casefilev1.CheckReportAgreementResponse
	decisions map[string]*schedulingv1.Decision
	catalogue *faultstatus.Catalogue
	down      bool
}

func newPeers(t *testing.T) *peers {
	t.Helper()
	catalogue, err := faultstatus.NewCatalogue("peer.xunshi")
	if err != nil {
		t.Fatal(err)
	}
	return &peers{
		reports:   make(map[string]*casefilev1.CheckReportAgreementResponse),
		decisions: make(map[string]*schedulingv1.Decision),
		catalogue: catalogue,
	}
}

// report puts in a report of an inspection; decision is empty if none agreed to it.
func (p *peers) report(name, inspection, decision string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reports[name] = &casefilev1.CheckReportAgreementResponse{
		Inspection: inspection, Agreed: decision != "", Decision: decision,
	}
}

// found puts the findings of a report in.
func (p *peers) found(report string, findings ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reports[report].Findings = findings
}

// forget takes a report out again.
func (p *peers) forget(report string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.reports, report)
}

// decide puts in a decision of Friday 2024-02-23 with one item.
func (p *peers) decide(name string, kind schedulingv1.DecisionItem_Kind, subject string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.decisions[name] = &schedulingv1.Decision{
		Name: name, DecideDate: &date.Date{Year: 2024, Month: 2, Day: 23}, Items: []*schedulingv1.DecisionItem{{Kind: kind, Subject: subject}},
	}
}

// fail makes every answer fail, as in an outage.
func (p *peers) fail(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func (p *peers) CheckReportAgreement(_ context.Context, in *casefilev1.CheckReportAgreementRequest, _ ...grpc.CallOption) (*casefilev1.CheckReportAgreementResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return answer(p, p.reports, in.GetName())
}

func (p *peers) GetDecision(_ context.Context, in *schedulingv1.GetDecisionRequest, _ ...grpc.CallOption) (*schedulingv1.Decision, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return answer(p, p.decisions, in.GetName())
}

func answer[M any](p *peers, known map[string]M, name string) (M, error) {
	var none M
	if p.down {
		return none, status.Error(codes.Unavailable, "connection refused")
	}
	if m, ok := known[name]; ok {
		return m, nil
	}
	missing, _ := p.catalogue.Status(fault.Missing(name), "", "")
	return none, missing.Err()
}
