package api_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// TestArt17FromOpenToClosed: an item goes its whole way, and the history tells each
// step as it was taken (arts 15(3), 16, 17).
func TestArt17FromOpenToClosed(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	minutes := w.dated(k, pdf(100), "2024-02-20")
	first := progress(w.itemAs(k.county, k, 0), rectificationv1.RectificationItem_STATE_IN_PROGRESS, 40)
	first.Evidence = []*rectificationv1.Evidence{
		{Sha256: minutes.GetSha256(), Title: "会议纪要", DocumentDate: day(t, "2024-02-20"), Document: minutes.GetName()},
		{Sha256: hash(2), Title: "名册"},
	}
	i := do(w.items.ReportItemProgress(w.as(k.county), first))(t)
	if e := i.GetEvidence(); len(e) != 2 || text(e[0].GetDocumentDate()) != "2024-02-20" || e[1].GetDocumentDate() != nil ||
		!e[0].GetUploadTime().AsTime().Equal(w.clock.Now()) || e[0].GetDocument() != first.GetEvidence()[0].GetDocument() {
		t.Errorf("evidence %v", e)
	}
	w.at("2024-03-01")
	i = w.doneItem(k)
	i = do(w.items.VerifyItemByCity(w.as(k.city), cityVerdict(i, sendBack, "未见成效")))(t)
	if i.GetState() != rectificationv1.RectificationItem_STATE_IN_PROGRESS || i.GetOpinion() != "未见成效" || i.GetPercent() == 100 {
		t.Errorf("sent back as %v", i)
	}
	i = w.closedItem(k)
	if i.GetState() != rectificationv1.RectificationItem_STATE_CLOSED || i.GetPercent() != 100 {
		t.Errorf("closed as %v", i)
	}
	for _, token := range []string{k.county, k.city, k.liaison, k.group, office, leading} {
		var got []string
		for _, u := range w.updates(token, i) {
			got = append(got, u.GetParty().String()[len("PARTY_"):]+" "+u.GetState().String()[len("STATE_"):]+" "+u.GetText())
		}
		want := []string{
			"COUNTY_COMMITTEE IN_PROGRESS 已完成", "COUNTY_COMMITTEE DONE 已完成", "CITY_COMMITTEE IN_PROGRESS 未见成效",
			"COUNTY_COMMITTEE DONE 已完成", "CITY_LIAISON_BODY CITY_VERIFIED ", "INSPECTION_GROUP VERIFIED ", "INSPECTION_OFFICE CLOSED ",
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s reads %v", token, got)
		}
	}
	steps := w.updates(office, i)
	if u := steps[0]; u.GetNumber() != 2 || len(u.GetEvidence()) != 2 || u.GetParty() != policyv1.Party_PARTY_COUNTY_COMMITTEE ||
		!proto.Equal(u.GetEvidence()[0], &rectificationv1.Evidence{
			Sha256: minutes.GetSha256(), Title: "会议纪要", DocumentDate: day(t, "2024-02-20"), Document: first.GetEvidence()[0].GetDocument(),
			UploadTime: u.GetUpdateTime(),
		}) || u.GetPercent() != 40 || text(u.GetDueDate()) != text(i.GetDueDate()) {
		t.Errorf("the first step reads %v", u)
	}
	page := do(w.items.ListProgressUpdates(w.as(office), &rectificationv1.ListProgressUpdatesRequest{Parent: i.GetName(), PageSize: 3}))(t)
	rest := do(w.items.ListProgressUpdates(w.as(office), &rectificationv1.ListProgressUpdatesRequest{
		Parent: i.GetName(), PageSize: 3, PageToken: page.GetNextPageToken(),
	}))(t)
	if len(page.GetProgressUpdates()) != 3 || !proto.Equal(rest.GetProgressUpdates()[0], steps[3]) {
		t.Errorf("pages %v and %v", page, rest)
	}
}

