package crash_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
	"github.com/xunshi/xunshi/deploy/devstack/virtualclock"
)

// group is an inspection group with tasks. Taking out one member after the other
// is the shortest write that has to reach two other services, for each task, in
// order (art. 12(6)): what each of them holds in the end is the last state, and
// only if nothing was lost, doubled or passed by another.
type group struct {
	office     office
	name, etag string
	subjects   []string // who can still be taken out
}

func date(year, month, day int) object { return object{"year": year, "month": month, "day": day} }

func (s *system) setDay(t *testing.T, year int, month time.Month, day int) {
	t.Helper()
	at := time.Date(year, month, day, 9, 0, 0, 0, time.FixedZone("Asia/Shanghai", 8*60*60))
	if err := virtualclock.At(stack.ClockFile(s.dir)).Set(at); err != nil {
		t.Fatal(err)
	}
}

// newGroup forms a group and authorises it for a task in each of the counties.
func newGroup(t *testing.T, s *system, p *people, members int, counties ...string) *group {
	t.Helper()
	s.setDay(t, 2012, time.August, 20)
	o, leading := newOffice(t, s, p, "INSPECTION_OFFICE"), newOffice(t, s, p, "LEADING_GROUP")
	run := uuid.NewString()[:8]
	team := []object{{"subject": "leader-" + run, "displayName": "组长", "post": "POST_LEADER"}}
	g := &group{office: o}
	for i := range members {
		g.subjects = append(g.subjects, fmt.Sprintf("member-%s-%d", run, i))
		team = append(team, object{"subject": g.subjects[i], "displayName": fmt.Sprintf("成员%d", i), "post": "POST_MEMBER"})
	}
	term := o.must(t, stack.Sichuan+"/terms", "", object{
		"displayName": "届期", "startDate": date(2012, 6, 1), "endDate": date(2017, 5, 31)})
	formed := o.must(t, stack.Sichuan+"/inspectionGroups", "", object{"displayName": "巡视组 " + run, "members": team})
	g.name, g.etag = text(formed, "name"), text(formed, "etag")
	batch := o.must(t, stack.Sichuan+"/batches", "", object{"displayName": "批次 " + run, "term": text(term, "name")})
	var planned []object
	for i, county := range counties {
		month := 10 + i // a group has one task at a time (art. 4)
		planned = append(planned, o.must(t, stack.Sichuan+"/inspections", "", object{
			"batch": text(batch, "name"), "county": stack.Sichuan + "/counties/" + county,
			"plannedEntryDate": date(2012, month, 8), "plannedEndDate": date(2012, month, 28)}))
	}
	decision := leading.must(t, stack.Sichuan+"/decisions", "", object{
		"documentNumber": "川巡领 " + run, "decideDate": date(2012, 8, 20),
		"items": []object{{"kind": "KIND_APPROVE_BATCH", "subject": text(batch, "name")}}})
	o.must(t, text(batch, "name")+":approve", text(batch, "etag"), object{"decision": text(decision, "name")})
	for _, inspection := range planned {
		o.must(t, text(inspection, "name")+":authorize", text(inspection, "etag"), object{"inspectionGroup": g.name})
	}
	return g
}

// takeOut takes the next member out; it reports false when only the leader is left.
func (g *group) takeOut() (more bool, err error) {
	if len(g.subjects) == 0 {
		return false, nil
	}
	changed, err := g.office.post(g.name+":removeMember", g.etag, object{"subject": g.subjects[0], "reason": "地域回避"})
	if err != nil {
		return false, err
	}
	g.etag, g.subjects = text(changed, "etag"), g.subjects[1:]
	return true, nil
}
