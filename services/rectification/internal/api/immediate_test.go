package api_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/pgtest"
)

// TestArt9FromDraftToClosed is the whole life of a matter, returned once.
func TestArt9FromDraftToClosed(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	m := w.heardMatter(k)
	if c := m.GetCityConsultation(); !c.GetDissent() || c.GetOpinion() != "市委不同意" || m.GetDecision() == "" {
		t.Errorf("heard %v", m)
	}
	m = do(w.matters.IssueImmediateRectification(w.as(k.group), issue(m)))(t)
	if m.GetState() != rectificationv1.ImmediateRectification_STATE_ISSUED || m.GetDelivery() == "" || m.GetAnswerDue() != nil {
		t.Errorf("issued %v", m)
	}
	d := w.notice(k)
	if c := d.GetImmediateRectification(); d.GetName() != m.GetDelivery() || d.GetAddressee() != k.countyArea ||
		c.GetProblem() != "违规收费" || c.GetProposal() != "立即退还" || c.GetRecipient() != rectificationv1.NoticeRecipient_NOTICE_RECIPIENT_PRINCIPAL {
		t.Errorf("the county has %v", d)
	}
	_, err := w.deliveries.AnswerDelivery(w.as(k.county), answerTo(d))
	refused(t, err, "ANSWER_NOT_DUE", "9")

	w.at("2024-02-27")
	d = do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(d)))(t)
	m = w.matter(m.GetName())
	due := m.GetAnswerDue()
	if text(m.GetReceiveDate()) != "2024-02-27" || text(due.GetDate()) != "2024-03-19" || due.GetArticle() != "9" {
		t.Errorf("received as %v", m)
	}
	want := []string{"IMMEDIATE_RECTIFICATION due 2024-03-19 OPEN"}
	if got := w.obligations(k.county); !slices.Equal(got, want) {
		t.Errorf("the county owes %v", got)
	}
	w.at("2024-03-20")
	d = do(w.deliveries.AnswerDelivery(w.as(k.county), answerTo(d)))(t)
	if m = w.matter(m.GetName()); m.GetState() != rectificationv1.ImmediateRectification_STATE_ANSWERED || len(m.GetAnswers()) != 1 {
		t.Errorf("answered as %v", m)
	}
	_, err = w.deliveries.AnswerDelivery(w.as(k.county), answerTo(d))
	refused(t, err, "ANSWER_NOT_DUE", "9")

	_, err = w.matters.VerifyImmediateRectification(w.as(k.group), verify(m, returns, ""))
	refused(t, err, "OPINION_REQUIRED", "9")
	m = do(w.matters.VerifyImmediateRectification(w.as(k.group), verify(m, returns, "仍有未退")))(t)
	if m.GetState() != rectificationv1.ImmediateRectification_STATE_ISSUED {
		t.Errorf("returned as %v", m)
	}
	d = w.notice(k)
	if a := d.GetAnswers(); len(a) != 1 || a[0].GetVerdict() != returns || a[0].GetOpinion() != "仍有未退" {
		t.Errorf("the county reads of the return %v", a)
	}
	do(w.deliveries.AnswerDelivery(w.as(k.county), answerTo(d)))(t)
	m = do(w.matters.VerifyImmediateRectification(w.as(k.group), verify(w.matter(m.GetName()), passes, "")))(t)
	m = do(w.matters.CloseImmediateRectification(w.as(office), closeMatter(m)))(t)
	if m.GetState() != rectificationv1.ImmediateRectification_STATE_CLOSED || len(m.GetAnswers()) != 2 {
		t.Errorf("closed as %v", m)
	}
	want = []string{"IMMEDIATE_RECTIFICATION due 2024-03-19 SATISFIED 2024-03-20"}
	for _, token := range []string{k.county, office, leading, k.group} {
		if got := w.obligations(token); !slices.Equal(got, want) {
			t.Errorf("%s reads %v: met late by the first answer, and not started again", token, got)
		}
	}
}

