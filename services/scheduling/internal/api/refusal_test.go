package api_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// TestPlanningRefusals: what arts 2, 3 and 5 refuse before a batch is approved.
func TestPlanningRefusals(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()

	_, err := w.terms().CreateTerm(w.as(office), &schedulingv1.CreateTermRequest{
		Parent: sichuan, RequestId: requestID(), Term: &schedulingv1.Term{
			DisplayName: "重叠", StartDate: day(t, "2027-05-30"), EndDate: day(t, "2032-05-30"),
		},
	})
	if f := refused(t, err, "TERM_OVERLAPS"); f.Meta["article"] != "2" {
		t.Errorf("metadata %v", f.Meta)
	}

	decision := w.decide("1号", schedulingv1.DecisionItem_KIND_APPROVE_BATCH, s.batch.GetName(), day(t, "2026-01-10"))
	approve := func(b *schedulingv1.Batch, etag string) error {
		_, err := w.batches().ApproveBatch(w.as(office), &schedulingv1.ApproveBatchRequest{
			Name: b.GetName(), Decision: decision.GetName(), Etag: etag, RequestId: requestID(),
		})
		return err
	}
	refused(t, approve(s.batch, s.batch.GetEtag()), "BATCH_EMPTY")
	i := w.inspection(s.batch, jinjiang, "2026-03-02", "2026-03-31")
	refused(t, approve(s.batch, `"7"`), "ETAG_MISMATCH")
	other := w.plan(s.term, "2026年第二批")
	w.inspection(other, jinjiang, "2026-05-11", "2026-06-09")
	refused(t, approve(other, other.GetEtag()), "DECISION_DOES_NOT_COVER")

	create := func(in *schedulingv1.Inspection) error {
		_, err := w.inspections().CreateInspection(w.as(office), &schedulingv1.CreateInspectionRequest{
			Parent: sichuan, Inspection: in, RequestId: requestID(),
		})
		return err
	}
	again := &schedulingv1.Inspection{
		Batch: s.batch.GetName(), County: jinjiang, PlannedEntryDate: day(t, "2026-03-02"), PlannedEndDate: day(t, "2026-03-31"),
	}
	if f := refused(t, create(again), "ALREADY_EXISTS"); f.Meta["article"] != "2" {
		t.Errorf("metadata %v", f.Meta)
	}
	missing := proto.CloneOf(again)
	missing.County = sichuan + "/counties/519999"
	refused(t, create(missing), "NOT_FOUND")
	missing.County = "provinces/44/counties/440103"
	refused(t, create(missing), "NOT_FOUND")
	short := proto.CloneOf(again)
	short.County, short.PlannedEndDate = sichuan+"/counties/510105", day(t, "2026-03-20")
	if f := refused(t, create(short), "PERIOD_NEEDS_REASON"); f.Meta["days"] != "19" || f.Meta["article"] != "3" {
		t.Errorf("metadata %v", f.Meta)
	}
	short.PlannedEndDate.Day = 0
	refused(t, create(short), "FIELD_INVALID")

	authorize := func() error {
		_, err := w.inspections().AuthorizeInspection(w.as(office), &schedulingv1.AuthorizeInspectionRequest{
			Name: i.GetName(), InspectionGroup: s.group.GetName(), Etag: i.GetEtag(), RequestId: requestID(),
		})
		return err
	}
	refused(t, authorize(), "BATCH_STATE_INVALID")
	w.approve(s.batch)
	refused(t, create(again), "BATCH_STATE_INVALID")

	_, err = w.decisions().CreateDecision(w.as(leading), &schedulingv1.CreateDecisionRequest{
		Parent: sichuan, RequestId: requestID(), Decision: &schedulingv1.Decision{
			DocumentNumber: "1号", DecideDate: day(t, "2026-01-12"), Items: decision.GetItems(),
		},
	})
	refused(t, err, "ALREADY_EXISTS")
}

