package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// cast signs the office in, picks a county that has a city and is not covered
// yet, and signs the others in.
func (p *play) cast(ctx context.Context) (err error) {
	if err := p.setDay(2012, 8, 20); err != nil {
		return err
	}
	if p.office, err = p.signIn(ctx, "巡视办 office", "office-1", "INSPECTION_OFFICE", province); err != nil {
		return err
	}
	county, other, err := p.pickCounty(ctx)
	if err != nil {
		return err
	}
	p.countyName, p.cityName, p.countyLabel = county.text("name"), county.text("city"), county.text("displayName")
	for _, c := range []struct {
		who                          *actor
		label, subject, party, where string
	}{
		{&p.leadingGroup, "领导小组 leading group", "leading-group-1", "LEADING_GROUP", province},
		{&p.leader, "巡视组组长 group leader", "leader-" + p.run, "INSPECTION_GROUP", province},
		{&p.member, "巡视组成员 group member", "member-" + p.run, "INSPECTION_GROUP", province},
		{&p.city, "市委 city committee", "city-1", "CITY_COMMITTEE", p.cityName},
		{&p.county, "县委 county committee", "county-1", "COUNTY_COMMITTEE", p.countyName},
		{&p.discipline, "市纪委 discipline organ", "discipline-1", "DISCIPLINE_ORGAN", p.cityName},
		{&p.otherCounty, "另一县委 another county", "county-2", "COUNTY_COMMITTEE", other.text("name")},
	} {
		if *c.who, err = p.signIn(ctx, c.label, c.subject, c.party, c.where); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.out, "The county is %s (%s), its city %s.\n\n", p.countyLabel, p.countyName, p.cityName)
	return nil
}

func (p *play) signIn(ctx context.Context, label, subject, party, where string) (actor, error) {
	token, err := p.stage.Token(ctx, subject, party, where)
	return actor{label, token}, err
}

// pickCounty gives a county that was not inspected yet in an earlier performance,
// and a neighbour under the same city.
func (p *play) pickCounty(ctx context.Context) (county, other object, err error) {
	inspected := map[string]bool{}
	err = p.each(ctx, province+"/inspections", "inspections", func(o object) bool {
		inspected[o.text("county")] = true
		return true
	})
	if err != nil {
		return nil, nil, err
	}
	err = p.each(ctx, province+"/counties", "counties", func(o object) bool {
		switch {
		case o.text("city") == "" || inspected[o.text("name")]:
		case county == nil:
			county = o
		case o.text("city") == county.text("city"):
			other = o
		}
		return other == nil
	})
	if err == nil && other == nil {
		err = errors.New("no two counties of one city are left without an inspection: start with a fresh .run")
	}
	return county, other, err
}

// each calls f with every object of a list, page by page, until f gives false.
func (p *play) each(ctx context.Context, path, key string, f func(object) bool) error {
	token := ""
	for {
		page, err := p.get(ctx, p.office, path+"?pageSize=200&pageToken="+token)
		if err != nil {
			return err
		}
		for _, o := range page.list(key) {
			if !f(o) {
				return nil
			}
		}
		if token = page.text("nextPageToken"); token == "" {
			return nil
		}
	}
}

// planning: a batch by decision, a group by authorisation.
func (p *play) planning(ctx context.Context) error {
	if err := p.ensureTerm(ctx); err != nil {
		return err
	}
	var err error
	p.group, err = p.post(ctx, p.office, province+"/inspectionGroups", "", object{
		"displayName": "省委第三巡视组 " + p.run,
		"members": []object{
			{"subject": "leader-" + p.run, "displayName": "组长", "post": "POST_LEADER"},
			{"subject": "member-" + p.run, "displayName": "成员", "post": "POST_MEMBER"},
		},
	})
	if err != nil {
		return err
	}
	p.tell(p.office, "4", "forms the inspection group %s", p.group.text("displayName"))
	p.batch, err = p.post(ctx, p.office, province+"/batches", "", object{"displayName": "第一批 " + p.run, "term": p.term.text("name")})
	if err != nil {
		return err
	}
	p.inspection, err = p.post(ctx, p.office, province+"/inspections", "", object{
		"batch": p.batch.text("name"), "county": p.countyName,
		"plannedEntryDate": on(2012, 10, 12), "plannedEndDate": on(2012, 11, 13),
	})
	if err != nil {
		return err
	}
	p.tell(p.office, "3", "plans %s in a batch, on site from %s to %s", p.countyLabel,
		p.inspection.date("plannedEntryDate"), p.inspection.date("plannedEndDate"))
	decision, err := p.decide(ctx, "KIND_APPROVE_BATCH", p.batch.text("name"), on(2012, 8, 20))
	if err != nil {
		return err
	}
	p.tell(p.leadingGroup, "5", "decides the scheme of the batch: %s", decision.text("documentNumber"))
	p.batch, err = p.post(ctx, p.office, p.batch.text("name")+":approve", p.batch.text("etag"), object{"decision": decision.text("name")})
	if err != nil {
		return err
	}
	p.tell(p.office, "5", "the batch is approved by that decision (%s)", p.batch.text("state"))
	p.inspection, err = p.post(ctx, p.office, p.inspection.text("name")+":authorize", p.inspection.text("etag"),
		object{"inspectionGroup": p.group.text("name")})
	if err != nil {
		return err
	}
	p.tell(p.office, "5", "authorises the group for this one task under rule set %s", p.inspection.text("ruleSet"))
	return nil
}

