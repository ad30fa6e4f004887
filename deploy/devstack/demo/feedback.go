package demo

import (
	"context"
	"net/http"
)

// feedingBack: the gates of art. 11 in order, and the receipt that starts the clock.
func (p *play) feedingBack(ctx context.Context) (err error) {
	if err := p.setDay(2012, 12, 24); err != nil {
		return err
	}
	p.feedback, err = p.post(ctx, p.leader, province+"/feedbacks", "", object{
		"inspection": p.inspection.text("name"), "inspectionReport": p.report.text("name"), "summary": "巡视反馈意见。",
		"problems": []object{
			{"number": 1, "description": "惠农补贴发放不及时。", "suggestion": "限期补发并公开。"},
			{"number": 2, "description": "选人用人程序不规范。", "suggestion": "对照规定全面清理。"},
		},
	})
	if err != nil {
		return err
	}
	name := p.feedback.text("name")
	if p.feedback, err = p.post(ctx, p.office, name+":confirmAgreement", p.feedback.text("etag"), object{}); err != nil {
		return err
	}
	p.tell(p.office, "11", "the report is agreed, so the feedback may go on (%s)", p.feedback.text("state"))

	meeting := object{
		"meetingDate": on(2012, 12, 24),
		"attendees": []object{
			{"displayName": "市委常委", "post": "市委常委、组织部部长", "cityLeadingBody": true},
			{"displayName": "县委书记", "post": "县委书记"},
		},
	}
	giving := object{"documentNumber": "川巡办〔2013〕" + p.run + "号", "meeting": meeting}
	if err := p.refused(ctx, p.leader, http.StatusBadRequest, "FEEDBACK_CITY_NOT_CONSULTED", "11",
		http.MethodPost, name+":give", p.feedback.text("etag"), giving); err != nil {
		return err
	}
	p.feedback, err = p.post(ctx, p.office, name+":recordCityConsultation", p.feedback.text("etag"), object{
		"cityConsultation": object{"consultDate": on(2012, 12, 24), "opinion": "同意反馈意见。"},
	})
	if err != nil {
		return err
	}
	p.tell(p.office, "11", "consults the city committee and records its opinion")

	if err := p.setDay(2013, 1, 4); err != nil {
		return err
	}
	meeting["meetingDate"] = on(2013, 1, 4)
	if p.feedback, err = p.post(ctx, p.leader, name+":give", p.feedback.text("etag"), giving); err != nil {
		return err
	}
	p.tell(p.leader, "15(2)", "gives the feedback at a meeting that a member of the city's leading body attends")
	return p.receive(ctx, name)
}

func (p *play) receive(ctx context.Context, name string) error {
	given, err := p.signDelivery(ctx, p.county, "KIND_FEEDBACK")
	if err != nil {
		return err
	}
	p.re, err = p.get(ctx, p.county, given.text("rectification"))
	if err != nil {
		return err
	}
	// domain.md §5.3: thirty working days from 2013-01-04, over two make-up weekends.
	if err := first(
		same("plan date", p.re.date("planDue.date"), "2013-02-18"),
		same("article", p.re.text("planDue.article"), "17"),
	); err != nil {
		return err
	}
	p.tell(p.county, "17", "signs for the feedback: the plan is due on %s, thirty working days later", p.re.date("planDue.date"))
	if _, err := p.await(ctx, p.office, p.inspection.text("name"), func(o object) bool {
		return o.text("state") == "STATE_FEEDBACK_RECEIVED"
	}); err != nil {
		return err
	}
	p.tell(p.office, "2", "the county counts as covered in this term")
	if p.feedback, err = p.get(ctx, p.office, name); err != nil {
		return err
	}
	if p.feedback, err = p.post(ctx, p.office, name+":copyToCity", p.feedback.text("etag"), object{}); err != nil {
		return err
	}
	p.tell(p.office, "11", "copies the feedback to the city (%s)", p.feedback.text("state"))
	if _, err := p.signDelivery(ctx, p.city, "KIND_FEEDBACK_COPY"); err != nil {
		return err
	}
	p.tell(p.city, "11", "signs for its copy")
	return p.foreign(ctx)
}

// foreign: another county under the same city learns nothing, not even that
// there is something.
func (p *play) foreign(ctx context.Context) error {
	a, err := p.call(ctx, p.otherCounty, http.MethodGet, p.re.text("name"), "", nil)
	if err != nil {
		return err
	}
	reason, _ := a.reason()
	if err := same("answer to another county", reason, "NOT_FOUND"); err != nil {
		return err
	}
	p.tell(p.otherCounty, "11", "asks for the same case and is told NOT_FOUND, as for one that never existed")
	return nil
}

// signDelivery signs for the delivery of a kind that belongs to this inspection's county.
func (p *play) signDelivery(ctx context.Context, who actor, kind string) (object, error) {
	inbox, err := p.get(ctx, who, province+"/deliveries?pageSize=200")
	if err != nil {
		return nil, err
	}
	for _, d := range inbox.list("deliveries") {
		if d.text("kind") == kind && d.text("county") == p.countyName && d.at("receiveTime") == nil {
			return p.post(ctx, who, d.text("name")+":acknowledge", d.text("etag"), object{"receiver": "办公室主任"})
		}
	}
	return nil, same(who.label+": delivery", "missing", kind)
}
