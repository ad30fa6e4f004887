package e2e_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

const sichuan = "provinces/51"

// life is one county's inspection, up to items being worked on.
type life struct {
	county, city, leader, member string

	term, group, decision, batch, inspection, notice, briefing string
	liaisonBody, liaisonTask                                   string // of the city
	guidance, measure                                          string // by the city
	caseFile, petition, paper, finding, report                 string
	feedback, delivery, rectification, item, planVersion       string
	document                                                   string
	reportVersion                                              string
	matter, notified                                           string // of immediate rectification, and its delivery
	obligation, holidayNotice                                  string
	auditEntry                                                 string            // of rectification
	receipts                                                   map[string]string // by party whose it is

	// What other parties than the county hold of the same kind.
	cityNotice, cityDelivery string
	briefings                map[string]string // by party of the author
	notifications            map[string]string // by party of the recipient
	reviews                  map[string]string // of the report, by party invited

	problems int32  // how many; one if 0
	mark     string // begins what its authors have not handed over yet
}

// held gives the object of a type that a party is entitled to.
func (l *life) held(pattern, party string) string {
	switch {
	case pattern == "provinces/*/entryNotices/*" && party == "CITY_COMMITTEE":
		return l.cityNotice
	case pattern == "provinces/*/deliveries/*" && party == "CITY_COMMITTEE":
		return l.cityDelivery
	case pattern == "provinces/*/rectifications/*/reviews/*" && l.reviews[party] != "":
		return l.reviews[party]
	case pattern == "provinces/*/briefings/*" && l.briefings[party] != "":
		return l.briefings[party]
	case pattern == "provinces/*/notifications/*" && party == "CITY_LIAISON_BODY": // it keeps its city's (art. 16)
		return l.notifications["CITY_COMMITTEE"]
	case pattern == "provinces/*/receipts/*" && party == "CITY_LIAISON_BODY": // its city's (art. 16)
		return l.receipts["CITY_COMMITTEE"]
	case pattern == "provinces/*/receipts/*" && l.receipts[party] != "":
		return l.receipts[party]
	case pattern == "provinces/*/notifications/*" && l.notifications[party] != "":
		return l.notifications[party]
	default:
		return l.objects()[pattern]
	}
}

// names gives every name that only those entitled to this inspection may see.
func (l *life) names() []string {
	return slices.DeleteFunc([]string{l.inspection, l.notice, l.cityNotice, l.cityDelivery, l.briefing, l.caseFile, l.petition, l.paper, l.finding,
		l.report, l.feedback, l.delivery, l.rectification, l.item, l.document, l.planVersion, l.reportVersion, l.reviews["DISCIPLINE_ORGAN"], l.matter, l.notified, l.obligation,
		l.liaisonTask, l.guidance, l.measure, l.notifications["COUNTY_COMMITTEE"]},
		func(name string) bool { return name == "" })
}

var (
	worldOnce sync.Once
	own       = &life{county: sichuan + "/counties/510104", city: sichuan + "/cities/510100", leader: "leader-own", member: "member-own"}
	foreign   = &life{county: sichuan + "/counties/510105", city: sichuan + "/cities/510100", leader: "leader-foreign", member: "member-foreign"}
)

// world makes two neighbouring counties of one city, inspected by two groups.
func world(t *testing.T) (own_, foreign_ *life) {
	t.Helper()
	worldOnce.Do(func() {
		setDay(t, 2012, time.August, 20)
		own.plan(t)
		foreign.plan(t)
		own.run(t)
		foreign.run(t)
	})
	if foreign.item == "" {
		t.Fatal("the world could not be made; see the first failing test")
	}
	return own, foreign
}

var connecting sync.Mutex // a certificate is issued into one file

func conn(t testing.TB, service string) *grpc.ClientConn {
	t.Helper()
	connecting.Lock()
	defer connecting.Unlock()
	c := must[*grpc.ClientConn](t)(running.Conn(service))
	t.Cleanup(func() { _ = c.Close() }) // nothing depends on it
	return c
}

func (l *life) plan(t *testing.T) {
	l.prepare(t)
	batch := l.newBatch(t)
	l.schedule(t)
	l.decision = l.decide(t, schedulingv1.DecisionItem_KIND_APPROVE_BATCH, l.batch)
	approve(t, l.decision, batch)
	l.authorize(t)
	l.brief(t)
}

