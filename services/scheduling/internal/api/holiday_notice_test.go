package api_test

import (
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/proto"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func (w *world) holidays() schedulingv1.HolidayNoticeServiceClient {
	return schedulingv1.NewHolidayNoticeServiceClient(w.edge())
}

func (w *world) calendar() schedulingv1.CalendarServiceClient {
	return schedulingv1.NewCalendarServiceClient(w.edge())
}

// labourDay2019 is the amendment of 2019-03-22 as the office has it in hand, a day
// before the program knows it by itself.
func labourDay2019(t *testing.T) *schedulingv1.ImportHolidayNoticeRequest {
	t.Helper()
	base, err := workday.National()
	if err != nil {
		t.Fatal(err)
	}
	csv := "notice,date,kind,name\n"
	for _, f := range base.Facts("SC-2019-A") {
		kind := map[bool]string{true: "work", false: "off"}[f.Working]
		csv += "SC-2019-B," + f.Date.String() + "," + kind + "," + f.Name + "\n"
	}
	return &schedulingv1.ImportHolidayNoticeRequest{
		Parent: sichuan, RequestId: requestID(), Csv: csv, HolidayNotice: &schedulingv1.HolidayNotice{
			NoticeNumber: "SC-2019-B", Scope: schedulingv1.HolidayNotice_SCOPE_NATIONAL,
			PublishDate: day(t, "2019-03-21"), Source: "国办发明电〔2019〕3号",
		},
	}
}

// notice is a notice with days that are off; a day with + is worked.
func notice(t *testing.T, province, number, published string, days ...string) *schedulingv1.ImportHolidayNoticeRequest {
	t.Helper()
	n := &schedulingv1.HolidayNotice{
		NoticeNumber: number, Scope: schedulingv1.HolidayNotice_SCOPE_PROVINCIAL,
		PublishDate: day(t, published), Source: "桂政办电",
	}
	for _, d := range days {
		off, worked := strings.CutPrefix(d, "+")
		n.Days = append(n.Days, &schedulingv1.HolidayNoticeDay{Date: day(t, off), Working: worked, Holiday: "三月三"})
	}
	return &schedulingv1.ImportHolidayNoticeRequest{Parent: "provinces/" + province, RequestId: requestID(), HolidayNotice: n}
}

func (w *world) propose(token string, req *schedulingv1.ImportHolidayNoticeRequest) *schedulingv1.HolidayNotice {
	w.t.Helper()
	return do(w.holidays().ImportHolidayNotice(w.as(token), req))(w.t)
}

func (w *world) activate(token string, n *schedulingv1.HolidayNotice) (*schedulingv1.HolidayNotice, error) {
	return w.holidays().ActivateHolidayNotice(w.as(token), &schedulingv1.ActivateHolidayNoticeRequest{
		Name: n.GetName(), Etag: n.GetEtag(), RequestId: requestID(),
	})
}

// deadline computes one period for a body.
func (w *world) deadline(token, province, clock, start string, known ...*date.Date) *schedulingv1.Deadline {
	w.t.Helper()
	req := &schedulingv1.ComputeDeadlinesRequest{Parent: "provinces/" + province, StartDate: day(w.t, start), Clock: clock}
	if len(known) > 0 {
		req.KnownDate = known[0]
	}
	found := do(w.calendar().ComputeDeadlines(w.as(token), req))(w.t).GetDeadlines()
	if len(found) != 1 {
		w.t.Fatalf("%d deadlines, want one", len(found))
	}
	return found[0]
}

// fiveDays is the vector of domain.md §5.3 that the amendment of 2019 moves earlier.
func (w *world) fiveDays(token string, known ...*date.Date) *schedulingv1.Deadline {
	w.t.Helper()
	return w.deadline(token, "51", "personnel_notification", "2019-04-22", known...)
}

