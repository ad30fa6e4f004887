package demo

import (
	"context"
	"fmt"
	"net/http"
)

// makingPlan: an incomplete plan is refused, a complete one starts the report's
// clock, and a return for revision does not move it.
func (p *play) makingPlan(ctx context.Context) error {
	if err := p.setDay(2013, 2, 18); err != nil {
		return err
	}
	name := p.re.text("name") + "/plan"
	measures := []object{p.measure(1, 1, "补发补贴并公开发放名册。")}
	plan, err := p.writePlan(ctx, name, measures)
	if err != nil {
		return err
	}
	signature := object{"signer": "王建国", "signerPost": "县委书记", "truthfulnessCommitment": true}
	if err := p.refused(ctx, p.county, http.StatusBadRequest, "PLAN_INCOMPLETE", "17",
		http.MethodPost, name+":submit", plan.text("etag"), signature); err != nil {
		return err
	}
	if plan, err = p.writePlan(ctx, name, append(measures, p.measure(2, 2, "清理选任程序并培训干部。"))); err != nil {
		return err
	}
	if plan, err = p.post(ctx, p.county, name+":submit", plan.text("etag"), signature); err != nil {
		return err
	}
	if err := p.reportDue(ctx, "submits a complete plan on the last day"); err != nil {
		return err
	}
	if err := p.setDay(2013, 2, 20); err != nil {
		return err
	}
	if plan, err = p.post(ctx, p.leader, name+":review", plan.text("etag"),
		object{"verdict": "VERDICT_RETURN", "opinion": "第二项措施须明确时限。"}); err != nil {
		return err
	}
	p.tell(p.leader, "17", "returns the plan with a reason")
	if err := p.setDay(2013, 2, 25); err != nil {
		return err
	}
	if plan, err = p.post(ctx, p.county, name+":submit", plan.text("etag"), signature); err != nil {
		return err
	}
	if err := p.reportDue(ctx, "submits it again; the first complete submission counts"); err != nil {
		return err
	}
	if err := p.chain(ctx, name, plan.text("etag"), "plan"); err != nil {
		return err
	}
	return p.copied(ctx, "KIND_PLAN_COPY")
}

func (p *play) measure(number, problem int, what string) object {
	return object{"number": number, "problemNumbers": []int{problem}, "description": what, "owner": "李明",
		"ownerPost": "副县长", "dueDate": on(2013, 6, 30), "acceptanceTest": "名册公开、程序文件印发，经县纪委核查。"}
}

func (p *play) writePlan(ctx context.Context, name string, measures []object) (object, error) {
	plan, err := p.get(ctx, p.county, name)
	if err != nil {
		return nil, err
	}
	return p.do(ctx, p.county, http.MethodPatch, name, plan.text("etag"), object{"measures": measures})
}

// reportDue wants six months from 2013-02-18: a Sunday, so the Monday after.
func (p *play) reportDue(ctx context.Context, what string) error {
	re, err := p.get(ctx, p.county, p.re.text("name"))
	if err != nil {
		return err
	}
	p.re = re
	if err := first(
		same("first complete submission", re.date("planSubmitDate"), "2013-02-18"),
		same("report date", re.date("reportDue.date"), "2013-08-19"),
	); err != nil {
		return err
	}
	p.tell(p.county, "17", "%s: the report is due on %s", what, re.date("reportDue.date"))
	return nil
}

// chain: group, office, leading group.
func (p *play) chain(ctx context.Context, name, etag, what string) error {
	var at object
	var err error
	for _, step := range []struct {
		who  actor
		verb string
		body object
		told string
	}{
		{p.leader, ":review", object{"verdict": "VERDICT_PASS"}, "passes the " + what},
		{p.office, ":forward", object{}, "forwards the " + what + " to the leading group"},
		{p.leadingGroup, ":receive", object{}, "receives the " + what},
	} {
		if at, err = p.post(ctx, step.who, name+step.verb, etag, step.body); err != nil {
			return err
		}
		etag = at.text("etag")
		p.tell(step.who, "17", "%s", step.told)
	}
	return same("state", at.text("state"), "SUBMISSION_STATE_RECEIVED")
}

