package api_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

const otherCity = "CITY_COMMITTEE provinces/51/cities/510300 zigong"

func (w *world) liaisons() schedulingv1.LiaisonBodyServiceClient {
	return schedulingv1.NewLiaisonBodyServiceClient(w.edge())
}

// registration is a request that registers the body of a city as the law wants it.
func registration(city string) *schedulingv1.RegisterLiaisonBodyRequest {
	return &schedulingv1.RegisterLiaisonBodyRequest{
		Parent: sichuan, RequestId: requestID(), LiaisonBody: &schedulingv1.LiaisonBody{
			City:   city,
			Leader: &schedulingv1.LiaisonLeader{DisplayName: "张三", Post: "市委副书记"},
			LeadDepartments: []*schedulingv1.LiaisonLead{
				{Body: schedulingv1.LiaisonLead_BODY_DISCIPLINE_BODY, DisplayName: "市纪委"},
				{Body: schedulingv1.LiaisonLead_BODY_ORGANIZATION_BODY, DisplayName: "市委组织部"},
			},
			Members: []*schedulingv1.LiaisonMember{
				{DisplayName: "李四", Post: "主任", Department: "市委办公室", ContactWindow: "工作日 9:00–18:00"},
				{DisplayName: "王五", Post: "科长", Department: "市信访局"},
			},
			Contact: "市委大院 3 号楼",
		},
	}
}

// register registers the body of the caller's city.
func (w *world) register(token string) (*schedulingv1.LiaisonBody, error) {
	return w.liaisons().RegisterLiaisonBody(w.as(token), registration(strings.Split(token, " ")[1]))
}

// reform changes the named fields of a liaison body.
func (w *world) reform(token string, b *schedulingv1.LiaisonBody, fields ...string) (*schedulingv1.LiaisonBody, error) {
	return w.liaisons().UpdateLiaisonBody(w.as(token), &schedulingv1.UpdateLiaisonBodyRequest{
		LiaisonBody: b, UpdateMask: &fieldmaskpb.FieldMask{Paths: fields}, Etag: b.GetEtag(), RequestId: requestID(),
	})
}

func (w *world) bodies(token string) []*schedulingv1.LiaisonBody {
	w.t.Helper()
	return do(w.liaisons().ListLiaisonBodies(w.as(token), &schedulingv1.ListLiaisonBodiesRequest{Parent: sichuan}))(w.t).GetLiaisonBodies()
}

