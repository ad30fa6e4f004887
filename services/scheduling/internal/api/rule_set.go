package api

import (
	"cmp"
	"context"
	"slices"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type ruleSetServer struct {
	schedulingv1.UnimplementedRuleSetServiceServer
	*core
}

// shownRules is a rule set as a province sees it today.
type shownRules struct {
	*regulation.RuleSet
	province string
	selected bool
}

// shown makes sense of the book for a province.
func (s *ruleSetServer) shown(province string, sets ...*regulation.RuleSet) []shownRules {
	selected, err := s.Book.Select(regulation.County, workday.DateOf(s.now()))
	out := make([]shownRules, 0, len(sets))
	for _, rs := range sets {
		out = append(out, shownRules{rs, province, err == nil && rs.ID == selected.ID})
	}
	return out
}

// GetRuleSet reads a rule set (arts 19, 20).
func (s *ruleSetServer) GetRuleSet(ctx context.Context, req *schedulingv1.GetRuleSetRequest) (*schedulingv1.RuleSet, error) {
	read := func(tx *pg.Tx, province, id string) (shownRules, error) {
		rs, ok := s.Book.Find(id)
		if !ok || province != tx.Principal().Province {
			return shownRules{}, fault.Missing(req.GetName())
		}
		return s.shown(province, rs)[0], nil
	}
	return get(ctx, s.core, req, s.names.ruleSet, read, encodeRuleSet)
}

// ListRuleSets lists all rule sets by id (arts 19, 20).
func (s *ruleSetServer) ListRuleSets(ctx context.Context, req *schedulingv1.ListRuleSetsRequest) (*schedulingv1.ListRuleSetsResponse, error) {
	return list(ctx, s.core, req, listing[shownRules, *schedulingv1.RuleSet, *schedulingv1.ListRuleSetsResponse]{
		read: func(tx *pg.Tx, q store.Query) ([]shownRules, error) {
			if q.Province != tx.Principal().Province {
				return nil, nil
			}
			sets := slices.DeleteFunc(s.Book.All(), func(rs *regulation.RuleSet) bool { return rs.ID <= q.Cursor.ID })
			slices.SortFunc(sets, func(a, b *regulation.RuleSet) int { return cmp.Compare(a.ID, b.ID) })
			return s.shown(q.Province, sets[:min(len(sets), q.Size+1)]...), nil
		},
		key: func(r shownRules) string { return r.ID }, encode: encodeRuleSet,
		answer: func(sets []*schedulingv1.RuleSet, next string) *schedulingv1.ListRuleSetsResponse {
			return &schedulingv1.ListRuleSetsResponse{RuleSets: sets, NextPageToken: next}
		},
	})
}

func encodeRuleSet(r shownRules) *schedulingv1.RuleSet {
	return &schedulingv1.RuleSet{
		Name: domain.RuleSetName(r.province, r.ID), DisplayName: r.Title,
		StartDate: wire.Date(r.From), EndDate: wire.Date(r.To),
		TargetKinds: texts(r.AppliesTo), Verified: r.Verified, Selected: r.selected,
		Parameters: encodeAll(r.Parameters, encodeParameter), Clocks: encodeAll(r.Clocks, encodeClock),
		Duties: encodeAll(r.Duties, encodeDuty), Ladders: encodeAll(r.Ladders, encodeLadder),
		Gates: encodeAll(r.Gates, encodeGate), Documents: encodeAll(r.Documents, encodeDocument),
		InterpretedRuleSet: domain.RuleSetName(r.province, r.Interprets),
		Interpretations:    encodeAll(r.Interpretations, encodeInterpretation),
	}
}

func texts[S ~string](list []S) []string {
	return encodeAll(list, func(s S) string { return string(s) })
}

func encodeParameter(p regulation.Parameter) *schedulingv1.RuleParameter {
	return &schedulingv1.RuleParameter{
		Parameter: string(p.Name), Value: p.Value.String(), Unit: string(p.Unit), Article: p.Article, Soft: p.Soft,
		Options: texts(p.Options), Comment: p.Comment,
	}
}

func encodeClock(c regulation.Clock) *schedulingv1.RuleClock {
	return &schedulingv1.RuleClock{
		Clock: string(c.Name), StartEvent: string(c.Starts), StartOptions: texts(c.Options), Parameter: string(c.Period),
		Backward: c.Back, Article: c.Article, Comment: c.Comment,
	}
}

func encodeDuty(d regulation.Duty) *schedulingv1.RuleDuty {
	return &schedulingv1.RuleDuty{
		Duty: string(d.Name), Obligor: string(d.Obligor), Clock: string(d.Clock), Ladder: string(d.Ladder),
		Article: d.Article, Comment: d.Comment,
	}
}

func encodeLadder(l regulation.Ladder) *schedulingv1.RuleLadder {
	return &schedulingv1.RuleLadder{
		Ladder: string(l.Name), Unit: string(l.Unit), Yellow: int32(l.Yellow), Every: int32(l.Every),
		After: texts(l.After), Article: l.Article, Comment: l.Comment,
		Rungs: encodeAll(l.Rungs, func(r regulation.Rung) *schedulingv1.RuleRung {
			return &schedulingv1.RuleRung{Before: int32(r.Before), Recipients: texts(r.To)}
		}),
	}
}

func encodeGate(g regulation.Gate) *schedulingv1.RuleGate {
	return &schedulingv1.RuleGate{
		Gate: string(g.Name),
		Requirements: encodeAll(g.Requires, func(r regulation.Requirement) *schedulingv1.RuleRequirement {
			return &schedulingv1.RuleRequirement{
				Predicate: string(r.Holds), Article: r.Article, Severity: string(r.Severity), Comment: r.Comment,
			}
		}),
	}
}

func encodeDocument(d regulation.Document) *schedulingv1.RuleDocument {
	return &schedulingv1.RuleDocument{
		Document: string(d.Name), Author: string(d.From), Recipients: texts(d.To), CopyRecipients: texts(d.CopyTo),
		Article: d.Article, Comment: d.Comment,
	}
}

func encodeInterpretation(i regulation.Interpretation) *schedulingv1.RuleInterpretation {
	return &schedulingv1.RuleInterpretation{
		Parameter: string(i.Parameter), Value: i.Value.String(), Issuer: i.Issuer,
		DocumentNumber: i.DocumentNumber, IssueDate: wire.Date(i.IssueDate), Text: i.Text,
	}
}