// copied wants the city to have its copy.
func (p *play) copied(ctx context.Context, kind string) error {
	if _, err := p.signDelivery(ctx, p.city, kind); err != nil {
		return err
	}
	p.tell(p.city, "17", "signs for its copy")
	return nil
}

// rectifying: the items, the report and its chain.
func (p *play) rectifying(ctx context.Context) error {
	if err := p.setDay(2013, 6, 28); err != nil {
		return err
	}
	items, err := p.get(ctx, p.county, p.re.text("name")+"/items")
	if err != nil {
		return err
	}
	var accounts []object
	for i, item := range items.list("rectificationItems") {
		if err := p.itemDone(ctx, item, i+1); err != nil {
			return err
		}
		accounts = append(accounts, object{"number": i + 1, "state": "STATE_DONE", "evidence": "补发名册、会议纪要。"})
	}
	if err := same("number of items", fmt.Sprint(len(accounts)), "2"); err != nil {
		return err
	}
	if err := p.setDay(2013, 8, 19); err != nil {
		return err
	}
	name := p.re.text("name") + "/report"
	report, err := p.get(ctx, p.county, name)
	if err != nil {
		return err
	}
	if report, err = p.do(ctx, p.county, http.MethodPatch, name, report.text("etag"), object{"accounts": accounts}); err != nil {
		return err
	}
	if report, err = p.post(ctx, p.county, name+":submit", report.text("etag"), object{"signer": "王建国", "signerPost": "县委书记", "truthfulnessCommitment": true}); err != nil {
		return err
	}
	p.tell(p.county, "17", "submits the rectification report on its last day")
	if err := p.chain(ctx, name, report.text("etag"), "report"); err != nil {
		return err
	}
	return p.copied(ctx, "KIND_REPORT_COPY")
}

// itemDone: the county claims it with evidence, the city and the group verify it in
// their turn, the office closes it.
func (p *play) itemDone(ctx context.Context, item object, number int) error {
	pass := object{"verdict": "VERDICT_PASS"}
	for _, step := range []struct {
		who     actor
		article string
		verb    string
		body    object
		told    string
	}{
		{p.county, "17", ":reportProgress", object{"state": "STATE_DONE", "percent": 100, "progress": "已按措施完成。", "evidence": []object{
			{"title": "补发名册", "sha256": fmt.Sprintf("%064x", number), "documentDate": on(2013, 6, 20)}}}, "reports item %d done, with its evidence"},
		{p.city, "16", ":verifyByCity", pass, "verifies item %d"},
		{p.leader, "17", ":verify", pass, "verifies item %d after the city"},
		{p.office, "17", ":close", object{}, "closes item %d: who verified it could not"},
	} {
		var err error
		if item, err = p.post(ctx, step.who, item.text("name")+step.verb, item.text("etag"), step.body); err != nil {
			return err
		}
		p.tell(step.who, step.article, step.told, number)
	}
	return same("item", item.text("state"), "STATE_CLOSED")
}

// closing: by decision, and the inspection learns of it.
func (p *play) closing(ctx context.Context) error {
	if err := p.setDay(2013, 8, 30); err != nil {
		return err
	}
	name := p.re.text("name")
	decision, err := p.decide(ctx, "KIND_CLOSE_RECTIFICATION", name, on(2013, 8, 30))
	if err != nil {
		return err
	}
	re, err := p.get(ctx, p.office, name)
	if err != nil {
		return err
	}
	if re, err = p.post(ctx, p.office, name+":close", re.text("etag"), object{"decision": decision.text("name")}); err != nil {
		return err
	}
	p.tell(p.office, "17", "closes the case by decision %s (%s)", decision.text("documentNumber"), re.text("state"))
	_, err = p.await(ctx, p.office, p.inspection.text("name"), func(o object) bool { return o.text("state") == "STATE_CLOSED" })
	return err
}
