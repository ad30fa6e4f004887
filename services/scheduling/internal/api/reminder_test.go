package api_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling"
)

// round lets the worker of the obligations do once what is due now.
func (w *world) round() {
	w.t.Helper()
	book, err := regulation.Load()
	if err != nil {
		w.t.Fatal(err)
	}
	national, err := workday.National()
	if err != nil {
		w.t.Fatal(err)
	}
	own := docket.New(scheduling.Name, book, calendars.New(national), w.clock)
	worker := docket.NewWorker(w.db.Open(w.t), own, slog.New(slog.DiscardHandler), time.Hour)
	if err := worker.Round(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// told lists what a body was told of, as duty, kind and rung.
func (w *world) told(token string) []string {
	w.t.Helper()
	lines := []string{}
	for _, n := range do(obligationv1.NewNotificationServiceClient(w.edge()).ListNotifications(w.as(token),
		&obligationv1.ListNotificationsRequest{Parent: sichuan, PageSize: 200}))(w.t).GetNotifications() {
		lines = append(lines, fmt.Sprint(strings.TrimPrefix(n.GetDuty().String(), "DUTY_"), " ",
			strings.TrimPrefix(n.GetKind().String(), "KIND_"), " ", n.GetRung()))
	}
	return lines
}

// TestArt12RemindersReachWhoMayKnow: the office is reminded of its notices, county and
// city of nothing before they are out; then the city of its own duty to brief.
func TestArt12RemindersReachWhoMayKnow(t *testing.T) {
	w, i := authorized(t)
	for _, today := range []string{"2026-01-27", "2026-02-03", "2026-02-09"} {
		w.at(today)
		w.round()
		w.round()
	}
	equal(t, "office", w.told(office), []string{"ENTRY_NOTICE REMINDER -10", "ENTRY_NOTICE REMINDER -5"})
	for _, token := range []string{county, city, liaison, leading} {
		equal(t, token, w.told(token), []string{})
	}
	w.issue(i)
	w.at("2026-02-26")
	w.round()
	overdue := []string{"ENTRY_NOTICE DUE 0", "ENTRY_NOTICE OVERDUE 5"}
	briefing := []string{"CITY_BRIEFING REMINDER -10", "CITY_BRIEFING REMINDER -5",
		"LIAISON_REGISTRATION REMINDER -5", "LIAISON_REGISTRATION DUE 0"}
	equal(t, "leading group", w.told(leading), overdue[1:])
	for _, token := range []string{city, liaison} {
		got := w.told(token)
		for _, want := range append(overdue, briefing...) {
			if !strings.Contains(strings.Join(got, ", "), want) {
				t.Errorf("%s was told %v, not of %s", token, got, want)
			}
		}
		if len(got) != 6 {
			t.Errorf("%s was told %v", token, got)
		}
	}
	equal(t, "county", w.told(county), []string{})
}

// TestArt12HolidayNoticeMovesOwnObligations: the dry run asks the service itself, too,
// and the latest day of notice is the one that the notice itself is held against, so
// that it comes earlier at once.
func TestArt12HolidayNoticeMovesOwnObligations(t *testing.T) {
	w, i := authorized(t)
	proposed := w.propose(office, notice(t, "51", "CN-2026-51", "2026-01-15", "2026-02-24"))
	own := w.listed(office, ofTask(i))[0]
	moves := do(w.holidays().ListHolidayNoticeMoves(w.as(leading), &schedulingv1.ListHolidayNoticeMovesRequest{
		Parent: proposed.GetName(),
	}))(t).GetMoves()
	if len(moves) != 1 || moves[0].GetObligation() != own.GetName() || text(moves[0].GetBeforeDate()) != "2026-02-10" ||
		text(moves[0].GetAfterDate()) != "2026-02-09" || proposed.GetExaminedCount() != 184 {
		t.Fatalf("of %d: %v", proposed.GetExaminedCount(), moves)
	}
	do(w.activate(leading, proposed))(t)
	w.round()
	after := w.listed(office, ofTask(i))[0]
	if text(after.GetDueDate()) != "2026-02-09" || text(after.GetComputed().GetDate()) != "2026-02-09" {
		t.Errorf("stands %v, computed %v", after.GetDueDate(), after.GetComputed())
	}
	if got := w.read(i).GetLatestNotice(); text(got.GetDate()) != "2026-02-09" {
		t.Errorf("latest notice %v", got)
	}
	equal(t, "office", w.told(office), []string{"ENTRY_NOTICE DATE_MOVED 0"})
	w.at("2026-02-10")
	_, err := w.notices().IssueEntryNotices(w.as(office), &schedulingv1.IssueEntryNoticesRequest{
		Name: i.GetName(), DocumentNumber: "late", Etag: w.read(i).GetEtag(), RequestId: requestID(),
	})
	refused(t, err, "NOTICE_TOO_LATE")
}
