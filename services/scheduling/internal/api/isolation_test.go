package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/grpcserver/grpcservertest"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// tables are all tables of the service.
func tables() []string {
	return strings.Fields(`province city county county_supervision term inspection_group group_member decision
decision_item batch inspection entry_notice briefing holiday_notice holiday_notice_move
obligation obligation_change notification liaison_body liaison_body_change liaison_task mobilisation_meeting`)
}

// played gives a world in which a task of Jinjiang is on site and everything has
// a row.
func played(t *testing.T) (*world, *schedulingv1.Inspection) {
	t.Helper()
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	i := w.onSite(s, func(int) *schedulingv1.InspectionGroup { return s.group }, jinjiang)[0]
	do(w.brief(city, jinjiang))(t)
	do(w.brief(audit, jinjiang))(t)
	do(w.assign(office, do(w.register(city))(t), i))(t)
	return w, i
}

// visible counts the rows that row-level security alone shows to a body: plain
// SQL in its transaction, no policy and no condition of ours.
func visible(t *testing.T, db *pg.DB, ctx context.Context) map[string]int {
	t.Helper()
	seen := map[string]int{}
	for _, table := range tables() {
		var n int
		err := db.Read(ctx, func(tx *pg.Tx) error {
			return tx.SQL().QueryRow("SELECT count(*) FROM " + table).Scan(&n)
		})
		switch {
		case err != nil && strings.Contains(err.Error(), "42501"):
			seen[table] = -1 // not even a grant
		case err != nil:
			t.Fatal(err)
		case n > 0:
			seen[table] = n
		}
	}
	return seen
}

// denied is what the outside role sees of the inside tables: no grant at all.
func denied(more map[string]int) map[string]int {
	seen := map[string]int{
		"province": -1, "term": -1, "inspection_group": -1, "group_member": -1,
		"decision": -1, "decision_item": -1, "batch": -1, "inspection": -1,
		"holiday_notice": -1, "holiday_notice_move": -1, "mobilisation_meeting": -1,
	}
	for table, n := range more {
		seen[table] = n
	}
	return seen
}

