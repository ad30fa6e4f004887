package api

import (
	"context"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type termServer struct {
	schedulingv1.UnimplementedTermServiceServer
	*core
}

// CreateTerm records a term (art. 2).
func (s *termServer) CreateTerm(ctx context.Context, req *schedulingv1.CreateTermRequest) (*schedulingv1.Term, error) {
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	start, err := wire.Day("term.start_date", req.GetTerm().GetStartDate())
	if err != nil {
		return nil, err
	}
	end, err := wire.Day("term.end_date", req.GetTerm().GetEndDate())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.Term, error) {
		term, err := domain.NewTerm(parent.province, id, req.GetTerm().GetDisplayName(), start, end, s.now())
		if err != nil {
			return nil, err
		}
		if err := store.InsertTerm(tx, term); err != nil {
			return nil, err
		}
		if err := s.keepTerm(tx, term); err != nil {
			return nil, err
		}
		// Read again: an inspection that entered before the term was recorded counts.
		if term, err = store.Term(tx, parent.province, id); err != nil {
			return nil, err
		}
		return encodeTerm(term), nil
	})
}

// keepTerm opens that every county is inspected in the term; those are met that an
// inspection covers already.
func (s *termServer) keepTerm(tx *pg.Tx, term domain.Term) error {
	law, err := s.lawInForce(tx, s.now())
	if err != nil {
		return err
	}
	covered, err := store.Covered(tx, term)
	if err != nil {
		return err
	}
	counties, err := store.CountiesOn(tx, term.Province, law.Today())
	if err != nil {
		return err
	}
	return s.keep(tx, law, term.DutiesOfTerm(counties, covered))
}

// GetTerm reads a term and how many counties it covers so far (art. 2).
func (s *termServer) GetTerm(ctx context.Context, req *schedulingv1.GetTermRequest) (*schedulingv1.Term, error) {
	return get(ctx, s.core, req, s.names.term, store.Term, encodeTerm)
}

// ListTerms lists the terms of a province (art. 2).
func (s *termServer) ListTerms(ctx context.Context, req *schedulingv1.ListTermsRequest) (*schedulingv1.ListTermsResponse, error) {
	return list(ctx, s.core, req, listing[domain.Term, *schedulingv1.Term, *schedulingv1.ListTermsResponse]{
		read: store.Terms, key: func(t domain.Term) string { return t.ID }, encode: encodeTerm,
		answer: func(terms []*schedulingv1.Term, next string) *schedulingv1.ListTermsResponse {
			return &schedulingv1.ListTermsResponse{Terms: terms, NextPageToken: next}
		},
	})
}

func encodeTerm(t domain.Term) *schedulingv1.Term {
	return &schedulingv1.Term{
		Name: t.Name(), DisplayName: t.DisplayName,
		StartDate: wire.Date(t.Start), EndDate: wire.Date(t.End),
		CoveredCountyCount: int32(t.Covered),
		CreateTime:         wire.Time(t.CreateTime), UpdateTime: wire.Time(t.UpdateTime), Etag: etag.Format(t.Version),
	}
}
