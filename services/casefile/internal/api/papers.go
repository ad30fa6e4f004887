package api

import (
	"context"
	"strings"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/casefile/internal/store"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/form"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// Papers implements WorkingPaperService.
type Papers struct {
	casefilev1.UnimplementedWorkingPaperServiceServer
	*base
}

// actor is the caller as the rules know him: who leads is a fact of the task.
func actor(tx *pg.Tx, file *domain.CaseFile) domain.Actor {
	p := tx.Principal()
	if p.Party == principal.InspectionOffice {
		return domain.Office(p.Subject)
	}
	return file.Member(p.Subject)
}

// CreateWorkingPaper starts a paper, in DRAFT; any member but the leader, who
// reviews (art. 8).
func (s *Papers) CreateWorkingPaper(ctx context.Context, req *casefilev1.CreateWorkingPaperRequest) (*casefilev1.WorkingPaper, error) {
	at, err := caseFileAt("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	id, err := randomID()
	if err != nil {
		return nil, err
	}
	key := domain.Key{Province: at.province, CaseFile: at.id, ID: id}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.WorkingPaper, error) {
		file, err := openFile(tx, key, req.GetParent(), domain.MayWrite)
		if err != nil {
			return nil, err
		}
		in := req.GetWorkingPaper()
		paper, err := domain.DraftPaper(key, actor(tx, file), in.GetTitle(), in.GetFacts(), s.now())
		if err != nil {
			return nil, err
		}
		if err := store.InsertPaper(tx, paper); err != nil {
			return nil, err
		}
		return encodePaper(paper), nil
	})
}

// GetWorkingPaper reads a paper; the reading is audited (art. 8).
func (s *Papers) GetWorkingPaper(ctx context.Context, req *casefilev1.GetWorkingPaperRequest) (*casefilev1.WorkingPaper, error) {
	key, err := paperAt("name", req.GetName())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.WorkingPaper, error) {
		paper, err := store.Paper(tx, key)
		if err != nil {
			return nil, as(req.GetName(), err)
		}
		return encodePaper(paper), nil
	})
}

// ListWorkingPapers lists the papers of a case file; audited (art. 8).
func (s *Papers) ListWorkingPapers(ctx context.Context, req *casefilev1.ListWorkingPapersRequest) (*casefilev1.ListWorkingPapersResponse, error) {
	at, err := caseFileAt("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	list := listing[*domain.Paper, *casefilev1.WorkingPaper]{store.Papers, encodePaper,
		func(p *domain.Paper) (string, []string) {
			r := p.Record()
			return created(r.CreateTime, r.ID)
		}}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (resp *casefilev1.ListWorkingPapersResponse, err error) {
		if _, err := store.CaseFile(tx, at.province, at.id); err != nil {
			return nil, as(req.GetParent(), err)
		}
		resp = &casefilev1.ListWorkingPapersResponse{}
		resp.WorkingPapers, resp.NextPageToken, err = list.page(ctx, s.base, tx, req, at.query())
		return resp, err
	})
}

// UpdateWorkingPaper changes what a paper says; its author only (art. 8).
func (s *Papers) UpdateWorkingPaper(ctx context.Context, req *casefilev1.UpdateWorkingPaperRequest) (*casefilev1.WorkingPaper, error) {
	return s.step(ctx, req, "working_paper.name", req.GetWorkingPaper().GetName(), func(by domain.Actor, p *domain.Paper) error {
		to := encodePaper(p)
		if err := merge(to, req.GetWorkingPaper(), req.GetUpdateMask(), "title", "facts"); err != nil {
			return err
		}
		if err := form.Check("working_paper", to); err != nil {
			return err
		}
		return p.Update(by, to.GetTitle(), to.GetFacts(), s.now())
	})
}

// SubmitWorkingPaper signs as the author (art. 8).
func (s *Papers) SubmitWorkingPaper(ctx context.Context, req *casefilev1.SubmitWorkingPaperRequest) (*casefilev1.WorkingPaper, error) {
	return s.step(ctx, req, "name", req.GetName(), func(by domain.Actor, p *domain.Paper) error {
		return p.Submit(by, s.now())
	})
}

// ReviewWorkingPaper signs or returns, as leader or office (art. 8).
func (s *Papers) ReviewWorkingPaper(ctx context.Context, req *casefilev1.ReviewWorkingPaperRequest) (*casefilev1.WorkingPaper, error) {
	verdict := domain.Verdict(strings.TrimPrefix(req.GetVerdict().String(), "VERDICT_"))
	return s.step(ctx, req, "name", req.GetName(), func(by domain.Actor, p *domain.Paper) error {
		return p.Review(by, verdict, req.GetOpinion(), s.now())
	})
}

// WithdrawWorkingPaper takes a paper out, as its author or as leader (art. 8).
func (s *Papers) WithdrawWorkingPaper(ctx context.Context, req *casefilev1.WithdrawWorkingPaperRequest) (*casefilev1.WorkingPaper, error) {
	return s.step(ctx, req, "name", req.GetName(), func(by domain.Actor, p *domain.Paper) error {
		return p.Withdraw(by, req.GetReason(), s.now())
	})
}

// change is a write that needs the etag of what it changes.
type change interface {
	idempotency.Request
	GetEtag() string
}

// step takes one step with a paper: load, ask the domain, save.
func (s *Papers) step(ctx context.Context, req change, field, name string, take func(domain.Actor, *domain.Paper) error) (*casefilev1.WorkingPaper, error) {
	key, err := paperAt(field, name)
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.WorkingPaper, error) {
		file, err := store.CaseFile(tx, key.Province, key.CaseFile)
		if err != nil {
			return nil, as(name, err)
		}
		paper, err := store.Paper(tx, key)
		if err != nil {
			return nil, as(name, err)
		}
		if err := etag.Check(req.GetEtag(), paper.Record().Version); err != nil {
			return nil, err
		}
		if err := take(actor(tx, file), paper); err != nil {
			return nil, err
		}
		if err := store.SavePaper(tx, paper); err != nil {
			return nil, err
		}
		return encodePaper(paper), nil
	})
}