// TestRowLevelSecurityAloneHoldsTheMatrix of security.md §2.1 (drill of §2.4).
func TestRowLevelSecurityAloneHoldsTheMatrix(t *testing.T) {
	w, _ := played(t)
	w.remindEverybody()
	db := w.db.Open(t)
	registry := map[string]int{"province": 1, "city": 21, "county": 183, "county_supervision": 183}
	with := func(more map[string]int) map[string]int {
		seen := map[string]int{}
		for _, m := range []map[string]int{registry, more} {
			for table, n := range m {
				seen[table] = n
			}
		}
		return seen
	}
	tests := []struct {
		party         principal.Party
		area, subject string
		want          map[string]int
	}{
		{principal.InspectionOffice, sichuan, "office", with(map[string]int{
			"term": 1, "inspection_group": 1, "group_member": 2, "decision": 1, "decision_item": 1,
			"batch": 1, "inspection": 1, "entry_notice": 2, "briefing": 2, "liaison_body": 1, "liaison_body_change": 1, "liaison_task": 1,
			"obligation": 187, "obligation_change": 192, "notification": 1})},
		{principal.LeadingGroup, sichuan, "chair", with(map[string]int{
			"term": 1, "inspection_group": 1, "group_member": 2, "decision": 1, "decision_item": 1,
			"batch": 1, "inspection": 1, "entry_notice": 2,
			"liaison_body": 1, "liaison_body_change": 1, "liaison_task": 1, "obligation": 187, "obligation_change": 192})},
		{principal.ProvincialCommittee, sichuan, "secretary", with(map[string]int{
			"term": 1, "inspection": 1, "obligation": 187, "obligation_change": 192})},
		{principal.InspectionGroup, sichuan, "wang", with(map[string]int{
			"inspection": 1, "entry_notice": 2, "briefing": 2, "liaison_body": 1, "liaison_task": 1, "obligation": 4, "obligation_change": 9, "notification": 1})},
		{principal.InspectionGroup, sichuan, "zhao", with(map[string]int{"liaison_body": 1})},
		{principal.Service, sichuan, "casefile", map[string]int{"decision": 1, "decision_item": 1, "inspection": 1,
			"obligation": 187, "obligation_change": 192, "notification": 4}},
		{principal.SystemAdministrator, sichuan, "root", map[string]int{}},
		{principal.SecurityAdministrator, sichuan, "root", map[string]int{}},
		{principal.AuditAdministrator, sichuan, "root", map[string]int{}},
		{principal.InspectionOffice, "provinces/44", "office", map[string]int{}},
		{principal.CountyCommittee, jinjiang, "county", denied(map[string]int{
			"county": 1, "county_supervision": 1, "entry_notice": 1,
			"obligation": 1, "obligation_change": 3, "notification": 1})},
		{principal.CountyCommittee, sichuan + "/counties/510105", "county", denied(map[string]int{
			"county": 1, "county_supervision": 1})},
		{principal.CityCommittee, chengdu, "city", denied(map[string]int{
			"city": 1, "county": 20, "county_supervision": 20, "entry_notice": 1, "briefing": 1,
			"liaison_body": 1, "liaison_body_change": 1, "liaison_task": 1, "obligation": 3, "obligation_change": 7, "notification": 1})},
		{principal.CityCommittee, sichuan + "/cities/510300", "city", denied(map[string]int{
			"city": 1, "county": 6, "county_supervision": 6})},
		{principal.CityLiaisonBody, chengdu, "liaison", denied(map[string]int{
			"city": 1, "county": 20, "county_supervision": 20,
			"liaison_body": 1, "liaison_body_change": 1, "liaison_task": 1, "obligation": 3, "obligation_change": 7, "notification": 1})},
		{principal.DisciplineOrgan, chengdu, "organ", denied(map[string]int{"county_supervision": 20})},
		{principal.DisciplineOrgan, sichuan, "organ", denied(nil)},
		{principal.OtherDepartment, sichuan, "audit", denied(map[string]int{"briefing": 1})},
		{principal.OtherDepartment, sichuan, "petitions", denied(nil)},
		{principal.CentralOffice, sichuan, "central", denied(nil)},
	}
	for _, tt := range tests {
		t.Run(string(tt.party)+" "+tt.area, func(t *testing.T) {
			equal(t, "rows", visible(t, db, pgtest.As(t.Context(), tt.party, tt.area, tt.subject)), tt.want)
		})
	}
}

// registered is the statement that makes a liaison body of a city.
func registered(city string) string {
	return fmt.Sprintf(`INSERT INTO liaison_body VALUES ('51', '0198c0de-0000-7000-8000-000000000001', '%s', 'x', 'x',
  '[{"body": "discipline_body"}, {"body": "organization_body"}]', '[{}]', 'x', now(), now(), 1)`, city)
}

// assigned is the statement that makes a task in the name of a body.
func assigned(party string) string {
	return `INSERT INTO liaison_task SELECT province, gen_random_uuid(), '0198c0de-0000-7000-8000-000000000001', '510100', NULL, 'x', 'x',
  '2026-05-01', '` + party + `', 'ASSIGNED', '', '', NULL, NULL, NULL, '', now(), now(), 1 FROM province`
}