// TestArt16LiaisonBody: a city registers its body, changes it, and every version stays.
// Office, leading group and groups see all of the province, a city its own.
func TestArt16LiaisonBody(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	w.stage()
	b := do(w.register(city))(t)
	want := registration(chengdu).GetLiaisonBody()
	want.Name, want.CreateTime, want.UpdateTime, want.Etag = b.GetName(), b.GetCreateTime(), b.GetCreateTime(), `"1"`
	if !proto.Equal(b, want) {
		t.Errorf("registered as %v, want %v", b, want)
	}
	other := do(w.register(otherCity))(t)
	w.at("2026-02-02")
	changed := do(w.reform(city, &schedulingv1.LiaisonBody{
		Name: b.GetName(), Etag: b.GetEtag(), Leader: &schedulingv1.LiaisonLeader{Post: "市委书记", DisplayName: "ignored"},
		City: sichuan + "/cities/510300", Contact: "ignored",
		Members: []*schedulingv1.LiaisonMember{{DisplayName: "赵六", Post: "主任", Department: "市委办公室"}},
	}, "name", "leader.post", "members"))(t)
	want.Leader.Post, want.Etag, want.UpdateTime = "市委书记", `"2"`, changed.GetUpdateTime()
	want.Members = []*schedulingv1.LiaisonMember{{DisplayName: "赵六", Post: "主任", Department: "市委办公室"}}
	if !proto.Equal(changed, want) || !changed.GetUpdateTime().AsTime().After(b.GetUpdateTime().AsTime()) {
		t.Errorf("changed to %v, want %v", changed, want)
	}

	for token, list := range map[string][]string{
		office: {b.GetName(), other.GetName()}, leading: {b.GetName(), other.GetName()},
		member: {b.GetName(), other.GetName()}, stranger: {b.GetName(), other.GetName()},
		city: {b.GetName()}, liaison: {b.GetName()}, otherCity: {other.GetName()},
	} {
		names := []string{}
		for _, seen := range w.bodies(token) {
			names = append(names, seen.GetName())
			read := do(w.liaisons().GetLiaisonBody(w.as(token), &schedulingv1.GetLiaisonBodyRequest{Name: seen.GetName()}))(t)
			if !proto.Equal(read, seen) {
				t.Errorf("%s reads %v and lists %v", token, read, seen)
			}
		}
		equal(t, token, names, list)
	}
	for _, token := range []string{county, province, cityOrgan, audit} {
		_, err := w.liaisons().ListLiaisonBodies(w.as(token), &schedulingv1.ListLiaisonBodiesRequest{Parent: sichuan})
		refused(t, err, "METHOD_NOT_GRANTED")
	}
	for _, token := range []string{office, liaison, member, county} {
		_, err := w.register(token)
		refused(t, err, "METHOD_NOT_GRANTED")
		_, err = w.reform(token, changed, "contact")
		refused(t, err, "METHOD_NOT_GRANTED")
	}

	for _, token := range []string{office, leading, city, liaison} {
		var lines []string
		var next string
		for {
			page := do(w.liaisons().ListLiaisonBodyChanges(w.as(token), &schedulingv1.ListLiaisonBodyChangesRequest{
				Parent: b.GetName(), PageSize: 1, PageToken: next}))(t)
			for _, c := range page.GetChanges() {
				lines = append(lines, fmt.Sprint(c.GetSequence(), " ", c.GetAuthor(), " ", c.GetChangeTime().AsTime().Format("2006-01-02"),
					" ", c.GetLiaisonBody().GetLeader().GetPost(), " ", len(c.GetLiaisonBody().GetMembers())))
				if version := []*schedulingv1.LiaisonBody{b, changed}[c.GetSequence()-1]; !proto.Equal(c.GetLiaisonBody(), version) {
					t.Errorf("version %d was %v, want %v", c.GetSequence(), c.GetLiaisonBody(), version)
				}
			}
			if next = page.GetNextPageToken(); next == "" {
				break
			}
		}
		equal(t, token, lines, []string{"1 city 2026-01-15 市委副书记 2", "2 city 2026-02-02 市委书记 1"})
	}
	_, err := w.liaisons().ListLiaisonBodyChanges(w.as(member), &schedulingv1.ListLiaisonBodyChangesRequest{Parent: b.GetName()})
	refused(t, err, "METHOD_NOT_GRANTED")
}

