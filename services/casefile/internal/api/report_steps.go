package api

import (
	"context"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/casefile/internal/store"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/form"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// UpdateInspectionReport changes content or findings while the report is with the
// group (art. 10).
func (s *Reports) UpdateInspectionReport(ctx context.Context, req *casefilev1.UpdateInspectionReportRequest) (*casefilev1.InspectionReport, error) {
	name := req.GetInspectionReport().GetName()
	return s.step(ctx, req, "inspection_report.name", name, func(tx *pg.Tx, r *domain.Report) error {
		to := encodeReport(r)
		if err := merge(to, req.GetInspectionReport(), req.GetUpdateMask(), "content", "findings"); err != nil {
			return err
		}
		if err := form.Check("inspection_report", to); err != nil {
			return err
		}
		named, err := findingsOf(place{r.Record().Province, r.Record().CaseFile}, to.GetFindings())
		if err != nil {
			return err
		}
		if err := r.Update(to.GetContent(), named, s.now()); err != nil {
			return err
		}
		return store.UpdateReport(tx, r)
	})
}

// SubmitInspectionReport signs as group leader, once the stay has ended and no
// working paper is open (art. 10). The first time the report is no longer owed.
func (s *Reports) SubmitInspectionReport(ctx context.Context, req *casefilev1.SubmitInspectionReportRequest) (*casefilev1.InspectionReport, error) {
	return s.step(ctx, req, "name", req.GetName(), func(tx *pg.Tx, r *domain.Report) error {
		record := r.Record()
		file, err := store.CaseFile(tx, record.Province, record.CaseFile)
		if err != nil {
			return as(req.GetName(), err)
		}
		open, err := store.OpenPapers(tx, record.Province, record.CaseFile)
		if err != nil {
			return err
		}
		at, err := s.Docket.Moment(tx, file.Record().RuleSet)
		if err != nil {
			return err
		}
		if err := r.Submit(actor(tx, file), file, open, at.Now); err != nil {
			return err
		}
		if err := store.SaveReport(tx, r); err != nil {
			return err
		}
		return s.Docket.Meet(tx, at, docket.Key{Subject: file.Record().Name(), Duty: domain.ReportDuty}, workday.Date{})
	})
}

// ReturnInspectionReport sends the report back to the group (arts 5, 10).
func (s *Reports) ReturnInspectionReport(ctx context.Context, req *casefilev1.ReturnInspectionReportRequest) (*casefilev1.InspectionReport, error) {
	return s.step(ctx, req, "name", req.GetName(), func(tx *pg.Tx, r *domain.Report) error {
		if err := r.Return(req.GetOpinion(), s.now()); err != nil {
			return err
		}
		return store.SaveReport(tx, r)
	})
}

// AgreeInspectionReport records that the leading group agreed. Scheduling is asked
// for the decision before the transaction begins: a rollback takes no call back
// (arts 5, 10, 11). A repeat does not ask again, and is answered while scheduling
// is down.
func (s *Reports) AgreeInspectionReport(ctx context.Context, req *casefilev1.AgreeInspectionReportRequest) (*casefilev1.InspectionReport, error) {
	if answer, done, err := idempotency.Stored[*casefilev1.InspectionReport](ctx, s.DB, req); done || err != nil {
		return answer, err
	}
	agreement, missing, err := s.agreement(ctx, req)
	if err != nil {
		return nil, err
	}
	return s.step(ctx, req, "name", req.GetName(), func(tx *pg.Tx, r *domain.Report) error {
		if missing != nil {
			return missing
		}
		if err := r.Agree(agreement, s.now()); err != nil {
			return err
		}
		return store.SaveReport(tx, r)
	})
}

// step takes one step with a report: load, then let take ask the domain and save.
func (s *Reports) step(ctx context.Context, req change, field, name string, take func(*pg.Tx, *domain.Report) error) (*casefilev1.InspectionReport, error) {
	at, err := reportAt(field, name)
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.InspectionReport, error) {
		report, err := store.Report(tx, at.province, at.id)
		if err != nil {
			return nil, as(name, err)
		}
		if err := etag.Check(req.GetEtag(), report.Record().Version); err != nil {
			return nil, err
		}
		if err := take(tx, report); err != nil {
			return nil, err
		}
		return encodeReport(report), nil
	})
}
