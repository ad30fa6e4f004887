package api_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// The bodies at the tables, without the service in between.
func atTables(t *testing.T, token string) context.Context {
	t.Helper()
	parts := strings.Split(token, " ")
	return pgtest.As(t.Context(), principal.Party(parts[0]), parts[1], parts[2])
}

// write is plain SQL of one body. A violation of a constraint is told by its name;
// else the statement has to find no row or no right.
type write struct {
	name, token, statement string
}

// mustRefuse tests that each statement changes nothing, for a reason that is meant:
// no right (42501), no row, or a constraint of ours (check, foreign key, unique).
func (w *world) mustRefuse(t *testing.T, stage string, writes []write) {
	t.Helper()
	db := w.db.Open(t)
	for _, tt := range writes {
		t.Run(stage+"/"+tt.name, func(t *testing.T) {
			before := w.fingerprint()
			var found int64
			err := db.Write(atTables(t, tt.token), func(tx *pg.Tx) error {
				result, err := tx.SQL().Exec(tt.statement)
				if err != nil {
					return err
				}
				found, err = result.RowsAffected()
				return err
			})
			if err == nil && found > 0 {
				t.Errorf("%d rows", found)
			}
			var state *pgconn.PgError
			if err != nil && (!errors.As(err, &state) || state.Code != "42501" && state.Code != "23514" && state.Code != "23503" && state.Code != "23505") {
				t.Errorf("stopped by something else: %v", err)
			}
			if w.fingerprint() != before {
				t.Error("something changed")
			}
		})
	}
}