// TestArt16Refusals: what is not as the law wants it, or not there, changes nothing.
func TestArt16Refusals(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	w.stage()
	send := func(change func(*schedulingv1.LiaisonBody)) error {
		req := registration(chengdu)
		change(req.GetLiaisonBody())
		_, err := w.liaisons().RegisterLiaisonBody(w.as(city), req)
		return err
	}
	lead := func(bodies ...schedulingv1.LiaisonLead_Body) func(*schedulingv1.LiaisonBody) {
		return func(b *schedulingv1.LiaisonBody) {
			b.LeadDepartments = nil
			for _, body := range bodies {
				b.LeadDepartments = append(b.LeadDepartments, &schedulingv1.LiaisonLead{Body: body, DisplayName: "x"})
			}
		}
	}
	const discipline, organization = schedulingv1.LiaisonLead_BODY_DISCIPLINE_BODY, schedulingv1.LiaisonLead_BODY_ORGANIZATION_BODY
	f := refused(t, send(lead(discipline)), "LIAISON_LEADS_MISSING")
	if f.Meta["article"] != "16" || f.Meta["missing"] != "organization_body" {
		t.Errorf("metadata %v", f.Meta)
	}
	refused(t, send(lead(organization)), "LIAISON_LEADS_MISSING")
	for name, change := range map[string]func(*schedulingv1.LiaisonBody){
		"twice":      lead(discipline, organization, discipline),
		"none":       lead(),
		"unknown":    lead(discipline, organization, 7),
		"no leader":  func(b *schedulingv1.LiaisonBody) { b.Leader = nil },
		"no post":    func(b *schedulingv1.LiaisonBody) { b.Leader.Post = "" },
		"no staff":   func(b *schedulingv1.LiaisonBody) { b.Members = nil },
		"no contact": func(b *schedulingv1.LiaisonBody) { b.Contact = "" },
	} {
		if f := refused(t, send(change), "FIELD_INVALID"); len(f.Fields) == 0 {
			t.Errorf("%s: %v", name, f)
		}
	}
	for _, of := range []string{sichuan + "/cities/510300", sichuan + "/cities/519900", "provinces/44/cities/440100"} {
		refused(t, send(func(b *schedulingv1.LiaisonBody) { b.City = of }), "NOT_FOUND")
	}
	if got := w.bodies(office); len(got) != 0 {
		t.Errorf("registered all the same: %v", got)
	}

	b := do(w.register(city))(t)
	_, err := w.register(city)
	if f := refused(t, err, "ALREADY_EXISTS"); f.Meta["article"] != "16" {
		t.Errorf("metadata %v", f.Meta)
	}
	change := func(reason string, part *schedulingv1.LiaisonBody, fields ...string) {
		t.Helper()
		part.Name = b.GetName()
		if part.Etag == "" {
			part.Etag = b.GetEtag()
		}
		_, err := w.reform(city, part, fields...)
		refused(t, err, reason)
	}
	change("ETAG_MISMATCH", &schedulingv1.LiaisonBody{Etag: `"7"`, Contact: "x"}, "contact")
	one := &schedulingv1.LiaisonBody{}
	lead(organization)(one)
	change("LIAISON_LEADS_MISSING", one, "lead_departments")
	change("FIELD_INVALID", &schedulingv1.LiaisonBody{}, "contact")
	change("FIELD_INVALID", &schedulingv1.LiaisonBody{}, "leader")
	change("FIELD_INVALID", &schedulingv1.LiaisonBody{Leader: &schedulingv1.LiaisonLeader{Post: "x"}}, "leader.display_name")
	for _, path := range []string{"city", "create_time", "leader.age", "name"} {
		change("FIELD_INVALID", &schedulingv1.LiaisonBody{City: sichuan + "/cities/510300"}, path)
	}
	if got := w.bodies(office); len(got) != 1 || !proto.Equal(got[0], b) {
		t.Errorf("became %v", got)
	}
}

// TestArt16LiaisonObligation: owed from the notices on where the city has no body yet,
// one for each inspection, and met for all of them by the registration, late or not.
func TestArt16LiaisonObligation(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	list := []*schedulingv1.Inspection{
		w.inspection(s.batch, jinjiang, "2026-03-02", "2026-03-31"),
		w.inspection(s.batch, sichuan+"/counties/510105", "2026-03-02", "2026-03-31"),
		w.inspection(s.batch, sichuan+"/counties/510302", "2026-03-02", "2026-03-31"),
		w.inspection(s.batch, sichuan+"/counties/510106", "2026-04-07", "2026-05-06"),
	}
	w.approve(s.batch)
	for n, i := range list {
		list[n] = w.authorize(i, w.form(fmt.Sprint("组", n), fmt.Sprint("leader", n)))
	}
	const duty = `duty = "DUTY_LIAISON_REGISTRATION"`
	equal(t, "before the notices", w.owed(office, duty), []string{})
	w.issue(list[0])
	w.issue(list[2])
	w.at("2026-01-19")
	w.issue(list[1])
	equal(t, "city", w.owed(city, duty), []string{"LIAISON_REGISTRATION OPEN 2026-01-22", "LIAISON_REGISTRATION OPEN 2026-01-26"})
	equal(t, "its departments' body", w.owed(liaison, duty), w.owed(city, duty))
	equal(t, "another city", w.owed(otherCity, duty), []string{"LIAISON_REGISTRATION OPEN 2026-01-22"})
	equal(t, "office", len(w.owed(office, duty)), 3)
	equal(t, "county", w.owed(county, duty), []string{})
	o := w.listed(city, duty)[0]
	if o.GetArticle() != "16" || !o.GetSoft() || o.GetObligor().String() != "PARTY_CITY_COMMITTEE" ||
		o.GetObligorJurisdiction() != chengdu || o.GetSubject() != list[0].GetName() || o.GetComputed().GetClock() != "liaison_registration" {
		t.Errorf("owed %v", o)
	}

	w.at("2026-01-23")
	do(w.register(city))(t)
	met := []string{"LIAISON_REGISTRATION SATISFIED 2026-01-22 met 2026-01-23 late", "LIAISON_REGISTRATION SATISFIED 2026-01-26 met 2026-01-23"}
	equal(t, "registered", w.owed(city, duty), met)
	equal(t, "history", w.changes(city, o.GetName()), "OPENED SATISFIED")
	equal(t, "another city", w.owed(otherCity, duty), []string{"LIAISON_REGISTRATION OPEN 2026-01-22 late"})
	w.issue(list[3])
	equal(t, "a county of a city that has one", w.owed(city, duty), met)
}

