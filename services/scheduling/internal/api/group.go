package api

import (
	"context"
	"strings"
	"time"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type groupServer struct {
	schedulingv1.UnimplementedInspectionGroupServiceServer
	*core
}

// CreateInspectionGroup forms a group with exactly one leader (arts 4, 12(6)).
func (s *groupServer) CreateInspectionGroup(ctx context.Context, req *schedulingv1.CreateInspectionGroupRequest) (*schedulingv1.InspectionGroup, error) {
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	wanted := req.GetInspectionGroup()
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.InspectionGroup, error) {
		members := encodeAll(wanted.GetMembers(), decodeMember)
		group, err := domain.FormGroup(parent.province, id, wanted.GetDisplayName(), members, s.now())
		if err != nil {
			return nil, err
		}
		if err := store.InsertGroup(tx, group); err != nil {
			return nil, err
		}
		return encodeGroup(group), nil
	})
}

// RemoveGroupMember takes a member out; access to every task of the group ends
// with it, here and in the other services (art. 12(6)).
func (s *groupServer) RemoveGroupMember(ctx context.Context, req *schedulingv1.RemoveGroupMemberRequest) (*schedulingv1.InspectionGroup, error) {
	name, err := s.names.group.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.InspectionGroup, error) {
		now := s.now()
		group, err := store.GroupForUpdate(tx, name.province, name.id)
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), group.Record().Version); err != nil {
			return nil, err
		}
		removal, err := group.RemoveMember(req.GetSubject(), req.GetReason(), now)
		if err != nil {
			return nil, err
		}
		if err := store.SaveRemoval(tx, group, removal); err != nil {
			return nil, err
		}
		if err := announceMembers(tx, group, now); err != nil {
			return nil, err
		}
		return encodeGroup(group), nil
	})
}

// announceMembers tells the other services who is a member of each task now. A
// closed task has no members any more (domain.md §8(b)).
func announceMembers(tx *pg.Tx, group *domain.Group, now time.Time) error {
	r := group.Record()
	tasks, err := store.OpenTasksOfGroup(tx, r.Province, r.ID)
	if err != nil {
		return err
	}
	for _, id := range tasks {
		task := domain.InspectionName(r.Province, id)
		changed := &eventv1.TaskMembershipChanged{Inspection: task, Members: encodeTaskMembers(group)}
		if err := announce(tx, task, changed, now, casefile, rectification); err != nil {
			return err
		}
	}
	return nil
}

// GetInspectionGroup reads a group (art. 4).
func (s *groupServer) GetInspectionGroup(ctx context.Context, req *schedulingv1.GetInspectionGroupRequest) (*schedulingv1.InspectionGroup, error) {
	return get(ctx, s.core, req, s.names.group, store.Group, encodeGroup)
}

// ListInspectionGroups lists the groups of a province (art. 4).
func (s *groupServer) ListInspectionGroups(ctx context.Context, req *schedulingv1.ListInspectionGroupsRequest) (*schedulingv1.ListInspectionGroupsResponse, error) {
	return list(ctx, s.core, req, listing[*domain.Group, *schedulingv1.InspectionGroup, *schedulingv1.ListInspectionGroupsResponse]{
		read: store.Groups, key: func(g *domain.Group) string { return g.Record().ID }, encode: encodeGroup,
		answer: func(groups []*schedulingv1.InspectionGroup, next string) *schedulingv1.ListInspectionGroupsResponse {
			return &schedulingv1.ListInspectionGroupsResponse{InspectionGroups: groups, NextPageToken: next}
		},
	})
}

func decodeMember(m *schedulingv1.GroupMember) domain.GroupMember {
	post := domain.Post(strings.TrimPrefix(m.GetPost().String(), "POST_"))
	return domain.GroupMember{Subject: m.GetSubject(), DisplayName: m.GetDisplayName(), Post: post}
}

func encodeGroup(g *domain.Group) *schedulingv1.InspectionGroup {
	r := g.Record()
	return &schedulingv1.InspectionGroup{
		Name: r.Name(), DisplayName: r.DisplayName,
		Members: encodeAll(r.Members, func(m domain.GroupMember) *schedulingv1.GroupMember {
			post := schedulingv1.GroupMember_Post(schedulingv1.GroupMember_Post_value["POST_"+string(m.Post)])
			return &schedulingv1.GroupMember{Subject: m.Subject, DisplayName: m.DisplayName, Post: post}
		}),
		CreateTime: wire.Time(r.CreateTime), UpdateTime: wire.Time(r.UpdateTime), Etag: etag.Format(r.Version),
	}
}

func encodeTaskMembers(g *domain.Group) []*eventv1.TaskMember {
	return encodeAll(g.Record().Members, func(m domain.GroupMember) *eventv1.TaskMember {
		return &eventv1.TaskMember{Subject: m.Subject, DisplayName: m.DisplayName, Leader: m.Post == domain.Leader}
	})
}
