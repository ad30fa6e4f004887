package api

import (
	"context"
	"strconv"
	"strings"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/casefile/internal/store"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// Petitions implements PetitionService.
type Petitions struct {
	casefilev1.UnimplementedPetitionServiceServer
	*base
}

// CreatePetition registers a petition under the next number (art. 8).
func (s *Petitions) CreatePetition(ctx context.Context, req *casefilev1.CreatePetitionRequest) (*casefilev1.Petition, error) {
	at, err := caseFileAt("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	id, err := randomID()
	if err != nil {
		return nil, err
	}
	key := domain.Key{Province: at.province, CaseFile: at.id, ID: id}
	return inTurn(ctx, func() (*casefilev1.Petition, error) {
		return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.Petition, error) {
			return s.register(tx, key, req)
		})
	})
}

func (s *Petitions) register(tx *pg.Tx, key domain.Key, req *casefilev1.CreatePetitionRequest) (*casefilev1.Petition, error) {
	if _, err := openFile(tx, key, req.GetParent(), domain.MayRegister); err != nil {
		return nil, err
	}
	number, err := store.NextPetitionNumber(tx, key.Province, key.CaseFile)
	if err != nil {
		return nil, as(req.GetParent(), err)
	}
	petition := domain.RegisterPetition(key, number, decodeMessage(req.GetPetition()), s.now())
	if err := store.InsertPetition(tx, petition); err != nil {
		return nil, err
	}
	return encodePetition(petition), nil
}

// inTurn repeats a registration that others were quicker at until its turn comes:
// nothing was decided, and each time one of them gets through. The call's deadline
// ends the waiting.
func inTurn[T any](ctx context.Context, register func() (T, error)) (T, error) {
	for {
		answer, err := register()
		if !store.Overtaken(err) || ctx.Err() != nil {
			return answer, err
		}
	}
}

// GetPetition reads a petition; the reading is audited (art. 8).
func (s *Petitions) GetPetition(ctx context.Context, req *casefilev1.GetPetitionRequest) (*casefilev1.Petition, error) {
	key, err := petitionAt(req.GetName())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.Petition, error) {
		petition, err := store.Petition(tx, key)
		if err != nil {
			return nil, as(req.GetName(), err)
		}
		return encodePetition(petition), nil
	})
}

// ListPetitions lists the petitions of a case file by number; audited (art. 8).
func (s *Petitions) ListPetitions(ctx context.Context, req *casefilev1.ListPetitionsRequest) (*casefilev1.ListPetitionsResponse, error) {
	at, err := caseFileAt("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	list := listing[*domain.Petition, *casefilev1.Petition]{store.Petitions, encodePetition,
		func(p *domain.Petition) (string, []string) {
			r := p.Record()
			return r.ID, []string{strconv.Itoa(int(r.Number))}
		}}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (resp *casefilev1.ListPetitionsResponse, err error) {
		if _, err := store.CaseFile(tx, at.province, at.id); err != nil {
			return nil, as(req.GetParent(), err)
		}
		resp = &casefilev1.ListPetitionsResponse{}
		resp.Petitions, resp.NextPageToken, err = list.page(ctx, s.base, tx, req, at.query())
		return resp, err
	})
}

// ConcludePetition records the outcome (art. 8).
func (s *Petitions) ConcludePetition(ctx context.Context, req *casefilev1.ConcludePetitionRequest) (*casefilev1.Petition, error) {
	key, err := petitionAt(req.GetName())
	if err != nil {
		return nil, err
	}
	outcome := domain.Outcome(strings.TrimPrefix(req.GetOutcome().String(), "OUTCOME_"))
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*casefilev1.Petition, error) {
		petition, err := store.Petition(tx, key)
		if err != nil {
			return nil, as(req.GetName(), err)
		}
		if err := etag.Check(req.GetEtag(), petition.Record().Version); err != nil {
			return nil, err
		}
		if err := petition.Conclude(outcome); err != nil {
			return nil, err
		}
		if err := store.SavePetition(tx, petition); err != nil {
			return nil, err
		}
		return encodePetition(petition), nil
	})
}

func decodeMessage(p *casefilev1.Petition) domain.Message {
	return domain.Message{
		Channel:      domain.Channel(strings.TrimPrefix(p.GetChannel().String(), "CHANNEL_")),
		RealName:     p.GetRealName(),
		Content:      p.GetContent(),
		AccusedPosts: p.GetAccusedPosts(),
	}
}