// TestRowLevelSecurityAloneStopsWrites: what a body may not write, it cannot
// write by any statement.
func TestRowLevelSecurityAloneStopsWrites(t *testing.T) {
	w, _ := played(t)
	db := w.db.Open(t)
	const unsigned = "UPDATE entry_notice SET receive_time = now(), receiver = 'x'"
	tests := []struct {
		name      string
		ctx       context.Context
		statement string
	}{
		{"the leading group changes its decision", pgtest.As(t.Context(), principal.LeadingGroup, sichuan, "chair"),
			"UPDATE decision SET document_number = 'x'"},
		{"the county lets its notice be late", pgtest.As(t.Context(), principal.CountyCommittee, jinjiang, "county"),
			"UPDATE obligation SET satisfy_date = '2026-01-01'"},
		{"the county makes a date", pgtest.As(t.Context(), principal.CountyCommittee, jinjiang, "county"), openedBySelf},
		{"the county writes a history", pgtest.As(t.Context(), principal.CountyCommittee, jinjiang, "county"),
			"INSERT INTO obligation_change SELECT * FROM obligation_change"},
		{"a liaison body meets its city's duty", pgtest.As(t.Context(), principal.CityLiaisonBody, chengdu, "liaison"),
			"UPDATE obligation SET state = 'SATISFIED', satisfy_date = '2026-01-01', rung_date = NULL"},
		{"the office registers a liaison body", pgtest.As(t.Context(), principal.InspectionOffice, sichuan, "office"), registered("510300")},
		{"a city registers another's body", pgtest.As(t.Context(), principal.CityCommittee, chengdu, "city"), registered("510300")},
		{"a liaison body changes itself", pgtest.As(t.Context(), principal.CityLiaisonBody, chengdu, "liaison"), "UPDATE liaison_body SET contact = 'x'"},
		{"another city changes it", pgtest.As(t.Context(), principal.CityCommittee, sichuan+"/cities/510300", "x"), "UPDATE liaison_body SET contact = 'x'"},
		{"the city gives its body away", pgtest.As(t.Context(), principal.CityCommittee, chengdu, "city"), "UPDATE liaison_body SET city_code = '510300'"},
		{"the city drops its body", pgtest.As(t.Context(), principal.CityCommittee, chengdu, "city"), "DELETE FROM liaison_body"},
		{"the city rewrites what its body was", pgtest.As(t.Context(), principal.CityCommittee, chengdu, "city"), "UPDATE liaison_body_change SET contact = 'x'"},
		{"the city writes a version that never was", pgtest.As(t.Context(), principal.CityCommittee, chengdu, "city"),
			"INSERT INTO liaison_body_change SELECT province, liaison_body_id, 2, city_code, leader_name, leader_post, leads, members, contact, author, create_time, change_time FROM liaison_body_change"},
		{"the city renames itself", pgtest.As(t.Context(), principal.CityCommittee, chengdu, "city"), "UPDATE city SET display_name = 'x'"},
		{"a liaison body takes the turn", pgtest.As(t.Context(), principal.CityLiaisonBody, chengdu, "liaison"), "UPDATE city SET liaison_turn = 9"},
		{"the liaison body closes its task", pgtest.As(t.Context(), principal.CityLiaisonBody, chengdu, "liaison"), "UPDATE liaison_task SET state = 'CLOSED', close_time = now()"},
		{"the liaison body rewrites its task", pgtest.As(t.Context(), principal.CityLiaisonBody, chengdu, "liaison"), "UPDATE liaison_task SET content = 'x'"},
		{"the city committee accepts it", pgtest.As(t.Context(), principal.CityCommittee, chengdu, "city"), "UPDATE liaison_task SET state = 'ACCEPTED', accept_time = now()"},
		{"another body accepts it", pgtest.As(t.Context(), principal.CityLiaisonBody, sichuan+"/cities/510300", "x"), "UPDATE liaison_task SET state = 'ACCEPTED', accept_time = now()"},
		{"the office answers it", pgtest.As(t.Context(), principal.InspectionOffice, sichuan, "office"), "UPDATE liaison_task SET state = 'ACCEPTED'"},
		{"the leading group assigns", pgtest.As(t.Context(), principal.LeadingGroup, sichuan, "chair"), assigned("LEADING_GROUP")},
		{"a member assigns as the office", pgtest.As(t.Context(), principal.InspectionGroup, sichuan, "wang"), assigned("INSPECTION_OFFICE")},
		{"another group assigns", pgtest.As(t.Context(), principal.InspectionGroup, sichuan, "zhao"), assigned("INSPECTION_GROUP")},
		{"the city tells", pgtest.As(t.Context(), principal.CityCommittee, chengdu, "city"),
			"INSERT INTO notification (province, id) VALUES ('51', '0198c0de-0000-7000-8000-000000000001')"},
		{"another county acknowledges", pgtest.As(t.Context(), principal.CountyCommittee, sichuan+"/counties/510105", "x"),
			"UPDATE notification SET acknowledge_time = now(), acknowledger = 'x'"},
		{"the city rewrites the history", pgtest.As(t.Context(), principal.CityCommittee, chengdu, "city"),
			"DELETE FROM obligation_change"},
		{"the office decides", pgtest.As(t.Context(), principal.InspectionOffice, sichuan, "office"),
			`INSERT INTO decision VALUES ('51', '0198c0de-0000-7000-8000-000000000001', 'x', '2026-01-01', now())`},
		{"the leading group plans", pgtest.As(t.Context(), principal.LeadingGroup, sichuan, "chair"),
			"UPDATE inspection SET period_reason = 'x'"},
		{"a member moves his task", pgtest.As(t.Context(), principal.InspectionGroup, sichuan, "wang"),
			"UPDATE inspection SET period_reason = 'x'"},
		{"another province's office", pgtest.As(t.Context(), principal.InspectionOffice, "provinces/44", "office"),
			"UPDATE inspection SET period_reason = 'x'"},
		{"the county signs again", pgtest.As(t.Context(), principal.CountyCommittee, jinjiang, "county"), unsigned},
		{"the county redates its notice", pgtest.As(t.Context(), principal.CountyCommittee, jinjiang, "county"),
			"UPDATE entry_notice SET issue_time = now()"},
		{"the office signs", pgtest.As(t.Context(), principal.InspectionOffice, sichuan, "office"), unsigned},
		{"a city briefs on another's county", pgtest.As(t.Context(), principal.CityCommittee, chengdu, "city"),
			`INSERT INTO briefing (province, id, county_code, author_party, author_city_code, author_subject, content, create_time)
VALUES ('51', '0198c0de-0000-7000-8000-000000000001', '510302', 'CITY_COMMITTEE', '510100', 'city', 'x', now())`},
		{"a city briefs as its discipline organ", pgtest.As(t.Context(), principal.CityCommittee, chengdu, "city"),
			`INSERT INTO briefing (province, id, county_code, author_party, author_city_code, author_subject, content, create_time)
VALUES ('51', '0198c0de-0000-7000-8000-000000000001', '510104', 'DISCIPLINE_ORGAN', '510100', 'city', 'x', now())`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := db.Write(tt.ctx, func(tx *pg.Tx) error {
				result, err := tx.SQL().Exec(tt.statement)
				if err != nil {
					return err
				}
				if n, err := result.RowsAffected(); err != nil || n > 0 {
					t.Errorf("%d rows, %v", n, err)
				}
				return nil
			})
			if err != nil && !strings.Contains(err.Error(), "42501") {
				t.Errorf("stopped by something else: %v", err)
			}
		})
	}
}

