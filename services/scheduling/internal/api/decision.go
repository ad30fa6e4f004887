package api

import (
	"context"
	"fmt"
	"strings"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/docketserver"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type decisionServer struct {
	schedulingv1.UnimplementedDecisionServiceServer
	*core
}

// CreateDecision records a decision of the leading group (art. 5).
func (s *decisionServer) CreateDecision(ctx context.Context, req *schedulingv1.CreateDecisionRequest) (*schedulingv1.Decision, error) {
	parent, err := s.names.province.parse("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	decided, err := wire.Day("decision.decide_date", req.GetDecision().GetDecideDate())
	if err != nil {
		return nil, err
	}
	items, named, err := s.decodeItems(parent.province, req.GetDecision().GetItems())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.Decision, error) {
		if err := store.RequireBatches(tx, parent.province, named[domain.ApproveBatch]); err != nil {
			return nil, err
		}
		if err := store.RequireInspections(tx, parent.province, named[domain.ExtendOnSite]); err != nil {
			return nil, err
		}
		now := s.now()
		decision, err := domain.NewDecision(domain.DecisionRecord{
			Province: parent.province, ID: id, DocumentNumber: req.GetDecision().GetDocumentNumber(),
			DecideDate: decided, Items: items, CreateTime: now,
		}, workday.DateOf(now))
		if err != nil {
			return nil, err
		}
		if err := store.InsertDecision(tx, decision); err != nil {
			return nil, err
		}
		return encodeDecision(decision), nil
	})
}

// decodeItems reads the items, and the ids that those of each kind name. What belongs
// to another service is checked there, when it asks for the decision.
func (s *decisionServer) decodeItems(province string, items []*schedulingv1.DecisionItem) ([]domain.DecisionItem, map[domain.DecisionKind][]string, error) {
	forms := map[domain.DecisionKind]nameForm{
		domain.ApproveBatch:       s.names.batch,
		domain.AgreeReport:        s.names.report,
		domain.CloseRectification: s.names.rectification,
		domain.ExtendObligation:   s.names.obligation,
		domain.SuspendObligation:  s.names.obligation,
		domain.ResumeObligation:   s.names.obligation,
		domain.ShortenObligation:  s.names.obligation,
		domain.ExtendOnSite:       s.names.inspection,
		domain.ConsentImmediate:   s.names.immediate,
		domain.BypassCity:         s.names.immediate,
		domain.DeferItem:          s.names.item,
	}
	out := make([]domain.DecisionItem, 0, len(items))
	named := make(map[domain.DecisionKind][]string)
	for n, item := range items {
		kind := domain.DecisionKind(strings.TrimPrefix(item.GetKind().String(), "KIND_"))
		form, known := forms[kind]
		if !known {
			path := fmt.Sprintf("decision.items[%d].kind", n)
			return nil, nil, fault.InvalidField(path, "ENUM_UNKNOWN", "there is no such kind of matter")
		}
		subject, err := form.parseIn(province, fmt.Sprintf("decision.items[%d].subject", n), item.GetSubject())
		if err != nil {
			return nil, nil, err
		}
		named[kind] = append(named[kind], subject.id)
		out = append(out, domain.DecisionItem{Kind: kind, Subject: item.GetSubject(), Text: item.GetText()})
	}
	return out, named, nil
}

// Decided tells whether a decision of the leading group has an item of the kind for
// an obligation of this service (art. 5).
func (s *Servers) Decided(ctx context.Context, decision string, action docketserver.Action, obligation string) (bool, error) {
	by, err := s.names.decision.parse("decision", decision)
	if err != nil {
		return false, err
	}
	var covered bool
	err = s.DB.Read(ctx, func(tx *pg.Tx) error {
		if by.province != tx.Principal().Province {
			return fault.Missing(decision)
		}
		found, err := store.Decision(tx, by.province, by.id)
		if err != nil {
			return err
		}
		covered = found.Covers(domain.DecisionKind(action), obligation)
		return nil
	})
	return covered, err
}

// GetDecision reads a decision; other services check a gate with it (arts 5, 9, 10, 11, 17).
func (s *decisionServer) GetDecision(ctx context.Context, req *schedulingv1.GetDecisionRequest) (*schedulingv1.Decision, error) {
	return get(ctx, s.core, req, s.names.decision, store.Decision, encodeDecision)
}

// ListDecisions lists the decisions of a province (art. 5).
func (s *decisionServer) ListDecisions(ctx context.Context, req *schedulingv1.ListDecisionsRequest) (*schedulingv1.ListDecisionsResponse, error) {
	return list(ctx, s.core, req, listing[*domain.Decision, *schedulingv1.Decision, *schedulingv1.ListDecisionsResponse]{
		read: store.Decisions, key: func(d *domain.Decision) string { return d.Record().ID }, encode: encodeDecision,
		answer: func(decisions []*schedulingv1.Decision, next string) *schedulingv1.ListDecisionsResponse {
			return &schedulingv1.ListDecisionsResponse{Decisions: decisions, NextPageToken: next}
		},
	})
}

// A decision never changes, so it has one version for ever.
func encodeDecision(d *domain.Decision) *schedulingv1.Decision {
	r := d.Record()
	return &schedulingv1.Decision{
		Name: r.Name(), DocumentNumber: r.DocumentNumber, DecideDate: wire.Date(r.DecideDate),
		Items: encodeAll(r.Items, func(i domain.DecisionItem) *schedulingv1.DecisionItem {
			kind := schedulingv1.DecisionItem_Kind(schedulingv1.DecisionItem_Kind_value["KIND_"+string(i.Kind)])
			return &schedulingv1.DecisionItem{Kind: kind, Subject: i.Subject, Text: i.Text}
		}),
		CreateTime: wire.Time(r.CreateTime), UpdateTime: wire.Time(r.CreateTime), Etag: etag.Format(1),
	}
}
