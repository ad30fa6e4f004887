package demo

import (
	"context"
	"fmt"
	"net/url"
)

// watching: the county sees what it owes, why then, and is reminded in time; the
// city sees the same, another county nothing.
func (p *play) watching(ctx context.Context) error {
	plan, err := p.owed(ctx, p.county, "DUTY_RECTIFICATION_PLAN", "2013-02-18", "COLOR_GREEN")
	if err != nil {
		return err
	}
	p.tell(p.county, "17", "sees in its list that the plan is due on %s", plan.date("dueDate"))
	if err := p.explained(ctx, plan); err != nil {
		return err
	}
	if _, err := p.owed(ctx, p.city, "DUTY_RECTIFICATION_PLAN", "2013-02-18", "COLOR_GREEN"); err != nil {
		return err
	}
	p.tell(p.city, "15(3)", "sees the same date of its county")
	if err := p.setDay(2013, 1, 16); err != nil {
		return err
	}
	return p.reminded(ctx, plan.text("name"), -20)
}

// owed wants one open obligation of the duty about our case in the actor's list.
func (p *play) owed(ctx context.Context, who actor, duty, due, color string) (object, error) {
	filter := fmt.Sprintf(`state = STATE_OPEN AND duty = %s AND subject = "%s"`, duty, p.re.text("name"))
	list, err := p.get(ctx, who, province+"/obligations?filter="+url.QueryEscape(filter))
	if err != nil {
		return nil, err
	}
	found := list.list("obligations")
	if len(found) != 1 {
		return nil, fmt.Errorf("%s sees %d obligations where %s", who.label, len(found), filter)
	}
	return found[0], first(
		same("due date", found[0].date("dueDate"), due),
		same("colour", found[0].text("color"), color),
	)
}

// explained wants thirty numbered days, the first of them a Saturday that the
// State Council's notice makes a working day (domain.md §5.3).
func (p *play) explained(ctx context.Context, o object) error {
	why, err := p.get(ctx, p.county, o.text("name")+":explain")
	if err != nil {
		return err
	}
	var counted []object
	for _, day := range why.list("days") {
		if number, _ := day["number"].(float64); number > 0 {
			counted = append(counted, day)
		}
	}
	if len(counted) != 30 {
		return fmt.Errorf("the explanation counts %d days, the regulation wants 30", len(counted))
	}
	if err := first(
		same("first day", counted[0].date("date"), "2013-01-05"),
		same("its notice", counted[0].text("notice"), "SC-2013"),
		same("last day", counted[29].date("date"), o.date("dueDate")),
	); err != nil {
		return err
	}
	p.tell(p.county, "17", "asks why: 30 working days, the first is Saturday 2013-01-05, worked by notice SC-2013")
	return nil
}

// reminded wants the rung of the ladder in the county's inbox, once.
func (p *play) reminded(ctx context.Context, obligation string, rung float64) error {
	var found []object
	path := province + "/notifications?pageSize=200&filter=" + url.QueryEscape("acknowledged = false AND duty = DUTY_RECTIFICATION_PLAN")
	if _, err := p.await(ctx, p.county, path, func(o object) bool {
		found = nil
		for _, n := range o.list("notifications") {
			if n.text("obligation") == obligation && n["rung"] == rung {
				found = append(found, n)
			}
		}
		return len(found) > 0
	}); err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("the county is reminded %d times of one rung", len(found))
	}
	if _, err := p.post(ctx, p.county, found[0].text("name")+":acknowledge", found[0].text("etag"), object{}); err != nil {
		return err
	}
	p.tell(p.county, "17", "is reminded %.0f working days ahead, once, and acknowledges", -rung)
	return nil
}

// accounted: how the articles were kept for this county in this term.
func (p *play) accounted(ctx context.Context) error {
	sum, err := p.get(ctx, p.leadingGroup, province+"/obligations:summarize?jurisdiction="+
		url.QueryEscape(p.countyName)+"&term="+url.QueryEscape(p.term.text("name")))
	if err != nil {
		return err
	}
	kept := map[string]float64{}
	for _, c := range sum.list("compliances") {
		if late, _ := c["lateCount"].(float64); late > 0 {
			return fmt.Errorf("art. %s was kept late: %v", c.text("article"), c)
		}
		n, _ := c["keptCount"].(float64)
		kept[c.text("duty")] += n
	}
	for _, duty := range []string{
		"DUTY_COVERAGE", "DUTY_ON_SITE_PERIOD", "DUTY_INSPECTION_REPORT", "DUTY_FEEDBACK", "DUTY_FEEDBACK_COPY",
		"DUTY_ENTRY_NOTICE", "DUTY_CITY_BRIEFING", "DUTY_RECTIFICATION_PLAN", "DUTY_RECTIFICATION_REPORT",
	} {
		if kept[duty] == 0 {
			return fmt.Errorf("%s is not among what was kept: %v", duty, sum)
		}
	}
	p.tell(p.leadingGroup, "5", "reads how this county was dealt with: %d duties, none of them kept late", len(kept))
	return nil
}
