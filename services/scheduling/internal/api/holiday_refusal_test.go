package api_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/scheduling"
)

// TestHolidayNoticeIsRefused: every fault at once, a number once, and nothing of a
// refused notice stored.
func TestHolidayNoticeIsRefused(t *testing.T) {
	w := newWorld(t, "2019-03-21")
	imported := func(change func(*schedulingv1.ImportHolidayNoticeRequest)) error {
		req := labourDay2019(t)
		change(req)
		_, err := w.holidays().ImportHolidayNotice(w.as(office), req)
		return err
	}
	faulty := imported(func(r *schedulingv1.ImportHolidayNoticeRequest) {
		r.Csv = strings.ReplaceAll(r.Csv, "2019-05-0", "2019-5-0") + "SC-2020,2019-05-06,off,x\n"
		r.HolidayNotice.PublishDate = day(t, "2019-03-22") // tomorrow
	})
	f := refused(t, faulty, "HOLIDAY_NOTICE_INVALID")
	equal(t, "faults", lines(f.Fields), []string{
		"holiday_notice.publish_date DATE_IMPLAUSIBLE", "csv[3] DATE_INVALID", "csv[4] DATE_INVALID", "csv[5] DATE_INVALID",
		"csv[6] DATE_INVALID", "csv[7] DATE_INVALID", "csv[8] NOTICE_DIFFERS",
	})
	equal(t, "article", f.Meta["article"], "5, 12(2), 17")
	for _, wrong := range []string{"SC-19", "sc-2019", "SC-2019+1", ""} {
		refused(t, imported(func(r *schedulingv1.ImportHolidayNoticeRequest) { r.HolidayNotice.NoticeNumber = wrong }), "FIELD_INVALID")
	}
	builtIn := func(r *schedulingv1.ImportHolidayNoticeRequest) {
		r.Csv, r.HolidayNotice.NoticeNumber = strings.ReplaceAll(r.Csv, "SC-2019-B", "SC-2020"), "SC-2020"
	}
	refused(t, imported(builtIn), "ALREADY_EXISTS")
	if w.peers["casefile"].asked != 0 {
		t.Error("services were asked about a notice that is refused anyway")
	}
	if err := imported(func(*schedulingv1.ImportHolidayNoticeRequest) {}); err != nil {
		t.Fatal(err)
	}
	refused(t, imported(func(*schedulingv1.ImportHolidayNoticeRequest) {}), "ALREADY_EXISTS")
	list := do(w.holidays().ListHolidayNotices(w.as(leading), &schedulingv1.ListHolidayNoticesRequest{Parent: sichuan}))(t)
	if len(list.GetHolidayNotices()) != 1 {
		t.Errorf("stored %v", list)
	}
	for _, token := range []string{county, city, leader, province} {
		_, err := w.holidays().ListHolidayNoticeMoves(w.as(token), &schedulingv1.ListHolidayNoticeMovesRequest{Parent: list.GetHolidayNotices()[0].GetName()})
		refused(t, err, "METHOD_NOT_GRANTED")
	}
	missing := sichuan + "/holidayNotices/0198c0de-0000-7000-8000-000000000001"
	_, err := w.holidays().ListHolidayNoticeMoves(w.as(office), &schedulingv1.ListHolidayNoticeMovesRequest{Parent: missing})
	refused(t, err, "NOT_FOUND")
}

// TestDryRunIsWholeOrNone: while a service does not answer nothing is proposed, and a
// repeat of what was proposed asks nobody.
func TestDryRunIsWholeOrNone(t *testing.T) {
	w := newWorld(t, "2019-03-21")
	w.peers["rectification"].down = true
	req := labourDay2019(t)
	_, err := w.holidays().ImportHolidayNotice(w.as(office), req)
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
	w.peers["rectification"].down = false
	first := w.propose(office, req)
	w.peers["rectification"].down = true
	if again := w.propose(office, req); !proto.Equal(first, again) {
		t.Errorf("repeated as %v, first %v", again, first)
	}
}

// ownObligations is the service's own side of the question.
type ownObligations struct {
	obligationv1.UnimplementedRecomputationServiceServer
	asker principal.Principal
}

// PreviewRecomputation implements RecomputationServiceServer.
func (o *ownObligations) PreviewRecomputation(ctx context.Context, _ *obligationv1.PreviewRecomputationRequest) (*obligationv1.PreviewRecomputationResponse, error) {
	o.asker, _ = principal.From(ctx)
	return &obligationv1.PreviewRecomputationResponse{ExaminedCount: 7}, nil
}

