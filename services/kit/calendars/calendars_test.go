package calendars_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/inbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/workday"
)

var probe = pgtest.Service{Name: "calendarprobe"}

func office(province string) context.Context {
	return pgtest.As(context.Background(), principal.InspectionOffice, "provinces/"+province, "office")
}

func date(t *testing.T, s string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func noon(t *testing.T, s string) time.Time { return date(t, s).Time().Add(12 * time.Hour) }

// notice makes a notice of days that are off; a day with + is worked.
func notice(t *testing.T, id, province, published string, days ...string) calendars.Notice {
	n := calendars.Notice{Notice: workday.Notice{ID: id, Province: province, Published: date(t, published), Source: "文号"}}
	for _, d := range days {
		off, worked := strings.CutPrefix(d, "+")
		n.Facts = append(n.Facts, workday.Fact{Notice: id, Date: date(t, off), Working: worked, Name: "节"})
	}
	return n
}

func guangxi(t *testing.T) calendars.Notice {
	return notice(t, "GX-2018-03", "45", "2018-01-10", "+2018-04-15", "2018-04-18", "2018-04-19", "2018-04-20")
}

// stage is a database and its calendars.
type stage struct {
	t   *testing.T
	db  *pg.DB
	all *calendars.Calendars
}

func newStage(t *testing.T) stage {
	t.Helper()
	base, err := workday.National()
	if err != nil {
		t.Fatal(err)
	}
	return stage{t, pgtest.New(t, probe).Open(t), calendars.New(base)}
}

func (s stage) activate(ctx context.Context, n calendars.Notice, day string) error {
	n.ActivateTime = noon(s.t, day)
	return s.db.Write(ctx, func(tx *pg.Tx) error { return calendars.Activate(tx, n) })
}

func (s stage) known(ctx context.Context, at time.Time) (cal *workday.Calendar) {
	s.t.Helper()
	err := s.db.Read(ctx, func(tx *pg.Tx) (err error) {
		cal, err = s.all.For(tx, at)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return cal
}

func (s stage) due(cal *workday.Calendar, province string) string {
	return cal.AddWorkingDays(province, date(s.t, "2018-04-10"), 30, workday.CivilCode()).Date.String()
}

// TestProvinceHasItsOwnCalendar: what a province activated counts there and nowhere
// else, for every party, and only from its activation on (domain.md §5.2).
func TestProvinceHasItsOwnCalendar(t *testing.T) {
	s := newStage(t)
	if err := s.activate(office("45"), guangxi(t), "2018-03-01"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		ctx     context.Context
		at      time.Time
		due     string
		version string
	}{
		{office("45"), noon(t, "2018-04-10"), "2018-05-25", "SC-2018+"},
		{pgtest.As(t.Context(), principal.CountyCommittee, "provinces/45/counties/450102", "x"), noon(t, "2018-04-10"), "2018-05-25", "SC-2018+"},
		{office("45"), noon(t, "2018-03-01"), "2018-05-25", "SC-2018+"},
		{office("45"), noon(t, "2018-03-01").Add(-time.Microsecond), "2018-05-23", "SC-2018"},
		{office("51"), noon(t, "2018-04-10"), "2018-05-23", "SC-2018"},
	} {
		cal := s.known(tt.ctx, tt.at)
		p, _ := principal.From(tt.ctx)
		if got := s.due(cal, p.Province); got != tt.due || !strings.HasPrefix(cal.Version(), tt.version) || (len(cal.Version()) > 7) != strings.HasSuffix(tt.version, "+") {
			t.Errorf("%s at %s: due %s by %s, want %s by %s…", p.Province, tt.at, got, cal.Version(), tt.due, tt.version)
		}
	}
}

// TestEveryVersionIsFoundAgain: also after a notice that was published earlier than
// those known was activated later.
func TestEveryVersionIsFoundAgain(t *testing.T) {
	s := newStage(t)
	versions := map[string]string{} // → due date
	note := func(day string) {
		cal := s.known(office("45"), noon(t, day))
		versions[cal.Version()] = s.due(cal, "45")
	}
	note("2018-01-15")
	if err := s.activate(office("45"), guangxi(t), "2018-03-01"); err != nil {
		t.Fatal(err)
	}
	note("2018-03-01")
	// Published before the other, told of later.
	late := notice(t, "GX-2018-01", "45", "2018-01-02", "2018-05-14", "2018-05-15")
	if err := s.activate(office("45"), late, "2018-04-02"); err != nil {
		t.Fatal(err)
	}
	note("2018-04-02")
	note("2026-03-01")
	if len(versions) != 4 {
		t.Fatalf("versions %v, want four", versions)
	}
	for version, due := range versions {
		err := s.db.Read(office("45"), func(tx *pg.Tx) error {
			cal, ok, err := s.all.AtVersion(tx, version)
			if err != nil || !ok {
				t.Errorf("%s is not found: %v", version, err)
			} else if got := s.due(cal, "45"); got != due || cal.Version() != version {
				t.Errorf("%s leads to %s and the date %s, want %s", version, cal.Version(), got, due)
			}
			_, ok, err = s.all.AtVersion(tx, "SC-2018+00000000")
			if ok {
				t.Error("a calendar that never was is found")
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestWhatWasActivatedStays, though a later program has the same notice built in.
func TestWhatWasActivatedStays(t *testing.T) {
	s := newStage(t)
	base := s.all.Base()
	s.all = calendars.New(base.Without("SC-2018")) // the program of 2017
	n := calendars.Notice{Facts: base.Facts("SC-2018")}
	n.Notice, _ = base.Notice("SC-2018")
	if err := s.activate(office("51"), n, "2017-12-01"); err != nil {
		t.Fatal(err)
	}
	before := s.known(office("51"), noon(t, "2018-04-10"))
	s.all = calendars.New(base)
	after := s.known(office("51"), noon(t, "2018-04-10"))
	if before.Version() != after.Version() || !strings.HasPrefix(after.Version(), "SC-2017+") || s.due(after, "51") != "2018-05-23" {
		t.Errorf("version %s became %s, due %s", before.Version(), after.Version(), s.due(after, "51"))
	}
}

func TestActivatesOnceAndInOrder(t *testing.T) {
	s := newStage(t)
	var wg sync.WaitGroup
	numbers := []string{"A", "B", "C", "D"}
	for _, id := range numbers {
		wg.Go(func() {
			err := errors.New("never run")
			for err != nil && !fault.Is(err, fault.ReasonAlreadyExists) { // after three retries the caller comes again
				err = s.activate(office("51"), notice(t, id, "", "2018-01-01", "2018-06-01"), "2018-01-02")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	err := s.activate(office("51"), notice(t, "A", "", "2018-01-01", "2018-06-01"), "2018-01-03")
	if !fault.Is(err, fault.ReasonAlreadyExists) {
		t.Errorf("a second time: %v", err)
	}
	// A clock that stands behind puts nothing before what is active.
	if err := s.activate(office("51"), notice(t, "E", "", "2018-01-01", "2018-06-02"), "2017-01-01"); err != nil {
		t.Fatal(err)
	}
	at := s.known(office("51"), noon(t, "2018-01-02").Add(-time.Microsecond))
	if got := at.Version(); got != "SC-2018" {
		t.Errorf("before the first activation: %s", got)
	}
}

// TestEventActivates: the receiving services count by it from the moment of the
// activation; one that a calendar cannot take is refused.
func TestEventActivates(t *testing.T) {
	s := newStage(t)
	n := guangxi(t)
	receive := func(payload proto.Message) error {
		scheduling := principal.With(t.Context(), principal.Principal{Subject: "scheduling", Party: principal.Service, Province: "45"})
		return s.db.Write(scheduling, func(tx *pg.Tx) error {
			return calendars.Activated(tx, inbox.Event{Payload: payload, OccurTime: noon(t, "2018-03-01")})
		})
	}
	if err := receive(n.Event("provinces/45/holidayNotices/x")); err != nil {
		t.Fatal(err)
	}
	if got := s.due(s.known(office("45"), noon(t, "2018-03-01")), "45"); got != "2018-05-25" {
		t.Errorf("due %s", got)
	}
	for what, spoil := range map[string]func(*eventv1.HolidayNoticeActivated){
		"no number":      func(e *eventv1.HolidayNoticeActivated) { e.NoticeNumber = "" },
		"no day":         func(e *eventv1.HolidayNoticeActivated) { e.Days = nil },
		"a day twice":    func(e *eventv1.HolidayNoticeActivated) { e.Days = append(e.Days, e.Days[0]) },
		"no publication": func(e *eventv1.HolidayNoticeActivated) { e.PublishDate = nil },
	} {
		e := n.Event("provinces/45/holidayNotices/y")
		e.NoticeNumber = "GX-2"
		spoil(e)
		if err := receive(e); !fault.Is(err, fault.ReasonFieldInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestRowLevelSecurityAlone: everybody of the province reads, its office, leading
// group and services add, nobody changes.
func TestRowLevelSecurityAlone(t *testing.T) {
	s := newStage(t)
	if err := s.activate(office("45"), guangxi(t), "2018-03-01"); err != nil {
		t.Fatal(err)
	}
	const (
		insert = `INSERT INTO holiday_notice_active VALUES ('45', 'X', '', '2018-01-01', 's', '[{}]', now(), 9)`
		change = `UPDATE holiday_notice_active SET source = 'x'`
		remove = `DELETE FROM holiday_notice_active`
	)
	for _, tt := range []struct {
		party principal.Party
		area  string
		reads int
	}{
		{principal.InspectionOffice, "provinces/45", 1},
		{principal.InspectionGroup, "provinces/45", 1},
		{principal.CountyCommittee, "provinces/45/counties/450102", 1},
		{principal.CityCommittee, "provinces/45/cities/450100", 1},
		{principal.CentralOffice, "provinces/45", 1},
		{principal.InspectionOffice, "provinces/51", 0},
		{principal.CountyCommittee, "provinces/51/counties/510104", 0},
	} {
		ctx := pgtest.As(t.Context(), tt.party, tt.area, "x")
		err := s.db.Read(ctx, func(tx *pg.Tx) error {
			var n int
			if err := tx.SQL().QueryRow("SELECT count(*) FROM holiday_notice_active").Scan(&n); err != nil || n != tt.reads {
				t.Errorf("%s of %s reads %d rows, want %d (%v)", tt.party, tt.area, n, tt.reads, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		for _, statement := range []string{insert, change, remove} {
			if statement == insert && tt.party == principal.InspectionOffice && tt.area == "provinces/45" {
				continue
			}
			err := s.db.Write(ctx, func(tx *pg.Tx) error {
				_, err := tx.SQL().Exec(statement)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "42501") {
				t.Errorf("%s of %s: %s: %v", tt.party, tt.area, statement, err)
			}
		}
	}
}

func TestIsolation(t *testing.T) { pgtest.CheckIsolation(t, pgtest.New(t, probe)) }
