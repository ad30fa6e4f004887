package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

// matterSteps are the life of a matter under a city, each writing in its turn.
func (w *world) matterSteps(k task) []step {
	matter := func() *rectificationv1.ImmediateRectification { return w.listMatters(office)[0] }
	county, group, offices := []string{k.county}, []string{k.group}, []string{office}
	answer := func(ctx context.Context, at *world) error {
		_, err := at.deliveries.AnswerDelivery(ctx, answerTo(w.notice(k)))
		return err
	}
	check := func(v rectificationv1.Verdict, opinion string) func(context.Context, *world) error {
		return func(ctx context.Context, at *world) error {
			_, err := at.matters.VerifyImmediateRectification(ctx, verify(matter(), v, opinion))
			return err
		}
	}
	return []step{
		{"CreateImmediateRectification", group, func(ctx context.Context, at *world) error {
			_, err := at.matters.CreateImmediateRectification(ctx, draftMatter(k))
			return err
		}},
		{"UpdateImmediateRectification", group, func(ctx context.Context, at *world) error {
			_, err := at.matters.UpdateImmediateRectification(ctx, rewrite(matter(), "proposal"))
			return err
		}},
		{"ConfirmImmediateRectificationConsent", offices, func(ctx context.Context, at *world) error {
			_, err := at.matters.ConfirmImmediateRectificationConsent(ctx, w.consent(matter()))
			return err
		}},
		{"HearCity", []string{k.group, office}, func(ctx context.Context, at *world) error {
			_, err := at.matters.HearCity(ctx, w.hear(matter()))
			return err
		}},
		{"IssueImmediateRectification", group, func(ctx context.Context, at *world) error {
			_, err := at.matters.IssueImmediateRectification(ctx, issue(matter()))
			return err
		}},
		{"AcknowledgeDelivery", county, func(ctx context.Context, at *world) error {
			_, err := at.deliveries.AcknowledgeDelivery(ctx, acknowledge(w.notice(k)))
			return err
		}},
		{"AnswerDelivery", county, answer},
		{"VerifyImmediateRectification, return", group, check(returns, "不实")},
		{"AnswerDelivery again", county, answer},
		{"VerifyImmediateRectification", group, check(passes, "")},
		{"CloseImmediateRectification", offices, func(ctx context.Context, at *world) error {
			_, err := at.matters.CloseImmediateRectification(ctx, closeMatter(matter()))
			return err
		}},
	}
}

func (w *world) listMatters(token string) []*rectificationv1.ImmediateRectification {
	w.t.Helper()
	answer := do(w.matters.ListImmediateRectifications(w.as(token), &rectificationv1.ListImmediateRectificationsRequest{Parent: sichuan}))(w.t)
	return answer.GetImmediateRectifications()
}

// TestArt9EachStepIsOfOneBody: at every step all others are refused and change nothing,
// by both layers and by row-level security alone.
func TestArt9EachStepIsOfOneBody(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	w.eachOfOneBody(k, w.matterSteps(k))
}

// TestArt9OnlyTheOfficeBypassesTheCity, and only where the city is not heard yet.
func TestArt9OnlyTheOfficeBypassesTheCity(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	do(w.matters.ConfirmImmediateRectificationConsent(w.as(office), w.consent(w.draftedMatter(k))))(t)
	w.eachOfOneBody(k, []step{{"BypassCity", []string{office}, func(ctx context.Context, at *world) error {
		_, err := at.matters.BypassCity(ctx, w.bypass(w.listMatters(office)[0]))
		return err
	}}})
}

// unconcerned are the strangers and the city. The provincial committee is not among them,
// for it reads every date of its province (art. 5).
func (k task) unconcerned() []string {
	return slices.DeleteFunc(append(strangers(), k.city, k.liaison), func(token string) bool {
		return strings.HasPrefix(token, "PROVINCIAL_COMMITTEE")
	})
}