// TestNoticeRefusals: art. 12(2) at issue, at the receipts and at entry.
func TestNoticeRefusals(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	i := w.inspection(s.batch, jinjiang, "2026-03-02", "2026-03-31")
	w.approve(s.batch)
	i = w.authorize(i, s.group)

	w.at("2026-02-11")
	_, err := w.notices().IssueEntryNotices(w.as(office), &schedulingv1.IssueEntryNoticesRequest{
		Name: i.GetName(), DocumentNumber: "12号", Etag: i.GetEtag(), RequestId: requestID(),
	})
	f := refused(t, err, "NOTICE_TOO_LATE")
	for key, want := range map[string]string{
		"article": "12(2)", "required_days": "10", "entry_date": "2026-03-02",
		"latest_date": "2026-02-10", "working_days_ahead": "9",
	} {
		if f.Meta[key] != want {
			t.Errorf("%s is %q, want %q", key, f.Meta[key], want)
		}
	}
	w.at("2026-02-09")
	notices := w.issue(i)
	if len(notices) != 2 || notices[0].GetAddressee() != jinjiang || notices[1].GetAddressee() != chengdu {
		t.Fatalf("notices %v", notices)
	}
	_, err = w.sign("COUNTY_COMMITTEE "+sichuan+"/counties/510105 qingyang", notices[0])
	refused(t, err, "NOT_FOUND")
	_, err = w.sign(city, notices[0])
	refused(t, err, "NOT_FOUND")
	signed := do(w.sign(county, notices[0]))(t)
	if signed.GetReceiver() == "" || signed.GetReceiveTime() == nil || signed.GetEtag() == notices[0].GetEtag() {
		t.Errorf("signed %v", signed)
	}
	_, err = w.sign(county, signed)
	refused(t, err, "NOTICE_ALREADY_RECEIVED")
	_, err = w.sign(county, notices[0])
	refused(t, err, "ETAG_MISMATCH")

	w.at("2026-03-02")
	_, err = w.enter(i)
	if f := refused(t, err, "NOTICE_NOT_RECEIVED"); f.Meta["addressee"] != chengdu {
		t.Errorf("metadata %v", f.Meta)
	}
	w.at("2026-02-11")
	do(w.sign(city, notices[1]))(t)
	_, err = w.enter(i)
	refused(t, err, "ENTRY_DATE_DIFFERS")
	w.at("2026-03-02")
	_, err = w.enter(i)
	refused(t, err, "NOTICE_TOO_LATE")

	// The cure is the one that the text of the refusal names: move the entry.
	i = w.read(i)
	i = do(w.inspections().UpdateInspection(w.as(office), &schedulingv1.UpdateInspectionRequest{
		Inspection: &schedulingv1.Inspection{
			Name: i.GetName(), PlannedEntryDate: day(t, "2026-03-03"), PlannedEndDate: day(t, "2026-04-01"),
		},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"planned_entry_date", "planned_end_date"}},
		Etag:       i.GetEtag(), RequestId: requestID(),
	}))(t)
	if text(i.GetLatestNotice().GetDate()) != "2026-02-11" || i.GetState() != schedulingv1.Inspection_STATE_NOTICED {
		t.Errorf("replanned %v", i)
	}
	w.at("2026-03-03")
	do(w.enter(i))(t)
	_, err = w.enter(i)
	refused(t, err, "INSPECTION_STATE_INVALID")
}