// mustTake tests that a statement is lawful: without it a refusal of the same
// shape would prove nothing.
func (w *world) mustTake(t *testing.T, stage string, tt write) {
	t.Helper()
	undo := errors.New("undo")
	err := w.db.Open(t).Write(atTables(t, tt.token), func(tx *pg.Tx) error {
		result, err := tx.SQL().Exec(tt.statement)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			t.Errorf("%s: %s: %d rows, %v", stage, tt.name, n, err)
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Errorf("%s: %s: %v", stage, tt.name, err)
	}
}

// insertCase opens a case on a delivery, as the county would do it by hand.
func insertCase(delivery string) string {
	const day = "date '2024-02-26'"
	return `INSERT INTO rectification (province, id, inspection_id, county_code, city_code, delivery_id, rule_set, problems,
  state, receive_date, city_may_see, version, create_time, update_time)
SELECT province, coalesce(rectification_id, gen_random_uuid()), inspection_id, county_code, city_code, ` + delivery + `, rule_set, '[]',
  'PLANNING', ` + day + `, false, 1, now(), now()
FROM delivery WHERE kind = 'FEEDBACK'`
}

// changeDate changes the obligations of a duty, in a way that only a step may.
func changeDate(duty, set string) string {
	return "UPDATE obligation SET " + set + ", version = version + 1 WHERE duty = '" + duty + "'"
}

// copyObligation opens another obligation in the likeness of one that is there.
func copyObligation(duty, obligor string) string {
	return `INSERT INTO obligation SELECT province, gen_random_uuid(), '` + duty + `', article, '` + obligor + `', soft, subject, county_code,
city_code, inspection_id, rule_set, clock, start_date, planned_date, 1, due_date + 1, computed_date, provisional, calendar_version, 0, '[]',
'OPEN', NULL, false, county_sees, city_sees, 1, 0, due_date, yellow_date, 1, create_time, update_time, 1 FROM obligation
WHERE duty = 'RECTIFICATION_PLAN' LIMIT 1`
}

// TestArt17TheCountyCannotMoveItsDates: by the rights of its role alone, the county
// opens no case but on a signed feedback, and rewrites no statutory date once it is
// past (arts 11, 17).
func TestArt17TheCountyCannotMoveItsDates(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	f := w.given(k)
	w.mustRefuse(t, "given", []write{
		{"a day off", office, "INSERT INTO holiday_notice_active VALUES ('51', 'X', '', '2024-02-26', 'x', '[{}]', now(), 9)"},
		{"a case on an unsigned delivery", k.county, insertCase("id")},
		{"a signature without a case", k.county, "UPDATE delivery SET receive_time = now(), receiver = 'x'"},
		{"a case that is named and not there", k.county, "UPDATE delivery SET receive_time = now(), receiver = 'x', rectification_id = gen_random_uuid()"},
		{"a delivery of its own", k.county, `INSERT INTO delivery SELECT province, gen_random_uuid(), inspection_id, county_code, city_code,
addressee, kind, 1, feedback_id, NULL, rule_set, 'x', content, now(), NULL, '', 1 FROM delivery`},
	})
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK))))(t)
	k.rectification = d.GetRectification()
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(w.feedback(f.GetName()))))(t)
	dates := []write{
		{"the day of the plan", k.county, "UPDATE rectification SET plan_submit_date = '2024-02-27'"},
		{"no day of the plan", k.county, "UPDATE rectification SET plan_submit_date = NULL"},
		{"the date of the report", k.county, changeDate("RECTIFICATION_REPORT", "due_date = due_date + 30")},
		{"an earlier start of the report", k.county, changeDate("RECTIFICATION_REPORT", "start_date = start_date - 1, due_date = due_date - 1")},
		{"time for the report", k.county, changeDate("RECTIFICATION_REPORT", "extension = 30, due_date = due_date + 30")},
	}
	never := []write{
		{"the date of the plan", k.county, changeDate("RECTIFICATION_PLAN", "due_date = due_date + 30")},
		{"the start of the plan", k.county, changeDate("RECTIFICATION_PLAN", "start_date = start_date + 1")},
		{"a suspension of the plan", k.county, changeDate("RECTIFICATION_PLAN", `suspensions = '[{"from": "2024-02-26"}]', state = 'SUSPENDED', rung_date = NULL`)},
		{"an end of the plan", k.county, changeDate("RECTIFICATION_PLAN", "state = 'CANCELLED', rung_date = NULL")},
		{"what the office owes", k.county, changeDate("FEEDBACK_COPY", "due_date = due_date + 1")},
		{"who sees it", k.county, "UPDATE obligation SET city_sees = NOT city_sees"},
		{"the history", k.county, "UPDATE obligation_change SET cause = 'x'"},
		{"no history", k.county, "DELETE FROM obligation_change"},
		{"an entry in the history", k.county, `INSERT INTO obligation_change SELECT sequence + 1, 'RESTARTED', cause, record_time, province, id, duty, article,
obligor_party, soft, subject, county_code, city_code, inspection_id, rule_set, clock, start_date, planned_date, awaiting, due_date + 30,
computed_date, provisional, calendar_version, extension, suspensions, state, satisfy_date, late, county_sees, city_sees, series, next_rung,
rung_date, yellow_date, change_count + 1, create_time, update_time, version FROM obligation_change ORDER BY sequence DESC LIMIT 1`},
		{"a date of a kind that is not the county's", k.county, copyObligation("HEARING", "LEADING_GROUP")},
		{"a second plan", k.county, copyObligation("RECTIFICATION_PLAN", "COUNTY_COMMITTEE")},
		{"a notice to the city", k.county, `INSERT INTO notification SELECT province, gen_random_uuid(), id, duty, article, subject, county_code,
city_code, inspection_id, 'OVERDUE', series, 5, 0, 'CITY_COMMITTEE', 'provinces/51/cities/510100', due_date, now(), NULL, '', 1 FROM obligation LIMIT 1`},
		{"the day of the receipt", k.county, "UPDATE rectification SET receive_date = receive_date + 1"},
		{"the state", k.county, "UPDATE rectification SET state = 'RECTIFYING'"},
		{"signing again", k.county, "UPDATE delivery SET receive_time = now(), receiver = 'x'"},
	}
	w.mustRefuse(t, "planning", append([]write{
		{"the day of the report before the plan", k.county, "UPDATE rectification SET plan_submit_date = '2024-02-27', report_submit_date = '2024-02-27'"},
		{"a day before the receipt", k.county, "UPDATE rectification SET plan_submit_date = '2024-02-01'"},
		{"silence about the plan", k.county, changeDate("RECTIFICATION_PLAN", "rung_date = '9999-01-01'")},
		{"a later rung of the plan", k.county, changeDate("RECTIFICATION_PLAN", "next_rung = 9999")},
		{"the calendar of the plan", k.county, changeDate("RECTIFICATION_PLAN", "calendar_version = 'x'")},
		{"the calendar of a plan that is met", k.county, changeDate("RECTIFICATION_PLAN",
			"calendar_version = 'x', state = 'SATISFIED', satisfy_date = '2024-02-26', awaiting = 0, rung_date = NULL")},
		{"the colour of the plan", k.county, changeDate("RECTIFICATION_PLAN", "yellow_date = due_date")},
	}, never...))
	w.mustTake(t, "planning", dates[0])
	w.mustTake(t, "planning", write{"meeting the plan", k.county, changeDate("RECTIFICATION_PLAN",
		"state = 'SATISFIED', satisfy_date = '2024-02-26', awaiting = 0, rung_date = NULL")})

	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	w.mustRefuse(t, "submitted", append(append([]write{
		{"a case on a copy of its plan", k.county, `WITH copy AS (INSERT INTO delivery SELECT province, '0198c0de-0000-7000-8000-000000000001'::uuid, inspection_id, county_code,
city_code, 'provinces/51/cities/510100', 'PLAN_COPY', 9, NULL, rectification_id, rule_set, 'x', '{}', now(), NULL, '', 1
FROM delivery WHERE kind = 'FEEDBACK') ` + insertCase("'0198c0de-0000-7000-8000-000000000001'::uuid")},
	}, dates...), never...))
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)
	w.mustRefuse(t, "rectifying", append(dates, never...))

	w.reported(k)
	after := append(append([]write{
		{"the day of the report", k.county, "UPDATE rectification SET report_submit_date = report_submit_date - 1"},
		{"any date", k.county, "UPDATE rectification SET update_time = now()"},
		{"the report", k.county, "UPDATE submission SET accounts = '[]'"},
	}, dates...), never...)
	w.mustRefuse(t, "reported", after)
}

