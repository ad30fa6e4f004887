package domain_test

import (
	"testing"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Arts 8, 10: what is gathered comes in from entry on, and papers and findings
// only while the report is with the group; in every state of the report.
func TestWhenMaterialComesInArts8And10(t *testing.T) {
	reports := []*domain.Report{nil}
	for _, s := range domain.ReportStates() {
		reports = append(reports, domain.RehydrateReport(domain.ReportRecord{State: s}))
	}
	entered := file(true)
	entered.Enter(workday.Date{Year: 2026, Month: 9, Day: 1}, start)
	for _, r := range reports {
		wantRefusal(t, domain.MayRegister(file(false), r), domain.ReasonStayNotBegun, "8")
		wantRefusal(t, domain.MayWrite(file(false), r), domain.ReasonStayNotBegun, "8")
		state := domain.ReportState("")
		if r != nil {
			state = r.Record().State
		}
		if err := domain.MayRegister(entered, r); state == domain.ReportAgreed {
			wantRefusal(t, err, domain.ReasonReportState, "10")
		} else if err != nil {
			t.Errorf("petition while the report is %q: %v", state, err)
		}
		if err := domain.MayWrite(entered, r); state == domain.ReportAgreed || state == domain.ReportSubmitted {
			wantRefusal(t, err, domain.ReasonReportState, "10")
		} else if err != nil {
			t.Errorf("paper while the report is %q: %v", state, err)
		}
	}
}

// Art. 8: the leader is the second of the three levels, so he writes no paper.
func TestLeaderWritesNoPaperArt8(t *testing.T) {
	_, err := domain.DraftPaper(domain.Key{}, leader(), "t", "f", start)
	wantRefusal(t, err, domain.ReasonLeaderReviews, "8")
}
