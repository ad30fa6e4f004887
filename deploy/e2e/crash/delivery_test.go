package crash_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"
)

// Both gaps between a commit and what must follow it, in one crash: casefile was
// never told, rectification was told and took it, and in neither case did
// scheduling live to learn more. Events that wait behind those keep their order.
func TestKilledBetweenCommitAndDelivery(t *testing.T) {
	s := start(t)
	p := newPeople(t, s)
	g := newGroup(t, s, p, 5, "510105", "510106")
	if err := s.drained(t, time.Now()); err != nil {
		t.Fatal(err)
	}
	told := s.count(t, "casefile", "SELECT count(*) FROM inbox")

	s.must(t, "casefile", syscall.SIGSTOP)
	s.must(t, "rectification", syscall.SIGSTOP)
	takeOut(t, g, 2)
	s.stopUnheard(t)

	if n := s.count(t, "casefile", "SELECT count(*) FROM inbox"); n != told {
		t.Fatalf("casefile was told: %d events, had %d", n, told)
	}
	const undelivered = "SELECT count(*) FROM outbox WHERE destination = 'casefile' AND done_time IS NULL"
	if n := s.count(t, "scheduling", undelivered); n != 4 {
		t.Fatalf("%d events wait for casefile, want those of 2 writes for 2 tasks", n)
	}
	s.kill(t, "scheduling", "casefile", "rectification")
	takeOut(t, g, 2)
	s.checkBooks(t, p)
}

func takeOut(t *testing.T, g *group, members int) {
	t.Helper()
	for range members {
		if more, err := g.takeOut(); err != nil || !more {
			t.Fatal(more, err)
		}
	}
}

// stopUnheard leaves scheduling stopped when rectification has taken an event and
// scheduling has not heard so. Rectification is stopped at first: the call lies
// in its socket when scheduling stops, and there it finds it. A machine so slow
// that the call is given up in between gets another chance.
func (s *system) stopUnheard(t *testing.T) {
	t.Helper()
	var err error
	for range 5 {
		if err = within(20*time.Second, func() error { return s.calling(t) }); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond) // from the start of the job to the last byte in the socket
		s.must(t, "scheduling", syscall.SIGSTOP)
		s.must(t, "rectification", syscall.SIGCONT)
		if err = within(3*time.Second, func() error { return s.unheard(t) }); err == nil {
			return
		}
		s.must(t, "rectification", syscall.SIGSTOP)
		s.must(t, "scheduling", syscall.SIGCONT)
	}
	t.Fatal(err)
}

// calling tells whether scheduling is in a call to rectification.
func (s *system) calling(t *testing.T) error {
	n := s.count(t, "scheduling", `SELECT count(*) FROM river.river_job j JOIN outbox o ON o.id::text = j.args->>'id'
		WHERE j.state = 'running' AND o.destination = 'rectification' AND o.done_time IS NULL`)
	if n == 0 {
		return errors.New("scheduling delivers nothing to rectification")
	}
	return nil
}

// unheard tells whether rectification has taken what scheduling still has to deliver.
func (s *system) unheard(t *testing.T) error {
	open := s.rows(t, "scheduling", `SELECT id::text FROM outbox WHERE destination = 'rectification' AND done_time IS NULL`)
	n := s.count(t, "rectification", `SELECT count(*) FROM inbox WHERE event_id::text = ANY ($1)`, open)
	if n == 0 {
		return fmt.Errorf("rectification has taken none of %d events", len(open))
	}
	return nil
}

func (s *system) count(t *testing.T, service, query string, args ...any) int {
	t.Helper()
	var n int
	if err := s.db[service].QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