// TestArt15CityVerifiesOrSendsBack: its committee or its liaison body, before office
// and group, which do not stand in for it (arts 15(3), 16).
func TestArt15CityVerifiesOrSendsBack(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	_, err := w.items.VerifyItemByCity(w.as(k.city), cityVerdict(w.itemAs(k.city, k, 0), pass, ""))
	refused(t, err, "ITEM_STATE_INVALID", "15(3)")
	i := w.doneItem(k)
	_, err = w.items.VerifyItem(w.as(k.group), verdict(i, pass, ""))
	refused(t, err, "ITEM_CITY_NOT_VERIFIED", "15(3)")
	na := verdict(i, pass, "")
	na.NotApplicableReason = noCity
	_, err = w.items.VerifyItem(w.as(office), na)
	refused(t, err, "ITEM_CITY_APPLICABILITY", "15(3)")
	_, err = w.items.VerifyItemByCity(w.as(k.liaison), cityVerdict(i, sendBack, ""))
	refused(t, err, "OPINION_REQUIRED", "15(3)")
	_, err = w.items.VerifyItemByCity(w.as(k.liaison), cityVerdict(i, pass, "好"))
	refused(t, err, "OPINION_WITH_PASS", "15(3)")
	i = do(w.items.VerifyItemByCity(w.as(k.liaison), cityVerdict(i, pass, "")))(t)
	i = do(w.items.VerifyItem(w.as(office), verdict(i, sendBack, "佐证不足")))(t)
	if i.GetState() != rectificationv1.RectificationItem_STATE_IN_PROGRESS || i.GetOpinion() != "佐证不足" {
		t.Errorf("sent back as %v", i)
	}
	i = w.doneItem(k) // the city looks at it again
	_, err = w.items.VerifyItem(w.as(office), verdict(i, pass, ""))
	refused(t, err, "ITEM_CITY_NOT_VERIFIED", "15(3)")
}

// TestArt16NoCityIsOnRecord: of a county without a city the step does not apply, which
// is recorded with the verification, and the item goes on.
func TestArt16NoCityIsOnRecord(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.authorize("510185", "", "li")
	f := w.agreed(k)
	consult := w.consult(f)
	consult.CityConsultation = &rectificationv1.CityConsultation{NotApplicableReason: noCity}
	f = do(w.feedbacks.RecordCityConsultation(w.as(office), consult))(t)
	do(w.feedbacks.GiveFeedback(w.as(k.group), w.give(f)))(t)
	d := do(w.deliveries.AcknowledgeDelivery(w.as(k.county), acknowledge(w.delivery(k.county, rectificationv1.Delivery_KIND_FEEDBACK))))(t)
	k.rectification = d.GetRectification()
	copied := copyToCity(w.feedback(f.GetName()))
	copied.NotApplicableReason = noCity
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copied))(t)
	do(w.plans.UpdateRectificationPlan(w.as(k.county), w.writePlan(k, w.measures([]int32{1, 2, 3}))))(t)
	do(w.plans.SubmitRectificationPlan(w.as(k.county), w.submitPlan(k)))(t)
	do(w.plans.ReviewRectificationPlan(w.as(k.group), w.reviewPlan(k, pass, "")))(t)
	do(w.plans.ForwardRectificationPlan(w.as(office), w.forwardPlan(k)))(t)
	do(w.plans.ReceiveRectificationPlan(w.as(leading), w.receivePlan(k)))(t)

	i := w.doneItem(k)
	_, err := w.items.VerifyItem(w.as(k.group), verdict(i, pass, ""))
	refused(t, err, "ITEM_CITY_APPLICABILITY", "15(3)")
	i = w.closedItem(k)
	if i.GetCityNotApplicableReason() != noCity || i.GetState() != rectificationv1.RectificationItem_STATE_CLOSED {
		t.Errorf("closed as %v", i)
	}
}

// TestArt17OfficeClosesWhatAnotherVerified over the wire: who verified does not close.
func TestArt17OfficeClosesWhatAnotherVerified(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	i := do(w.items.VerifyItemByCity(w.as(k.liaison), cityVerdict(w.doneItem(k), pass, "")))(t)
	_, err := w.items.CloseItem(w.as(office), closeItem(i))
	refused(t, err, "ITEM_STATE_INVALID", "17")
	i = do(w.items.VerifyItem(w.as(office), verdict(i, pass, "")))(t)
	for _, person := range []string{"office", "clerk"} { // the second reported it, and for the city verified it
		_, err = w.items.CloseItem(w.as("INSPECTION_OFFICE provinces/51 "+person), closeItem(i))
		refused(t, err, "SECOND_PERSON_REQUIRED", "17")
	}
	do(w.items.CloseItem(w.as("INSPECTION_OFFICE provinces/51 zhou"), closeItem(i)))(t)
}

