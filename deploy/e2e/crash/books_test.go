package crash_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
)

// rows gives what a query finds, each row as one line.
func (s *system) rows(t *testing.T, service, query string, args ...any) []string {
	t.Helper()
	found, err := s.lines(t, service, query, args...)
	if err != nil {
		t.Fatalf("%s: %s: %v", service, query, err)
	}
	return found
}

func (s *system) lines(t *testing.T, service, query string, args ...any) ([]string, error) {
	found, err := s.db[service].Query(t.Context(), query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(row pgx.CollectableRow) (string, error) {
		values, err := row.Values()
		parts := make([]string, len(values))
		for i, v := range values {
			parts[i] = fmt.Sprint(v)
		}
		return strings.Join(parts, " | "), err
	})
}

// drained waits until every event that was announced until then has arrived; one
// that is parked never will. Rectification comes first: what scheduling takes
// from it, it announces again.
func (s *system) drained(t *testing.T, until time.Time) error {
	var parked []string
	err := within(2*time.Minute, func() (err error) {
		for _, name := range stack.Names() {
			parked, err = s.lines(t, name, `SELECT destination, aggregate, sequence, type_url, last_error FROM outbox
				WHERE parked_time IS NOT NULL ORDER BY destination, aggregate, sequence`)
			if err != nil || len(parked) > 0 {
				return err
			}
		}
		for _, sender := range []string{"rectification", "scheduling", "casefile"} {
			waiting, err := s.lines(t, sender, `SELECT destination, aggregate, sequence, type_url, attempts, last_error, parked_time
				FROM outbox WHERE done_time IS NULL AND create_time <= $1 ORDER BY destination, aggregate, sequence`, until)
			if err != nil {
				return err
			}
			if len(waiting) > 0 {
				return fmt.Errorf("%s still has %d events, the first %s", sender, len(waiting), waiting[0])
			}
		}
		return nil
	})
	if len(parked) > 0 {
		return fmt.Errorf("%d events are parked, the first %s", len(parked), parked[0])
	}
	return err
}

// checkBooks compares what the services hold when all is quiet.
func (s *system) checkBooks(t *testing.T, p *people) {
	t.Helper()
	if err := s.drained(t, time.Now()); err != nil {
		t.Fatal("lost: ", err)
	}
	s.checkEvents(t)
	s.checkAggregates(t)
	writes, repeats := p.acknowledged()
	s.checkWrites(t, writes)
	before := s.size(t)
	p.checkRepeats(t, writes)
	same(t, "a repeat of every write changes nothing", before, s.size(t))
	t.Logf("%d writes acknowledged after %d repeats", len(writes), repeats)
}

// checkEvents: what was announced, what arrived and what took effect are the
// same, each once and in the order of its aggregate.
func (s *system) checkEvents(t *testing.T) {
	t.Helper()
	for _, from := range stack.Names() {
		for _, to := range stack.Names() {
			announced := s.rows(t, from, `SELECT aggregate, row_number() OVER (PARTITION BY aggregate ORDER BY sequence), id::text, type_url
				FROM outbox WHERE destination = $1 ORDER BY aggregate, sequence`, to)
			arrived := s.rows(t, to, `SELECT aggregate, sequence, event_id::text, type_url
				FROM inbox WHERE source = $1 ORDER BY aggregate, sequence`, from)
			took := s.rows(t, to, `SELECT object, (detail->>'sequence')::bigint, request_id::text, 'type.googleapis.com/' || (detail->>'type')
				FROM audit_entry WHERE subject = $1 AND method = $2 ORDER BY object, occur_time`,
				from, eventv1.EventService_DeliverEvent_FullMethodName)
			same(t, "events that arrived from "+from+" at "+to, announced, arrived)
			same(t, "events that took effect from "+from+" at "+to, announced, took)
		}
	}
}

// checkAggregates: what each receiver made of the events equals what their
// sender has.
func (s *system) checkAggregates(t *testing.T) {
	t.Helper()
	const members = `SELECT inspection_id::text, subject, leader FROM task_member ORDER BY 1, 2`
	if len(s.rows(t, "scheduling", members)) == 0 {
		t.Error("there are no members to compare")
	}
	for _, c := range []struct{ what, sender, sent, receiver, received string }{
		{"members", "scheduling", members, "casefile", members},
		{"members", "scheduling", members, "rectification", members},
		{"case files",
			"scheduling", `SELECT id::text, county_code, rule_set, entry_date, on_site_end_date FROM inspection WHERE group_id IS NOT NULL ORDER BY 1`,
			"casefile", `SELECT id::text, county_code, rule_set, entry_date, on_site_end_date FROM case_file ORDER BY 1`},
		{"tasks",
			"scheduling", `SELECT id::text, county_code, coalesce(city_code, ''), rule_set FROM inspection WHERE group_id IS NOT NULL ORDER BY 1`,
			"rectification", `SELECT inspection_id::text, county_code, city_code, rule_set FROM task ORDER BY 1`},
		{"inspections",
			"rectification", `SELECT inspection_id::text, receive_date, state FROM rectification ORDER BY 1`,
			"scheduling", `SELECT id::text, feedback_receive_date, state FROM inspection WHERE feedback_receive_date IS NOT NULL ORDER BY 1`},
	} {
		same(t, c.what+" of "+c.receiver, s.rows(t, c.sender, c.sent), s.rows(t, c.receiver, c.received))
	}
}

// size counts what writing could double.
func (s *system) size(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, name := range stack.Names() {
		all = append(all, s.rows(t, name, `SELECT (SELECT count(*) FROM request_log), (SELECT count(*) FROM outbox),
			(SELECT count(*) FROM inbox), (SELECT count(*) FROM audit_entry WHERE request_id IS NOT NULL)`)...)
	}
	return all
}

func same(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