// TestArt9OnlyWhileOnSite: before the entry and after the end nothing is drafted.
func TestArt9OnlyWhileOnSite(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	_, err := w.matters.CreateImmediateRectification(w.as(k.group), draftMatter(k))
	refused(t, err, "NOT_ON_SITE", "9")
	m := w.draftedMatter(w.enter(k))
	w.at("2024-03-20")
	w.leave(k)
	_, err = w.matters.CreateImmediateRectification(w.as(k.group), draftMatter(k))
	refused(t, err, "NOT_ON_SITE", "9")
	do(w.matters.ConfirmImmediateRectificationConsent(w.as(office), w.consent(m)))(t) // what was drafted goes on
}

// TestArt9DaysOfTheStay come from scheduling, of a task that is known, and are days.
func TestArt9DaysOfTheStay(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.jinjiang()
	unknown := sichuan + "/inspections/" + uuid.NewString()
	for name, e := range map[string]struct {
		aggregate string
		sequence  int64
		payload   proto.Message
		reason    string
	}{
		"unknown task": {unknown, 1, &eventv1.InspectionEntered{Inspection: unknown, EntryDate: w.today()}, "NOT_FOUND"},
		"no day":       {k.inspection, 2, &eventv1.OnSiteEnded{Inspection: k.inspection, EndDate: &date.Date{Year: 2024, Month: 2, Day: 30}}, "FIELD_INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.events.DeliverEvent(w.plain(), w.event(e.aggregate, e.sequence, e.payload))
			refused(t, err, e.reason, "")
		})
	}
	w.announce(k.inspection, 2, &eventv1.OnSiteEnded{Inspection: k.inspection, EndDate: w.today()}) // it entered before this was known here
	_, err := w.matters.CreateImmediateRectification(w.as(k.group), draftMatter(k))
	refused(t, err, "NOT_ON_SITE", "9")
}

// TestArt9GatesAreRefusedInOrder over the wire, each with its reason and article.
func TestArt9GatesAreRefusedInOrder(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	for condition, change := range map[string]func(m *rectificationv1.ImmediateRectification){
		"strongly_reported":     func(m *rectificationv1.ImmediateRectification) { m.StronglyReported.Holds = false },
		"clearly_against_rules": func(m *rectificationv1.ImmediateRectification) { m.ClearlyAgainstRules.Holds = false },
		"solvable_at_once":      func(m *rectificationv1.ImmediateRectification) { m.SolvableAtOnce.Holds = false },
	} {
		req := draftMatter(k)
		change(req.GetImmediateRectification())
		_, err := w.matters.CreateImmediateRectification(w.as(k.group), req)
		if got := refused(t, err, "IMMEDIATE_CONDITION_UNMET", "9").Meta["condition"]; got != condition {
			t.Errorf("tells %q", got)
		}
	}
	req := draftMatter(k)
	req.ImmediateRectification.ConcernsPrincipal = true
	_, err := w.matters.CreateImmediateRectification(w.as(k.group), req)
	refused(t, err, "RECIPIENT_IS_SUBJECT", "9")
	req = draftMatter(k)
	req.ImmediateRectification.SolvableAtOnce.Text = ""
	_, err = w.matters.CreateImmediateRectification(w.as(k.group), req)
	refused(t, err, "FIELD_INVALID", "")

	m := w.draftedMatter(k)
	_, err = w.matters.IssueImmediateRectification(w.as(k.group), issue(m))
	refused(t, err, "IMMEDIATE_NOT_CONSENTED", "9")
	_, err = w.matters.HearCity(w.as(k.group), w.hear(m))
	refused(t, err, "IMMEDIATE_STATE_INVALID", "9")
	for _, decided := range []struct {
		kind    schedulingv1.DecisionItem_Kind
		subject string
	}{
		{schedulingv1.DecisionItem_KIND_BYPASS_CITY, m.GetName()},
		{schedulingv1.DecisionItem_KIND_CONSENT_IMMEDIATE_RECTIFICATION, m.GetName() + "x"},
	} {
		consent := w.consent(m)
		w.peers.decide(consent.GetDecision(), decided.kind, decided.subject)
		_, err = w.matters.ConfirmImmediateRectificationConsent(w.as(office), consent)
		refused(t, err, "IMMEDIATE_NOT_CONSENTED", "9")
	}
	consent := w.consent(m)
	consent.Decision = sichuan + "/decisions/" + uuid.NewString()
	_, err = w.matters.ConfirmImmediateRectificationConsent(w.as(office), consent)
	refused(t, err, "NOT_FOUND", "")

	m = do(w.matters.ConfirmImmediateRectificationConsent(w.as(office), w.consent(m)))(t)
	_, err = w.matters.IssueImmediateRectification(w.as(k.group), issue(m))
	refused(t, err, "CITY_NOT_HEARD", "9")
	hear := w.hear(m)
	hear.CityConsultation = &rectificationv1.CityConsultation{NotApplicableReason: rectificationv1.NotApplicableReason_NOT_APPLICABLE_REASON_NO_CITY_COMMITTEE}
	_, err = w.matters.HearCity(w.as(office), hear)
	refused(t, err, "CITY_NOT_HEARD", "9")
	bypass := w.bypass(m)
	w.peers.decide(bypass.GetDecision(), schedulingv1.DecisionItem_KIND_CONSENT_IMMEDIATE_RECTIFICATION, m.GetName())
	_, err = w.matters.BypassCity(w.as(office), bypass)
	refused(t, err, "CITY_BYPASS_NOT_DECIDED", "9")
	m = do(w.matters.BypassCity(w.as(office), w.bypass(m)))(t)
	if m.GetState() != rectificationv1.ImmediateRectification_STATE_CITY_HEARD || m.GetBypassDecision() == "" || m.GetCityConsultation() != nil {
		t.Errorf("bypassed as %v", m)
	}
	m = do(w.matters.IssueImmediateRectification(w.as(k.group), issue(m)))(t)
	_, err = w.matters.IssueImmediateRectification(w.as(k.group), issue(m))
	refused(t, err, "IMMEDIATE_STATE_INVALID", "9")
	_, err = w.matters.VerifyImmediateRectification(w.as(k.group), verify(m, passes, ""))
	refused(t, err, "IMMEDIATE_STATE_INVALID", "9")
	_, err = w.matters.CloseImmediateRectification(w.as(office), closeMatter(m))
	refused(t, err, "IMMEDIATE_STATE_INVALID", "9")
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.notice(k))))(t)
	_, err = w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(d))
	refused(t, err, "DELIVERY_ALREADY_RECEIVED", "9")
}

