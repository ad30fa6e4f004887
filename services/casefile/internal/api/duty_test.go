package api_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/grpcserver/grpcservertest"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

func day(d *date.Date) string {
	return fmt.Sprintf("%04d-%02d-%02d", d.GetYear(), d.GetMonth(), d.GetDay())
}

// owed lists the obligations that a body may see, each in one line.
func (w *world) owed(who string) ([]string, error) {
	answer, err := obligationv1.NewObligationServiceClient(w.conns["gateway"]).
		ListObligations(w.as(who), &obligationv1.ListObligationsRequest{Parent: sichuan})
	var out []string
	for _, o := range answer.GetObligations() {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s of %s due %s %s %s", o.GetDuty(), o.GetSubject(), day(o.GetDueDate()), o.GetState(),
			strings.TrimPrefix(day(o.GetSatisfyDate()), "0000-00-00"))))
	}
	return out, err
}

func (w *world) wantOwed(step string, tokens []string, want ...string) {
	w.t.Helper()
	for _, who := range tokens {
		got, err := w.owed(who)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			w.t.Errorf("%s, of %s (-want +got):\n%s%v", step, who, diff, err)
		}
	}
}

// Art. 10: the report is due from the end of the stay, thirty working days later, and
// the first submission meets it; what is sent back is not owed to the calendar again.
func TestReportIsDueFromTheEndOfTheStayArt10(t *testing.T) {
	w := newWorld(t)
	inside := []string{office, chair, leader, member}
	k := w.onSite()
	w.wantOwed("on site", inside)
	w.leave(k)
	const duty = "DUTY_INSPECTION_REPORT of "
	open := duty + k.file + " due 2026-11-17 STATE_OPEN"
	w.wantOwed("left", inside, open)
	w.wantOwed("left", []string{otherGroup})
	if got := w.text("SELECT concat_ws(' ', article, obligor_party, county_code, city_code, county_sees, city_sees, rule_set) FROM obligation"); got != "10 INSPECTION_GROUP 510104 510100 f f CN-COUNTY-2012" {
		t.Errorf("the obligation is %s", got)
	}
	ok(t, w.deliver(k.inspection, &eventv1.OnSiteEnded{Inspection: k.inspection, EndDate: &date.Date{Year: 2026, Month: 9, Day: 30}}))
	w.wantOwed("told again", inside, open)
	ok(t, w.deliver(k.inspection, &eventv1.OnSiteEnded{Inspection: k.inspection, EndDate: &date.Date{Year: 2026, Month: 10, Day: 8}}))
	w.wantOwed("stayed on", inside, duty+k.file+" due 2026-11-18 STATE_OPEN")

	w.clock.Set(time.Date(2026, 11, 19, 4, 0, 0, 0, time.UTC))
	r := w.reported(k)
	w.wantOwed("drafted", inside, duty+k.file+" due 2026-11-18 STATE_OPEN")
	r = must[*casefilev1.InspectionReport](t)(w.submitReport(leader, r))
	met := duty + k.file + " due 2026-11-18 STATE_SATISFIED 2026-11-19"
	w.wantOwed("submitted", inside, met)
	r = must[*casefilev1.InspectionReport](t)(w.reports().ReturnInspectionReport(w.as(office), &casefilev1.ReturnInspectionReportRequest{
		Name: r.GetName(), Opinion: "不实", Etag: r.GetEtag(), RequestId: requestID(),
	}))
	w.clock.Set(time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC))
	must[*casefilev1.InspectionReport](t)(w.submitReport(leader, r))
	ok(t, w.deliver(k.inspection, &eventv1.OnSiteEnded{Inspection: k.inspection, EndDate: &date.Date{Year: 2026, Month: 10, Day: 9}}))
	w.wantOwed("submitted again", inside, met)
}

// The date is of one transaction with its event: what fails leaves none.
func TestWhatFailsLeavesNoDateArt10(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	const all = "SELECT md5(coalesce(string_agg(t, '|' ORDER BY t), '')) FROM (SELECT o::text AS t FROM obligation o UNION ALL SELECT c::text FROM obligation_change c) AS a"
	fails := func(step, table string, call func() error) {
		t.Helper()
		before := w.text(all)
		if _, err := w.admin.Exec("REVOKE UPDATE, INSERT ON " + table + " FROM casefile_inside"); err != nil {
			t.Fatal(err)
		}
		err := call()
		if _, grant := w.admin.Exec("GRANT UPDATE, INSERT ON " + table + " TO casefile_inside"); grant != nil {
			t.Fatal(grant)
		}
		if err == nil || w.text(all) != before {
			t.Fatalf("%s: %v, and a date is left", step, err)
		}
	}
	end := &eventv1.OnSiteEnded{Inspection: k.inspection, EndDate: &date.Date{Year: 2026, Month: 9, Day: 30}}
	fails("the end of the stay", "case_file", func() error { return w.deliver(k.inspection, end) })
	ok(t, w.deliver(k.inspection, end))
	r := w.reported(k)
	fails("the submission", "request_log", func() error {
		_, err := w.submitReport(leader, r)
		return err
	})
	must[*casefilev1.InspectionReport](t)(w.submitReport(leader, r))
}

