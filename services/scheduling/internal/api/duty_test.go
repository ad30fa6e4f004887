package api_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

const liaison = "CITY_LIAISON_BODY provinces/51/cities/510100 liaison"

func (w *world) obligations() obligationv1.ObligationServiceClient {
	return obligationv1.NewObligationServiceClient(w.edge())
}

// owed lists what a body sees of the obligations that a filter finds, each as its
// duty, its state and the day that stands.
func (w *world) owed(token, filter string) []string {
	w.t.Helper()
	lines := []string{}
	for _, o := range w.listed(token, filter) {
		line := strings.TrimPrefix(o.GetDuty().String(), "DUTY_") + " " + strings.TrimPrefix(o.GetState().String(), "STATE_") +
			" " + text(o.GetDueDate())
		if o.GetSatisfyDate() != nil {
			line += " met " + text(o.GetSatisfyDate())
		}
		if o.GetLate() {
			line += " late"
		}
		lines = append(lines, line)
	}
	return lines
}

func (w *world) listed(token, filter string) []*obligationv1.Obligation {
	w.t.Helper()
	return do(w.obligations().ListObligations(w.as(token), &obligationv1.ListObligationsRequest{
		Parent: sichuan, Filter: filter, PageSize: 200,
	}))(w.t).GetObligations()
}

// ofTask filters for what is about a task itself.
func ofTask(i *schedulingv1.Inspection) string { return fmt.Sprintf(`inspection = "%s"`, i.GetName()) }

// changes are the kinds in the history of an obligation, as the body sees it.
func (w *world) changes(token, name string) string {
	w.t.Helper()
	explained := do(w.obligations().ExplainObligation(w.as(token), &obligationv1.ExplainObligationRequest{Name: name}))(w.t)
	var kinds []string
	for _, c := range explained.GetChanges() {
		kinds = append(kinds, strings.TrimPrefix(c.GetKind().String(), "KIND_"))
	}
	return strings.Join(kinds, " ")
}

// move changes the planned entry, and the end with it.
func (w *world) move(i *schedulingv1.Inspection, entry, end string) *schedulingv1.Inspection {
	w.t.Helper()
	return do(w.inspections().UpdateInspection(w.as(office), &schedulingv1.UpdateInspectionRequest{
		Inspection: &schedulingv1.Inspection{Name: i.GetName(), PlannedEntryDate: day(w.t, entry), PlannedEndDate: day(w.t, end)},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"planned_entry_date", "planned_end_date"}},
		Etag:       w.read(i).GetEtag(), RequestId: requestID(),
	}))(w.t)
}

// authorized plays until the task of Jinjiang is given to the group.
func authorized(t *testing.T) (*world, *schedulingv1.Inspection) {
	t.Helper()
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	i := w.inspection(s.batch, jinjiang, "2026-03-02", "2026-03-31")
	w.approve(s.batch)
	return w, w.authorize(i, s.group)
}

