package docketserver_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func hidden(in *obligation.Opening) { in.CountySees = false }

func nanchong() obligation.Place {
	return obligation.Place{Province: "51", City: "511300", County: "511321", Inspection: "0198c0de-0000-7000-8000-000000000002"}
}

// TestCompliance: each obligation is counted once, by what became of it, for who may
// see it, and as it was known.
func TestCompliance(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	kept := w.open(regulation.DutyPlan, "2026-03-02") // due on 14 April
	late := w.open(regulation.DutyPlan, "2026-03-02")
	w.open(regulation.DutyPlan, "2026-03-02")                             // overdue
	w.open(regulation.DutyPlan, "2026-03-31", in(nanchong()))             // due in May: open
	w.open(regulation.DutyReport, "2026-03-02", seenByCity)               // due in September
	w.open(regulation.DutyFeedback, "2026-03-02", hidden, in(nanchong())) // due on 23 March: overdue
	gone := w.open(regulation.DutyPlan, "2026-03-02")
	w.clock.Set(noon(t, "2026-04-14"))
	w.meet(kept, regulation.DutyPlan, "2026-04-14")
	w.write(func(tx *pg.Tx, at obligation.Moment) error {
		id := gone[strings.LastIndexByte(gone, '/')+len(service)+2:]
		return w.docket.Cancel(tx, at, docket.Key{Subject: "provinces/51/rectifications/" + id, Duty: regulation.DutyPlan}, "withdrawn")
	})
	asOf := timestamppb.New(w.clock.Now())
	w.clock.Set(noon(t, "2026-04-20"))
	w.meet(late, regulation.DutyPlan, "2026-04-20")

	for _, tt := range []struct {
		what, who string
		req       *obligationv1.SummarizeComplianceRequest
		want      []string // duty due kept late open overdue
	}{
		{"all", office, &obligationv1.SummarizeComplianceRequest{}, []string{"DUTY_FEEDBACK 1 0 0 0 1", "DUTY_RECTIFICATION_PLAN 4 1 1 1 1", "DUTY_RECTIFICATION_REPORT 1 0 0 1 0"}},
		{"as of the 14th", office, &obligationv1.SummarizeComplianceRequest{AsOfTime: asOf}, []string{"DUTY_FEEDBACK 1 0 0 0 1", "DUTY_RECTIFICATION_PLAN 4 1 0 3 0", "DUTY_RECTIFICATION_REPORT 1 0 0 1 0"}},
		{"due in April", leading, &obligationv1.SummarizeComplianceRequest{StartDate: day(t, "2026-04-01"), EndDate: day(t, "2026-04-14")}, []string{"DUTY_RECTIFICATION_PLAN 3 1 1 0 1"}},
		{"a county", office, &obligationv1.SummarizeComplianceRequest{Jurisdiction: "provinces/51/counties/511321"}, []string{"DUTY_FEEDBACK 1 0 0 0 1", "DUTY_RECTIFICATION_PLAN 1 0 0 1 0"}},
		{"a city", office, &obligationv1.SummarizeComplianceRequest{Jurisdiction: "provinces/51/cities/510100"}, []string{"DUTY_RECTIFICATION_PLAN 3 1 1 0 1", "DUTY_RECTIFICATION_REPORT 1 0 0 1 0"}},
		{"the county itself", county, &obligationv1.SummarizeComplianceRequest{}, []string{"DUTY_RECTIFICATION_PLAN 3 1 1 0 1", "DUTY_RECTIFICATION_REPORT 1 0 0 1 0"}},
		{"its city", city, &obligationv1.SummarizeComplianceRequest{}, []string{"DUTY_RECTIFICATION_REPORT 1 0 0 1 0"}},
		{"a stranger", neighbour, &obligationv1.SummarizeComplianceRequest{Jurisdiction: "provinces/51/counties/510104"}, nil},
	} {
		tt.req.Parent = "provinces/51"
		sum := must(w.obligations().SummarizeCompliance(w.as(tt.who), tt.req))(t)
		var got []string
		for _, c := range sum.GetCompliances() {
			got = append(got, fmt.Sprint(c.GetDuty(), " ", c.GetDueCount(), " ", c.GetKeptCount(), " ", c.GetLateCount(), " ", c.GetOpenCount(), " ", c.GetOverdueCount()))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got\n%q, want\n%q", tt.what, got, tt.want)
		}
		if want := tt.req.GetAsOfTime(); want != nil && !proto.Equal(sum.GetAsOfTime(), want) || want == nil && !sum.GetAsOfTime().AsTime().Equal(w.clock.Now()) {
			t.Errorf("%s: as of %v", tt.what, sum.GetAsOfTime().AsTime())
		}
	}
	for _, req := range []*obligationv1.SummarizeComplianceRequest{
		{Jurisdiction: "provinces/44/cities/440100"}, {Jurisdiction: "Chengdu"}, {StartDate: &date.Date{Year: 2026, Month: 13, Day: 1}},
		{StartDate: day(t, "2026-04-02"), EndDate: day(t, "2026-04-01")}, {AsOfTime: timestamppb.New(w.clock.Now().Add(time.Hour))},
	} {
		req.Parent = "provinces/51"
		_, err := w.obligations().SummarizeCompliance(w.as(office), req)
		refused(t, err, "FIELD_INVALID")
	}
}

func day(t *testing.T, s string) *date.Date {
	t.Helper()
	d := must(workday.ParseDate(s))(t)
	return &date.Date{Year: int32(d.Year), Month: int32(d.Month), Day: int32(d.Day)}
}