// TestArt16NoCityOwesNoLiaisonBody: a county directly under the province.
func TestArt16NoCityOwesNoLiaisonBody(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	w.importRegistry("42", divisions(t, "42"), "2023-01-01")
	const hubei, xiantao, bureau = "provinces/42", "provinces/42/counties/429004", "INSPECTION_OFFICE provinces/42 office"
	term := do(w.terms().CreateTerm(w.as(bureau), &schedulingv1.CreateTermRequest{
		Parent: hubei, RequestId: requestID(), Term: &schedulingv1.Term{
			DisplayName: "届", StartDate: day(t, "2022-05-31"), EndDate: day(t, "2027-05-30"),
		},
	}))(t)
	batch := do(w.batches().CreateBatch(w.as(bureau), &schedulingv1.CreateBatchRequest{
		Parent: hubei, RequestId: requestID(), Batch: &schedulingv1.Batch{DisplayName: "批", Term: term.GetName()},
	}))(t)
	group := do(w.groups().CreateInspectionGroup(w.as(bureau), &schedulingv1.CreateInspectionGroupRequest{
		Parent: hubei, RequestId: requestID(), InspectionGroup: &schedulingv1.InspectionGroup{DisplayName: "组",
			Members: []*schedulingv1.GroupMember{{Subject: "li", DisplayName: "李", Post: schedulingv1.GroupMember_POST_LEADER}}},
	}))(t)
	i := do(w.inspections().CreateInspection(w.as(bureau), &schedulingv1.CreateInspectionRequest{
		Parent: hubei, RequestId: requestID(), Inspection: &schedulingv1.Inspection{
			Batch: batch.GetName(), County: xiantao, PlannedEntryDate: day(t, "2026-03-02"), PlannedEndDate: day(t, "2026-03-31"),
		},
	}))(t)
	decision := do(w.decisions().CreateDecision(w.as("LEADING_GROUP provinces/42 chair"), &schedulingv1.CreateDecisionRequest{
		Parent: hubei, RequestId: requestID(), Decision: &schedulingv1.Decision{DocumentNumber: "1号", DecideDate: day(t, "2026-01-15"),
			Items: []*schedulingv1.DecisionItem{{Kind: schedulingv1.DecisionItem_KIND_APPROVE_BATCH, Subject: batch.GetName()}}},
	}))(t)
	do(w.batches().ApproveBatch(w.as(bureau), &schedulingv1.ApproveBatchRequest{
		Name: batch.GetName(), Decision: decision.GetName(), Etag: batch.GetEtag(), RequestId: requestID(),
	}))(t)
	i = do(w.inspections().AuthorizeInspection(w.as(bureau), &schedulingv1.AuthorizeInspectionRequest{
		Name: i.GetName(), InspectionGroup: group.GetName(), Etag: i.GetEtag(), RequestId: requestID(),
	}))(t)
	sent := do(w.notices().IssueEntryNotices(w.as(bureau), &schedulingv1.IssueEntryNoticesRequest{
		Name: i.GetName(), DocumentNumber: "1号", Etag: i.GetEtag(), RequestId: requestID(),
	}))(t)
	if len(sent.GetEntryNotices()) != 1 {
		t.Errorf("notices %v", sent)
	}
	equal(t, "owed", w.tally("SELECT duty FROM obligation WHERE city_code = '' AND inspection_id IS NOT NULL"), map[string]int{"ENTRY_NOTICE": 1})
}