// TestArt9CountyWithNoCity: where no city supervises the county that is on record, and the notice
// goes out all the same.
func TestArt9CountyWithNoCity(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.authorize("510185", "", "li"))
	m := w.consentedMatter(k)
	_, err := w.matters.HearCity(w.as(k.group), w.hear(m))
	refused(t, err, "NO_CITY_TO_HEAR", "9")
	_, err = w.matters.BypassCity(w.as(office), w.bypass(m))
	refused(t, err, "NO_CITY_TO_HEAR", "9")
	hear := w.hear(m)
	hear.CityConsultation = &rectificationv1.CityConsultation{NotApplicableReason: rectificationv1.NotApplicableReason_NOT_APPLICABLE_REASON_NO_CITY_COMMITTEE}
	m = do(w.matters.HearCity(w.as(office), hear))(t)
	do(w.matters.IssueImmediateRectification(w.as(k.group), issue(m)))(t)
	do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.notice(k))))(t)
	if got := w.obligations(k.county); len(got) != 1 {
		t.Errorf("the county owes %v", got)
	}
}

// TestArt9EachStepIsDoneOnce: a repeat answers the same and changes nothing; another
// content under the same request_id is refused; a stale etag too.
func TestArt9EachStepIsDoneOnce(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	create := draftMatter(k)
	m := once(t, w, func() (*rectificationv1.ImmediateRectification, error) {
		return w.matters.CreateImmediateRectification(w.as(k.group), create)
	})
	draft, consent := m, w.consent(m)
	m = once(t, w, func() (*rectificationv1.ImmediateRectification, error) {
		return w.matters.ConfirmImmediateRectificationConsent(w.as(office), consent)
	})
	w.peers.fail(true) // a repeat asks nobody
	do(w.matters.ConfirmImmediateRectificationConsent(w.as(office), consent))(t)
	w.peers.fail(false)
	stale := w.hear(m)
	stale.Etag = draft.GetEtag()
	_, err := w.matters.HearCity(w.as(office), stale)
	refused(t, err, "ETAG_MISMATCH", "")
	hear := w.hear(m)
	m = once(t, w, func() (*rectificationv1.ImmediateRectification, error) { return w.matters.HearCity(w.as(office), hear) })
	out := issue(m)
	m = once(t, w, func() (*rectificationv1.ImmediateRectification, error) {
		return w.matters.IssueImmediateRectification(w.as(k.group), out)
	})
	sign := acknowledge(w.notice(k))
	d := once(t, w, func() (*rectificationv1.Delivery, error) {
		return w.deliveries.AcknowledgeDelivery(w.as(k.county), sign)
	})
	answer := answerTo(d)
	once(t, w, func() (*rectificationv1.Delivery, error) { return w.deliveries.AnswerDelivery(w.as(k.county), answer) })
	_, err = w.matters.VerifyImmediateRectification(w.as(k.group), verify(m, passes, ""))
	refused(t, err, "ETAG_MISMATCH", "") // it was answered since
	other := answerTo(d)
	other.RequestId, other.Text = answer.GetRequestId(), "另一份"
	_, err = w.deliveries.AnswerDelivery(w.as(k.county), other)
	refused(t, err, "REQUEST_ID_REUSED", "")
	check := verify(w.matter(m.GetName()), passes, "")
	m = once(t, w, func() (*rectificationv1.ImmediateRectification, error) {
		return w.matters.VerifyImmediateRectification(w.as(k.group), check)
	})
	end := closeMatter(m)
	once(t, w, func() (*rectificationv1.ImmediateRectification, error) {
		return w.matters.CloseImmediateRectification(w.as(office), end)
	})
}