// sees reports what a token learns of a matter and its notice by every reading there is.
func (w *world) sees(t *testing.T, token, matter, notice string) (all []string) {
	t.Helper()
	ctx := w.as(token)
	_, err := w.matters.GetImmediateRectification(ctx, &rectificationv1.GetImmediateRectificationRequest{Name: matter})
	all = append(all, seen(t, "matter", 1, err)...)
	list, err := w.matters.ListImmediateRectifications(ctx, &rectificationv1.ListImmediateRectificationsRequest{Parent: sichuan})
	all = append(all, seen(t, "matters", len(list.GetImmediateRectifications()), err)...)
	_, err = w.deliveries.GetDelivery(ctx, &rectificationv1.GetDeliveryRequest{Name: notice})
	all = append(all, seen(t, "notice", 1, err)...)
	deliveries, err := w.deliveries.ListDeliveries(ctx, &rectificationv1.ListDeliveriesRequest{Parent: sichuan})
	all = append(all, seen(t, "deliveries", len(deliveries.GetDeliveries()), err)...)
	dates, err := w.dates.ListObligations(ctx, &obligationv1.ListObligationsRequest{Parent: sichuan})
	all = append(all, seen(t, "dates", len(dates.GetObligations()), err)...)
	told, err := w.notices.ListNotifications(ctx, &obligationv1.ListNotificationsRequest{Parent: sichuan})
	return append(all, seen(t, "reminders", len(told.GetNotifications()), err)...)
}

func seen(t *testing.T, what string, n int, err error) []string {
	t.Helper()
	if code := status.Code(err); err != nil && code != codes.NotFound && code != codes.PermissionDenied {
		t.Errorf("%s: %v", what, err)
	}
	if err != nil || n == 0 {
		return nil
	}
	return []string{what}
}

// TestArt9WhoSeesWhatWhen: the county nothing before the issue and then the final words,
// its city and strangers never anything; by both layers and by row-level security alone.
func TestArt9WhoSeesWhatWhen(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	drill := w.without()
	k := w.enter(w.jinjiang())
	m := w.draftedMatter(k)
	want := func(when string, county, inside []string) {
		t.Helper()
		notice := sichuan + "/deliveries/" + uuid.NewString()
		if d := w.matter(m.GetName()).GetDelivery(); d != "" {
			notice = d
		}
		for layer, at := range map[string]*world{"both layers": w, "row-level security alone": drill} {
			check := func(token string, want []string) {
				if got := at.sees(t, token, m.GetName(), notice); !slices.Equal(got, want) {
					t.Errorf("%s, %s: %s sees %v, want %v", when, layer, token, got, want)
				}
			}
			check(k.county, county)
			for _, token := range k.unconcerned() {
				check(token, nil)
			}
			for _, token := range []string{office, leading, k.group} {
				check(token, inside)
			}
		}
	}
	own, handed := []string{"matter", "matters"}, []string{"matter", "matters", "notice", "deliveries"}
	want("drafted", nil, own)
	m = do(w.matters.ConfirmImmediateRectificationConsent(w.as(office), w.consent(m)))(t)
	want("consented", nil, own)
	m = do(w.matters.HearCity(w.as(k.group), w.hear(m)))(t)
	want("city heard", nil, own)
	do(w.matters.IssueImmediateRectification(w.as(k.group), issue(m)))(t)
	want("issued", []string{"notice", "deliveries"}, handed)
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.notice(k))))(t)
	want("received", []string{"notice", "deliveries", "dates"}, append(handed, "dates"))
	text := d.String()
	for _, secret := range []string{"内部依据", "市委", m.GetName(), m.GetDecision()} {
		if strings.Contains(text, secret) {
			t.Errorf("the county reads %q in %s", secret, text)
		}
	}
	do(w.deliveries.AnswerDelivery(w.as(k.county), answerTo(d)))(t)
	want("answered", []string{"notice", "deliveries", "dates"}, append(handed, "dates"))
}

// TestArt9TheCityLearnsNothingByTheFeedback: with the copy of the feedback it sees the
// dates of the case and not those of a matter on which it was heard, or bypassed.
func TestArt9TheCityLearnsNothingByTheFeedback(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	w.issuedMatter(k)
	do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.notice(k))))(t)
	f := w.given(k)
	for _, d := range do(w.deliveries.ListDeliveries(w.as(k.county), &rectificationv1.ListDeliveriesRequest{Parent: sichuan}))(t).GetDeliveries() {
		if d.GetKind() == rectificationv1.Delivery_KIND_FEEDBACK {
			do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(d)))(t)
		}
	}
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(w.feedback(f.GetName()))))(t)
	_, err := w.db.Admin(t).Exec("ALTER TABLE obligation DISABLE ROW LEVEL SECURITY") // the code alone
	for range 2 {
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{k.city, k.liaison} {
			if got, want := w.obligations(token), []string{"RECTIFICATION_PLAN due 2024-04-09 OPEN", "CITY_MEASURES due 2024-04-09 OPEN"}; !slices.Equal(got, want) {
				t.Errorf("%s reads %v", token, got)
			}
		}
		_, err = w.db.Admin(t).Exec("ALTER TABLE obligation ENABLE ROW LEVEL SECURITY")
	}
	w.round("2024-03-18") // the answer is due today: everybody who may know is reminded
	for _, token := range []string{k.city, k.liaison} {
		for _, line := range w.told(token) {
			if strings.Contains(line, "IMMEDIATE") {
				t.Errorf("%s is reminded: %s", token, line)
			}
		}
	}
}

