package api

import (
	"context"
	"fmt"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/casefile/internal/store"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// Reports implements InspectionReportService.
type Reports struct {
	casefilev1.UnimplementedInspectionReportServiceServer
	*base
}

// CreateInspectionReport starts the report of a case file, in DRAFT (art. 10).
func (s *Reports) CreateInspectionReport(ctx context.Context, req *casefilev1.CreateInspectionReportRequest) (*casefilev1.InspectionReport, error) {
	parent, err := provinces.ParseField("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	in := req.GetInspectionReport()
	at, err := caseFileAt("inspection_report.case_file", in.GetCaseFile())
	if err != nil {
		return nil, err
	}
	id, err := randomID()
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.InspectionReport, error) {
		if at.province != parent["province"] {
			return nil, fault.Missing(in.GetCaseFile())
		}
		file, err := store.CaseFile(tx, at.province, at.id)
		if err != nil {
			return nil, as(in.GetCaseFile(), err)
		}
		named, err := findingsOf(at, in.GetFindings())
		if err != nil {
			return nil, err
		}
		report := domain.DraftReport(id, file, in.GetContent(), named, s.now())
		if err := store.InsertReport(tx, report); err != nil {
			return nil, err
		}
		return encodeReport(report), nil
	})
}

// findingsOf reads the findings that a report names: all of its own case file.
func findingsOf(file place, names []string) ([]string, error) {
	ids := make([]string, 0, len(names))
	for n, name := range names {
		key, err := findingAt(fmt.Sprintf("inspection_report.findings[%d]", n), name)
		if err != nil {
			return nil, err
		}
		if key.Province != file.province || key.CaseFile != file.id {
			return nil, fault.Refuse("10", domain.ReasonFindingUnknown)
		}
		ids = append(ids, key.ID)
	}
	return ids, nil
}

// GetInspectionReport reads a report; the reading is audited (arts 5, 10).
func (s *Reports) GetInspectionReport(ctx context.Context, req *casefilev1.GetInspectionReportRequest) (*casefilev1.InspectionReport, error) {
	at, err := reportAt("name", req.GetName())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.InspectionReport, error) {
		report, err := store.Report(tx, at.province, at.id)
		if err != nil {
			return nil, as(req.GetName(), err)
		}
		return encodeReport(report), nil
	})
}

// ListInspectionReports lists reports; audited (arts 5, 10).
func (s *Reports) ListInspectionReports(ctx context.Context, req *casefilev1.ListInspectionReportsRequest) (*casefilev1.ListInspectionReportsResponse, error) {
	at, err := provinces.ParseField("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	list := listing[*domain.Report, *casefilev1.InspectionReport]{store.Reports, encodeReport,
		func(report *domain.Report) (string, []string) {
			r := report.Record()
			return created(r.CreateTime, r.ID)
		}}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (resp *casefilev1.ListInspectionReportsResponse, err error) {
		resp = &casefilev1.ListInspectionReportsResponse{}
		resp.InspectionReports, resp.NextPageToken, err = list.page(ctx, s.base, tx, req, store.Query{Province: at["province"]})
		return resp, err
	})
}

// CheckReportAgreement tells rectification whether feedback may go ahead (art. 11).
func (s *Reports) CheckReportAgreement(ctx context.Context, req *casefilev1.CheckReportAgreementRequest) (*casefilev1.CheckReportAgreementResponse, error) {
	at, err := reportAt("name", req.GetName())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.CheckReportAgreementResponse, error) {
		report, err := store.Report(tx, at.province, at.id)
		if err != nil {
			return nil, as(req.GetName(), err)
		}
		decision, agreed := report.Agreed()
		var findings []string
		for _, id := range report.Record().Findings {
			findings = append(findings, domain.Key{Province: at.province, CaseFile: report.Record().CaseFile, ID: id}.FindingName())
		}
		return &casefilev1.CheckReportAgreementResponse{
			Inspection: domain.InspectionName(at.province, report.Record().CaseFile),
			Agreed:     agreed,
			Decision:   domain.DecisionName(at.province, decision),
			Findings:   findings,
		}, nil
	})
}