// TestArt12NoticeObligation: it runs from the authorisation, outside nobody learns of
// it before the notices are out, and the later receipt meets it.
func TestArt12NoticeObligation(t *testing.T) {
	w, i := authorized(t)
	outside := []string{county, city, liaison}
	equal(t, "office", w.owed(office, ofTask(i)), []string{"ENTRY_NOTICE OPEN 2026-02-10"})
	equal(t, "member", w.owed(member, ofTask(i)), []string{"ENTRY_NOTICE OPEN 2026-02-10"})
	equal(t, "stranger", w.owed(stranger, ""), []string{})
	name := w.listed(office, ofTask(i))[0].GetName()
	if i.GetLatestNotice().GetObligation() != name || i.GetLatestNotice().GetClock() != "entry_notice" {
		t.Errorf("latest notice %v, want it of %s", i.GetLatestNotice(), name)
	}
	before := timestamppb.New(w.clock.Now())
	for _, token := range outside {
		equal(t, token, w.owed(token, ""), []string{})
		for _, asked := range []string{name, name[:len(name)-12] + "000000000000"} {
			_, err := w.obligations().GetObligation(w.as(token), &obligationv1.GetObligationRequest{Name: asked})
			refused(t, err, "NOT_FOUND")
		}
	}

	w.at("2026-01-20")
	notices := w.issue(i)
	equal(t, "county", w.owed(county, ""), []string{"ENTRY_NOTICE OPEN 2026-02-10"})
	for _, token := range []string{city, liaison} {
		equal(t, token, w.owed(token, ""), []string{
			"LIAISON_REGISTRATION OPEN 2026-01-27", "ENTRY_NOTICE OPEN 2026-02-10", "CITY_BRIEFING OPEN 2026-02-28"})
	}
	for _, token := range []string{
		"COUNTY_COMMITTEE " + sichuan + "/counties/510105 x", "CITY_COMMITTEE " + sichuan + "/cities/510300 x",
	} {
		equal(t, token, w.owed(token, ""), []string{})
	}
	// What was not theirs to know is not theirs afterwards.
	equal(t, "history for the county", w.changes(county, name), "SHOWN")
	equal(t, "history for the office", w.changes(office, name), "OPENED SHOWN")
	_, err := w.obligations().GetObligation(w.as(county), &obligationv1.GetObligationRequest{Name: name, AsOfTime: before})
	refused(t, err, "NOT_FOUND")

	w.at("2026-02-09")
	do(w.sign(city, notices[1]))(t)
	equal(t, "one has signed", w.owed(county, ""), []string{"ENTRY_NOTICE OPEN 2026-02-10"})
	_, err = w.sign(county, &schedulingv1.EntryNotice{Name: notices[0].GetName(), Etag: `"7"`})
	refused(t, err, "ETAG_MISMATCH")
	w.at("2026-02-10")
	do(w.sign(county, notices[0]))(t)
	equal(t, "both have signed", w.owed(county, ""), []string{"ENTRY_NOTICE SATISFIED 2026-02-10 met 2026-02-10"})
	equal(t, "history", w.changes(office, name), "OPENED SHOWN PARTLY_MET SATISFIED")
	if got := w.read(i).GetLatestNotice(); text(got.GetDate()) != "2026-02-10" || got.GetObligation() != name {
		t.Errorf("latest notice %v", got)
	}
}

// TestArt12ObligationOfAMovedEntry: what runs is counted from the new day; what was
// met for the old day is held against the new one.
func TestArt12ObligationOfAMovedEntry(t *testing.T) {
	w, i := authorized(t)
	i = w.move(i, "2026-03-09", "2026-04-07")
	equal(t, "before the notices", w.owed(office, ofTask(i)), []string{"ENTRY_NOTICE OPEN 2026-02-24"})
	notices := w.issue(i)
	do(w.sign(county, notices[0]))(t)
	i = w.move(i, "2026-03-16", "2026-04-14")
	equal(t, "after one receipt", w.owed(city, ""), []string{
		"LIAISON_REGISTRATION OPEN 2026-01-22", "ENTRY_NOTICE OPEN 2026-03-02", "CITY_BRIEFING OPEN 2026-03-13"})
	w.at("2026-03-03")
	do(w.sign(city, notices[1]))(t)
	late := "ENTRY_NOTICE SATISFIED 2026-03-02 met 2026-03-03 late"
	equal(t, "late", w.owed(county, ""), []string{late})
	i = w.move(i, "2026-03-17", "2026-04-15")
	equal(t, "moved with both receipts", w.owed(county, ""), []string{late, "ENTRY_NOTICE SATISFIED 2026-03-03 met 2026-03-03"})
	equal(t, "briefing", w.owed(city, `duty = "DUTY_CITY_BRIEFING"`), []string{"CITY_BRIEFING OPEN 2026-03-16"})
	if got := w.read(i).GetLatestNotice(); text(got.GetDate()) != "2026-03-03" || got.GetObligation() == "" {
		t.Errorf("latest notice %v", got)
	}
	// A change that leaves the day alone leaves the obligations alone.
	w.move(i, "2026-03-17", "2026-04-16")
	if got := w.owed(county, ""); len(got) != 2 {
		t.Errorf("after another end %v", got)
	}
}

