package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

// TestArt17ReportAfterSixMonthsAndADay is late, and on the last day, also at 24:00, it is not.
func TestArt17ReportAfterSixMonthsAndADay(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	a := w.rectifying(w.jinjiang())
	tasks := []task{a, w.second("510105"), w.second("510106")}
	for i, tt := range []struct {
		name, offset, counts string
		late                 bool
	}{
		{"on the last day", "12h", "2024-08-26", false},
		{"at 24:00 of it", "24h", "2024-08-26", false},
		{"six months and a day", "36h", "2024-08-27", true},
	} {
		k := tasks[i]
		w.atTime("2024-08-26", tt.offset)
		do(w.reports.UpdateRectificationReport(w.as(k.county), w.writeReport(k, accounts(1, 2))))(t)
		r := do(w.reports.SubmitRectificationReport(w.as(k.county), w.submitReport(k)))(t)
		o := w.duty(k, obligationv1.Obligation_DUTY_RECTIFICATION_REPORT)
		if text(o.GetDueDate()) != "2024-08-26" || o.GetLate() != tt.late || text(o.GetSatisfyDate()) != tt.counts || text(r.GetSubmitDate()) != tt.counts {
			t.Errorf("%s: report %v, obligation %v", tt.name, r, o)
		}
		versions := do(w.reportVersions.ListRectificationReportVersions(w.as(k.county), &rectificationv1.ListRectificationReportVersionsRequest{Parent: k.reportName()}))(t)
		v := versions.GetRectificationReportVersions()
		if len(v) != 1 || text(v[0].GetSubmitDate()) != tt.counts || len(v[0].GetAccounts()) != 2 || v[0].GetSignerPost() != "县委书记" {
			t.Errorf("%s: versions %v", tt.name, v)
		}
		got := do(w.reportVersions.GetRectificationReportVersion(w.as(office), &rectificationv1.GetRectificationReportVersionRequest{Name: v[0].GetName()}))(t)
		if got.GetNumber() != 1 {
			t.Errorf("%s: version %v", tt.name, got)
		}
	}
}

// second is another task on the same day whose plan the leading group has; its feedback is
// not the only one of the world.
func (w *world) second(county string) task {
	w.t.Helper()
	w.at("2024-02-26")
	return w.rectifying(w.authorize(county, "510100", "li"))
}

// TestArt17AReportOfAnItemThatWasNeverFedBack, without account of another and without the
// commitment, is told all of it at once; a rehearsal stores nothing.
func TestArt17AReportOfAnItemThatWasNeverFedBack(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	do(w.reports.UpdateRectificationReport(w.as(k.county), w.writeReport(k, accounts(1, 7))))(t)
	before := w.fingerprint()
	for _, rehearsal := range []bool{true, false} {
		req := w.submitReport(k)
		req.TruthfulnessCommitment, req.ValidateOnly = false, rehearsal
		_, err := w.reports.SubmitRectificationReport(w.as(k.county), req)
		f := refused(t, err, "REPORT_INCOMPLETE", "17")
		var got []string
		for _, field := range f.Fields {
			got = append(got, field.Path+" "+field.Reason+" "+field.Description)
		}
		want := []string{"accounts ITEM_WITHOUT_ACCOUNT items 2", "accounts.number ITEM_UNKNOWN items 7", "truthfulness_commitment COMMITMENT_MISSING missing"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
	}
	if w.fingerprint() != before {
		t.Error("something changed")
	}
}
