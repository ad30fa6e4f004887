package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/form"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type liaisonServer struct {
	schedulingv1.UnimplementedLiaisonBodyServiceServer
	*core
}

// RegisterLiaisonBody registers the body of the caller's city, and meets what the city
// owes for every county under notice (art. 16).
func (s *liaisonServer) RegisterLiaisonBody(ctx context.Context, req *schedulingv1.RegisterLiaisonBodyRequest) (*schedulingv1.LiaisonBody, error) {
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	of, err := s.names.city.parseIn(parent.province, "liaison_body.city", req.GetLiaisonBody().GetCity())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.LiaisonBody, error) {
		if err := store.TakeLiaisonTurn(tx, of.province, of.id); err != nil {
			return nil, err
		}
		law, err := s.lawInForce(tx, s.now())
		if err != nil {
			return nil, err
		}
		body, err := domain.RegisterLiaisonBody(law, of.province, id, of.id, decodeLiaison(req.GetLiaisonBody()))
		if err != nil {
			return nil, err
		}
		if err := store.InsertLiaisonBody(tx, body); err != nil {
			return nil, err
		}
		running, err := s.runningForCity(tx, regulation.DutyLiaison, of.id)
		if err != nil {
			return nil, err
		}
		if err := s.keepRunning(tx, running, body.DutiesOfRegistration(running)); err != nil {
			return nil, err
		}
		return encodeLiaison(body.Record()), nil
	})
}

// UpdateLiaisonBody changes what the city says of its body (art. 16).
func (s *liaisonServer) UpdateLiaisonBody(ctx context.Context, req *schedulingv1.UpdateLiaisonBodyRequest) (*schedulingv1.LiaisonBody, error) {
	name, err := s.names.liaison.parse("liaison_body.name", req.GetLiaisonBody().GetName())
	if err != nil {
		return nil, err
	}
	fields, err := liaisonFields(req.GetUpdateMask().GetPaths())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.LiaisonBody, error) {
		body, err := store.LiaisonBodyForUpdate(tx, name.province, name.id)
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), body.Record().Version); err != nil {
			return nil, err
		}
		merged := encodeLiaison(body.Record())
		mergeLiaison(merged, req.GetLiaisonBody(), fields)
		if err := form.Check("liaison_body", merged); err != nil {
			return nil, err
		}
		law, err := s.lawInForce(tx, s.now())
		if err != nil {
			return nil, err
		}
		if err := body.Change(law, decodeLiaison(merged)); err != nil {
			return nil, err
		}
		if err := store.SaveLiaisonBody(tx, body); err != nil {
			return nil, err
		}
		return encodeLiaison(body.Record()), nil
	})
}

// liaisonFields reads which fields change. The name and the etag say which object is
// meant and change nothing.
func liaisonFields(paths []string) ([]string, error) {
	known := []string{"leader", "leader.display_name", "leader.post", "lead_departments", "members", "contact"}
	var fields []string
	for _, path := range paths {
		switch {
		case slices.Contains(known, path):
			fields = append(fields, path)
		case path == "name", path == "etag":
		default:
			return nil, fault.InvalidField("update_mask", "PATH_INVALID",
				fmt.Sprintf("%q cannot be changed; of %s", path, strings.Join(known, ", ")))
		}
	}
	if len(fields) == 0 {
		return nil, fault.InvalidField("update_mask", "REQUIRED", "name at least one field to change")
	}
	return fields, nil
}

func mergeLiaison(into, from *schedulingv1.LiaisonBody, fields []string) {
	for _, field := range fields {
		switch field {
		case "leader":
			into.Leader = from.GetLeader()
		case "leader.display_name":
			into.Leader.DisplayName = from.GetLeader().GetDisplayName()
		case "leader.post":
			into.Leader.Post = from.GetLeader().GetPost()
		case "lead_departments":
			into.LeadDepartments = from.GetLeadDepartments()
		case "members":
			into.Members = from.GetMembers()
		case "contact":
			into.Contact = from.GetContact()
		}
	}
}

// GetLiaisonBody reads a liaison body; a city sees its own (art. 16).
func (s *liaisonServer) GetLiaisonBody(ctx context.Context, req *schedulingv1.GetLiaisonBodyRequest) (*schedulingv1.LiaisonBody, error) {
	return get(ctx, s.core, req, s.names.liaison, store.LiaisonBody, encodeLiaisonBody)
}