// With the policy off, row-level security alone gives county and city no row of a
// date, and takes none from them; the group is reminded, they are not.
func TestDatesAreInsideByRowLevelSecurityAlone(t *testing.T) {
	w := newWorld(t, grpcservertest.WithoutPolicy())
	k := w.onSite()
	w.leave(k)
	w.clock.Set(time.Date(2027, 3, 1, 4, 0, 0, 0, time.UTC))
	ok(t, w.service.Worker().Round(t.Context()))
	if n := w.count("SELECT count(*) FROM notification WHERE recipient_party IN ('COUNTY_COMMITTEE', 'CITY_COMMITTEE')"); n != 0 {
		t.Errorf("county and city were told of %d", n)
	}
	if n := w.count("SELECT count(*) FROM notification WHERE recipient_party = 'INSPECTION_GROUP' AND kind = 'OVERDUE'"); n < 10 {
		t.Errorf("the group was told %d times that it is late", n)
	}
	for _, who := range []string{county, city, "CITY_LIAISON_BODY provinces/51/cities/510100 liaison", "COUNTY_COMMITTEE provinces/51/counties/510104 li"} {
		if got, err := w.owed(who); status.Code(err) != codes.PermissionDenied || got != nil {
			t.Errorf("%s sees %v, %v", who, got, err)
		}
	}
	db := w.db.Open(t)
	outside := []context.Context{
		pgtest.As(t.Context(), principal.CountyCommittee, "provinces/51/counties/510104", "li"),
		pgtest.As(t.Context(), principal.CityCommittee, "provinces/51/cities/510100", "li"),
	}
	for _, ctx := range outside {
		for _, statement := range []string{
			"SELECT count(*) FROM obligation", "SELECT count(*) FROM obligation_change", "SELECT count(*) FROM notification",
			"UPDATE obligation SET due_date = due_date + 1", "INSERT INTO obligation SELECT * FROM obligation", "DELETE FROM notification",
		} {
			err := db.Write(ctx, func(tx *pg.Tx) error {
				_, err := tx.SQL().ExecContext(tx.Context(), statement)
				return err
			})
			var state interface{ SQLState() string }
			if !errors.As(err, &state) || state.SQLState() != "42501" {
				t.Errorf("%s: %v", statement, err)
			}
		}
	}
	// A holiday notice comes from scheduling alone, past two persons.
	err := db.Write(pgtest.As(t.Context(), principal.InspectionOffice, "provinces/51", "li"), func(tx *pg.Tx) error {
		_, err := tx.SQL().ExecContext(tx.Context(), "INSERT INTO holiday_notice_active VALUES ('51', 'X', '', '2026-01-05', 'x', '[{}]', now(), 9)")
		return err
	})
	if !fault.Is(err, fault.ReasonMethodNotGranted) {
		t.Errorf("the office put a notice into the calendar: %v", err)
	}
}

// Art. 5: a decision of the leading group gives the group more time for its report.
func TestDecisionExtendsTheReportArt5(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	w.leave(k)
	id := w.text("SELECT id::text FROM obligation")
	name := sichuan + "/obligations/casefile-" + id
	extend := func(decision string) error {
		_, err := obligationv1.NewObligationDecisionServiceClient(w.conns["gateway"]).ExtendObligation(w.as(office), &obligationv1.ExtendObligationRequest{
			Name: name, Days: 5, Decision: decision, Etag: `"1"`, RequestId: requestID(),
		})
		return err
	}
	refused(t, extend(w.decisions.decide(sichuan, schedulingv1.DecisionItem_KIND_AGREE_REPORT, name)),
		codes.FailedPrecondition, "OBLIGATION_NOT_DECIDED", "5")
	refused(t, extend(sichuan+"/decisions/00000000-0000-4000-8000-000000000009"), codes.NotFound, "NOT_FOUND", "")
	refused(t, extend(w.decisions.decide("provinces/44", schedulingv1.DecisionItem_KIND_EXTEND_OBLIGATION, name)), codes.NotFound, "NOT_FOUND", "")
	ok(t, extend(w.decisions.decide(sichuan, schedulingv1.DecisionItem_KIND_EXTEND_OBLIGATION, name)))
	w.wantOwed("extended", []string{leader}, "DUTY_INSPECTION_REPORT of "+k.file+" due 2026-11-24 STATE_OPEN")
}
