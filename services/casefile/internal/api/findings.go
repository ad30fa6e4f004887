package api

import (
	"context"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/casefile/internal/store"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// Findings implements FindingService.
type Findings struct {
	casefilev1.UnimplementedFindingServiceServer
	*base
}

// CreateFinding records a finding from a passed working paper (arts 6, 7).
func (s *Findings) CreateFinding(ctx context.Context, req *casefilev1.CreateFindingRequest) (*casefilev1.Finding, error) {
	at, err := caseFileAt("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	paper, err := paperAt("finding.working_paper", req.GetFinding().GetWorkingPaper())
	if err != nil {
		return nil, err
	}
	id, err := randomID()
	if err != nil {
		return nil, err
	}
	key := domain.Key{Province: at.province, CaseFile: at.id, ID: id}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.Finding, error) {
		finding, err := s.record(tx, key, paper, req)
		if err != nil {
			return nil, err
		}
		if err := store.InsertFinding(tx, finding); err != nil {
			return nil, err
		}
		return encodeFinding(finding), nil
	})
}

func (s *Findings) record(tx *pg.Tx, key, paperKey domain.Key, req *casefilev1.CreateFindingRequest) (*domain.Finding, error) {
	in := req.GetFinding()
	file, err := openFile(tx, key, req.GetParent(), domain.MayWrite)
	if err != nil {
		return nil, err
	}
	// A paper of another case file is no paper of this one.
	if paperKey.Province != key.Province || paperKey.CaseFile != key.CaseFile {
		return nil, fault.Missing(in.GetWorkingPaper())
	}
	paper, err := store.Paper(tx, paperKey)
	if err != nil {
		return nil, as(in.GetWorkingPaper(), err)
	}
	rules, err := s.Rules.Get(file.Record().RuleSet)
	if err != nil {
		return nil, err
	}
	codes, err := rules.Codes(regulation.ContentCodes)
	if err != nil {
		return nil, err
	}
	problem := domain.Problem{Description: in.GetDescription(), ContentCodes: in.GetContentCodes()}
	return domain.RecordFinding(key, paper, problem, codes, s.now())
}

// GetFinding reads a finding; the reading is audited (art. 7).
func (s *Findings) GetFinding(ctx context.Context, req *casefilev1.GetFindingRequest) (*casefilev1.Finding, error) {
	key, err := findingAt("name", req.GetName())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.Finding, error) {
		finding, err := store.Finding(tx, key)
		if err != nil {
			return nil, as(req.GetName(), err)
		}
		return encodeFinding(finding), nil
	})
}

// ListFindings lists the findings of a case file; audited (art. 7).
func (s *Findings) ListFindings(ctx context.Context, req *casefilev1.ListFindingsRequest) (*casefilev1.ListFindingsResponse, error) {
	at, err := caseFileAt("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	list := listing[*domain.Finding, *casefilev1.Finding]{store.Findings, encodeFinding,
		func(f *domain.Finding) (string, []string) {
			r := f.Record()
			return created(r.CreateTime, r.ID)
		}}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (resp *casefilev1.ListFindingsResponse, err error) {
		if _, err := store.CaseFile(tx, at.province, at.id); err != nil {
			return nil, as(req.GetParent(), err)
		}
		resp = &casefilev1.ListFindingsResponse{}
		resp.Findings, resp.NextPageToken, err = list.page(ctx, s.base, tx, req, at.query())
		return resp, err
	})
}