func (p *play) ensureTerm(ctx context.Context) error {
	err := p.each(ctx, province+"/terms", "terms", func(o object) bool {
		if o.date("startDate") <= "2012-08-20" && o.date("endDate") >= "2013-12-31" {
			p.term = o
		}
		return p.term == nil
	})
	if err != nil || p.term != nil {
		return err
	}
	p.term, err = p.post(ctx, p.office, province+"/terms", "", object{
		"displayName": "演示届期", "startDate": on(2012, 6, 1), "endDate": on(2017, 5, 31),
	})
	if err != nil {
		return err
	}
	p.tell(p.office, "2", "records the term in which every county is inspected once")
	return nil
}

// decide records a leading-group decision on one subject.
func (p *play) decide(ctx context.Context, kind, subject string, day object) (object, error) {
	return p.post(ctx, p.leadingGroup, province+"/decisions", "", object{
		"documentNumber": fmt.Sprintf("川巡领〔2012〕%s-%d号", p.run, p.step),
		"decideDate":     day,
		"items":          []object{{"kind": kind, "subject": subject}},
	})
}

// notice: refused nine working days ahead, accepted ten.
func (p *play) notice(ctx context.Context) error {
	if err := p.setDay(2012, 9, 25); err != nil {
		return err
	}
	name := p.inspection.text("name")
	number := object{"documentNumber": "川巡办〔2012〕" + p.run + "号"}
	if err := p.refused(ctx, p.office, http.StatusBadRequest, "NOTICE_TOO_LATE", "12(2)",
		http.MethodPost, name+":issueEntryNotices", p.inspection.text("etag"), number); err != nil {
		return err
	}
	moved, err := p.do(ctx, p.office, http.MethodPatch, name, p.inspection.text("etag"), object{"plannedEntryDate": on(2012, 10, 15)})
	if err != nil {
		return err
	}
	// domain.md §5.3: for entry on 2012-10-15 the latest day is 2012-09-25.
	if err := same("latest notice day", moved.date("latestNotice.date"), "2012-09-25"); err != nil {
		return err
	}
	p.tell(p.office, "12(2)", "moves the entry to %s: notice at the latest on %s", moved.date("plannedEntryDate"), moved.date("latestNotice.date"))
	sent, err := p.post(ctx, p.office, name+":issueEntryNotices", moved.text("etag"), number)
	if err != nil {
		return err
	}
	if err := same("number of notices", fmt.Sprint(len(sent.list("entryNotices"))), "2"); err != nil {
		return err
	}
	p.tell(p.office, "12(2)", "notifies the county and its city in writing, exactly ten working days ahead")
	for _, who := range []actor{p.county, p.city} {
		if err := p.signNotice(ctx, who); err != nil {
			return err
		}
	}
	if err := p.setDay(2012, 10, 8); err != nil {
		return err
	}
	if err := p.liaison(ctx); err != nil {
		return err
	}
	for _, who := range []actor{p.city, p.discipline} {
		_, err = p.post(ctx, who, province+"/briefings", "", object{
			"county": p.countyName, "content": "关于县党政领导班子有关情况的通报。",
		})
		if err != nil {
			return err
		}
		p.tell(who, "15(1)", "briefs the group on the county's leading body; the county cannot read it")
	}
	return nil
}

// liaison: the city has the body that the office turns to, from an earlier county or
// registered now.
func (p *play) liaison(ctx context.Context) error {
	own, err := p.get(ctx, p.city, province+"/liaisonBodies")
	if err != nil {
		return err
	}
	if len(own.list("liaisonBodies")) > 0 {
		p.tell(p.city, "16", "has its liaison body")
		return nil
	}
	if _, err := p.post(ctx, p.city, province+"/liaisonBodies", "", object{
		"city": p.cityName, "leader": object{"displayName": "负责同志", "post": "市委副书记"},
		"leadDepartments": []object{
			{"body": "BODY_DISCIPLINE_BODY", "displayName": "市纪委"}, {"body": "BODY_ORGANIZATION_BODY", "displayName": "市委组织部"},
		},
		"members": []object{{"displayName": "联络员", "post": "主任", "department": "市委办公室"}}, "contact": "市委办公室",
	}); err != nil {
		return err
	}
	p.tell(p.city, "16", "registers its liaison body, led by a city leader, with both lead departments")
	return nil
}

func (p *play) signNotice(ctx context.Context, who actor) error {
	inbox, err := p.get(ctx, who, province+"/entryNotices?pageSize=200")
	if err != nil {
		return err
	}
	for _, n := range inbox.list("entryNotices") {
		if n.text("inspection") != p.inspection.text("name") {
			continue
		}
		n, err = p.post(ctx, who, n.text("name")+":acknowledge", n.text("etag"), object{"receiver": "办公室主任"})
		if err != nil {
			return err
		}
		p.tell(who, "12(2)", "signs for notice %s", n.text("documentNumber"))
		return nil
	}
	return fmt.Errorf("%s: the notice is not in the list", who.label)
}
