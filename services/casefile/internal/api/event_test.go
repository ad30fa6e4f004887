package api_test

import (
	"testing"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc/codes"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
)

// Art. 12(6): whoever is taken out has no access with his next call, and whoever
// comes in has it.
func TestMembershipEndsWithTheNextCallArt12(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	p := must[*casefilev1.Petition](t)(w.register(member, k, "反映……"))
	own := must[*casefilev1.WorkingPaper](t)(w.draft(member, k))
	get := func(who string) error {
		_, err := w.petitions().GetPetition(w.as(who), &casefilev1.GetPetitionRequest{Name: p.GetName()})
		return err
	}
	ok(t, get(member))
	ok(t, w.deliver(k.inspection, &eventv1.TaskMembershipChanged{Inspection: k.inspection, Members: []*eventv1.TaskMember{
		{Subject: "li", DisplayName: "李某"}, {Subject: "zhao", DisplayName: "赵某", Leader: true},
	}}))
	refused(t, get(member), codes.NotFound, "NOT_FOUND", "")
	_, err := w.submitPaper(member, own)
	refused(t, err, codes.NotFound, "NOT_FOUND", "")
	files := must[*casefilev1.ListCaseFilesResponse](t)(w.files().ListCaseFiles(w.as(member), &casefilev1.ListCaseFilesRequest{Parent: sichuan}))
	if len(files.GetCaseFiles()) != 0 {
		t.Errorf("a former member lists %v", files)
	}
	ok(t, get(otherGroup))
	ok(t, get(leader))
	file := must[*casefilev1.CaseFile](t)(w.files().GetCaseFile(w.as(leader), &casefilev1.GetCaseFileRequest{Name: k.file}))
	if m := file.GetMembers(); len(m) != 2 || m[0].GetSubject() != "zhao" || !m[0].GetLeader() || file.GetEtag() != `"3"` {
		t.Errorf("after the change: %v", file)
	}
}

// An event that comes again changes nothing; an old authorisation does not bring
// back a member who was taken out.
func TestEventsThatComeAgain(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	file := func() *casefilev1.CaseFile {
		return must[*casefilev1.CaseFile](t)(w.files().GetCaseFile(w.as(office), &casefilev1.GetCaseFileRequest{Name: k.file}))
	}
	ok(t, w.deliver(k.inspection, &eventv1.TaskMembershipChanged{Inspection: k.inspection, Members: theGroup()[:2]}))
	before := file()
	ok(t, w.deliver(k.inspection, &eventv1.TaskAuthorized{
		Inspection: k.inspection, County: sichuan + "/counties/510104", CountyDisplayName: "另一名称",
		Members: theGroup(), RuleSet: "CN-COUNTY-2012",
	}))
	ok(t, w.deliver(k.inspection, &eventv1.TaskMembershipChanged{Inspection: k.inspection, Members: theGroup()[:2]}))
	ok(t, w.deliver(k.inspection, &eventv1.InspectionEntered{Inspection: k.inspection, EntryDate: before.GetEntryDate()}))
	if after := file(); after.GetEtag() != before.GetEtag() || len(after.GetMembers()) != 2 || after.GetCountyDisplayName() != "锦江区" {
		t.Errorf("before %v\nafter %v", before, after)
	}
}

func TestEventsThatCannotBeApplied(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	early := sichuan + "/inspections/" + uuid.NewString()
	refused(t, w.deliver(early, &eventv1.OnSiteEnded{Inspection: early, EndDate: &date.Date{Year: 2026, Month: 9, Day: 1}}),
		codes.Aborted, "EVENT_OUT_OF_ORDER", "")
	refused(t, w.deliver(k.inspection, &eventv1.OnSiteEnded{Inspection: k.inspection, EndDate: &date.Date{Year: 2026, Month: 2, Day: 30}}),
		codes.InvalidArgument, "FIELD_INVALID", "")
	refused(t, w.deliver(k.inspection, &eventv1.FeedbackReceived{Inspection: k.inspection}),
		codes.InvalidArgument, "FIELD_INVALID", "")
	abroad := taskIn("provinces/44")
	err := w.deliver(k.inspection, &eventv1.TaskAuthorized{
		Inspection: abroad.inspection, County: "provinces/44/counties/440104", RuleSet: "CN-COUNTY-2012",
	})
	refused(t, err, codes.InvalidArgument, "FIELD_INVALID", "")
	if n := w.count("SELECT count(*) FROM case_file WHERE province = '44'"); n != 0 {
		t.Errorf("%d case files of another province were opened", n)
	}
}

// The same request_id gives the same answer and no second effect; with another
// content it is refused (AIP-155).
func TestRepeatsHaveOneEffect(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	req := &casefilev1.CreatePetitionRequest{Parent: k.file, RequestId: requestID(), Petition: &casefilev1.Petition{
		Channel: casefilev1.Petition_CHANNEL_VISIT, Content: "来访",
	}}
	petition := must[*casefilev1.Petition](t)
	first := petition(w.petitions().CreatePetition(w.as(member), req))
	again := petition(w.petitions().CreatePetition(w.as(member), req))
	if first.GetName() != again.GetName() || again.GetNumber() != 1 || w.count("SELECT count(*) FROM petition") != 1 {
		t.Errorf("first %v\nagain %v", first, again)
	}
	req.Petition.Content = "另一件"
	_, err := w.petitions().CreatePetition(w.as(member), req)
	refused(t, err, codes.InvalidArgument, "REQUEST_ID_REUSED", "")

	// A stored refusal stays what it was, even when its cause is gone.
	r := w.reported(k)
	submit := &casefilev1.SubmitInspectionReportRequest{Name: r.GetName(), Etag: r.GetEtag(), RequestId: requestID()}
	_, err = w.reports().SubmitInspectionReport(w.as(leader), submit)
	refused(t, err, codes.FailedPrecondition, "STAY_NOT_ENDED", "10")
	w.leave(k)
	_, err = w.reports().SubmitInspectionReport(w.as(leader), submit)
	refused(t, err, codes.FailedPrecondition, "STAY_NOT_ENDED", "10")

	// One decision, agreed twice with one id: the second is the first.
	r = must[*casefilev1.InspectionReport](t)(w.submitReport(leader, r))
	agree := &casefilev1.AgreeInspectionReportRequest{Name: r.GetName(), Etag: r.GetEtag(), Decision: w.covering(r), RequestId: requestID()}
	one := must[*casefilev1.InspectionReport](t)(w.reports().AgreeInspectionReport(w.as(chair), agree))
	w.decisions.setDown(true) // a repeat asks nobody
	two := must[*casefilev1.InspectionReport](t)(w.reports().AgreeInspectionReport(w.as(chair), agree))
	if one.GetEtag() != two.GetEtag() {
		t.Errorf("first %v\nagain %v", one, two)
	}
}