// TestServiceAsksItself as it asks the others: in its own name, for that province.
func TestServiceAsksItself(t *testing.T) {
	own := &ownObligations{}
	ctx := pgtest.As(t.Context(), principal.InspectionOffice, sichuan, "office")
	answer, err := scheduling.InProcess(own).PreviewRecomputation(ctx, &obligationv1.PreviewRecomputationRequest{Parent: sichuan})
	want := principal.Principal{Subject: "scheduling", Party: principal.Service, Province: "51"}
	if err != nil || answer.GetExaminedCount() != 7 || own.asker != want {
		t.Errorf("asked as %+v: %v, %v", own.asker, answer, err)
	}
}

// TestTwoPersonsByTheDatabaseAlone: row-level security and the constraints keep a
// notice with two persons, final, and with what they saw.
func TestTwoPersonsByTheDatabaseAlone(t *testing.T) {
	w := newWorld(t, "2019-03-21")
	w.peers["rectification"].running = []runningObligation{{"2019-04-22", 5, "2019-04-29"}}
	n := w.propose(office, labourDay2019(t))
	db := w.db.Open(t)
	const (
		active    = `UPDATE holiday_notice SET state = 'ACTIVE', activate_time = now(), activator = `
		discarded = `UPDATE holiday_notice SET state = 'DISCARDED'`
		move      = `INSERT INTO holiday_notice_move SELECT province, notice_id, position + 1, obligation, duty, article, obligor,
  obligor_jurisdiction, county, before_date, after_date FROM holiday_notice_move`
	)
	attempt := func(party principal.Party, area, subject, statement string) (string, int64) {
		var rows int64
		err := db.Write(pgtest.As(t.Context(), party, area, subject), func(tx *pg.Tx) error {
			result, err := tx.SQL().Exec(statement)
			if err == nil {
				rows, err = result.RowsAffected()
			}
			return err
		})
		for _, state := range []string{"42501", "23514"} {
			if err != nil && strings.Contains(err.Error(), state) {
				return state, 0
			}
		}
		if err != nil {
			t.Errorf("%s: %v", statement, err)
		}
		return "", rows
	}
	refusals := func(stage string, tests [][4]string) {
		for _, tt := range tests {
			party, subject, statement, want := principal.Party(tt[0]), tt[1], tt[2], tt[3]
			area := sichuan
			if party == principal.CountyCommittee {
				area = jinjiang
			}
			if got, rows := attempt(party, area, subject, statement); got != want || rows != 0 {
				t.Errorf("%s: %s %s: %s: %q, %d rows; want %q", stage, party, subject, statement, got, rows, want)
			}
		}
	}
	const intoCalendar = `INSERT INTO holiday_notice_active SELECT province, notice_number, '', publish_date, source, days, now(), 1 FROM holiday_notice`
	refusals("proposed", [][4]string{
		{"INSPECTION_OFFICE", "office", active + "'office'", "23514"},
		{"LEADING_GROUP", "office", active + "'office'", "23514"},
		{"LEADING_GROUP", "chair", active + "'li'", "42501"},
		{"LEADING_GROUP", "chair", discarded, "42501"},
		{"LEADING_GROUP", "chair", move, "42501"},
		{"INSPECTION_OFFICE", "colleague", move, "42501"},
		{"PROVINCIAL_COMMITTEE", "secretary", active + "'secretary'", ""},
		{"INSPECTION_OFFICE", "office", "UPDATE holiday_notice SET days = '[]'", "42501"},
		{"COUNTY_COMMITTEE", "county", "SELECT 1 FROM holiday_notice", "42501"},
		{"COUNTY_COMMITTEE", "county", "SELECT 1 FROM holiday_notice_move", "42501"},
		{"COUNTY_COMMITTEE", "county", "INSERT INTO holiday_notice_active SELECT * FROM holiday_notice_active", "42501"},
		// Nobody takes a notice into the calendar past the second person.
		{"INSPECTION_OFFICE", "office", intoCalendar, "42501"},
		{"LEADING_GROUP", "chair", intoCalendar, "42501"},
	})
	do(w.activate(leading, n))(t)
	refusals("active", [][4]string{
		{"LEADING_GROUP", "chair", active + "'chair'", ""},
		{"INSPECTION_OFFICE", "office", discarded, ""},
		{"INSPECTION_OFFICE", "office", move, "42501"},
		{"INSPECTION_OFFICE", "office", "UPDATE holiday_notice_active SET source = 'x'", "42501"},
	})
}