// TestArt17HolidayNoticeOf2019: imported with its dry run, activated by another
// person, counted by from then on, and what was known before is still known.
func TestArt17HolidayNoticeOf2019(t *testing.T) {
	w := newWorld(t, "2019-03-21")
	w.peers["rectification"].running = []runningObligation{
		{"2019-04-22", 5, "2019-04-29"}, {"2019-04-28", 4, "2019-05-03"}, {"2019-03-01", 5, "2019-03-08"}, {"2019-04-25", 5, "2019-05-06"},
	}
	before := w.fiveDays(county)
	equal(t, "before", text(before.GetDue().GetDate()), "2019-04-29")

	n := w.propose(office, labourDay2019(t))
	if n.GetState() != schedulingv1.HolidayNotice_STATE_PROPOSED || n.GetProposer() != "office" || n.GetActivator() != "" || len(n.GetDays()) != 6 {
		t.Errorf("proposed as %v", n)
	}
	equal(t, "counts", []int32{n.GetExaminedCount(), n.GetLaterCount(), n.GetEarlierCount(), n.GetUnchangedCount()}, []int32{4, 1, 2, 1})
	equal(t, "calendar of the dry run", n.GetCalendarVersion(), "SC-2019")
	equal(t, "moves", w.moves(n, 1), []string{
		"rectification-0 2019-04-29 2019-04-28", "rectification-1 2019-05-03 2019-05-06", "rectification-3 2019-05-06 2019-05-05",
	})
	equal(t, "nothing is counted by it yet", text(w.fiveDays(county).GetDue().GetDate()), "2019-04-29")

	for _, same := range []string{office, "LEADING_GROUP provinces/51 office"} { // whatever body the person acts for
		_, err := w.activate(same, n)
		equal(t, "article", refused(t, err, "NOTICE_SAME_PERSON").Meta[fault.MetaArticle], "5, 12(2), 17")
	}
	stale := proto.CloneOf(n)
	stale.Etag = `"9"`
	_, err := w.activate(leading, stale)
	refused(t, err, "ETAG_MISMATCH")

	active := do(w.activate(leading, n))(t)
	if active.GetState() != schedulingv1.HolidayNotice_STATE_ACTIVE || active.GetActivator() != "chair" || active.GetActivateTime() == nil {
		t.Errorf("activated as %v", active)
	}
	for _, peer := range []string{"casefile", "rectification"} {
		w.wantCalendarEvents(sichuan, peer, "HolidayNoticeActivated")
	}
	for _, reader := range []string{county, city, office, leader} {
		equal(t, "after, for "+reader, text(w.fiveDays(reader).GetDue().GetDate()), "2019-04-28")
	}
	equal(t, "as it was known the day before", text(w.fiveDays(county, day(t, "2019-03-20")).GetDue().GetDate()), "2019-04-29")
	w.explains(before, "2019-04-29")
	w.explains(w.fiveDays(county), "2019-04-28")

	_, err = w.activate(leading, active)
	refused(t, err, "HOLIDAY_NOTICE_STATE_INVALID")
	_, err = w.holidays().DiscardHolidayNotice(w.as(office), &schedulingv1.DiscardHolidayNoticeRequest{
		Name: active.GetName(), Etag: active.GetEtag(), RequestId: requestID(),
	})
	refused(t, err, "HOLIDAY_NOTICE_STATE_INVALID")
	if got := do(w.holidays().GetHolidayNotice(w.as(province), &schedulingv1.GetHolidayNoticeRequest{Name: n.GetName()}))(t); !proto.Equal(got, active) {
		t.Errorf("read as %v", got)
	}
}

// moves reads the whole list by pages.
func (w *world) moves(n *schedulingv1.HolidayNotice, size int32) []string {
	w.t.Helper()
	req := &schedulingv1.ListHolidayNoticeMovesRequest{Parent: n.GetName(), PageSize: size}
	var found []string
	for {
		page := do(w.holidays().ListHolidayNoticeMoves(w.as(leading), req))(w.t)
		for _, m := range page.GetMoves() {
			_, id, _ := strings.Cut(m.GetObligation(), "/obligations/")
			found = append(found, id+" "+text(m.GetBeforeDate())+" "+text(m.GetAfterDate()))
			if m.GetCounty() != jinjiang || m.GetObligorJurisdiction() != jinjiang || m.GetArticle() != "17" ||
				m.GetDuty().String() != "DUTY_RECTIFICATION_PLAN" || m.GetObligor().String() != "PARTY_COUNTY_COMMITTEE" {
				w.t.Errorf("touches %v", m)
			}
		}
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			return found
		}
	}
}

func (w *world) wantCalendarEvents(province, destination string, want ...string) {
	w.t.Helper()
	w.wantEvents(&schedulingv1.Inspection{Name: province + "/calendar"}, destination, want...)
}

// explains tests that a date, as it was told, is counted out again to the same day.
func (w *world) explains(told *schedulingv1.Deadline, want string) {
	w.t.Helper()
	got := do(w.calendar().ExplainDeadline(w.as(county), &schedulingv1.ExplainDeadlineRequest{Parent: sichuan, Due: told.GetDue()}))(w.t)
	if text(got.GetDue().GetDate()) != want || !proto.Equal(got, told) {
		w.t.Errorf("explained as %v, want %s", got, want)
	}
}

