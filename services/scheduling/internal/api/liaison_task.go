package api

import (
	"context"

	"google.golang.org/protobuf/proto"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type liaisonTaskServer struct {
	schedulingv1.UnimplementedLiaisonTaskServiceServer
	*core
}

// CreateLiaisonTask assigns a task to a city's liaison body (arts 12(2), 16).
func (s *liaisonTaskServer) CreateLiaisonTask(ctx context.Context, req *schedulingv1.CreateLiaisonTaskRequest) (*schedulingv1.LiaisonTask, error) {
	m := req.GetLiaisonTask()
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	to, err := s.names.liaison.parseIn(parent.province, "liaison_task.liaison_body", m.GetLiaisonBody())
	if err != nil {
		return nil, err
	}
	text := domain.LiaisonTaskText{Title: m.GetTitle(), Content: m.GetContent()}
	if text.Due, err = wire.Day("liaison_task.due_date", m.GetDueDate()); err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.LiaisonTask, error) {
		body, err := store.AnyLiaisonBody(tx, to.province, to.id)
		if err != nil {
			return nil, err
		}
		about, err := s.aboutInspection(tx, parent.province, m.GetInspection())
		if err != nil {
			return nil, err
		}
		task, err := domain.AssignTask(id, body, about, domain.Assigner(tx.Principal().Party), text, s.now())
		if err != nil {
			return nil, err
		}
		if err := store.InsertLiaisonTask(tx, task); err != nil {
			return nil, err
		}
		return encodeLiaisonTask(task), nil
	})
}

// aboutInspection reads the inspection that a task names, nil if none.
func (s *liaisonTaskServer) aboutInspection(tx *pg.Tx, province, name string) (*domain.Inspection, error) {
	if name == "" {
		return nil, nil
	}
	about, err := s.names.inspection.parseIn(province, "liaison_task.inspection", name)
	if err != nil {
		return nil, err
	}
	return store.Inspection(tx, about.province, about.id)
}

// GetLiaisonTask reads a task (art. 16).
func (s *liaisonTaskServer) GetLiaisonTask(ctx context.Context, req *schedulingv1.GetLiaisonTaskRequest) (*schedulingv1.LiaisonTask, error) {
	return get(ctx, s.core, req, s.names.liaisonTask, store.LiaisonTask, encodeLiaisonTask)
}

// ListLiaisonTasks lists tasks; a city sees its own (art. 16).
func (s *liaisonTaskServer) ListLiaisonTasks(ctx context.Context, req *schedulingv1.ListLiaisonTasksRequest) (*schedulingv1.ListLiaisonTasksResponse, error) {
	return list(ctx, s.core, req, listing[*domain.LiaisonTask, *schedulingv1.LiaisonTask, *schedulingv1.ListLiaisonTasksResponse]{
		read: store.LiaisonTasks, key: func(t *domain.LiaisonTask) string { return t.Record().ID }, encode: encodeLiaisonTask,
		answer: func(tasks []*schedulingv1.LiaisonTask, next string) *schedulingv1.ListLiaisonTasksResponse {
			return &schedulingv1.ListLiaisonTasksResponse{LiaisonTasks: tasks, NextPageToken: next}
		},
	})
}

// AcceptLiaisonTask takes a task out of the inbox (art. 16).
func (s *liaisonTaskServer) AcceptLiaisonTask(ctx context.Context, req *schedulingv1.AcceptLiaisonTaskRequest) (*schedulingv1.LiaisonTask, error) {
	return s.step(ctx, req, store.SaveLiaisonAnswer, func(_ *pg.Tx, t *domain.LiaisonTask) error { return t.Accept(s.now()) })
}

// CompleteLiaisonTask answers that a task is done (art. 16).
func (s *liaisonTaskServer) CompleteLiaisonTask(ctx context.Context, req *schedulingv1.CompleteLiaisonTaskRequest) (*schedulingv1.LiaisonTask, error) {
	return s.step(ctx, req, store.SaveLiaisonAnswer, func(_ *pg.Tx, t *domain.LiaisonTask) error {
		return t.Complete(req.GetAnswer(), req.GetSigner(), s.now())
	})
}

// ReturnLiaisonTask hands a task back undone (art. 16).
func (s *liaisonTaskServer) ReturnLiaisonTask(ctx context.Context, req *schedulingv1.ReturnLiaisonTaskRequest) (*schedulingv1.LiaisonTask, error) {
	return s.step(ctx, req, store.SaveLiaisonAnswer, func(_ *pg.Tx, t *domain.LiaisonTask) error {
		return t.Return(req.GetAnswer(), req.GetSigner(), s.now())
	})
}

// CloseLiaisonTask closes what was answered (art. 16).
func (s *liaisonTaskServer) CloseLiaisonTask(ctx context.Context, req *schedulingv1.CloseLiaisonTaskRequest) (*schedulingv1.LiaisonTask, error) {
	return s.step(ctx, req, store.SaveLiaisonClosing, func(tx *pg.Tx, t *domain.LiaisonTask) error {
		return t.Close(domain.Assigner(tx.Principal().Party), req.GetClosingRemark(), s.now())
	})
}

// step takes a task one state on.
func (s *liaisonTaskServer) step(ctx context.Context, req interface {
	proto.Message
	GetName() string
	GetEtag() string
	GetRequestId() string
}, save func(*pg.Tx, *domain.LiaisonTask) error, do func(*pg.Tx, *domain.LiaisonTask) error,
) (*schedulingv1.LiaisonTask, error) {
	name, err := s.names.liaisonTask.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.LiaisonTask, error) {
		task, err := store.LiaisonTask(tx, name.province, name.id)
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), task.Record().Version); err != nil {
			return nil, err
		}
		if err := do(tx, task); err != nil {
			return nil, err
		}
		if err := save(tx, task); err != nil {
			return nil, err
		}
		return encodeLiaisonTask(task), nil
	})
}

func encodeLiaisonTask(t *domain.LiaisonTask) *schedulingv1.LiaisonTask {
	r := t.Record()
	return &schedulingv1.LiaisonTask{
		Name: r.Name(), LiaisonBody: domain.LiaisonBodyName(r.Province, r.LiaisonBody), City: domain.CityName(r.Province, r.City),
		Inspection: domain.InspectionName(r.Province, r.Inspection), Title: r.Title, Content: r.Content, DueDate: wire.Date(r.Due),
		AssignerParty: policyv1.Party(policyv1.Party_value["PARTY_"+string(r.Assigner)]),
		State:         schedulingv1.LiaisonTask_State(schedulingv1.LiaisonTask_State_value["STATE_"+string(r.State)]),
		Answer:        r.Answer, Signer: r.Signer, AcceptTime: wire.Time(r.AcceptTime), AnswerTime: wire.Time(r.AnswerTime),
		CloseTime: wire.Time(r.CloseTime), ClosingRemark: r.ClosingRemark,
		CreateTime: wire.Time(r.CreateTime), UpdateTime: wire.Time(r.UpdateTime), Etag: etag.Format(r.Version),
	}
}