// TestUpdateTakesOnlyNamedFields (AIP-134): the dates and the reason, nothing else.
func TestUpdateTakesOnlyNamedFields(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	i := w.inspection(s.batch, jinjiang, "2026-03-02", "2026-03-31")
	update := func(change *schedulingv1.Inspection, paths ...string) (*schedulingv1.Inspection, error) {
		change.Name = i.GetName()
		return w.inspections().UpdateInspection(w.as(office), &schedulingv1.UpdateInspectionRequest{
			Inspection: change, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}, Etag: i.GetEtag(), RequestId: requestID(),
		})
	}
	for _, path := range []string{"state", "county", "group_id", "planned_entry_date.hour", "period_reason.x", "*"} {
		_, err := update(&schedulingv1.Inspection{}, path)
		refused(t, err, "FIELD_INVALID")
	}
	_, err := update(&schedulingv1.Inspection{}, "name", "etag")
	refused(t, err, "FIELD_INVALID")
	_, err = update(&schedulingv1.Inspection{}, "planned_end_date")
	refused(t, err, "FIELD_INVALID") // cleared, and the field is required
	got := do(update(&schedulingv1.Inspection{
		PlannedEndDate: day(t, "2026-05-10"), PeriodReason: "问题较多", County: "ignored",
	}, "planned_end_date.day", "planned_end_date.month", "period_reason", "name"))(t)
	if text(got.GetPlannedEndDate()) != "2026-05-10" || got.GetPeriodReason() != "问题较多" ||
		text(got.GetPlannedEntryDate()) != "2026-03-02" || got.GetCounty() != jinjiang {
		t.Errorf("updated %v", got)
	}
}

// TestArt4GroupIsInOnePlace: a group with a task in these days gets no other, nor
// by a change of dates.
func TestArt4GroupIsInOnePlace(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	first := w.inspection(s.batch, jinjiang, "2026-03-02", "2026-03-31")
	same := w.inspection(s.batch, sichuan+"/counties/510105", "2026-03-31", "2026-04-29")
	next := w.inspection(s.batch, sichuan+"/counties/510106", "2026-04-01", "2026-04-30")
	w.approve(s.batch)
	w.authorize(first, s.group)
	_, err := w.inspections().AuthorizeInspection(w.as(office), &schedulingv1.AuthorizeInspectionRequest{
		Name: same.GetName(), InspectionGroup: s.group.GetName(), Etag: same.GetEtag(), RequestId: requestID(),
	})
	if f := refused(t, err, "GROUP_DOUBLE_BOOKED"); f.Meta["article"] != "4" {
		t.Errorf("metadata %v", f.Meta)
	}
	next = w.authorize(next, s.group)
	_, err = w.inspections().UpdateInspection(w.as(office), &schedulingv1.UpdateInspectionRequest{
		Inspection: &schedulingv1.Inspection{Name: next.GetName(), PlannedEntryDate: day(t, "2026-03-31")},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"planned_entry_date"}},
		Etag:       next.GetEtag(), RequestId: requestID(),
	})
	refused(t, err, "GROUP_DOUBLE_BOOKED")
	_, err = w.inspections().AuthorizeInspection(w.as(office), &schedulingv1.AuthorizeInspectionRequest{
		Name: same.GetName(), InspectionGroup: sichuan + "/inspectionGroups/0198c0de-0000-7000-8000-000000000001",
		Etag: same.GetEtag(), RequestId: requestID(),
	})
	refused(t, err, "NOT_FOUND")
}

// TestListInspectionsFilters by state, batch and county (AIP-160).
func TestListInspectionsFilters(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	first := w.inspection(s.batch, jinjiang, "2026-03-02", "2026-03-31")
	w.inspection(s.batch, sichuan+"/counties/510105", "2026-04-01", "2026-04-30")
	w.approve(s.batch)
	w.authorize(first, s.group)
	for filter, want := range map[string]int{
		"": 2, `state = "STATE_AUTHORIZED"`: 1, `batch = "` + s.batch.GetName() + `"`: 2,
		`county = "` + jinjiang + `" AND state = STATE_PLANNED`: 0, `NOT state = STATE_PLANNED`: 1,
	} {
		list := do(w.inspections().ListInspections(w.as(leading), &schedulingv1.ListInspectionsRequest{Parent: sichuan, Filter: filter}))(t)
		if got := len(list.GetInspections()); got != want {
			t.Errorf("%q: %d inspections, want %d", filter, got, want)
		}
	}
	_, err := w.inspections().ListInspections(w.as(leading), &schedulingv1.ListInspectionsRequest{Parent: sichuan, Filter: "city = 1"})
	refused(t, err, "FIELD_INVALID")
}
