package api_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

const otherLiaison = "CITY_LIAISON_BODY provinces/51/cities/510300 zigong"

func (w *world) tasks() schedulingv1.LiaisonTaskServiceClient {
	return schedulingv1.NewLiaisonTaskServiceClient(w.edge())
}

// assign assigns a task about an inspection, nil for none, due on 2026-04-30.
func (w *world) assign(token string, to *schedulingv1.LiaisonBody, about *schedulingv1.Inspection) (*schedulingv1.LiaisonTask, error) {
	return w.tasks().CreateLiaisonTask(w.as(token), &schedulingv1.CreateLiaisonTaskRequest{
		Parent: sichuan, RequestId: requestID(), LiaisonTask: &schedulingv1.LiaisonTask{
			LiaisonBody: to.GetName(), Inspection: about.GetName(), Title: "核实", Content: "核实第二项整改", DueDate: day(w.t, "2026-04-30"),
		},
	})
}

func (w *world) accept(token string, task *schedulingv1.LiaisonTask) (*schedulingv1.LiaisonTask, error) {
	return w.tasks().AcceptLiaisonTask(w.as(token), &schedulingv1.AcceptLiaisonTaskRequest{Name: task.GetName(), Etag: task.GetEtag(), RequestId: requestID()})
}

func (w *world) complete(token string, task *schedulingv1.LiaisonTask, signer string) (*schedulingv1.LiaisonTask, error) {
	return w.tasks().CompleteLiaisonTask(w.as(token), &schedulingv1.CompleteLiaisonTaskRequest{
		Name: task.GetName(), Answer: "已核实", Signer: signer, Etag: task.GetEtag(), RequestId: requestID(),
	})
}

func (w *world) giveBack(token string, task *schedulingv1.LiaisonTask) (*schedulingv1.LiaisonTask, error) {
	return w.tasks().ReturnLiaisonTask(w.as(token), &schedulingv1.ReturnLiaisonTaskRequest{
		Name: task.GetName(), Answer: "不属本市职权", Signer: "李四，主任", Etag: task.GetEtag(), RequestId: requestID(),
	})
}

func (w *world) finish(token string, task *schedulingv1.LiaisonTask) (*schedulingv1.LiaisonTask, error) {
	return w.tasks().CloseLiaisonTask(w.as(token), &schedulingv1.CloseLiaisonTaskRequest{
		Name: task.GetName(), ClosingRemark: "同意", Etag: task.GetEtag(), RequestId: requestID(),
	})
}

// inboxOf counts what a body lists.
func (w *world) inboxOf(token string) int {
	w.t.Helper()
	return len(do(w.tasks().ListLiaisonTasks(w.as(token), &schedulingv1.ListLiaisonTasksRequest{Parent: sichuan}))(w.t).GetLiaisonTasks())
}

// TestArt16TaskFromAssignedToClosed: each step by its own body, in its order; all others
// are refused and change nothing.
func TestArt16TaskFromAssignedToClosed(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	body := do(w.register(city))(t)
	i := w.onSite(s, func(int) *schedulingv1.InspectionGroup { return s.group }, jinjiang)[0]
	task := do(w.assign(leader, body, i))(t)
	if task.GetState() != schedulingv1.LiaisonTask_STATE_ASSIGNED || task.GetCity() != chengdu || task.GetInspection() != i.GetName() ||
		task.GetAssignerParty().String() != "PARTY_INSPECTION_GROUP" {
		t.Errorf("assigned %v", task)
	}
	all := []string{office, leading, leader, stranger, city, liaison, otherCity, otherLiaison, county, province, cityOrgan}
	take := func(verb string, may []string, call func(token string) (*schedulingv1.LiaisonTask, error)) {
		t.Helper()
		before := w.tally("SELECT liaison_task::text FROM liaison_task")
		for _, token := range all {
			mine := false
			for _, m := range may {
				mine = mine || m == token
			}
			if mine {
				continue
			}
			if got, err := call(token); err == nil {
				t.Errorf("%s may %s: %v", token, verb, got)
			}
		}
		equal(t, verb+" by others", w.tally("SELECT liaison_task::text FROM liaison_task"), before)
		task = do(call(may[0]))(t)
	}
	take("accept", []string{liaison}, func(token string) (*schedulingv1.LiaisonTask, error) { return w.accept(token, task) })
	_, err := w.accept(liaison, task)
	if f := refused(t, err, "LIAISON_TASK_STATE_INVALID"); f.Meta["article"] != "16" || f.Meta["state"] != "ACCEPTED" {
		t.Errorf("metadata %v", f.Meta)
	}
	w.at("2026-05-06") // late is told by the days, not refused
	take("complete", []string{liaison}, func(token string) (*schedulingv1.LiaisonTask, error) {
		return w.complete(token, task, "李四，主任")
	})
	take("close", []string{leader, office}, func(token string) (*schedulingv1.LiaisonTask, error) { return w.finish(token, task) })
	if task.GetState() != schedulingv1.LiaisonTask_STATE_CLOSED || task.GetAnswer() != "已核实" || task.GetSigner() != "李四，主任" ||
		task.GetClosingRemark() != "同意" || task.GetCloseTime() == nil || task.GetEtag() != `"4"` {
		t.Errorf("closed as %v", task)
	}

	w.at("2026-04-30")
	back := do(w.giveBack(liaison, do(w.assign(leader, body, i))(t)))(t)
	do(w.finish(office, back))(t) // the office closes what a group assigned
	own := do(w.giveBack(liaison, do(w.assign(office, body, i))(t)))(t)
	_, err = w.finish(leader, own)
	refused(t, err, "LIAISON_TASK_OF_OTHER_BODY")
	do(w.finish(office, own))(t)
}

