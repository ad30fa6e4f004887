package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
	"github.com/xunshi/xunshi/services/scheduling/migrations"
)

// stage is a database with a planned inspection in an approved batch, and a group.
type stage struct {
	t                 *testing.T
	db                *pg.DB
	office            context.Context
	law               domain.Law
	group, inspection string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	book, err := regulation.Load()
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := workday.National()
	if err != nil {
		t.Fatal(err)
	}
	now := workday.NewDate(2026, time.January, 15).Time()
	rules, err := book.Get(regulation.County2012)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{
		t: t, db: pgtest.New(t, pgtest.Service{Name: "scheduling", Migrations: migrations.Files()}).Open(t),
		office: pgtest.As(t.Context(), principal.InspectionOffice, "provinces/51", "office"),
		law:    domain.Law{Rules: rules, Calendar: calendar, Now: now},
	}
	s.write(s.office, s.load)
	return s
}

func (s *stage) write(ctx context.Context, f func(*pg.Tx) error) {
	s.t.Helper()
	if err := s.db.Write(ctx, f); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) load(tx *pg.Tx) error {
	registry, err := domain.ReadRegistry("51", `code,name,level,parent,townships,villages
510000,四川省,province,,,
510100,成都市,city,510000,,
510104,锦江区,county,510100,11,76
`)
	if err != nil {
		return err
	}
	changes, err := registry.Diff(domain.Registered{}, workday.NewDate(2023, time.January, 1))
	if err != nil {
		return err
	}
	if err := store.ApplyChanges(tx, changes, s.law.Now); err != nil {
		return err
	}
	term, err := domain.NewTerm("51", uuid.NewString(), "届", workday.NewDate(2022, time.May, 31),
		workday.NewDate(2027, time.May, 30), s.law.Now)
	if err != nil {
		return err
	}
	if err := store.InsertTerm(tx, term); err != nil {
		return err
	}
	batch := domain.NewBatch("51", uuid.NewString(), "第一批", term.ID, s.law.Now)
	if err := store.InsertBatch(tx, batch); err != nil {
		return err
	}
	inspection, err := domain.PlanInspection(s.law, batch, uuid.NewString(), "510104", "510100", domain.Period{
		Entry: workday.NewDate(2026, time.March, 2), End: workday.NewDate(2026, time.March, 31),
	})
	if err != nil {
		return err
	}
	if err := store.InsertInspection(tx, inspection); err != nil {
		return err
	}
	group, err := domain.FormGroup("51", uuid.NewString(), "一组", []domain.GroupMember{
		{Subject: "li", DisplayName: "李", Post: domain.Leader}, {Subject: "wang", DisplayName: "王", Post: domain.Member},
	}, s.law.Now)
	if err != nil {
		return err
	}
	s.group, s.inspection = group.Record().ID, inspection.Record().ID
	return store.InsertGroup(tx, group)
}

// authorize gives the task to the group; that its batch is approved is not what
// is tested here.
func (s *stage) authorize(tx *pg.Tx) error {
	inspection, err := store.InspectionForUpdate(tx, "51", s.inspection)
	if err != nil {
		return err
	}
	group, err := store.Group(tx, "51", s.group)
	if err != nil {
		return err
	}
	batch := domain.RehydrateBatch(domain.BatchRecord{State: domain.BatchApproved})
	if err := inspection.Authorize(s.law, batch, group); err != nil {
		return err
	}
	if err := store.GiveTask(tx, s.inspection, group); err != nil {
		return err
	}
	return store.SaveInspection(tx, inspection)
}

func (s *stage) recuse(tx *pg.Tx) error {
	group, err := store.GroupForUpdate(tx, "51", s.group)
	if err != nil {
		return err
	}
	removed, err := group.RemoveMember("wang", "地域回避", s.law.Now)
	if err != nil {
		return err
	}
	return store.SaveRemoval(tx, group, removed)
}

// after runs first once a transaction has its snapshot, commits it, and then lets
// the transaction go on: the two overlap as badly as they can.
func (s *stage) after(first, then func(*pg.Tx) error) (attempts int) {
	s.t.Helper()
	s.write(s.office, func(tx *pg.Tx) error {
		if attempts++; attempts == 1 {
			s.write(s.office, first)
		}
		return then(tx)
	})
	return attempts
}

// TestArt12RecusalMeetsAuthorisation: taken out while the group is given a task,
// the person has no access to it, whichever came first.
func TestArt12RecusalMeetsAuthorisation(t *testing.T) {
	for name, order := range map[string]func(*stage) int{
		"authorised first": func(s *stage) int { return s.after(s.authorize, s.recuse) },
		"recused first":    func(s *stage) int { return s.after(s.recuse, s.authorize) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			if attempts := order(s); attempts != 2 {
				t.Errorf("the second ran %d times, want 2: it must see the first", attempts)
			}
			var leaders, others int
			s.write(s.office, func(tx *pg.Tx) error {
				return tx.SQL().QueryRow("SELECT count(*) FILTER (WHERE leader), count(*) FILTER (WHERE NOT leader) FROM task_member").
					Scan(&leaders, &others)
			})
			if leaders != 1 || others != 0 {
				t.Errorf("%d leaders and %d others are members of the task", leaders, others)
			}
		})
	}
}