// prepare makes what an inspection needs: the term, a calendar, a group, and a
// liaison body of the city.
func (l *life) prepare(t *testing.T) {
	l.term = theTerm(t)
	l.holidayNotice = must[*schedulingv1.HolidayNotice](t)(schedulingv1.NewHolidayNoticeServiceClient(conn(t, "scheduling")).ImportHolidayNotice(
		as(t, "office", "INSPECTION_OFFICE", sichuan),
		&schedulingv1.ImportHolidayNoticeRequest{Parent: sichuan, RequestId: rid(), HolidayNotice: &schedulingv1.HolidayNotice{
			NoticeNumber: "SC-2012-" + strings.ToUpper(strings.TrimPrefix(l.leader, "leader-")), Scope: schedulingv1.HolidayNotice_SCOPE_PROVINCIAL, PublishDate: day(2012, 8, 1), Source: "省政府通知",
			Days: []*schedulingv1.HolidayNoticeDay{{Date: day(2014, 12, 28), Working: true, Holiday: "调休"}}}})).Name
	l.liaisonBody = l.liaison(t)
	l.form(t)
}

// theTerm gives the term of the province; the first who asks makes it.
func theTerm(t *testing.T) string {
	office := as(t, "office", "INSPECTION_OFFICE", sichuan)
	terms := schedulingv1.NewTermServiceClient(conn(t, "scheduling"))
	if found := must[*schedulingv1.ListTermsResponse](t)(terms.ListTerms(office, &schedulingv1.ListTermsRequest{Parent: sichuan})); len(found.Terms) > 0 {
		return found.Terms[0].Name
	}
	return must[*schedulingv1.Term](t)(terms.CreateTerm(office, &schedulingv1.CreateTermRequest{Parent: sichuan, RequestId: rid(),
		Term: &schedulingv1.Term{DisplayName: "届", StartDate: day(2012, 6, 1), EndDate: day(2017, 5, 31)}})).Name
}

// form makes the group of the life.
func (l *life) form(t *testing.T) {
	l.group = must[*schedulingv1.InspectionGroup](t)(schedulingv1.NewInspectionGroupServiceClient(conn(t, "scheduling")).CreateInspectionGroup(
		as(t, "office", "INSPECTION_OFFICE", sichuan),
		&schedulingv1.CreateInspectionGroupRequest{Parent: sichuan, RequestId: rid(), InspectionGroup: &schedulingv1.InspectionGroup{
			DisplayName: "巡视组 " + l.leader,
			Members: []*schedulingv1.GroupMember{
				{Subject: l.leader, DisplayName: "组长", Post: schedulingv1.GroupMember_POST_LEADER},
				{Subject: l.member, DisplayName: "成员", Post: schedulingv1.GroupMember_POST_MEMBER},
			}}})).Name
}

func (l *life) newBatch(t *testing.T) *schedulingv1.Batch {
	batch := must[*schedulingv1.Batch](t)(schedulingv1.NewBatchServiceClient(conn(t, "scheduling")).CreateBatch(as(t, "office", "INSPECTION_OFFICE", sichuan),
		&schedulingv1.CreateBatchRequest{Parent: sichuan, RequestId: rid(), Batch: &schedulingv1.Batch{DisplayName: "批 " + l.leader, Term: l.term}}))
	l.batch = batch.Name
	return batch
}

// schedule puts the county into the batch.
func (l *life) schedule(t *testing.T) {
	l.inspection = must[*schedulingv1.Inspection](t)(schedulingv1.NewInspectionServiceClient(conn(t, "scheduling")).CreateInspection(
		as(t, "office", "INSPECTION_OFFICE", sichuan), &schedulingv1.CreateInspectionRequest{
			Parent: sichuan, RequestId: rid(), Inspection: &schedulingv1.Inspection{
				Batch: l.batch, County: l.county, PlannedEntryDate: day(2012, 10, 15), PlannedEndDate: day(2012, 11, 13)}})).Name
}

func (l *life) atScheduling(t *testing.T) *schedulingv1.Inspection {
	return must[*schedulingv1.Inspection](t)(schedulingv1.NewInspectionServiceClient(conn(t, "scheduling")).GetInspection(
		as(t, "office", "INSPECTION_OFFICE", sichuan), &schedulingv1.GetInspectionRequest{Name: l.inspection}))
}

