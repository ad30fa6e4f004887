package api

import (
	"context"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// ReportVersionServer answers RectificationReportVersionService (arts 15(3), 17).
type ReportVersionServer struct {
	rectificationv1.UnimplementedRectificationReportVersionServiceServer
	Deps
}

// GetRectificationReportVersion reads a version.
func (s *ReportVersionServer) GetRectificationReportVersion(ctx context.Context, req *rectificationv1.GetRectificationReportVersionRequest) (*rectificationv1.RectificationReportVersion, error) {
	return get(ctx, s.Deps, reportVersionName, req, versionOf(store.KindReport), oneReplied(store.KindReport, encodeReportVersion))
}

// ListRectificationReportVersions lists the versions of a report by number.
func (s *ReportVersionServer) ListRectificationReportVersions(ctx context.Context, req *rectificationv1.ListRectificationReportVersionsRequest) (*rectificationv1.ListRectificationReportVersionsResponse, error) {
	ids, err := parse(ctx, reportName, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	versions := versionListing(store.KindReport, ids["rectification"], encodeReportVersion)
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListRectificationReportVersionsResponse, error) {
		if err := mayList(tx, ids["rectification"], store.Report); err != nil {
			return nil, named(err, req.GetParent())
		}
		page, next, err := versions.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListRectificationReportVersionsResponse{RectificationReportVersions: page, NextPageToken: next}, err
	})
}

func encodeReportVersion(v domain.Version, reply *rectificationv1.SubmissionReply) *rectificationv1.RectificationReportVersion {
	return &rectificationv1.RectificationReportVersion{
		Name:                   reportVersionName.Format(v.Place.Province, v.Rectification, v.ID),
		Number:                 v.Content.Submission,
		Accounts:               mapped(v.Content.Accounts, encodeAccount),
		Signer:                 v.Signature.Name,
		SignerPost:             v.Signature.Post,
		TruthfulnessCommitment: v.Signature.Truthful,
		SubmitTime:             wire.Time(v.SubmitTime),
		SubmitDate:             wire.Date(v.SubmitDate),
		Reply:                  reply,
	}
}