// TestArt16TaskRefusals: to another city's body, on an inspection that the city was not
// notified of, on another group's, by a group on nothing.
func TestArt16TaskRefusals(t *testing.T) {
	w, i := authorized(t)
	body, other := do(w.register(city))(t), do(w.register(otherCity))(t)
	for _, token := range []string{office, leader} {
		_, err := w.assign(token, body, i)
		if f := refused(t, err, "CITY_NOT_NOTIFIED"); f.Meta["article"] != "12(2)" {
			t.Errorf("metadata %v", f.Meta)
		}
	}
	equal(t, "the city learns", w.inboxOf(city), 0)
	w.issue(i)
	do(w.assign(leader, body, i))(t)
	_, err := w.assign(office, other, i)
	refused(t, err, "LIAISON_BODY_OF_OTHER_CITY")
	_, err = w.assign(stranger, body, i)
	refused(t, err, "NOT_FOUND")
	_, err = w.assign(leader, body, nil)
	refused(t, err, "FIELD_INVALID")
	_, err = w.assign(office, &schedulingv1.LiaisonBody{Name: sichuan + "/liaisonBodies/0198c0de-0000-7000-8000-000000000001"}, i)
	refused(t, err, "NOT_FOUND")
	w.at("2026-05-01")
	_, err = w.assign(office, body, nil)
	refused(t, err, "FIELD_INVALID") // due before today
}

// TestArt16MergedBodyServingTwoAdjacentCounties: one body of the city serves two groups
// in two counties; each group sees its own task, the body both, no county any.
func TestArt16MergedBodyServingTwoAdjacentCounties(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	body, other := do(w.register(city))(t), do(w.register(otherCity))(t)
	groups := []*schedulingv1.InspectionGroup{s.group, w.form("省委第二巡视组", "zhao")}
	list := w.onSite(s, func(n int) *schedulingv1.InspectionGroup { return groups[n] }, jinjiang, sichuan+"/counties/510105")
	first, second := do(w.assign(leader, body, list[0]))(t), do(w.assign(stranger, body, list[1]))(t)
	do(w.assign(office, other, nil))(t)
	for token, want := range map[string]int{office: 3, leading: 3, leader: 1, member: 1, stranger: 1, city: 2, liaison: 2, otherCity: 1, otherLiaison: 1} {
		if got := w.inboxOf(token); got != want {
			t.Errorf("%s lists %d tasks, want %d", token, got, want)
		}
	}
	for _, token := range []string{county, "COUNTY_COMMITTEE " + sichuan + "/counties/510105 county"} {
		_, err := w.tasks().ListLiaisonTasks(w.as(token), &schedulingv1.ListLiaisonTasksRequest{Parent: sichuan})
		refused(t, err, "METHOD_NOT_GRANTED")
	}
	for _, task := range []*schedulingv1.LiaisonTask{first, second} {
		if got := do(w.tasks().GetLiaisonTask(w.as(liaison), &schedulingv1.GetLiaisonTaskRequest{Name: task.GetName()}))(t); !proto.Equal(got, task) {
			t.Errorf("the body reads %v, assigned %v", got, task)
		}
		do(w.accept(liaison, task))(t)
	}
	_, err := w.tasks().GetLiaisonTask(w.as(leader), &schedulingv1.GetLiaisonTaskRequest{Name: second.GetName()})
	refused(t, err, "NOT_FOUND")
	_, err = w.tasks().GetLiaisonTask(w.as(otherLiaison), &schedulingv1.GetLiaisonTaskRequest{Name: first.GetName()})
	refused(t, err, "NOT_FOUND")
}