// approve approves the batch of several lives by the decision.
func approve(t *testing.T, decision string, batch *schedulingv1.Batch) {
	must[*schedulingv1.Batch](t)(schedulingv1.NewBatchServiceClient(conn(t, "scheduling")).ApproveBatch(as(t, "office", "INSPECTION_OFFICE", sichuan),
		&schedulingv1.ApproveBatchRequest{Name: batch.Name, Decision: decision, Etag: batch.Etag, RequestId: rid()}))
}

// authorize gives the task to the group; county and city sign for their notices.
func (l *life) authorize(t *testing.T) {
	office := as(t, "office", "INSPECTION_OFFICE", sichuan)
	s := conn(t, "scheduling")
	inspection := must[*schedulingv1.Inspection](t)(schedulingv1.NewInspectionServiceClient(s).AuthorizeInspection(office, &schedulingv1.AuthorizeInspectionRequest{
		Name: l.inspection, InspectionGroup: l.group, Etag: l.atScheduling(t).Etag, RequestId: rid()}))
	notices := schedulingv1.NewEntryNoticeServiceClient(s)
	sent := must[*schedulingv1.IssueEntryNoticesResponse](t)(notices.IssueEntryNotices(office, &schedulingv1.IssueEntryNoticesRequest{
		Name: l.inspection, DocumentNumber: "川巡办 " + l.leader, Etag: inspection.Etag, RequestId: rid()}))
	for _, n := range sent.EntryNotices {
		party, held := "CITY_COMMITTEE", &l.cityNotice
		if n.Addressee == l.county {
			party, held = "COUNTY_COMMITTEE", &l.notice
		}
		*held = n.Name
		who := as(t, "clerk", party, n.Addressee)
		must[*schedulingv1.EntryNotice](t)(notices.AcknowledgeEntryNotice(who,
			&schedulingv1.AcknowledgeEntryNoticeRequest{Name: n.Name, Receiver: "主任", Etag: n.Etag, RequestId: rid()}))
	}
}

func (l *life) brief(t *testing.T) {
	l.briefings = map[string]string{}
	for _, party := range []string{"CITY_COMMITTEE", "DISCIPLINE_ORGAN", "ORGANIZATION_DEPARTMENT", "OTHER_DEPARTMENT"} {
		l.briefings[party] = must[*schedulingv1.Briefing](t)(schedulingv1.NewBriefingServiceClient(conn(t, "scheduling")).CreateBriefing(
			as(t, strings.ToLower(party), party, l.city), &schedulingv1.CreateBriefingRequest{Parent: sichuan, RequestId: rid(),
				Briefing: &schedulingv1.Briefing{County: l.county, Content: "通报"}})).Name
	}
	l.briefing = l.briefings["DISCIPLINE_ORGAN"]
}

// liaison gives the liaison body of the city; the first life of a city registers it.
func (l *life) liaison(t *testing.T) string {
	t.Helper()
	city := as(t, "clerk", "CITY_COMMITTEE", l.city)
	bodies := schedulingv1.NewLiaisonBodyServiceClient(conn(t, "scheduling"))
	found := must[*schedulingv1.ListLiaisonBodiesResponse](t)(bodies.ListLiaisonBodies(city, &schedulingv1.ListLiaisonBodiesRequest{Parent: sichuan}))
	if len(found.LiaisonBodies) > 0 {
		return found.LiaisonBodies[0].Name
	}
	return must[*schedulingv1.LiaisonBody](t)(bodies.RegisterLiaisonBody(city, &schedulingv1.RegisterLiaisonBodyRequest{
		Parent: sichuan, RequestId: rid(), LiaisonBody: &schedulingv1.LiaisonBody{
			City: l.city, Leader: &schedulingv1.LiaisonLeader{DisplayName: "甲", Post: "市委副书记"}, Contact: "市委大院",
			LeadDepartments: []*schedulingv1.LiaisonLead{
				{Body: schedulingv1.LiaisonLead_BODY_DISCIPLINE_BODY, DisplayName: "市纪委"},
				{Body: schedulingv1.LiaisonLead_BODY_ORGANIZATION_BODY, DisplayName: "市委组织部"},
			},
			Members: []*schedulingv1.LiaisonMember{{DisplayName: "乙", Post: "主任", Department: "市委办公室"}}}})).Name
}

