package api

import (
	"context"
	"strconv"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// FlagServer answers RectificationFlagService (art. 17).
type FlagServer struct {
	rectificationv1.UnimplementedRectificationFlagServiceServer
	Deps
}

// ListRectificationFlags lists the flags of a case.
func (s *FlagServer) ListRectificationFlags(ctx context.Context, req *rectificationv1.ListRectificationFlagsRequest) (*rectificationv1.ListRectificationFlagsResponse, error) {
	ids, err := parse(ctx, rectificationName, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListRectificationFlagsResponse, error) {
		r, err := store.Rectification(tx, ids["rectification"])
		if err != nil {
			return nil, named(err, req.GetParent())
		}
		set, err := s.Rules.Get(r.Record().RuleSet)
		if err != nil {
			return nil, err
		}
		rules, err := domain.NewFlagRules(set)
		if err != nil {
			return nil, err
		}
		flags := listing[domain.Flag, *rectificationv1.RectificationFlag]{
			read:   func(tx *pg.Tx, q store.Query) ([]domain.Flag, error) { return store.Flags(tx, r.Record().ID, rules, q) },
			encode: each(func(f domain.Flag) *rectificationv1.RectificationFlag { return encodeFlag(r.Record(), rules, f) }),
			sort:   func(f domain.Flag) (string, []string) { return f.Key, []string{strconv.Itoa(int(f.Kind))} },
		}
		found, next, err := flags.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListRectificationFlagsResponse{RectificationFlags: found, NextPageToken: next}, err
	})
}

func encodeFlag(c domain.RectificationRecord, rules domain.FlagRules, f domain.Flag) *rectificationv1.RectificationFlag {
	out := &rectificationv1.RectificationFlag{}
	if f.Item != "" {
		out.Item = itemName.Format(c.Place.Province, c.ID, f.Item)
	}
	other := ""
	if f.Other.Item != "" {
		other = itemName.Format(c.Place.Province, f.Other.Rectification, f.Other.Item)
	}
	county := nameOf(countyName, c.Place.Province, f.Other.County)
	switch f.Kind {
	case domain.SameEvidence:
		out.Proof = &rectificationv1.RectificationFlag_SameEvidence_{SameEvidence: &rectificationv1.RectificationFlag_SameEvidence{
			Evidence: encodeEvidence(f.Evidence), OtherItem: other, OtherCounty: county, OtherEvidence: encodeEvidence(f.Other.Evidence),
		}}
	case domain.EarlyEvidence:
		out.Proof = &rectificationv1.RectificationFlag_EarlyEvidence_{EarlyEvidence: &rectificationv1.RectificationFlag_EarlyEvidence{
			Evidence: encodeEvidence(f.Evidence), Since: wire.Date(f.Since),
		}}
	case domain.AlikeMeasures:
		out.Proof = &rectificationv1.RectificationFlag_AlikeMeasures_{AlikeMeasures: &rectificationv1.RectificationFlag_AlikeMeasures{
			Measure: f.Measure, OtherItem: other, OtherCounty: county, OtherMeasure: f.Other.Measure,
			SimilarityPercent: f.Similarity, ThresholdPercent: int32(rules.Alike),
		}}
	case domain.LastDayBurst:
		out.Proof = &rectificationv1.RectificationFlag_LastDayBurst_{LastDayBurst: &rectificationv1.RectificationFlag_LastDayBurst{
			DueDate: wire.Date(f.Due), DueItems: f.DueItems, Numbers: f.Numbers, ThresholdPercent: int32(rules.BurstShare),
		}}
	}
	return out
}
