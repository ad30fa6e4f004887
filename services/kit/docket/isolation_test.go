package docket_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func TestIsolation(t *testing.T) { pgtest.CheckIsolation(t, pgtest.New(t, probe())) }

func TestNothingOutsideUnlessOpened(t *testing.T) {
	closed := pgtest.New(t, pgtest.Service{Name: "docketclosed"})
	pgtest.CheckIsolation(t, closed)
	var rights int
	err := closed.Admin(t).QueryRow(`SELECT count(*) FROM unnest(ARRAY['obligation', 'obligation_change', 'notification']) AS t
		WHERE has_any_column_privilege('docketclosed_outside', t, 'SELECT, INSERT, UPDATE')`).Scan(&rights)
	if err != nil || rights != 0 {
		t.Errorf("the outside role has rights on %d tables, %v", rights, err)
	}
}

// reader is who reads, by which scope of a method, and what is there for him: of the
// four obligations of staged and of the notifications about them.
type reader struct {
	party         principal.Party
	area, subject string
	scope         policy.Scope
	obligations   int
	notifications int
}

func (r reader) ctx() context.Context { return as(r.party, r.area, r.subject) }

func readers() []reader {
	const (
		jinjiang, qingyang  = "provinces/51/counties/510104", "provinces/51/counties/510105"
		chengdu, mianyang   = "provinces/51/cities/510100", "provinces/51/cities/510700"
		province, elsewhere = "provinces/51", "provinces/33"
	)
	own, byTask, all := policy.ScopeOwnJurisdiction, policy.ScopeOwnTask, policy.ScopeProvince
	return []reader{
		{principal.InspectionOffice, province, "office", all, 4, 4},
		{principal.LeadingGroup, province, "chair", all, 4, 4},
		{principal.ProvincialCommittee, province, "secretary", all, 4, 0},
		{principal.InspectionGroup, province, "li", byTask, 3, 1},
		{principal.InspectionGroup, province, "zhao", byTask, 1, 0},
		{principal.InspectionGroup, province, "nobody", byTask, 0, 0},
		{principal.CountyCommittee, jinjiang, "clerk", own, 2, 2},
		{principal.CountyCommittee, qingyang, "clerk", own, 0, 0}, // its own is hidden from it
		{principal.CityCommittee, chengdu, "clerk", own, 1, 1},
		{principal.CityLiaisonBody, chengdu, "clerk", own, 1, 1},
		{principal.CityCommittee, mianyang, "clerk", own, 0, 0},
		{principal.DisciplineOrgan, province, "clerk", own, 0, 0},
		{principal.InspectionOffice, elsewhere, "office", all, 0, 0},
		{principal.InspectionGroup, elsewhere, "li", byTask, 0, 0},
		{principal.SystemAdministrator, province, "root", policy.ScopeNone, 0, 0},
		{principal.AuditAdministrator, province, "auditor", policy.ScopeNone, 0, 0},
	}
}

const otherTask = "01990000-0000-7000-8000-000000000002"

// staged is a task of Jinjiang with the county's plan (shown to the county), its
// report (shown to both), the group's report (shown to neither), and another task with
// a plan that the county does not know of; all of them are five days late.
func staged(t *testing.T) *world {
	w := newWorld(t, "2026-03-02")
	if _, err := w.admin.Exec(`INSERT INTO task_member VALUES ('51', $1, 'li', '李某', true), ('51', $2, 'zhao', '赵某', true)`,
		task, otherTask); err != nil {
		t.Fatal(err)
	}
	other := obligation.Place{Province: "51", City: "510100", County: "510105", Inspection: otherTask}
	for i, in := range []obligation.Opening{
		{Duty: regulation.DutyPlan, Place: jinjiang(), CountySees: true},
		{Duty: regulation.DutyReport, Place: jinjiang(), CountySees: true, CitySees: true},
		{Duty: regulation.DutyInspectionReport, Place: jinjiang()},
		{Duty: regulation.DutyPlan, Place: other},
	} {
		in.Subject, in.Start = subject+string(rune('0'+i)), date("2026-03-02")
		w.open(office(), in)
	}
	// One rung of each is told, the fifth working day after the due day.
	if _, err := w.admin.Exec(`UPDATE obligation SET version = version + 1, next_rung = 4, rung_date = '2026-03-02'`); err != nil {
		t.Fatal(err)
	}
	w.sweep()
	return w
}