// TestArt16OneLiaisonBody: of twenty registrations at once one is taken, and it meets
// what is owed.
func TestArt16OneLiaisonBody(t *testing.T) {
	w, i := authorized(t)
	w.issue(i)
	outcomes := together(20, func(int) error {
		return insisting(func() error {
			_, err := w.register(city)
			return err
		})
	})
	equal(t, "outcomes", outcomes, map[string]int{"": 1, "ALREADY_EXISTS": 19})
	equal(t, "bodies", len(w.bodies(office)), 1)
	equal(t, "owed", w.tally("SELECT state || ' ' || change_count FROM obligation WHERE duty = 'LIAISON_REGISTRATION'"),
		map[string]int{"SATISFIED 2": 1})
}

// TestArt16NoticeAndRegistrationAtOnce: whichever comes first, nothing is owed for a
// body that is there.
func TestArt16NoticeAndRegistrationAtOnce(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	cities, list := []string{}, []*schedulingv1.Inspection{}
	for _, code := range []string{"510302", "510402", "510502", "510603", "510703", "510802"} {
		list = append(list, w.inspection(s.batch, sichuan+"/counties/"+code, "2026-03-02", "2026-03-31"))
		cities = append(cities, fmt.Sprintf("CITY_COMMITTEE %s/cities/%s00 city", sichuan, code[:4]))
	}
	w.approve(s.batch)
	for n, i := range list {
		list[n] = w.authorize(i, w.form(fmt.Sprint("组", n), fmt.Sprint("leader", n)))
	}
	outcomes := together(2*len(list), func(n int) error {
		return insisting(func() error {
			if n%2 == 0 {
				_, err := w.register(cities[n/2])
				return err
			}
			_, err := w.notices().IssueEntryNotices(w.as(office), &schedulingv1.IssueEntryNoticesRequest{
				Name: list[n/2].GetName(), DocumentNumber: fmt.Sprint(n, "号"), Etag: list[n/2].GetEtag(), RequestId: requestID(),
			})
			return err
		})
	})
	equal(t, "outcomes", outcomes, map[string]int{"": 2 * len(list)})
	if open := w.tally("SELECT state FROM obligation WHERE duty = 'LIAISON_REGISTRATION'"); open["OPEN"] != 0 {
		t.Errorf("owed for a body that is there: %v", open)
	}
}

// TestArt16DatabaseAlone: one body of a city, led by both, with a history of its own.
func TestArt16DatabaseAlone(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	w.stage()
	do(w.register(city))(t)
	admin := w.db.Admin(t)
	for constraint, statement := range map[string]string{
		"liaison_body_one_per_city":    registered("510100"),
		"liaison_body_leads":           `UPDATE liaison_body SET leads = '[{"body": "discipline_body", "name": "x"}]'`,
		"liaison_body_members":         `UPDATE liaison_body SET members = '[]'`,
		"liaison_body_leader":          `UPDATE liaison_body SET leader_name = ''`,
		"liaison_body_city_fk":         registered("519900"),
		"liaison_body_change_body_fk":  `UPDATE liaison_body_change SET city_code = '510300'`,
		"liaison_body_change_sequence": `UPDATE liaison_body_change SET sequence = 0`,
		"liaison_body_change_pkey":     `INSERT INTO liaison_body_change SELECT * FROM liaison_body_change`,
	} {
		if _, err := admin.Exec(statement); err == nil || !strings.Contains(err.Error(), constraint) {
			t.Errorf("%s: %v", constraint, err)
		}
	}
}