// TestArt16BodyNotYetFormedWhenARoundStarts: the city owes it from the notice on and is
// told so; nothing can be assigned before. Its receipt of the notice is not refused: a
// city without a body would else hold up the ten days of art. 12(2).
func TestArt16BodyNotYetFormedWhenARoundStarts(t *testing.T) {
	w, i := authorized(t)
	notices := w.issue(i)
	const duty = `duty = "DUTY_LIAISON_REGISTRATION"`
	equal(t, "owed", w.owed(city, duty), []string{"LIAISON_REGISTRATION OPEN 2026-01-22"})
	_, err := w.assign(office, &schedulingv1.LiaisonBody{Name: sichuan + "/liaisonBodies/0198c0de-0000-7000-8000-000000000001"}, i)
	refused(t, err, "NOT_FOUND")
	for _, n := range notices {
		if n.GetAddressee() == chengdu {
			do(w.sign(city, n))(t)
		}
	}
	equal(t, "owed after the receipt", w.owed(city, duty), []string{"LIAISON_REGISTRATION OPEN 2026-01-22"})
	body := do(w.register(city))(t)
	equal(t, "formed", w.owed(city, duty), []string{"LIAISON_REGISTRATION SATISFIED 2026-01-22 met 2026-01-15"})
	do(w.assign(office, body, i))(t)
}

// TestArt16HandoverMidRound: the staff changes while a task runs; the task is the body's
// and not a person's, and who was there before stays on record.
func TestArt16HandoverMidRound(t *testing.T) {
	w, i := authorized(t)
	body := do(w.register(city))(t)
	w.issue(i)
	task := do(w.accept(liaison, do(w.assign(leader, body, i))(t)))(t)
	do(w.reform(city, &schedulingv1.LiaisonBody{Name: body.GetName(), Etag: body.GetEtag(), Members: []*schedulingv1.LiaisonMember{
		{DisplayName: "赵六", Post: "主任", Department: "市委办公室"}}}, "members"))(t)
	done := do(w.complete("CITY_LIAISON_BODY "+chengdu+" zhaoliu", task, "赵六，主任"))(t)
	if done.GetState() != schedulingv1.LiaisonTask_STATE_DONE || done.GetSigner() != "赵六，主任" {
		t.Errorf("done as %v", done)
	}
	equal(t, "versions", w.membersByVersion(body), []string{"李四 王五", "赵六"})
}

// TestArt16MemberUnderInvestigation: the city takes the member off the staff; the body
// goes on, its leads and its other staff as before.
func TestArt16MemberUnderInvestigation(t *testing.T) {
	w, i := authorized(t)
	body := do(w.register(city))(t)
	w.issue(i)
	task := do(w.assign(leader, body, i))(t)
	changed := do(w.reform(city, &schedulingv1.LiaisonBody{Name: body.GetName(), Etag: body.GetEtag(), Members: body.GetMembers()[1:]}, "members"))(t)
	equal(t, "staff", len(changed.GetMembers()), 1)
	if !proto.Equal(changed.GetLeader(), body.GetLeader()) || len(changed.GetLeadDepartments()) != 2 {
		t.Errorf("changed to %v", changed)
	}
	_, err := w.reform(city, &schedulingv1.LiaisonBody{Name: body.GetName(), Etag: changed.GetEtag()}, "members")
	refused(t, err, "FIELD_INVALID") // none left: a body has fixed staff
	do(w.complete(liaison, do(w.accept(liaison, task))(t), "王五，科长"))(t)
	equal(t, "versions", w.membersByVersion(body), []string{"李四 王五", "王五"})
}

// TestArt16DeputyActsForTheLeader: he signs in his own name and post; the leader on
// record stays the city leader.
func TestArt16DeputyActsForTheLeader(t *testing.T) {
	w, i := authorized(t)
	body := do(w.register(city))(t)
	w.issue(i)
	task := do(w.accept(liaison, do(w.assign(office, body, i))(t)))(t)
	task = do(w.complete(liaison, task, "李四，主任（代张三）"))(t)
	equal(t, "signer", task.GetSigner(), "李四，主任（代张三）")
	if now := w.bodies(office)[0]; !proto.Equal(now, body) {
		t.Errorf("the body became %v", now)
	}
}

// membersByVersion gives the staff of each version of a body, oldest first.
func (w *world) membersByVersion(b *schedulingv1.LiaisonBody) []string {
	w.t.Helper()
	var all []string
	for _, c := range do(w.liaisons().ListLiaisonBodyChanges(w.as(office), &schedulingv1.ListLiaisonBodyChangesRequest{Parent: b.GetName()}))(w.t).GetChanges() {
		names := ""
		for n, m := range c.GetLiaisonBody().GetMembers() {
			if n > 0 {
				names += " "
			}
			names += m.GetDisplayName()
		}
		all = append(all, names)
	}
	return all
}