// TestArts11And17NoStateRunsBackwards: by the rights of their role alone, group,
// office and leading group take their own steps only, from the state before, and
// what was agreed to or closed is not changed.
func TestArts11And17NoStateRunsBackwards(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	f := w.agreed(k)
	group, text := k.group, "UPDATE feedback SET summary = 'x'"
	frozen := []write{
		{"the group rewrites", group, text},
		{"the office rewrites", office, text},
		{"the group takes it back", group, "UPDATE feedback SET state = 'DRAFT'"},
		{"the office takes it back", office, "UPDATE feedback SET state = 'DRAFT', decision_id = NULL"},
		{"the leading group agrees by hand", leading, "UPDATE feedback SET state = 'AGREED'"},
		{"another decision", office, "UPDATE feedback SET state = 'AGREED', decision_id = gen_random_uuid()"},
	}
	w.mustRefuse(t, "agreed", append(frozen,
		write{"given without the city", group, "UPDATE feedback SET state = 'GIVEN', meeting_date = '2024-02-26', document_number = 'x'"},
		write{"copied at once", office, "UPDATE feedback SET state = 'COPIED'"},
		write{"problems changed on the way", group, "UPDATE feedback SET state = 'CITY_CONSULTED', consult_date = '2024-02-26', consult_opinion = 'x', problems = '[]'"},
		write{"consulted without a word", group, "UPDATE feedback SET state = 'CITY_CONSULTED', consult_date = '2024-02-26'"},
		write{"consulted by phone, no record", group, "UPDATE feedback SET state = 'CITY_CONSULTED', consult_date = '2024-02-26', consult_opinion = 'x', consult_form = 'PHONE'"},
		write{"warnings confirmed afterwards", office, "UPDATE feedback SET warnings = '[{}]'"},
		write{"sources changed afterwards", group, "UPDATE feedback SET sources = '[{}]'"},
	))
	w.mustTake(t, "agreed", write{"consulted", group, "UPDATE feedback SET state = 'CITY_CONSULTED', consult_date = '2024-02-26', consult_opinion = 'x'"})
	f = do(w.feedbacks.RecordCityConsultation(w.as(group), w.consult(f)))(t)
	w.mustRefuse(t, "consulted", append(frozen, write{"the office gives it", office, "UPDATE feedback SET state = 'GIVEN', meeting_date = '2024-02-26', document_number = 'x'"}))
	do(w.feedbacks.GiveFeedback(w.as(group), w.give(f)))(t)
	w.mustRefuse(t, "given", append(frozen,
		write{"another consultation", group, "UPDATE feedback SET state = 'CITY_CONSULTED', consult_opinion = 'x'"},
		write{"copied before the receipt", office, "UPDATE feedback SET state = 'COPIED'"},
	))
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK))))(t)
	k.rectification = d.GetRectification()
	receive := write{"the plan received", leading, "UPDATE rectification SET state = 'RECTIFYING'"}
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2}, []int32{3}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	w.mustRefuse(t, "not copied", []write{
		receive,
		{"the group shows it to the city", group, "UPDATE rectification SET city_may_see = true"},
		{"the office closes at once", office, "UPDATE rectification SET state = 'CLOSED', close_date = '2024-02-26', decision_id = gen_random_uuid()"},
	})
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(w.feedback(f.GetName()))))(t)
	w.mustRefuse(t, "copied", append(frozen, write{"hidden from the city again", office, "UPDATE rectification SET city_may_see = false"}))
	w.mustTake(t, "copied", receive)

	do(w.plans.ReviewRectificationPlan(w.as(group), w.reviewPlan(k, rectificationv1.Verdict_VERDICT_PASS, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)
	back := func(state string, tokens ...string) (all []write) {
		for _, token := range tokens {
			all = append(all, write{token + " to " + state, token, "UPDATE rectification SET state = '" + state + "'"})
		}
		return all
	}
	w.mustRefuse(t, "rectifying", append(back("PLANNING", office, leading, group), back("RECTIFYING", office, group)...))
	w.reported(k)
	w.mustRefuse(t, "reported", append(back("RECTIFYING", office, leading, group), back("REPORTED", office, leading, group)...))
	do(w.cases.CloseRectification(w.as(office), w.closing(k, k.decision)))(t)
	w.mustRefuse(t, "closed", append(append(back("REPORTED", office, leading, group), back("CLOSED", office, leading, group)...),
		write{"another day", office, "UPDATE rectification SET close_date = '2024-12-01'"},
		write{"an item of a closed case", leading, `INSERT INTO item SELECT province, gen_random_uuid(), rectification_id, inspection_id,
county_code, city_code, 9, measure, 'OPEN', 0, '', city_may_see, 1, now(), now(), due_date FROM item LIMIT 1`},
	))
}