// TestArt9TheCodeAloneHides: the other half of the drill, with row-level security off and
// every right at the tables (security.md §2.4).
func TestArt9TheCodeAloneHides(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	m := w.answeredMatter(k)
	notice := w.matter(m.GetName()).GetDelivery()
	for _, table := range []string{"task", "task_member", "delivery", "immediate_rectification", "answer", "obligation", "notification"} {
		_, err := w.db.Admin(t).Exec("ALTER TABLE " + table + " DISABLE ROW LEVEL SECURITY; GRANT ALL ON " + table + " TO rectification_outside")
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range k.unconcerned() {
		if got := w.sees(t, token, m.GetName(), notice); got != nil {
			t.Errorf("%s sees %v", token, got)
		}
	}
	if got := w.sees(t, k.county, m.GetName(), notice); slices.Contains(got, "matter") || slices.Contains(got, "matters") {
		t.Errorf("the county sees %v", got)
	}
}

// TestArt9ForeignIsMissing: another group's matter and one that never existed are
// answered with the same bytes.
func TestArt9ForeignIsMissing(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	m := w.draftedMatter(k)
	absent := sichuan + "/immediateRectifications/" + uuid.NewString()
	w.authorize("510105", "510100", "zhao")
	for _, token := range []string{"INSPECTION_GROUP provinces/51 zhao", "INSPECTION_OFFICE provinces/33 office", k.county, k.city} {
		ask := func(name string) string {
			_, err := w.matters.GetImmediateRectification(w.as(token), &rectificationv1.GetImmediateRectificationRequest{Name: name})
			return strings.ReplaceAll(status.Convert(err).String(), name, "")
		}
		if got, want := ask(m.GetName()), ask(absent); got != want || got == "" {
			t.Errorf("%s: foreign %q, missing %q", token, got, want)
		}
	}
}

// TestArt9TablesHoldTheGates: in plain SQL, no gate is skipped and nothing runs backwards.
func TestArt9TablesHoldTheGates(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	m := w.draftedMatter(k)
	set := func(name, token, set string) write {
		return write{name, token, "UPDATE immediate_rectification SET " + set}
	}
	insert := func(name, set string) write {
		return write{name, k.group, `INSERT INTO immediate_rectification SELECT (jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid())
|| '` + set + `')).* FROM immediate_rectification i LIMIT 1`}
	}
	hand := `INSERT INTO delivery (province, id, inspection_id, county_code, city_code, addressee, kind, submission, immediate_id, rule_set,
document_number, content, deliver_time, receiver, version) SELECT province, gen_random_uuid(), inspection_id, county_code, city_code,
'provinces/51/counties/' || county_code, 'IMMEDIATE_RECTIFICATION', 0, id, 'CN-COUNTY-2012', document_number, '{}', now(), '', 1 FROM immediate_rectification`
	w.mustTake(t, "drafted", insert("another", `{}`))
	w.mustTake(t, "drafted", set("rewritten", k.group, "problem = 'x'"))
	w.mustTake(t, "drafted", set("withdrawn", k.group, "state = 'WITHDRAWN', withdraw_reason = 'x'"))
	w.mustRefuse(t, "drafted", []write{
		insert("a condition unmet", `{"solvable_at_once": false}`), insert("to the subject", `{"concerns_principal": true}`),
		insert("consented at once", `{"state": "CONSENTED", "decision_id": "00000000-0000-7000-8000-000000000001"}`),
		set("the group consents", k.group, "state = 'CONSENTED', decision_id = gen_random_uuid()"),
		set("without a decision", office, "state = 'CONSENTED'"), set("rewritten by the office", office, "problem = 'x'"),
		set("withdrawn by the office", office, "state = 'WITHDRAWN', withdraw_reason = 'x'"), set("withdrawn for nothing", k.group, "state = 'WITHDRAWN'"),
		set("warned of already", k.group, "result_after_stay = true"), set("to the subject, rewritten", k.group, "concerns_principal = true"),
		set("issued at once", k.group, "state = 'ISSUED', document_number = 'x'"), {"handed over", k.group, hand},
		set("the county", k.county, "state = 'CLOSED'"), {"the county reads", k.county, "UPDATE immediate_rectification SET version = version"},
	})
	m = do(w.matters.ConfirmImmediateRectificationConsent(w.as(office), w.consent(m)))(t)
	w.mustRefuse(t, "consented", []write{
		set("issued without the city", k.group, "state = 'ISSUED', document_number = 'x'"), set("rewritten", k.group, "problem = 'x'"),
		set("withdrawn and rewritten", k.group, "state = 'WITHDRAWN', withdraw_reason = 'x', proposal = 'x'"),
		set("heard by phone, no record", office, "state = 'CITY_HEARD', consult_date = '2024-02-26', consult_opinion = 'x', consult_form = 'PHONE'"),
		set("no city", office, "state = 'CITY_HEARD', consult_not_applicable = 'NO_CITY_COMMITTEE'"),
		set("heard without opinion", office, "state = 'CITY_HEARD', consult_date = '2024-02-26'"),
		set("the group bypasses", k.group, "state = 'CITY_HEARD', bypass_decision_id = gen_random_uuid(), bypass_reason = 'x'"),
		set("another decision", office, "state = 'CITY_HEARD', consult_date = '2024-02-26', consult_opinion = 'x', decision_id = gen_random_uuid()"),
	})
	w.mustTake(t, "consented", set("bypassed", office, "state = 'CITY_HEARD', bypass_decision_id = gen_random_uuid(), bypass_reason = 'x'"))
	m = do(w.matters.HearCity(w.as(k.group), w.hear(m)))(t)
	do(w.matters.IssueImmediateRectification(w.as(k.group), issue(m)))(t)
	answer := `INSERT INTO answer (province, delivery_id, number, inspection_id, county_code, city_code, text, signer, answer_time, verdict, opinion)
SELECT province, id, 1, inspection_id, county_code, city_code, 'x', 'x', now(), '', '' FROM delivery`
	meet := "UPDATE obligation SET state = 'SATISFIED', satisfy_date = '2024-02-26', awaiting = 0, rung_date = NULL WHERE duty = 'IMMEDIATE_RECTIFICATION'"
	w.mustRefuse(t, "issued", []write{
		{"answered before the receipt", k.county, answer}, {"answered by the city", k.city, answer}, {"by the group", k.group, answer},
		set("verified without answer", k.group, "state = 'VERIFIED'"), set("another number", k.group, "document_number = 'x'"),
		{"handed over twice", k.group, hand}, set("taken back", k.group, "state = 'CITY_HEARD', document_number = ''"),
		set("withdrawn", k.group, "state = 'WITHDRAWN', withdraw_reason = 'x', document_number = ''"),
	})
	do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.notice(k))))(t)
	w.mustTake(t, "received", write{"answered", k.county, answer})
	w.mustRefuse(t, "received", []write{
		{"met without answer", k.county, meet}, {"the second answer first", k.county, strings.Replace(answer, "id, 1,", "id, 2,", 1)},
		{"its own verdict", k.county, strings.Replace(answer, "'', ''", "'PASS', ''", 1)},
		{"more time", k.county, "UPDATE obligation SET due_date = due_date + 1 WHERE duty = 'IMMEDIATE_RECTIFICATION'"},
		{"shown to the city", office, "UPDATE obligation SET city_sees = true WHERE duty = 'IMMEDIATE_RECTIFICATION'"},
	})
	do(w.deliveries.AnswerDelivery(w.as(k.county), answerTo(w.notice(k))))(t)
	w.mustRefuse(t, "answered", []write{
		{"a second answer", k.county, strings.Replace(answer, "id, 1,", "id, 2,", 1)}, {"rewritten", k.county, "UPDATE answer SET text = 'x'"},
		{"passed by the office", office, "UPDATE answer SET verdict = 'PASS', verify_time = now()"},
		{"returned without a word", k.group, "UPDATE answer SET verdict = 'RETURN', verify_time = now()"},
		set("verified without a verdict", k.group, "state = 'VERIFIED'"), set("closed at once", office, "state = 'CLOSED'"),
	})
	w.mustTake(t, "answered", write{"passed", k.group, "UPDATE answer SET verdict = 'PASS', verify_time = now()"})
	do(w.matters.VerifyImmediateRectification(w.as(k.group), verify(w.matter(m.GetName()), passes, "")))(t)
	w.mustRefuse(t, "verified", []write{
		{"another verdict", k.group, "UPDATE answer SET verdict = 'RETURN', opinion = 'x'"},
		set("closed by the group", k.group, "state = 'CLOSED'"), set("back", office, "state = 'CITY_HEARD'"),
	})
	w.leave(k)
	w.mustRefuse(t, "left", []write{insert("drafted", `{"state": "DRAFT", "decision_id": null, "consult_date": null, "consult_opinion": "",
"consult_dissent": false, "document_number": ""}`)})
}