// TestRowSecurityAlone holds every reader to what is his, without the scope of a
// method and without a condition in the query (security.md §2.4).
func TestRowSecurityAlone(t *testing.T) {
	w := staged(t)
	for _, r := range readers() {
		for table, want := range map[string]int{
			"obligation": r.obligations, "obligation_change": r.obligations, "notification": r.notifications,
		} {
			var n int
			err := w.db.Read(r.ctx(), func(tx *pg.Tx) error {
				return tx.SQL().QueryRow("SELECT count(*) FROM " + table).Scan(&n)
			})
			if err != nil || n != want {
				t.Errorf("%s of %s (%s) reads %d of %s, want %d; %v", r.party, r.area, r.subject, n, table, want, err)
			}
		}
	}
}

// TestGrantAlone: the same with row-level security off, by the scope of the method
// and the conditions of the store.
func TestGrantAlone(t *testing.T) {
	w := staged(t)
	for _, table := range []string{"obligation", "obligation_change", "notification", "task_member"} {
		_, err := w.admin.Exec("ALTER TABLE " + table + " DISABLE ROW LEVEL SECURITY; GRANT SELECT ON " + table + " TO docketprobe_outside")
		if err != nil {
			t.Fatal(err)
		}
	}
	now := w.clock.Now()
	for _, r := range readers() {
		ctx := policy.WithGrant(r.ctx(), policy.Grant{Scope: r.scope})
		err := w.db.Read(ctx, func(tx *pg.Tx) error {
			list, err := w.docket.List(tx, docket.Query{Size: 10})
			if err != nil {
				return err
			}
			past, err := w.docket.List(tx, docket.Query{Size: 10, AsOf: &now})
			if err != nil {
				return err
			}
			told, err := w.docket.ListNotifications(tx, docket.NotificationQuery{Size: 20})
			if err != nil {
				return err
			}
			counted, err := w.docket.Compliance(tx, docket.ComplianceQuery{})
			var sum int
			for _, c := range counted {
				sum += c.Due
			}
			if len(list) != r.obligations || len(past) != r.obligations || sum != r.obligations || len(told) != r.notifications {
				t.Errorf("%s of %s (%s): %d now, %d then, %d counted, %d told, want %d and %d",
					r.party, r.area, r.subject, len(list), len(past), sum, len(told), r.obligations, r.notifications)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s of %s: %v", r.party, r.area, err)
		}
	}
}

// TestForeignIsMissing by id, and of a body's own only what it may know of.
func TestForeignIsMissing(t *testing.T) {
	w := staged(t)
	read := func(ctx context.Context, id string) (*obligation.Obligation, error) {
		var found *obligation.Obligation
		err := w.db.Read(ctx, func(tx *pg.Tx) (err error) {
			found, err = w.docket.Get(tx, id)
			return err
		})
		return found, err
	}
	for i, want := range []string{"county", "county city", "", ""} {
		id := w.of(office(), subject+string(rune('0'+i)))[0].ID
		for who, ctx := range map[string]context.Context{"county": county(), "city": city()} {
			_, err := read(ctx, id)
			if sees := err == nil; sees != (want == who || want == "county city") {
				t.Errorf("%s of obligation %d: %v", who, i, err)
			}
			if err == nil {
				continue
			}
			_, missing := read(ctx, uuid.NewString())
			w.is(err, fault.ReasonNotFound)
			w.is(missing, fault.ReasonNotFound)
		}
	}
}

// TestNobodyWritesAnothers: the tables take from each body what it may write.
func TestNobodyWritesAnothers(t *testing.T) {
	w := staged(t)
	place := func(code, inspection string) obligation.Place {
		return obligation.Place{Province: "51", City: "510100", County: code, Inspection: inspection}
	}
	group := func(subject string) context.Context { return as(principal.InspectionGroup, "provinces/51", subject) }
	for i, tt := range []struct {
		ctx   context.Context
		place obligation.Place
		ok    bool
	}{
		{county(), place("510104", task), true},
		{county(), place("510105", task), false},
		{city(), place("510105", task), true},
		{as(principal.CityCommittee, "provinces/51/cities/510700", "clerk"), place("510104", task), false},
		{as(principal.DisciplineOrgan, "provinces/51", "clerk"), place("510104", task), false},
		{group("li"), place("510104", task), true},
		{group("zhao"), place("510104", task), false},
		{group("li"), place("510104", ""), false},
		{as(principal.ProvincialCommittee, "provinces/51", "secretary"), place("510104", task), false},
		{as(principal.SystemAdministrator, "provinces/51", "root"), place("510104", task), false},
		{leading(), place("510104", ""), true},
		{service(), place("510104", task), true},
	} {
		err := w.try(tt.ctx, func(tx *pg.Tx, at obligation.Moment) error {
			return w.docket.Open(tx, at, obligation.Opening{ // hidden from county and city, and yet they may open it
				Duty: regulation.DutyFeedbackCopy, Subject: fmt.Sprintf("provinces/51/y/%d", i), Place: tt.place, Start: at.Today(),
			})
		})
		if refused, _ := fault.As(err); (err == nil) != tt.ok || err != nil && refused.Kind != fault.Denied {
			t.Errorf("%d: opening: %v", i, err)
		}
	}
	for name, tt := range map[string]struct {
		ctx       context.Context
		statement string
		rows      int64 // -1: no right at all
	}{
		"a county shows":              {county(), "UPDATE obligation SET county_sees = true", -1},
		"a county renames":            {county(), "UPDATE obligation SET subject = ''", -1},
		"the office renames":          {office(), "UPDATE obligation SET subject = ''", -1},
		"a county deletes":            {county(), "DELETE FROM obligation", -1},
		"a county meets its":          {county(), "UPDATE obligation SET version = version + 1", 2},
		"a city meets its":            {city(), "UPDATE obligation SET version = version + 1", 1},
		"the committee meets":         {as(principal.ProvincialCommittee, "provinces/51", "x"), "UPDATE obligation SET version = version + 1", 0},
		"history is rewritten":        {office(), "UPDATE obligation_change SET cause = ''", -1},
		"notices are withdrawn":       {office(), "DELETE FROM notification", -1},
		"the sweep acknowledges":      {service(), "UPDATE notification SET acknowledge_time = now(), acknowledger = 'docketprobe'", 0},
		"the office acknowledges its": {office(), "UPDATE notification SET acknowledge_time = now(), acknowledger = 'office'", 4},
		"in another's name":           {county(), "UPDATE notification SET acknowledge_time = now(), acknowledger = 'chair'", -1},
		"a stranger's county":         {as(principal.CountyCommittee, "provinces/51/counties/510105", "x"), "UPDATE obligation SET version = version + 1", 0},
	} {
		var n int64
		err := w.db.Write(tt.ctx, func(tx *pg.Tx) error {
			result, err := tx.SQL().Exec(tt.statement)
			if err == nil {
				n, err = result.RowsAffected()
			}
			return err
		})
		if refused, _ := fault.As(err); tt.rows < 0 && (refused == nil || refused.Kind != fault.Denied) || tt.rows >= 0 && (err != nil || n != tt.rows) {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
	}
}

// TestCountyActs: in its own transaction a county meets its plan, which opens its
// report, and is told that a date moved; none of it needs more than the outside role.
func TestCountyActs(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	w.plan()
	report := obligation.Opening{
		Duty: regulation.DutyReport, Subject: subject, Place: jinjiang(), Start: date("2026-03-10"), CountySees: true, CitySees: true,
	}
	w.on(date("2026-03-10")).do(county(), func(tx *pg.Tx, at obligation.Moment) error {
		if err := w.docket.Meet(tx, at, planKey(), workday.Date{}); err != nil {
			return err
		}
		return w.docket.Open(tx, at, report)
	})
	key := docket.Key{Subject: subject, Duty: regulation.DutyReport}
	w.on(date("2026-03-12")).do(county(), func(tx *pg.Tx, at obligation.Moment) error {
		return w.docket.Restart(tx, at, key, at.Today(), workday.Date{})
	})
	got := w.of(county(), subject)
	if len(got) != 2 || got[0].State != obligation.Satisfied || got[1].Start != date("2026-03-12") {
		t.Errorf("the county has %+v", got)
	}
	if n := w.number("SELECT count(*) FROM notification WHERE kind = 'DATE_MOVED'"); n != 2 {
		t.Errorf("%d were told of the later start, want county and city", n)
	}
	if got := w.of(city(), subject); len(got) != 1 || got[0].Duty != regulation.DutyReport {
		t.Errorf("the city has %+v", got)
	}
}