// TestArt15BriefingObligation: the city committee's own first briefing meets it, late
// or not; no department's does.
func TestArt15BriefingObligation(t *testing.T) {
	w, i := authorized(t)
	do(w.brief(city, jinjiang))(t) // before the notices: nothing runs yet
	w.issue(i)
	open := []string{"CITY_BRIEFING OPEN 2026-02-28"}
	briefings := `duty = "DUTY_CITY_BRIEFING"`
	do(w.brief(cityOrgan, jinjiang))(t)
	do(w.brief(audit, jinjiang))(t)
	do(w.brief(city, sichuan+"/counties/510105"))(t)
	_, err := w.brief(city, sichuan+"/counties/510302")
	refused(t, err, "COUNTY_OUTSIDE_JURISDICTION")
	equal(t, "by others", w.owed(city, briefings), open)
	equal(t, "county", w.owed(county, briefings), []string{})
	w.at("2026-03-02")
	equal(t, "overdue", w.owed(liaison, briefings), []string{open[0] + " late"})
	for range 2 {
		do(w.brief(city, jinjiang))(t)
	}
	equal(t, "late", w.owed(city, briefings), []string{"CITY_BRIEFING SATISFIED 2026-02-28 met 2026-03-02 late"})
	name := w.listed(city, briefings)[0].GetName()
	equal(t, "history", w.changes(city, name), "OPENED SATISFIED")
}

// TestArt3StayObligation runs on site, and ends with the stay.
func TestArt3StayObligation(t *testing.T) {
	w, i := played(t)
	stay := ofTask(i) + ` AND duty = "DUTY_ON_SITE_PERIOD"`
	equal(t, "entered", w.owed(member, stay), []string{"ON_SITE_PERIOD OPEN 2026-03-31"})
	for _, token := range []string{county, city, liaison} {
		equal(t, token, w.owed(token, stay), []string{})
	}
	w.at("2026-04-01")
	do(w.leave(i))(t)
	equal(t, "left", w.owed(office, stay), []string{"ON_SITE_PERIOD SATISFIED 2026-03-31 met 2026-04-01 late"})
}

// TestRefusedStepsLeaveNoObligation: what is refused has opened and met nothing.
func TestRefusedStepsLeaveNoObligation(t *testing.T) {
	w, i := authorized(t)
	before := w.docketSize()
	busy := do(w.inspections().ListInspections(w.as(office), &schedulingv1.ListInspectionsRequest{Parent: sichuan}))(t).GetInspections()[0]
	_, err := w.inspections().AuthorizeInspection(w.as(office), &schedulingv1.AuthorizeInspectionRequest{
		Name: busy.GetName(), InspectionGroup: busy.GetInspectionGroup(), Etag: busy.GetEtag(), RequestId: requestID(),
	})
	refused(t, err, "INSPECTION_STATE_INVALID")
	w.at("2026-02-11")
	_, err = w.notices().IssueEntryNotices(w.as(office), &schedulingv1.IssueEntryNoticesRequest{
		Name: i.GetName(), DocumentNumber: "12号", Etag: i.GetEtag(), RequestId: requestID(),
	})
	refused(t, err, "NOTICE_TOO_LATE")
	equal(t, "county", w.owed(county, ""), []string{})
	_, err = w.enter(i)
	refused(t, err, "INSPECTION_STATE_INVALID")
	_, err = w.leave(i)
	refused(t, err, "INSPECTION_STATE_INVALID")
	early := w.event(i, 1, &eventv1.FeedbackReceived{Inspection: i.GetName(), ReceiveDate: day(t, "2026-02-11")})
	_, err = w.events("rectification").DeliverEvent(w.plain(), early)
	refused(t, err, "INSPECTION_STATE_INVALID")
	_, err = w.terms().CreateTerm(w.as(office), &schedulingv1.CreateTermRequest{
		Parent: sichuan, RequestId: requestID(), Term: &schedulingv1.Term{
			DisplayName: "重叠", StartDate: day(t, "2027-05-30"), EndDate: day(t, "2032-05-30"),
		},
	})
	refused(t, err, "TERM_OVERLAPS")
	equal(t, "docket", w.docketSize(), before)
}

// docketSize counts the obligations and their changes, whoever may see them.
func (w *world) docketSize() [2]int {
	w.t.Helper()
	var size [2]int
	err := w.db.Admin(w.t).QueryRow("SELECT (SELECT count(*) FROM obligation), (SELECT count(*) FROM obligation_change)").
		Scan(&size[0], &size[1])
	if err != nil {
		w.t.Fatal(err)
	}
	return size
}

