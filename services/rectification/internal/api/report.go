package api

import (
	"context"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/form"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// ReportServer answers RectificationReportService (art. 17).
type ReportServer struct {
	rectificationv1.UnimplementedRectificationReportServiceServer
	Deps
}

// reports is how reports are read and changed.
func reports() chain[domain.Report, *rectificationv1.RectificationReport] {
	return chain[domain.Report, *rectificationv1.RectificationReport]{
		kind: store.KindReport, pattern: reportName, load: store.Report, save: store.SaveReport,
		encode:  encodeReport,
		common:  func(r *domain.Report) domain.Submission { return r.Record().Submission },
		version: (*domain.Report).Version,
	}
}

// GetRectificationReport reads a report; before it is submitted only the county does.
func (s *ReportServer) GetRectificationReport(ctx context.Context, req *rectificationv1.GetRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	return reports().get(ctx, s.Deps, req)
}

// UpdateRectificationReport replaces the accounts.
func (s *ReportServer) UpdateRectificationReport(ctx context.Context, req *rectificationv1.UpdateRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	m := req.GetRectificationReport()
	if _, err := checkMask(req.GetUpdateMask(), "accounts"); err != nil {
		return nil, err
	}
	if err := form.Check("rectification_report", m); err != nil {
		return nil, err
	}
	accounts := mapped(m.GetAccounts(), decodeAccount)
	return reports().change(ctx, s.Deps, "rectification_report.name", m.GetName(), req,
		func(_ *pg.Tx, c *domain.Rectification, r *domain.Report, at obligation.Moment) error {
			return c.WriteReport(r, accounts, at.Now)
		})
}

// SubmitRectificationReport submits the report and hands its copy to the city.
func (s *ReportServer) SubmitRectificationReport(ctx context.Context, req *rectificationv1.SubmitRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	id, err := newID()
	if err != nil {
		return nil, err
	}
	signature := domain.Signature{Name: req.GetSigner(), Post: req.GetSignerPost(), Truthful: req.GetTruthfulnessCommitment()}
	return reports().change(ctx, s.Deps, "name", req.GetName(), req,
		func(tx *pg.Tx, c *domain.Rectification, r *domain.Report, at obligation.Moment) error {
			items, err := store.ItemNumbers(tx, c.Record().ID)
			if err != nil {
				return err
			}
			forCity, dues, err := c.SubmitReport(r, items, signature, id, at)
			if err != nil {
				return err
			}
			if err := store.SaveByCounty(tx, c); err != nil {
				return err
			}
			if err := store.AddDelivery(tx, forCity); err != nil {
				return err
			}
			return s.settle(tx, at, caseName(c), dues)
		})
}

// ReviewRectificationReport is the one reply to the report.
func (s *ReportServer) ReviewRectificationReport(ctx context.Context, req *rectificationv1.ReviewRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	return reports().reply(ctx, s.Deps, req,
		func(_ *pg.Tx, _ *domain.Rectification, r *domain.Report, reply *domain.Reply, by domain.Replier, at obligation.Moment) error {
			return r.Review(reply, by, at.Now)
		})
}

// ForwardRectificationReport passes the report on through the office.
func (s *ReportServer) ForwardRectificationReport(ctx context.Context, req *rectificationv1.ForwardRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	return reports().forward(ctx, s.Deps, req, func(r *domain.Report, by, replier string, at obligation.Moment) error {
		return r.Forward(by, replier, at.Now)
	})
}

// ReceiveRectificationReport records that the leading group has the report.
func (s *ReportServer) ReceiveRectificationReport(ctx context.Context, req *rectificationv1.ReceiveRectificationReportRequest) (*rectificationv1.RectificationReport, error) {
	return reports().change(ctx, s.Deps, "name", req.GetName(), req,
		func(tx *pg.Tx, c *domain.Rectification, r *domain.Report, at obligation.Moment) error {
			if err := c.ReceiveReport(r, at.Now); err != nil {
				return err
			}
			return store.SaveRectification(tx, c)
		})
}

func encodeReport(_ Deps, tx *pg.Tx, report *domain.Report) (*rectificationv1.RectificationReport, error) {
	r := report.Record()
	c, err := store.Rectification(tx, r.Rectification)
	if err != nil {
		return nil, err
	}
	reply, err := lastReply(tx, store.KindReport, r.Submission)
	if err != nil {
		return nil, err
	}
	return &rectificationv1.RectificationReport{
		Name:                   reportName.Format(r.Place.Province, r.Rectification),
		Accounts:               mapped(r.Accounts, encodeAccount),
		State:                  encodeEnum[rectificationv1.SubmissionState](r.State, prefixSubmission),
		Version:                r.Count,
		ReviewOpinion:          r.Opinion,
		Signer:                 r.Signature.Name,
		SignerPost:             r.Signature.Post,
		TruthfulnessCommitment: r.Signature.Truthful,
		SubmitDate:             wire.Date(c.Record().ReportSubmitDate),
		Reply:                  reply,
		CreateTime:             wire.Time(r.CreateTime),
		UpdateTime:             wire.Time(r.UpdateTime),
		Etag:                   etag.Format(r.Version),
	}, nil
}