func (l *life) decide(t *testing.T, kind schedulingv1.DecisionItem_Kind, subject string) string {
	t.Helper()
	return must[*schedulingv1.Decision](t)(schedulingv1.NewDecisionServiceClient(conn(t, "scheduling")).CreateDecision(
		as(t, "lg", "LEADING_GROUP", sichuan), &schedulingv1.CreateDecisionRequest{Parent: sichuan, RequestId: rid(),
			Decision: &schedulingv1.Decision{DocumentNumber: rid(), DecideDate: day(2012, 8, 20),
				Items: []*schedulingv1.DecisionItem{{Kind: kind, Subject: subject}}}})).Name
}

func (l *life) run(t *testing.T) {
	setDay(t, 2012, time.October, 15)
	l.stay(t)
	l.rectifyAtOnce(t)
	l.leave(t)
	l.giveFeedback(t, l.draftFeedback(t))
	l.receive(t)
	l.rectify(t)
	l.audited(t)
}

// leave ends the stay, of which the leader was reminded.
func (l *life) leave(t *testing.T) {
	setDay(t, 2012, time.November, 13)
	l.notifications = map[string]string{}
	l.reminded(t, "scheduling", l.leader, "INSPECTION_GROUP", sichuan, l.inspection) // of the end of its stay
	l.end(t)
}

func (l *life) end(t *testing.T) {
	must[*schedulingv1.Inspection](t)(schedulingv1.NewInspectionServiceClient(conn(t, "scheduling")).EndOnSite(as(t, "office", "INSPECTION_OFFICE", sichuan),
		&schedulingv1.EndOnSiteRequest{Name: l.inspection, Etag: l.atScheduling(t).Etag, RequestId: rid()}))
}

func (l *life) stay(t *testing.T) {
	office, leader, member := as(t, "office", "INSPECTION_OFFICE", sichuan), as(t, l.leader, "INSPECTION_GROUP", sichuan), as(t, l.member, "INSPECTION_GROUP", sichuan)
	must[*schedulingv1.Inspection](t)(schedulingv1.NewInspectionServiceClient(conn(t, "scheduling")).ConfirmEntry(office,
		&schedulingv1.ConfirmEntryRequest{Name: l.inspection, Etag: l.atScheduling(t).Etag, RequestId: rid()}))

	c := conn(t, "casefile")
	l.caseFile = sichuan + "/caseFiles/" + l.inspection[len(sichuan+"/inspections/"):]
	files := casefilev1.NewCaseFileServiceClient(c)
	eventually(t, func() error {
		file, err := files.GetCaseFile(leader, &casefilev1.GetCaseFileRequest{Name: l.caseFile})
		if err == nil && file.EntryDate == nil {
			err = errors.New("no entry date yet")
		}
		return err
	})
	l.petition = must[*casefilev1.Petition](t)(casefilev1.NewPetitionServiceClient(c).CreatePetition(member, &casefilev1.CreatePetitionRequest{
		Parent: l.caseFile, RequestId: rid(), Petition: &casefilev1.Petition{Channel: casefilev1.Petition_CHANNEL_LETTER, Content: internal("来信")}})).Name
	papers := casefilev1.NewWorkingPaperServiceClient(c)
	paper := must[*casefilev1.WorkingPaper](t)(papers.CreateWorkingPaper(member, &casefilev1.CreateWorkingPaperRequest{
		Parent: l.caseFile, RequestId: rid(), WorkingPaper: &casefilev1.WorkingPaper{Title: internal("底稿"), Facts: internal("事实")}}))
	l.paper = paper.Name
	paper = must[*casefilev1.WorkingPaper](t)(papers.SubmitWorkingPaper(member, &casefilev1.SubmitWorkingPaperRequest{Name: paper.Name, Etag: paper.Etag, RequestId: rid()}))
	paper = must[*casefilev1.WorkingPaper](t)(papers.ReviewWorkingPaper(leader, &casefilev1.ReviewWorkingPaperRequest{Name: paper.Name, Verdict: casefilev1.Verdict_VERDICT_PASS, Etag: paper.Etag, RequestId: rid()}))
	must[*casefilev1.WorkingPaper](t)(papers.ReviewWorkingPaper(office, &casefilev1.ReviewWorkingPaperRequest{Name: paper.Name, Verdict: casefilev1.Verdict_VERDICT_PASS, Etag: paper.Etag, RequestId: rid()}))
	l.finding = must[*casefilev1.Finding](t)(casefilev1.NewFindingServiceClient(c).CreateFinding(member, &casefilev1.CreateFindingRequest{
		Parent: l.caseFile, RequestId: rid(), Finding: &casefilev1.Finding{WorkingPaper: l.paper, Description: internal("问题"), ContentCodes: []string{"C7"}}})).Name
}

