package api

import (
	"context"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type briefingServer struct {
	schedulingv1.UnimplementedBriefingServiceServer
	*core
}

// CreateBriefing hands in a briefing about a county (arts 12(3), 15(1)).
func (s *briefingServer) CreateBriefing(ctx context.Context, req *schedulingv1.CreateBriefingRequest) (*schedulingv1.Briefing, error) {
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	about, err := s.names.county.parseIn(parent.province, "briefing.county", req.GetBriefing().GetCounty())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.Briefing, error) {
		author := tx.Principal()
		briefing := domain.Briefing{
			Province: parent.province, ID: id, County: about.id, AuthorParty: string(author.Party),
			AuthorCity: author.City, Content: req.GetBriefing().GetContent(), CreateTime: s.now(),
		}
		supervised, err := store.Supervises(tx, briefing.Province, briefing.AuthorCity, briefing.County, workday.DateOf(briefing.CreateTime))
		if err != nil {
			return nil, err
		}
		if err := briefing.CheckJurisdiction(supervised); err != nil {
			return nil, err
		}
		if err := store.InsertBriefing(tx, briefing); err != nil {
			return nil, err
		}
		running, err := s.runningFor(tx, regulation.DutyCityBriefing, briefing.County)
		if err != nil {
			return nil, err
		}
		if err := s.keepRunning(tx, running, briefing.DutiesOfBriefing(running)); err != nil {
			return nil, err
		}
		return encodeBriefing(briefing), nil
	})
}

// GetBriefing reads a briefing (arts 12(3), 15(1)).
func (s *briefingServer) GetBriefing(ctx context.Context, req *schedulingv1.GetBriefingRequest) (*schedulingv1.Briefing, error) {
	return get(ctx, s.core, req, s.names.briefing, store.Briefing, encodeBriefing)
}

// ListBriefings lists briefings; an author sees its own (arts 12(3), 15(1)).
func (s *briefingServer) ListBriefings(ctx context.Context, req *schedulingv1.ListBriefingsRequest) (*schedulingv1.ListBriefingsResponse, error) {
	return list(ctx, s.core, req, listing[domain.Briefing, *schedulingv1.Briefing, *schedulingv1.ListBriefingsResponse]{
		read: store.Briefings, key: func(b domain.Briefing) string { return b.ID }, encode: encodeBriefing,
		answer: func(briefings []*schedulingv1.Briefing, next string) *schedulingv1.ListBriefingsResponse {
			return &schedulingv1.ListBriefingsResponse{Briefings: briefings, NextPageToken: next}
		},
	})
}

func encodeBriefing(b domain.Briefing) *schedulingv1.Briefing {
	return &schedulingv1.Briefing{
		Name: b.Name(), County: domain.CountyName(b.Province, b.County),
		AuthorParty:        policyv1.Party(policyv1.Party_value["PARTY_"+b.AuthorParty]),
		AuthorJurisdiction: b.AuthorJurisdiction(), Content: b.Content, CreateTime: wire.Time(b.CreateTime),
	}
}