// TestCalendar: the open dates that the caller's body owes, and nobody else's, as
// whole days under their names.
func TestCalendar(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	own := w.open(regulation.DutyPlan, "2026-03-02", seenByCity)
	far := w.open(regulation.DutyReport, "2026-08-03", seenByCity) // ends in 2027, without a notice yet
	met := w.open(regulation.DutyPlan, "2026-03-02")
	w.meet(met, regulation.DutyPlan, "2026-03-02")
	w.open(regulation.DutyPlan, "2026-03-02", in(nanchong()))
	briefing := w.open(regulation.DutyCityBriefing, "2026-06-01", seenByCity, hidden)
	copied := w.open(regulation.DutyFeedbackCopy, "2026-03-02", hidden)
	for who, want := range map[string][]string{
		county: {own, far}, neighbour: nil, city: {briefing}, liaison: {briefing}, otherCity: nil, office: {copied},
	} {
		c := must(w.obligations().ExportObligationCalendar(w.as(who), &obligationv1.ExportObligationCalendarRequest{Parent: "provinces/51"}))(t)
		parsed := must(ics.ParseCalendar(strings.NewReader(c.GetContent())))(t)
		var got []string
		for _, e := range parsed.Events() {
			got = append(got, e.Id())
			o := w.get(e.Id())
			start, end := must(e.GetAllDayStartAt())(t), must(e.GetAllDayEndAt())(t)
			if start.Format(time.DateOnly) != text(o.GetDueDate()) || end.Sub(start) != 24*time.Hour {
				t.Errorf("%s from %s to %s, due %s", e.Id(), start, end, text(o.GetDueDate()))
			}
			if summary := e.GetProperty(ics.ComponentPropertySummary).Value; !strings.Contains(summary, "第"+o.GetArticle()+"条") {
				t.Errorf("%s is called %q", e.Id(), summary)
			}
			description := e.GetProperty(ics.ComponentPropertyDescription).Value
			if !strings.Contains(description, o.GetSubject()) || !strings.Contains(description, o.GetCounty()) || strings.Contains(description, "日期可能调整") != o.GetComputed().GetProvisional() {
				t.Errorf("%s is described by %q", e.Id(), description)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s has the dates %v, want %v", who, got, want)
		}
		if strings.Count(c.GetContent(), "\n") != strings.Count(c.GetContent(), "\r\n") {
			t.Errorf("%s: a line ends without CRLF", who)
		}
	}
	if !w.get(far).GetComputed().GetProvisional() {
		t.Error("a date in a year without a notice is not provisional: nothing is tested")
	}
}

// TestPreview: a notice that is not active yet would move what runs across its days,
// page by page, and asking moves nothing.
func TestPreview(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	var crossing []string
	for range 5 {
		crossing = append(crossing, w.open(regulation.DutyPlan, "2026-03-02")) // due on 14 April
	}
	w.open(regulation.DutyFeedbackCopy, "2026-03-02", hidden) // over before the days of the notice
	met := w.open(regulation.DutyPlan, "2026-03-02")
	w.meet(met, regulation.DutyPlan, "2026-03-02")
	before := must(w.obligations().ListObligations(w.as(office), &obligationv1.ListObligationsRequest{Parent: "provinces/51"}))(t)

	client := obligationv1.NewRecomputationServiceClient(w.peer)
	for _, tt := range []struct {
		day           string
		working       bool
		computed, due string
	}{
		{"2026-03-24", false, "2026-04-15", "2026-04-15"}, // a day off more: later, and it would stand
		{"2026-03-28", true, "2026-04-13", "2026-04-14"},  // a Saturday worked: earlier, and the announced day would stand
	} {
		req := &obligationv1.PreviewRecomputationRequest{
			Parent: "provinces/51", NoticeNumber: "SC-2026-X", PublishDate: day(t, "2026-03-01"), PageSize: 4,
			Days: []*obligationv1.NoticeDay{{Date: day(t, tt.day), Working: tt.working, Holiday: "调休"}},
		}
		examined := int32(0)
		var moved []string
		for {
			p := must(client.PreviewRecomputation(w.plain(), req))(t)
			examined += p.GetExaminedCount()
			for _, m := range p.GetMoves() {
				moved = append(moved, m.GetObligation().GetName())
				if text(m.GetComputedDate()) != tt.computed || text(m.GetDueDate()) != tt.due || text(m.GetObligation().GetDueDate()) != "2026-04-14" {
					t.Errorf("%s: computed %s, due %s, now %v", tt.day, text(m.GetComputedDate()), text(m.GetDueDate()), m.GetObligation())
				}
			}
			if req.PageToken = p.GetNextPageToken(); req.PageToken == "" {
				break
			}
		}
		slices.Sort(moved)
		slices.Sort(crossing)
		if examined != 6 || !slices.Equal(moved, crossing) {
			t.Errorf("%s: of %d examined %v would move, want %v", tt.day, examined, moved, crossing)
		}
	}
	after := must(w.obligations().ListObligations(w.as(office), &obligationv1.ListObligationsRequest{Parent: "provinces/51"}))(t)
	if !slices.EqualFunc(before.GetObligations(), after.GetObligations(), func(a, b *obligationv1.Obligation) bool { return proto.Equal(a, b) }) {
		t.Error("a preview changed something")
	}
	req := &obligationv1.PreviewRecomputationRequest{
		Parent: "provinces/51", NoticeNumber: "SC-2026-X", PublishDate: day(t, "2026-03-01"),
		Days: []*obligationv1.NoticeDay{{Date: &date.Date{Year: 2026, Month: 2, Day: 30}}},
	}
	_, err := client.PreviewRecomputation(w.plain(), req)
	refused(t, err, "FIELD_INVALID")
	for _, who := range []string{office, county} {
		if _, err := obligationv1.NewRecomputationServiceClient(w.edge).PreviewRecomputation(w.as(who), req); status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s previews: %v", who, err)
		}
	}
}