// draftFeedback takes the inspection report and the feedback up to the meeting.
func (l *life) draftFeedback(t *testing.T) *rectificationv1.Feedback {
	office, leader := as(t, "office", "INSPECTION_OFFICE", sichuan), as(t, l.leader, "INSPECTION_GROUP", sichuan)
	reports := casefilev1.NewInspectionReportServiceClient(conn(t, "casefile"))
	files := casefilev1.NewCaseFileServiceClient(conn(t, "casefile"))
	eventually(t, func() error {
		file, err := files.GetCaseFile(leader, &casefilev1.GetCaseFileRequest{Name: l.caseFile})
		if err == nil && file.OnSiteEndDate == nil {
			err = errors.New("no end date yet")
		}
		return err
	})
	report := must[*casefilev1.InspectionReport](t)(reports.CreateInspectionReport(leader, &casefilev1.CreateInspectionReportRequest{Parent: sichuan, RequestId: rid(),
		InspectionReport: &casefilev1.InspectionReport{CaseFile: l.caseFile, Content: internal("报告"), Findings: []string{l.finding}}}))
	l.report = report.Name
	report = must[*casefilev1.InspectionReport](t)(reports.SubmitInspectionReport(leader, &casefilev1.SubmitInspectionReportRequest{Name: report.Name, Etag: report.Etag, RequestId: rid()}))
	decision := l.decide(t, schedulingv1.DecisionItem_KIND_AGREE_REPORT, l.report)
	must[*casefilev1.InspectionReport](t)(reports.AgreeInspectionReport(as(t, "lg", "LEADING_GROUP", sichuan),
		&casefilev1.AgreeInspectionReportRequest{Name: report.Name, Decision: decision, Etag: report.Etag, RequestId: rid()}))

	var problems []*rectificationv1.Problem
	for n := range max(1, l.problems) {
		problems = append(problems, &rectificationv1.Problem{Number: n + 1, Description: l.says("问题"), Suggestion: l.says("建议")})
	}
	feedbacks := rectificationv1.NewFeedbackServiceClient(conn(t, "rectification"))
	fb := must[*rectificationv1.Feedback](t)(feedbacks.CreateFeedback(leader, &rectificationv1.CreateFeedbackRequest{Parent: sichuan, RequestId: rid(),
		Feedback: &rectificationv1.Feedback{Inspection: l.inspection, InspectionReport: l.report, Summary: l.says("反馈"), Problems: problems}}))
	l.feedback = fb.Name
	fb = must[*rectificationv1.Feedback](t)(feedbacks.ConfirmFeedbackAgreement(office, &rectificationv1.ConfirmFeedbackAgreementRequest{Name: fb.Name, Etag: fb.Etag, RequestId: rid()}))
	fb = must[*rectificationv1.Feedback](t)(feedbacks.RecordCityConsultation(office, &rectificationv1.RecordCityConsultationRequest{Name: fb.Name, Etag: fb.Etag, RequestId: rid(),
		CityConsultation: &rectificationv1.CityConsultation{ConsultDate: day(2012, 11, 13), Opinion: internal("沟通意见")}}))
	return fb
}

func (l *life) giveFeedback(t *testing.T, fb *rectificationv1.Feedback) {
	leader := as(t, l.leader, "INSPECTION_GROUP", sichuan)
	feedbacks := rectificationv1.NewFeedbackServiceClient(conn(t, "rectification"))
	must[*rectificationv1.Feedback](t)(feedbacks.GiveFeedback(leader, &rectificationv1.GiveFeedbackRequest{Name: fb.Name, Etag: fb.Etag, RequestId: rid(), DocumentNumber: "号 " + l.leader,
		Meeting: &rectificationv1.FeedbackMeeting{MeetingDate: day(2012, 11, 13), Attendees: []*rectificationv1.Attendee{{DisplayName: "甲", Post: "市委常委", CityLeadingBody: true}}}}))
}