// TestPolicyOffStillGivesNothing: with the policy interceptor off, the parties
// that the proto does not grant a method to get nothing by it.
func TestPolicyOffStillGivesNothing(t *testing.T) {
	w := newWorld(t, "2026-01-15", grpcservertest.WithoutPolicy())
	s := w.stage()
	i := w.onSite(s, func(int) *schedulingv1.InspectionGroup { return s.group }, jinjiang)[0]
	foreign := "COUNTY_COMMITTEE " + sichuan + "/counties/510105 qingyang"
	for _, token := range []string{county, city, foreign, stranger, "INSPECTION_OFFICE provinces/44 office"} {
		got, err := w.inspections().GetInspection(w.as(token), &schedulingv1.GetInspectionRequest{Name: i.GetName()})
		if err == nil {
			t.Errorf("%s reads %v", token, got)
		}
		list, err := w.inspections().ListInspections(w.as(token), &schedulingv1.ListInspectionsRequest{Parent: sichuan})
		if err == nil && len(list.GetInspections()) > 0 {
			t.Errorf("%s lists %v", token, list)
		}
	}
	registered := do(w.register(city))(t)
	for _, token := range []string{county, foreign, otherCity, cityOrgan, "INSPECTION_OFFICE provinces/44 office"} {
		got, err := w.liaisons().GetLiaisonBody(w.as(token), &schedulingv1.GetLiaisonBodyRequest{Name: registered.GetName()})
		if err == nil {
			t.Errorf("%s reads %v", token, got)
		}
		_, err = w.liaisons().RegisterLiaisonBody(w.as(token), registration(chengdu))
		if _, reform := w.reform(token, registered, "contact"); err == nil || reform == nil {
			t.Errorf("%s registers or changes the body of a city: %v, %v", token, err, reform)
		}
	}
	notices := do(w.notices().ListEntryNotices(w.as(foreign), &schedulingv1.ListEntryNoticesRequest{Parent: sichuan}))(t)
	if len(notices.GetEntryNotices()) > 0 {
		t.Errorf("another county lists %v", notices)
	}
}