// ListLiaisonBodies lists liaison bodies; a city sees its own (art. 16).
func (s *liaisonServer) ListLiaisonBodies(ctx context.Context, req *schedulingv1.ListLiaisonBodiesRequest) (*schedulingv1.ListLiaisonBodiesResponse, error) {
	return list(ctx, s.core, req, listing[*domain.LiaisonBody, *schedulingv1.LiaisonBody, *schedulingv1.ListLiaisonBodiesResponse]{
		read: store.LiaisonBodies, key: func(b *domain.LiaisonBody) string { return b.Record().ID }, encode: encodeLiaisonBody,
		answer: func(bodies []*schedulingv1.LiaisonBody, next string) *schedulingv1.ListLiaisonBodiesResponse {
			return &schedulingv1.ListLiaisonBodiesResponse{LiaisonBodies: bodies, NextPageToken: next}
		},
	})
}

// ListLiaisonBodyChanges lists every version of a liaison body (art. 16).
func (s *liaisonServer) ListLiaisonBodyChanges(ctx context.Context, req *schedulingv1.ListLiaisonBodyChangesRequest) (*schedulingv1.ListLiaisonBodyChangesResponse, error) {
	parent, err := s.names.liaison.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	return listIn(ctx, s.core, req, parent.province, listing[store.StoredLiaisonChange, *schedulingv1.LiaisonBodyChange, *schedulingv1.ListLiaisonBodyChangesResponse]{
		read: func(tx *pg.Tx, q store.Query) ([]store.StoredLiaisonChange, error) {
			if _, err := store.LiaisonBody(tx, parent.province, parent.id); err != nil {
				return nil, err
			}
			return store.LiaisonBodyChanges(tx, parent.id, q)
		},
		key: func(c store.StoredLiaisonChange) string { return c.Sequence }, encode: encodeLiaisonChange,
		answer: func(changes []*schedulingv1.LiaisonBodyChange, next string) *schedulingv1.ListLiaisonBodyChangesResponse {
			return &schedulingv1.ListLiaisonBodyChangesResponse{Changes: changes, NextPageToken: next}
		},
	})
}

func decodeLiaison(b *schedulingv1.LiaisonBody) domain.LiaisonText {
	return domain.LiaisonText{
		Leader: domain.LiaisonLeader{DisplayName: b.GetLeader().GetDisplayName(), Post: b.GetLeader().GetPost()},
		Leads: encodeAll(b.GetLeadDepartments(), func(l *schedulingv1.LiaisonLead) domain.LiaisonLead {
			body := strings.ToLower(strings.TrimPrefix(l.GetBody().String(), "BODY_"))
			return domain.LiaisonLead{Body: regulation.Body(body), DisplayName: l.GetDisplayName()}
		}),
		Members: encodeAll(b.GetMembers(), func(m *schedulingv1.LiaisonMember) domain.LiaisonMember {
			return domain.LiaisonMember{
				DisplayName: m.GetDisplayName(), Post: m.GetPost(), Department: m.GetDepartment(), ContactWindow: m.GetContactWindow(),
			}
		}),
		Contact: b.GetContact(),
	}
}

func encodeLiaisonBody(b *domain.LiaisonBody) *schedulingv1.LiaisonBody {
	return encodeLiaison(b.Record())
}

func encodeLiaison(r domain.LiaisonBodyRecord) *schedulingv1.LiaisonBody {
	return &schedulingv1.LiaisonBody{
		Name: r.Name(), City: domain.CityName(r.Province, r.City),
		Leader: &schedulingv1.LiaisonLeader{DisplayName: r.Leader.DisplayName, Post: r.Leader.Post},
		LeadDepartments: encodeAll(r.Leads, func(l domain.LiaisonLead) *schedulingv1.LiaisonLead {
			body := schedulingv1.LiaisonLead_Body(schedulingv1.LiaisonLead_Body_value["BODY_"+strings.ToUpper(string(l.Body))])
			return &schedulingv1.LiaisonLead{Body: body, DisplayName: l.DisplayName}
		}),
		Members: encodeAll(r.Members, func(m domain.LiaisonMember) *schedulingv1.LiaisonMember {
			return &schedulingv1.LiaisonMember{
				DisplayName: m.DisplayName, Post: m.Post, Department: m.Department, ContactWindow: m.ContactWindow,
			}
		}),
		Contact: r.Contact, CreateTime: wire.Time(r.CreateTime), UpdateTime: wire.Time(r.UpdateTime),
		Etag: etag.Format(r.Version),
	}
}

func encodeLiaisonChange(c store.StoredLiaisonChange) *schedulingv1.LiaisonBodyChange {
	return &schedulingv1.LiaisonBodyChange{
		Sequence: int32(c.After.Version), LiaisonBody: encodeLiaison(c.After),
		Author: c.Author, ChangeTime: wire.Time(c.After.UpdateTime),
	}
}
