package api_test

import (
	"os"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/type/date"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// divisions gives the lines of one province of the file that the devstack loads.
func divisions(t *testing.T, code string) string {
	t.Helper()
	content, err := os.ReadFile("../../../../deploy/devstack/data/divisions-2023.csv")
	if err != nil {
		t.Fatal(err)
	}
	header, rest, _ := strings.Cut(string(content), "\n")
	lines := []string{header}
	for line := range strings.SplitSeq(rest, "\n") {
		if strings.HasPrefix(line, code) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func (w *world) importRegistry(code, csv, from string) *schedulingv1.ImportRegistryResponse {
	w.t.Helper()
	return do(w.registry().ImportRegistry(w.as("INSPECTION_OFFICE provinces/"+code+" office"),
		&schedulingv1.ImportRegistryRequest{
			Name: "provinces/" + code, Csv: csv, EffectiveDate: day(w.t, from), RequestId: requestID(),
		}))(w.t)
}

// stage is what stands before an inspection can be planned.
type stage struct {
	term  *schedulingv1.Term
	group *schedulingv1.InspectionGroup
	batch *schedulingv1.Batch
}

func (w *world) stage() stage {
	w.t.Helper()
	w.importRegistry("51", divisions(w.t, "51"), "2023-01-01")
	term := do(w.terms().CreateTerm(w.as(office), &schedulingv1.CreateTermRequest{
		Parent: sichuan, RequestId: requestID(), Term: &schedulingv1.Term{
			DisplayName: "十二届省委", StartDate: day(w.t, "2022-05-31"), EndDate: day(w.t, "2027-05-30"),
		},
	}))(w.t)
	return stage{term, w.form("省委第一巡视组", "li", "wang"), w.plan(term, "2026年第一批")}
}

// form makes a group whose first member leads.
func (w *world) form(name string, subjects ...string) *schedulingv1.InspectionGroup {
	w.t.Helper()
	group := &schedulingv1.InspectionGroup{DisplayName: name}
	for n, subject := range subjects {
		post := schedulingv1.GroupMember_POST_MEMBER
		if n == 0 {
			post = schedulingv1.GroupMember_POST_LEADER
		}
		group.Members = append(group.Members, &schedulingv1.GroupMember{Subject: subject, DisplayName: subject, Post: post})
	}
	return do(w.groups().CreateInspectionGroup(w.as(office), &schedulingv1.CreateInspectionGroupRequest{
		Parent: sichuan, RequestId: requestID(), InspectionGroup: group,
	}))(w.t)
}

func (w *world) plan(term *schedulingv1.Term, name string) *schedulingv1.Batch {
	w.t.Helper()
	return do(w.batches().CreateBatch(w.as(office), &schedulingv1.CreateBatchRequest{
		Parent: sichuan, RequestId: requestID(), Batch: &schedulingv1.Batch{DisplayName: name, Term: term.GetName()},
	}))(w.t)
}

// inspection plans the inspection of a county.
func (w *world) inspection(batch *schedulingv1.Batch, county, entry, end string) *schedulingv1.Inspection {
	w.t.Helper()
	return do(w.inspections().CreateInspection(w.as(office), &schedulingv1.CreateInspectionRequest{
		Parent: sichuan, RequestId: requestID(), Inspection: &schedulingv1.Inspection{
			Batch: batch.GetName(), County: county, PlannedEntryDate: day(w.t, entry), PlannedEndDate: day(w.t, end),
		},
	}))(w.t)
}

// decide records that the leading group agreed to a matter.
func (w *world) decide(number string, kind schedulingv1.DecisionItem_Kind, subject string, on *date.Date) *schedulingv1.Decision {
	w.t.Helper()
	return do(w.decisions().CreateDecision(w.as(leading), &schedulingv1.CreateDecisionRequest{
		Parent: sichuan, RequestId: requestID(), Decision: &schedulingv1.Decision{
			DocumentNumber: number, DecideDate: on,
			Items: []*schedulingv1.DecisionItem{{Kind: kind, Subject: subject, Text: "同意"}},
		},
	}))(w.t)
}

func (w *world) approve(batch *schedulingv1.Batch) *schedulingv1.Batch {
	w.t.Helper()
	decision := w.decide("川巡领〔2026〕"+batch.GetName()[len(batch.GetName())-6:]+"号",
		schedulingv1.DecisionItem_KIND_APPROVE_BATCH, batch.GetName(), day(w.t, "2026-01-10"))
	return do(w.batches().ApproveBatch(w.as(office), &schedulingv1.ApproveBatchRequest{
		Name: batch.GetName(), Decision: decision.GetName(), Etag: batch.GetEtag(), RequestId: requestID(),
	}))(w.t)
}

func (w *world) authorize(i *schedulingv1.Inspection, group *schedulingv1.InspectionGroup) *schedulingv1.Inspection {
	w.t.Helper()
	return do(w.inspections().AuthorizeInspection(w.as(office), &schedulingv1.AuthorizeInspectionRequest{
		Name: i.GetName(), InspectionGroup: group.GetName(), Etag: i.GetEtag(), RequestId: requestID(),
	}))(w.t)
}

func (w *world) issue(i *schedulingv1.Inspection) []*schedulingv1.EntryNotice {
	w.t.Helper()
	return do(w.notices().IssueEntryNotices(w.as(office), &schedulingv1.IssueEntryNoticesRequest{
		Name: i.GetName(), DocumentNumber: "川巡办〔2026〕12号", Etag: i.GetEtag(), RequestId: requestID(),
	}))(w.t).GetEntryNotices()
}

func (w *world) sign(token string, n *schedulingv1.EntryNotice) (*schedulingv1.EntryNotice, error) {
	return w.notices().AcknowledgeEntryNotice(w.as(token), &schedulingv1.AcknowledgeEntryNoticeRequest{
		Name: n.GetName(), Receiver: "县委办主任 张三", Etag: n.GetEtag(), RequestId: requestID(),
	})
}

func (w *world) read(i *schedulingv1.Inspection) *schedulingv1.Inspection {
	w.t.Helper()
	return do(w.inspections().GetInspection(w.as(office), &schedulingv1.GetInspectionRequest{Name: i.GetName()}))(w.t)
}

func (w *world) enter(i *schedulingv1.Inspection) (*schedulingv1.Inspection, error) {
	i = w.read(i)
	return w.inspections().ConfirmEntry(w.as(office), &schedulingv1.ConfirmEntryRequest{
		Name: i.GetName(), Etag: i.GetEtag(), RequestId: requestID(),
	})
}

func (w *world) leave(i *schedulingv1.Inspection) (*schedulingv1.Inspection, error) {
	i = w.read(i)
	return w.inspections().EndOnSite(w.as(office), &schedulingv1.EndOnSiteRequest{
		Name: i.GetName(), Etag: i.GetEtag(), RequestId: requestID(),
	})
}

// onSite plays until the group is on site on 2026-03-02 in every county.
func (w *world) onSite(s stage, group func(n int) *schedulingv1.InspectionGroup, counties ...string) []*schedulingv1.Inspection {
	w.t.Helper()
	w.at("2026-01-15")
	var list []*schedulingv1.Inspection
	for _, c := range counties {
		list = append(list, w.inspection(s.batch, c, "2026-03-02", "2026-03-31"))
	}
	w.approve(s.batch)
	for n, i := range list {
		i = w.authorize(i, group(n))
		for _, notice := range w.issue(i) {
			token := "COUNTY_COMMITTEE " + notice.GetAddressee() + " county"
			if strings.Contains(notice.GetAddressee(), "/cities/") {
				token = "CITY_COMMITTEE " + notice.GetAddressee() + " city"
			}
			do(w.sign(token, notice))(w.t)
		}
	}
	w.at("2026-03-02")
	for n, i := range list {
		list[n] = do(w.enter(i))(w.t)
	}
	return list
}