// TestArt2CoverageObligations: one for every county of a term; those that an
// import adds follow; feedback meets one, by the day of entry.
func TestArt2CoverageObligations(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	csv := divisions(t, "51")
	without, last, _ := cutLast(csv)
	w.importRegistry("51", without, "2023-01-01")
	term := do(w.terms().CreateTerm(w.as(office), &schedulingv1.CreateTermRequest{
		Parent: sichuan, RequestId: requestID(), Term: &schedulingv1.Term{
			DisplayName: "十二届省委", StartDate: day(t, "2022-05-31"), EndDate: day(t, "2027-05-30"),
		},
	}))(t)
	coverage := func(county string) []string {
		return w.owed(leading, fmt.Sprintf(`duty = "DUTY_COVERAGE" AND county = "%s"`, county))
	}
	open := []string{"COVERAGE OPEN 2027-05-30"}
	equal(t, "of a term", w.docketSize(), [2]int{182, 182})
	equal(t, "Jinjiang", coverage(jinjiang), open)
	equal(t, "outside", w.owed(county, ""), []string{})
	equal(t, "outside", w.owed(city, ""), []string{})

	added := sichuan + "/counties/" + last
	equal(t, "before its import", coverage(added), []string{})
	do(w.registry().ImportRegistry(w.as(office), &schedulingv1.ImportRegistryRequest{
		Name: sichuan, Csv: csv, EffectiveDate: day(t, "2023-01-01"), ValidateOnly: true, RequestId: requestID(),
	}))(t)
	equal(t, "after a dry run", coverage(added), []string{})
	w.importRegistry("51", csv, "2023-01-01")
	w.importRegistry("51", csv, "2023-01-01")
	equal(t, "after its import", coverage(added), open)
	equal(t, "of both", w.docketSize(), [2]int{183, 183})

	s := stage{term, w.form("省委第一巡视组", "li", "wang"), w.plan(term, "2026年第一批")}
	i := w.onSite(s, func(int) *schedulingv1.InspectionGroup { return s.group }, jinjiang)[0]
	w.at("2026-03-31")
	do(w.leave(i))(t)
	equal(t, "without feedback", coverage(jinjiang), open)
	w.at("2027-06-02")
	w.deliver(i, 1, &eventv1.FeedbackReceived{Inspection: i.GetName(), ReceiveDate: day(t, "2027-06-01")})
	equal(t, "covered by its entry", coverage(jinjiang), []string{"COVERAGE SATISFIED 2027-05-30 met 2026-03-02"})
	equal(t, "another", coverage(added), []string{open[0] + " late"})
}

// cutLast cuts the last line of a registry, a county, off, and gives its code.
func cutLast(csv string) (rest, code string, ok bool) {
	csv = strings.TrimRight(csv, "\n")
	at := strings.LastIndex(csv, "\n")
	return csv[:at], csv[at+1:][:6], at > 0
}

// TestArt2CoveredBeforeTheTermWasRecorded counts from the start.
func TestArt2CoveredBeforeTheTermWasRecorded(t *testing.T) {
	w, i := played(t)
	w.at("2026-03-31")
	do(w.leave(i))(t)
	w.deliver(i, 1, &eventv1.FeedbackReceived{Inspection: i.GetName(), ReceiveDate: day(t, "2026-03-31")})
	if _, err := w.db.Admin(t).Exec("UPDATE inspection SET entry_date = '2027-06-01', on_site_end_date = '2027-06-30'"); err != nil {
		t.Fatal(err)
	}
	w.at("2027-07-01")
	do(w.terms().CreateTerm(w.as(office), &schedulingv1.CreateTermRequest{
		Parent: sichuan, RequestId: requestID(), Term: &schedulingv1.Term{
			DisplayName: "十三届省委", StartDate: day(t, "2027-05-31"), EndDate: day(t, "2032-05-30"),
		},
	}))(t)
	equal(t, "Jinjiang", w.owed(office, fmt.Sprintf(`duty = "DUTY_COVERAGE" AND county = "%s"`, jinjiang)), []string{
		"COVERAGE SATISFIED 2027-05-30 met 2026-03-02", "COVERAGE SATISFIED 2032-05-30 met 2027-06-01",
	})
}