const (
	nanning   = "INSPECTION_OFFICE provinces/45 office"
	liuzhou   = "LEADING_GROUP provinces/45 chair"
	xingning  = "COUNTY_COMMITTEE provinces/45/counties/450102 county"
	fromApril = "2018-04-10"
)

// TestProvinceHasDaysOfItsOwn: Guangxi's 三月三 of 2018 counts in Guangxi alone
// (domain.md §5.2), and every calendar that the province ever had is found again,
// also after a notice came that was published before one already active.
func TestProvinceHasDaysOfItsOwn(t *testing.T) {
	w := newWorld(t, fromApril)
	plan := func(token, province string) *schedulingv1.Deadline {
		return w.deadline(token, province, "plan", fromApril)
	}
	told := []*schedulingv1.Deadline{plan(xingning, "45")}
	for _, req := range []*schedulingv1.ImportHolidayNoticeRequest{
		notice(t, "45", "GX-2018-03", "2018-01-10", "+2018-04-15", "2018-04-18", "2018-04-19", "2018-04-20"),
		notice(t, "45", "GX-2018-01", "2018-01-02", "2018-05-14", "2018-05-15"),
	} {
		do(w.activate(liuzhou, w.propose(nanning, req)))(t)
		told = append(told, plan(xingning, "45"))
	}
	equal(t, "Sichuan", text(plan(county, "51").GetDue().GetDate()), "2018-05-23")
	versions := map[string]bool{}
	for n, want := range []string{"2018-05-23", "2018-05-25", "2018-05-29"} {
		due := told[n].GetDue()
		versions[due.GetCalendarVersion()] = true
		got := do(w.calendar().ExplainDeadline(w.as(xingning), &schedulingv1.ExplainDeadlineRequest{Parent: "provinces/45", Due: due}))(t)
		if text(due.GetDate()) != want || !proto.Equal(got, told[n]) {
			t.Errorf("after %d notices %v, want %s; explained as %v", n, due, want, got.GetDue())
		}
	}
	if len(versions) != 3 {
		t.Errorf("versions %v, want three", versions)
	}
	_, err := w.calendar().ExplainDeadline(w.as(county), &schedulingv1.ExplainDeadlineRequest{Parent: sichuan, Due: told[1].GetDue()})
	refused(t, err, "DEADLINE_NOT_REPRODUCED") // Sichuan never had that calendar
}

// TestDryRunMustStillHold: after another notice became active, what the second person
// would sign for is not what would happen. The number of a discarded one is free.
func TestDryRunMustStillHold(t *testing.T) {
	w := newWorld(t, fromApril)
	first := w.propose(nanning, notice(t, "45", "GX-2018-03", "2018-01-10", "2018-04-18"))
	second := w.propose(nanning, notice(t, "45", "GX-2018-01", "2018-01-02", "2018-05-14"))
	do(w.activate(liuzhou, first))(t)
	_, err := w.activate(liuzhou, second)
	f := refused(t, err, "HOLIDAY_NOTICE_OUTDATED")
	if f.Meta["calendar_version"] != "SC-2018" || !strings.HasPrefix(f.Meta["current_version"], "SC-2018+") {
		t.Errorf("metadata %v", f.Meta)
	}
	discarded := do(w.holidays().DiscardHolidayNotice(w.as(nanning), &schedulingv1.DiscardHolidayNoticeRequest{
		Name: second.GetName(), Etag: second.GetEtag(), RequestId: requestID(),
	}))(t)
	if discarded.GetState() != schedulingv1.HolidayNotice_STATE_DISCARDED {
		t.Errorf("discarded as %v", discarded)
	}
	again := w.propose(nanning, notice(t, "45", "GX-2018-01", "2018-01-02", "2018-05-14"))
	do(w.activate(liuzhou, again))(t)
	list := do(w.holidays().ListHolidayNotices(w.as(nanning), &schedulingv1.ListHolidayNoticesRequest{Parent: "provinces/45"}))(t)
	var states []string
	for _, n := range list.GetHolidayNotices() {
		states = append(states, n.GetState().String())
	}
	equal(t, "states", states, []string{"STATE_ACTIVE", "STATE_DISCARDED", "STATE_ACTIVE"})
}