// TestForeignIsMissing: another's object answers byte for byte like one that never
// existed.
func TestForeignIsMissing(t *testing.T) {
	w, i := played(t)
	notices := do(w.notices().ListEntryNotices(w.as(office), &schedulingv1.ListEntryNoticesRequest{Parent: sichuan}))(t).GetEntryNotices()
	briefings := do(w.briefings().ListBriefings(w.as(office), &schedulingv1.ListBriefingsRequest{Parent: sichuan}))(t).GetBriefings()
	body := w.bodies(office)[0]
	foreignCounty := "COUNTY_COMMITTEE " + sichuan + "/counties/510105 qingyang"
	tests := []struct {
		what, token, foreign, missing string
		get                           func(token, name string) error
	}{
		{"inspection", stranger, i.GetName(), "", func(token, name string) error {
			_, err := w.inspections().GetInspection(w.as(token), &schedulingv1.GetInspectionRequest{Name: name})
			return err
		}},
		{"notice", foreignCounty, notices[0].GetName(), "", func(token, name string) error {
			_, err := w.notices().GetEntryNotice(w.as(token), &schedulingv1.GetEntryNoticeRequest{Name: name})
			return err
		}},
		{"signing", foreignCounty, notices[0].GetName(), "", func(token, name string) error {
			_, err := w.sign(token, &schedulingv1.EntryNotice{Name: name, Etag: notices[0].GetEtag()})
			return err
		}},
		{"briefing", audit, briefings[0].GetName(), "", func(token, name string) error {
			_, err := w.briefings().GetBriefing(w.as(token), &schedulingv1.GetBriefingRequest{Name: name})
			return err
		}},
		{"county", foreignCounty, jinjiang, sichuan + "/counties/519999", func(token, name string) error {
			_, err := w.registry().GetCounty(w.as(token), &schedulingv1.GetCountyRequest{Name: name})
			return err
		}},
		{"liaison body", otherCity, body.GetName(), "", func(token, name string) error {
			_, err := w.liaisons().GetLiaisonBody(w.as(token), &schedulingv1.GetLiaisonBodyRequest{Name: name})
			return err
		}},
		{"changing a liaison body", otherCity, body.GetName(), "", func(token, name string) error {
			_, err := w.reform(token, &schedulingv1.LiaisonBody{Name: name, Etag: body.GetEtag(), Contact: "x"}, "contact")
			return err
		}},
		{"history of a liaison body", otherCity, body.GetName(), "", func(token, name string) error {
			_, err := w.liaisons().ListLiaisonBodyChanges(w.as(token), &schedulingv1.ListLiaisonBodyChangesRequest{Parent: name})
			return err
		}},
		{"registering for a city", otherCity, chengdu, sichuan + "/cities/519900", func(token, name string) error {
			_, err := w.liaisons().RegisterLiaisonBody(w.as(token), registration(name))
			return err
		}},
		{"other province", "INSPECTION_OFFICE provinces/44 office", i.GetName(), "", func(token, name string) error {
			_, err := w.inspections().GetInspection(w.as(token), &schedulingv1.GetInspectionRequest{Name: name})
			return err
		}},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			missing := tt.missing
			if missing == "" {
				missing = tt.foreign[:len(tt.foreign)-12] + "000000000000"
			}
			foreign, never := tt.get(tt.token, tt.foreign), tt.get(tt.token, missing)
			refused(t, foreign, "NOT_FOUND")
			refused(t, never, "NOT_FOUND")
			if a, b := answer(t, foreign, tt.foreign), answer(t, never, missing); a != b {
				t.Errorf("foreign answers\n%q\nmissing answers\n%q", a, b)
			}
		})
	}
}

// answer is what the caller gets, with the name that he himself sent left out.
func answer(t *testing.T, err error, name string) string {
	t.Helper()
	body, marshalErr := proto.MarshalOptions{Deterministic: true}.Marshal(status.Convert(err).Proto())
	if marshalErr != nil {
		t.Fatal(marshalErr)
	}
	return strings.ReplaceAll(string(body), name, "NAME")
}
