package api

import (
	"context"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// ReportServer answers RectificationReportService (art. 17).
type ReportServer struct {
	rectificationv1.UnimplementedRectificationReportServiceServer
	Deps
}

// GetRectificationReport reads a report; before it is submitted only the county does.
func (s *ReportServer) GetRectificationReport(ctx context.Context, req *rectificationv1.GetRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	ids, err := parse(ctx, reportName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.RectificationReport, error) {
		r, err := store.Report(tx, ids["rectification"])
		if err != nil {
			return nil, named(err, req.GetName())
		}
		return encodeReport(r), nil
	})
}

// reportStep is one step of a report; what it changes of the case it saves itself.
type reportStep func(tx *pg.Tx, c *domain.Rectification, r *domain.Report, m domain.Moment) error

// change carries a report through one step.
func (s *ReportServer) change(ctx context.Context, field, name string, req binding, step reportStep) (*rectificationv1.RectificationReport, error) {
	ids, err := parse(ctx, reportName, field, name)
	if err != nil {
		return nil, err
	}
	now := s.now()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.RectificationReport, error) {
		r, err := store.Report(tx, ids["rectification"])
		if err != nil {
			return nil, named(err, name)
		}
		c, err := store.Rectification(tx, ids["rectification"])
		if err != nil {
			return nil, named(err, name)
		}
		if err := etag.Check(req.GetEtag(), r.Record().Version); err != nil {
			return nil, err
		}
		moment, err := s.moment(now, c.Record().RuleSet)
		if err != nil {
			return nil, err
		}
		if err := step(tx, c, r, moment); err != nil {
			return nil, err
		}
		if err := store.SaveReport(tx, r); err != nil {
			return nil, err
		}
		return encodeReport(r), nil
	})
}

// UpdateRectificationReport replaces the accounts.
func (s *ReportServer) UpdateRectificationReport(ctx context.Context, req *rectificationv1.UpdateRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	m := req.GetRectificationReport()
	if _, err := checkMask(req.GetUpdateMask(), "accounts"); err != nil {
		return nil, err
	}
	if err := checkShape("rectification_report", m); err != nil {
		return nil, err
	}
	accounts := mapped(m.GetAccounts(), decodeAccount)
	return s.change(ctx, "rectification_report.name", m.GetName(), req,
		func(_ *pg.Tx, c *domain.Rectification, r *domain.Report, at domain.Moment) error {
			return c.WriteReport(r, accounts, at.Now)
		})
}

// SubmitRectificationReport submits the report and hands its copy to the city.
func (s *ReportServer) SubmitRectificationReport(ctx context.Context, req *rectificationv1.SubmitRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return s.change(ctx, "name", req.GetName(), req,
		func(tx *pg.Tx, c *domain.Rectification, r *domain.Report, at domain.Moment) error {
			items, err := store.ItemNumbers(tx, c.Record().ID)
			if err != nil {
				return err
			}
			forCity, err := c.SubmitReport(r, items, req.GetSigner(), id, at)
			if err != nil {
				return err
			}
			if err := store.SaveByCounty(tx, c); err != nil {
				return err
			}
			return store.AddDelivery(tx, forCity)
		})
}

// ReviewRectificationReport is the group's review.
func (s *ReportServer) ReviewRectificationReport(ctx context.Context, req *rectificationv1.ReviewRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	verdict := decodeEnum[domain.Verdict](req.GetVerdict(), prefixVerdict)
	return s.change(ctx, "name", req.GetName(), req,
		func(_ *pg.Tx, _ *domain.Rectification, r *domain.Report, at domain.Moment) error {
			return r.Review(verdict, req.GetOpinion(), at.Now)
		})
}

// ForwardRectificationReport passes the report on through the office.
func (s *ReportServer) ForwardRectificationReport(ctx context.Context, req *rectificationv1.ForwardRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	return s.change(ctx, "name", req.GetName(), req,
		func(_ *pg.Tx, _ *domain.Rectification, r *domain.Report, at domain.Moment) error {
			return r.Forward(at.Now)
		})
}

// ReceiveRectificationReport records that the leading group has the report.
func (s *ReportServer) ReceiveRectificationReport(ctx context.Context, req *rectificationv1.ReceiveRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	return s.change(ctx, "name", req.GetName(), req,
		func(tx *pg.Tx, c *domain.Rectification, r *domain.Report, at domain.Moment) error {
			if err := c.ReceiveReport(r, at.Now); err != nil {
				return err
			}
			return store.SaveRectification(tx, c)
		})
}

func encodeReport(report *domain.Report) *rectificationv1.RectificationReport {
	r := report.Record()
	return &rectificationv1.RectificationReport{
		Name:          reportName.Format(r.Place.Province, r.Rectification),
		Accounts:      mapped(r.Accounts, encodeAccount),
		State:         encodeEnum[rectificationv1.SubmissionState](r.State, prefixSubmission),
		Version:       r.Count,
		ReviewOpinion: r.Opinion,
		CreateTime:    encodeTime(r.CreateTime),
		UpdateTime:    encodeTime(r.UpdateTime),
		Etag:          etag.Format(r.Version),
	}
}
