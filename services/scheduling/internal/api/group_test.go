package api_test

import (
	"testing"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// TestArt12RecusalEndsAccess: who is taken out of the group loses every task of
// it in the same moment, here and, by an event, in the other services.
func TestArt12RecusalEndsAccess(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	first := w.inspection(s.batch, jinjiang, "2026-03-02", "2026-03-31")
	second := w.inspection(s.batch, sichuan+"/counties/510105", "2026-04-01", "2026-04-30")
	w.approve(s.batch)
	first, second = w.authorize(first, s.group), w.authorize(second, s.group)

	read := func(token string, i *schedulingv1.Inspection) error {
		_, err := w.inspections().GetInspection(w.as(token), &schedulingv1.GetInspectionRequest{Name: i.GetName()})
		return err
	}
	for _, token := range []string{leader, member} {
		if err := read(token, first); err != nil {
			t.Errorf("%s cannot read the task: %v", token, err)
		}
	}
	refused(t, read(stranger, first), "NOT_FOUND")

	remove := func(subject, etag string) (*schedulingv1.InspectionGroup, error) {
		return w.groups().RemoveGroupMember(w.as(office), &schedulingv1.RemoveGroupMemberRequest{
			Name: s.group.GetName(), Subject: subject, Reason: "地域回避", Etag: etag, RequestId: requestID(),
		})
	}
	_, err := remove("li", s.group.GetEtag())
	refused(t, err, "GROUP_LEADER_REQUIRED")
	_, err = remove("zhao", s.group.GetEtag())
	refused(t, err, "GROUP_MEMBER_UNKNOWN")
	left := do(remove("wang", s.group.GetEtag()))(t)
	if len(left.GetMembers()) != 1 || left.GetEtag() == s.group.GetEtag() {
		t.Errorf("left %v", left)
	}
	refused(t, read(member, first), "NOT_FOUND")
	refused(t, read(member, second), "NOT_FOUND")
	list := do(w.inspections().ListInspections(w.as(member), &schedulingv1.ListInspectionsRequest{Parent: sichuan}))(t)
	if len(list.GetInspections()) != 0 {
		t.Errorf("a former member lists %d tasks", len(list.GetInspections()))
	}
	if err := read(leader, second); err != nil {
		t.Errorf("the leader lost the task: %v", err)
	}
	for _, i := range []*schedulingv1.Inspection{first, second} {
		w.wantEvents(i, "casefile", "TaskAuthorized", "TaskMembershipChanged")
		w.wantEvents(i, "rectification", "TaskAuthorized", "TaskMembershipChanged")
	}
}

// TestArt12GroupForms with exactly one leader, who stands once in it.
func TestArt12GroupForms(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	create := func(members ...*schedulingv1.GroupMember) error {
		_, err := w.groups().CreateInspectionGroup(w.as(office), &schedulingv1.CreateInspectionGroupRequest{
			Parent: sichuan, RequestId: requestID(),
			InspectionGroup: &schedulingv1.InspectionGroup{DisplayName: "组", Members: members},
		})
		return err
	}
	leads := &schedulingv1.GroupMember{Subject: "li", DisplayName: "李", Post: schedulingv1.GroupMember_POST_LEADER}
	goes := &schedulingv1.GroupMember{Subject: "wang", DisplayName: "王", Post: schedulingv1.GroupMember_POST_MEMBER}
	refused(t, create(goes), "GROUP_LEADER_REQUIRED")
	f := refused(t, create(leads, goes, goes), "FIELD_INVALID")
	equal(t, "fields", lines(f.Fields), []string{"inspection_group.members[2].subject DUPLICATE"})
	if err := create(leads, goes); err != nil {
		t.Error(err)
	}
	list := do(w.groups().ListInspectionGroups(w.as(leading), &schedulingv1.ListInspectionGroupsRequest{Parent: sichuan}))(t)
	if n := len(list.GetInspectionGroups()); n != 1 || len(list.GetInspectionGroups()[0].GetMembers()) != 2 {
		t.Errorf("groups %v", list)
	}
}
