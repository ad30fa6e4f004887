package api_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// TestArt4OverrunStayBlocksTheNextEntry: a group that stays longer than planned
// enters the next county after it left the first, and can always leave it.
func TestArt4OverrunStayBlocksTheNextEntry(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	first := w.inspection(s.batch, jinjiang, "2026-03-02", "2026-03-31")
	next := w.inspection(s.batch, sichuan+"/counties/510105", "2026-04-01", "2026-04-30")
	w.approve(s.batch)
	for _, i := range []*schedulingv1.Inspection{first, next} {
		for _, n := range w.issue(w.authorize(i, s.group)) {
			token := "COUNTY_COMMITTEE " + n.GetAddressee() + " county"
			if n.GetAddressee() == chengdu {
				token = city
			}
			do(w.sign(token, n))(t)
		}
	}
	w.at("2026-03-02")
	do(w.enter(first))(t)
	w.at("2026-04-01")
	_, err := w.enter(next)
	if f := refused(t, err, "GROUP_DOUBLE_BOOKED"); f.Meta["article"] != "4" {
		t.Errorf("metadata %v", f.Meta)
	}
	if left := do(w.leave(first))(t); text(left.GetOnSiteEndDate()) != "2026-04-01" {
		t.Errorf("left as %v", left)
	}
	if in := do(w.enter(next))(t); in.GetState() != schedulingv1.Inspection_STATE_ON_SITE {
		t.Errorf("entered as %v", in)
	}
}

// TestArt17MembershipEndsWithTheTask (domain.md §8(b)): with the closing nobody
// of the group has access any more, here and, by an event, in the other services;
// a later recusal brings nobody back.
func TestArt17MembershipEndsWithTheTask(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	i := w.onSite(s, func(int) *schedulingv1.InspectionGroup { return s.group }, jinjiang)[0]
	w.at("2026-03-31")
	do(w.leave(i))(t)
	w.deliver(i, 1, &eventv1.FeedbackReceived{Inspection: i.GetName(), ReceiveDate: day(t, "2026-03-31")})
	read := func() error {
		_, err := w.inspections().GetInspection(w.as(leader), &schedulingv1.GetInspectionRequest{Name: i.GetName()})
		return err
	}
	if err := read(); err != nil {
		t.Fatalf("before the closing: %v", err)
	}
	w.deliver(i, 2, &eventv1.RectificationClosed{Inspection: i.GetName(), CloseDate: day(t, "2026-03-31")})
	refused(t, read(), "NOT_FOUND")

	do(w.groups().RemoveGroupMember(w.as(office), &schedulingv1.RemoveGroupMemberRequest{
		Name: s.group.GetName(), Subject: "wang", Reason: "地域回避", Etag: s.group.GetEtag(), RequestId: requestID(),
	}))(t)
	w.wantEvents(i, "casefile", "TaskAuthorized", "InspectionEntered", "OnSiteEnded", "TaskMembershipChanged")
	w.wantEvents(i, "rectification", "TaskAuthorized", "InspectionEntered", "OnSiteEnded", "TaskMembershipChanged")
	var payload []byte
	err := w.db.Admin(t).QueryRow(`SELECT payload FROM outbox WHERE aggregate = $1 AND destination = 'casefile'
ORDER BY sequence DESC LIMIT 1`, i.GetName()).Scan(&payload)
	if err != nil {
		t.Fatal(err)
	}
	var told eventv1.TaskMembershipChanged
	if err := proto.Unmarshal(payload, &told); err != nil || told.GetInspection() != i.GetName() || len(told.GetMembers()) != 0 {
		t.Errorf("told %v, %v", &told, err)
	}
}

// TestArt5ApprovalIsOfTheSchemeDecidedOn: what is added or moved after the
// decision needs another one; a decision of tomorrow is none.
func TestArt5ApprovalIsOfTheSchemeDecidedOn(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	i := w.inspection(s.batch, jinjiang, "2026-03-02", "2026-03-31")
	decision := w.decide("1号", schedulingv1.DecisionItem_KIND_APPROVE_BATCH, s.batch.GetName(), day(t, "2026-01-15"))
	approve := func() error {
		_, err := w.batches().ApproveBatch(w.as(office), &schedulingv1.ApproveBatchRequest{
			Name: s.batch.GetName(), Decision: decision.GetName(), Etag: s.batch.GetEtag(), RequestId: requestID(),
		})
		return err
	}
	w.at("2026-01-16")
	do(w.inspections().UpdateInspection(w.as(office), &schedulingv1.UpdateInspectionRequest{
		Inspection: &schedulingv1.Inspection{Name: i.GetName(), PlannedEndDate: day(t, "2026-04-01")},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"planned_end_date"}},
		Etag:       i.GetEtag(), RequestId: requestID(),
	}))(t)
	if f := refused(t, approve(), "SCHEME_CHANGED_AFTER_DECISION"); f.Meta["article"] != "5" {
		t.Errorf("metadata %v", f.Meta)
	}
	decision = w.decide("2号", schedulingv1.DecisionItem_KIND_APPROVE_BATCH, s.batch.GetName(), day(t, "2026-01-16"))
	w.at("2026-01-17")
	w.inspection(s.batch, sichuan+"/counties/510105", "2026-04-02", "2026-05-01")
	refused(t, approve(), "SCHEME_CHANGED_AFTER_DECISION")

	create := func(subject string, on string) error {
		_, err := w.decisions().CreateDecision(w.as(leading), &schedulingv1.CreateDecisionRequest{
			Parent: sichuan, RequestId: requestID(), Decision: &schedulingv1.Decision{
				DocumentNumber: "3号", DecideDate: day(t, on), Items: []*schedulingv1.DecisionItem{
					{Kind: schedulingv1.DecisionItem_KIND_APPROVE_BATCH, Subject: s.batch.GetName(), Text: "同意"},
					{Kind: schedulingv1.DecisionItem_KIND_APPROVE_BATCH, Subject: subject, Text: "同意"},
				},
			},
		})
		return err
	}
	if f := refused(t, create(s.batch.GetName(), "2026-01-18"), "DECISION_DATE_IN_FUTURE"); f.Meta["article"] != "5" ||
		f.Meta["decide_date"] != "2026-01-18" || f.Meta["today"] != "2026-01-17" {
		t.Errorf("metadata %v", f.Meta)
	}
	refused(t, create(sichuan+"/batches/0198c0de-0000-7000-8000-000000000001", "2026-01-17"), "NOT_FOUND")
	decision = w.decide("3号", schedulingv1.DecisionItem_KIND_APPROVE_BATCH, s.batch.GetName(), day(t, "2026-01-17"))
	if err := approve(); err != nil {
		t.Errorf("by a decision on the scheme as it is: %v", err)
	}
}
