package api

import (
	"context"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/casefile/internal/store"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// CaseFiles implements CaseFileService.
type CaseFiles struct {
	casefilev1.UnimplementedCaseFileServiceServer
	*base
}

// GetCaseFile reads a case file (art. 8).
func (s *CaseFiles) GetCaseFile(ctx context.Context, req *casefilev1.GetCaseFileRequest) (*casefilev1.CaseFile, error) {
	at, err := caseFileAt("name", req.GetName())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.CaseFile, error) {
		file, err := store.CaseFile(tx, at.province, at.id)
		if err != nil {
			return nil, as(req.GetName(), err)
		}
		return encodeCaseFile(file), nil
	})
}

// ListCaseFiles lists case files; a group member sees those of his tasks (art. 8).
func (s *CaseFiles) ListCaseFiles(ctx context.Context, req *casefilev1.ListCaseFilesRequest) (*casefilev1.ListCaseFilesResponse, error) {
	at, err := provinces.ParseField("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	list := listing[*domain.CaseFile, *casefilev1.CaseFile]{store.CaseFiles, encodeCaseFile,
		func(c *domain.CaseFile) (string, []string) {
			r := c.Record()
			return created(r.CreateTime, r.ID)
		}}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (resp *casefilev1.ListCaseFilesResponse, err error) {
		resp = &casefilev1.ListCaseFilesResponse{}
		resp.CaseFiles, resp.NextPageToken, err = list.page(ctx, s.base, tx, req, store.Query{Province: at["province"]})
		return resp, err
	})
}