// once makes a call three times, of which the first takes effect.
func once[M proto.Message](t *testing.T, w *world, call func() (M, error)) M {
	t.Helper()
	before := w.fingerprint()
	first := do(call())(t)
	after := w.fingerprint()
	if before == after {
		t.Errorf("nothing changed by %v", first)
	}
	for range 2 {
		if again := do(call())(t); !proto.Equal(first, again) {
			t.Errorf("first %v, again %v", first, again)
		}
	}
	if w.fingerprint() != after {
		t.Errorf("a repeat changed something after %v", first)
	}
	return first
}

// TestArt9TwentyAnswerOneCounts: of twenty at once with the same etag, one answers.
func TestArt9TwentyAnswerOneCounts(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	m := w.issuedMatter(k)
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.notice(k))))(t)
	var all sync.WaitGroup
	won := make(chan bool, 20)
	for range 20 {
		all.Go(func() {
			_, err := w.deliveries.AnswerDelivery(w.as(k.county), answerTo(d))
			won <- err == nil
		})
	}
	all.Wait()
	close(won)
	n := 0
	for ok := range won {
		if ok {
			n++
		}
	}
	if answers := w.matter(m.GetName()).GetAnswers(); n != 1 || len(answers) != 1 {
		t.Errorf("%d won, %d answers", n, len(answers))
	}
}

// TestArt9TheVersionBefore knows no notices: on the way back they go with their duties, and
// what else was delivered stays; then up again.
func TestArt9TheVersionBefore(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.enter(w.jinjiang())
	w.answeredMatter(k)
	w.given(k)
	admin, m := w.db.Admin(t), w.db.Migrator(t)
	count := func(query string) (n int) {
		t.Helper()
		if err := admin.QueryRow(query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const notices = "SELECT count(*) FROM obligation o JOIN obligation_change c USING (province, id) WHERE o.duty = 'IMMEDIATE_RECTIFICATION'"
	if n := count(notices); n != 2 {
		t.Fatalf("%d changes of the duty", n)
	}
	for range 2 {
		for count("SELECT count(*) FROM pg_class WHERE relname = 'immediate_rectification'") > 0 {
			if err := m.DownOne(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n, left := count(notices), count("SELECT count(*) FROM delivery"); n != 0 || left != 1 {
			t.Errorf("%d changes and %d deliveries are left", n, left)
		}
		if err := m.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		pgtest.CheckIsolation(t, w.db)
	}
}
