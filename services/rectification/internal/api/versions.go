package api

import (
	"context"
	"strconv"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// PlanVersionServer answers RectificationPlanVersionService (arts 15(3), 17).
type PlanVersionServer struct {
	rectificationv1.UnimplementedRectificationPlanVersionServiceServer
	Deps
}

// GetRectificationPlanVersion reads a version.
func (s *PlanVersionServer) GetRectificationPlanVersion(ctx context.Context, req *rectificationv1.GetRectificationPlanVersionRequest) (*rectificationv1.RectificationPlanVersion, error) {
	return get(ctx, s.Deps, planVersionName, req, versionOf(store.KindPlan), oneReplied(store.KindPlan, encodePlanVersion))
}

// versionOf reads a version of a case that the caller may see: who may not see the case
// sees no version of it (art. 11).
func versionOf(kind store.Kind) func(tx *pg.Tx, ids map[string]string) (domain.Version, error) {
	return func(tx *pg.Tx, ids map[string]string) (domain.Version, error) {
		if _, err := store.Rectification(tx, ids["rectification"]); err != nil {
			return domain.Version{}, err
		}
		return store.Version(tx, kind, ids["rectification"], ids["version"])
	}
}

// ListRectificationPlanVersions lists the versions of a plan by number.
func (s *PlanVersionServer) ListRectificationPlanVersions(ctx context.Context, req *rectificationv1.ListRectificationPlanVersionsRequest) (*rectificationv1.ListRectificationPlanVersionsResponse, error) {
	ids, err := parse(ctx, planName, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	versions := versionListing(store.KindPlan, ids["rectification"], encodePlanVersion)
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListRectificationPlanVersionsResponse, error) {
		if err := mayList(tx, ids["rectification"], store.Plan); err != nil {
			return nil, named(err, req.GetParent())
		}
		page, next, err := versions.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListRectificationPlanVersionsResponse{RectificationPlanVersions: page, NextPageToken: next}, err
	})
}

// mayList: before the first submission nobody but the county knows of what it writes.
func mayList[S any](tx *pg.Tx, rectification string, load func(tx *pg.Tx, rectification string) (S, error)) error {
	if tx.Principal().Inside() {
		_, err := load(tx, rectification)
		return err
	}
	_, err := store.Rectification(tx, rectification)
	return err
}

func versionListing[M any](kind store.Kind, rectification string, encode versionEncoder[M]) listing[domain.Version, M] {
	return listing[domain.Version, M]{
		read: func(tx *pg.Tx, q store.Query) ([]domain.Version, error) {
			return store.Versions(tx, kind, rectification, q)
		},
		encode: func(tx *pg.Tx, rows []domain.Version) ([]M, error) { return replied(tx, kind, rows, encode) },
		sort: func(v domain.Version) (string, []string) {
			return v.ID, []string{strconv.Itoa(int(v.Content.Submission))}
		},
	}
}

// versionEncoder writes a version with the reply to it, nil where there is none or none for
// the caller.
type versionEncoder[M any] func(v domain.Version, reply *rectificationv1.SubmissionReply) M

// replied writes versions of one case with the replies to them.
func replied[M any](tx *pg.Tx, kind store.Kind, versions []domain.Version, encode versionEncoder[M]) ([]M, error) {
	if len(versions) == 0 {
		return nil, nil
	}
	replies, err := store.Replies(tx, kind, versions[0].Rectification)
	if err != nil {
		return nil, err
	}
	return mapped(versions, func(v domain.Version) M {
		if r, ok := replies[v.Content.Submission]; ok {
			return encode(v, encodeReply(r))
		}
		return encode(v, nil)
	}), nil
}

func oneReplied[M any](kind store.Kind, encode versionEncoder[M]) func(*pg.Tx, domain.Version) (M, error) {
	return func(tx *pg.Tx, v domain.Version) (M, error) {
		all, err := replied(tx, kind, []domain.Version{v}, encode)
		if err != nil {
			var none M
			return none, err
		}
		return all[0], nil
	}
}

// CompareRectificationPlanVersions tells what a version has otherwise than another.
func (s *PlanVersionServer) CompareRectificationPlanVersions(ctx context.Context, req *rectificationv1.CompareRectificationPlanVersionsRequest) (*rectificationv1.CompareRectificationPlanVersionsResponse, error) {
	base, err := parse(ctx, planVersionName, "base", req.GetBase())
	if err != nil {
		return nil, err
	}
	return get(ctx, s.Deps, planVersionName, req, func(tx *pg.Tx, ids map[string]string) (*rectificationv1.CompareRectificationPlanVersionsResponse, error) {
		after, err := versionOf(store.KindPlan)(tx, ids)
		if err != nil {
			return nil, err
		}
		if base["rectification"] != ids["rectification"] {
			return nil, fault.InvalidField("base", "OTHER_PLAN", "must be a version of the same plan")
		}
		before, err := versionOf(store.KindPlan)(tx, base)
		if err != nil {
			return nil, named(err, req.GetBase())
		}
		measures, problems := domain.ComparePlans(before, after)
		return &rectificationv1.CompareRectificationPlanVersionsResponse{
			Measures: mapped(measures, encodeMeasureChange), Problems: mapped(problems, encodeProblemChange),
		}, nil
	}, one(itself[*rectificationv1.CompareRectificationPlanVersionsResponse]))
}

// itself is for what is read as it is answered.
func itself[M any](m M) M { return m }

func encodePlanVersion(v domain.Version, reply *rectificationv1.SubmissionReply) *rectificationv1.RectificationPlanVersion {
	return &rectificationv1.RectificationPlanVersion{
		Name:                   planVersionName.Format(v.Place.Province, v.Rectification, v.ID),
		Number:                 v.Content.Submission,
		Measures:               mapped(v.Content.Measures, encodeMeasure),
		Signer:                 v.Signature.Name,
		SignerPost:             v.Signature.Post,
		TruthfulnessCommitment: v.Signature.Truthful,
		SubmitTime:             wire.Time(v.SubmitTime),
		SubmitDate:             wire.Date(v.SubmitDate),
		Reply:                  reply,
	}
}

func encodeMeasureChange(c domain.MeasureChange) *rectificationv1.MeasureChange {
	return &rectificationv1.MeasureChange{
		Number: c.Number, Kind: encodeEnum[rectificationv1.MeasureChange_Kind](c.Kind, prefixKind),
		Fields: mapped(c.Fields, func(f domain.FieldChange) *rectificationv1.FieldChange {
			return &rectificationv1.FieldChange{Field: f.Field, Before: f.Before, After: f.After}
		}),
	}
}

func encodeProblemChange(c domain.ProblemChange) *rectificationv1.ProblemChange {
	return &rectificationv1.ProblemChange{Number: c.Number, Before: c.Before, After: c.After, Changed: c.Changed}
}