// TestArt17ClosedNeverReopens: nobody moves a closed item, and a look-back makes a new
// one, also when the case is closed.
func TestArt17ClosedNeverReopens(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	_, err := w.items.LookBackAtItem(w.as(office), w.lookBack(w.doneItem(k)))
	refused(t, err, "ITEM_STATE_INVALID", "17")
	i := w.closedItem(k)
	w.reported(k)
	do(w.cases.CloseRectification(w.as(office), w.closing(k, sichuan+"/decisions/"+uuid.NewString())))(t)
	before := w.fingerprint()
	for name, call := range map[string]func() error{
		"report": func() error {
			_, err := w.items.ReportItemProgress(w.as(k.county), progress(i, rectificationv1.RectificationItem_STATE_DONE, 100))
			return err
		},
		"city": func() error {
			_, err := w.items.VerifyItemByCity(w.as(k.city), cityVerdict(i, sendBack, "不实"))
			return err
		},
		"verify": func() error { _, err := w.items.VerifyItem(w.as(office), verdict(i, sendBack, "不实")); return err },
		"close":  func() error { _, err := w.items.CloseItem(w.as(office), closeItem(i)); return err },
		"defer":  func() error { _, err := w.items.DeferItem(w.as(office), w.deferral(i, "2024-12-31")); return err },
	} {
		if err := call(); err == nil {
			t.Errorf("%s moves a closed item", name)
		}
	}
	if w.fingerprint() != before {
		t.Error("something changed")
	}

	again := do(w.items.LookBackAtItem(w.as(k.group), w.lookBack(i)))(t)
	if again.GetLooksBackAt() != i.GetName() || again.GetMeasure().GetNumber() != 3 || again.GetOpinion() != "问题反弹" ||
		again.GetState() != rectificationv1.RectificationItem_STATE_OPEN {
		t.Errorf("a look-back made %v", again)
	}
	if c := w.rectification(office, k); c.GetState() != rectificationv1.Rectification_STATE_CLOSED {
		t.Errorf("the case is %v", c.GetState())
	}
	if still := w.itemAs(k.county, k, 0); !proto.Equal(still, i) {
		t.Errorf("the closed item is %v, was %v", still, i)
	}
	// The new one is worked on, verified and closed like any other.
	work := progress(again, rectificationv1.RectificationItem_STATE_DONE, 100)
	again = do(w.items.ReportItemProgress(w.as(k.county), work))(t)
	again = do(w.items.VerifyItemByCity(w.as(k.city), cityVerdict(again, pass, "")))(t)
	again = do(w.items.VerifyItem(w.as(k.group), verdict(again, pass, "")))(t)
	do(w.items.CloseItem(w.as(office), closeItem(again)))(t)
}

// TestArt17ReportIsOfThePlansItems: what a look-back found later is no matter of the
// report (art. 17).
func TestArt17ReportIsOfThePlansItems(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	do(w.items.LookBackAtItem(w.as(office), w.lookBack(w.closedItem(k))))(t)
	if n := len(w.itemsOf(k.county, k)); n != 3 {
		t.Fatalf("%d items", n)
	}
	w.reported(k)
}

// TestArt17CannotCompleteByDecision: another day is set by a decision that names this
// item; the county then goes on (arts 5, 17).
func TestArt17CannotCompleteByDecision(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	i := w.itemAs(office, k, 0)
	other := w.deferral(w.itemAs(office, k, 1), "2024-12-31")
	other.Name, other.Etag = i.GetName(), i.GetEtag()
	_, err := w.items.DeferItem(w.as(office), other)
	refused(t, err, "DEFERRAL_NOT_DECIDED", "5")
	wrong := w.deferral(i, "2024-12-31")
	w.peers.decide(wrong.GetDecision(), schedulingv1.DecisionItem_KIND_CLOSE_RECTIFICATION, i.GetName())
	_, err = w.items.DeferItem(w.as(office), wrong)
	refused(t, err, "DEFERRAL_NOT_DECIDED", "5")
	_, err = w.items.DeferItem(w.as(office), w.deferral(i, "2024-02-26"))
	refused(t, err, "DATE_OUT_OF_ORDER", "17")

	req := w.deferral(i, "2024-12-31")
	put := do(w.items.DeferItem(w.as(office), req))(t)
	if put.GetState() != rectificationv1.RectificationItem_STATE_CANNOT_COMPLETE || text(put.GetDueDate()) != "2024-12-31" ||
		put.GetOpinion() != "资金未到位" || proto.Equal(put.GetMeasure().GetDueDate(), put.GetDueDate()) {
		t.Errorf("put off as %v", put)
	}
	w.peers.fail(true)
	if again := do(w.items.DeferItem(w.as(office), req))(t); !proto.Equal(put, again) {
		t.Errorf("first %v, again %v", put, again)
	}
	w.peers.fail(false)
	if done := w.doneItem(k); text(done.GetDueDate()) != "2024-12-31" || done.GetOpinion() != "" {
		t.Errorf("done as %v", done)
	}
}
