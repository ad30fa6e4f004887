package idempotency_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// probe is a service with one table, in which an effect leaves a row.
var probe = pgtest.Service{Name: "idemprobe", Migrations: fstest.MapFS{
	"00001_effect.sql": {Data: []byte(`-- +goose Up
CREATE TABLE effect (
  province text NOT NULL,
  id uuid NOT NULL,
  label text NOT NULL,
  CONSTRAINT effect_pkey PRIMARY KEY (province, id),
  CONSTRAINT effect_label UNIQUE (province, label)
);
ALTER TABLE effect ENABLE ROW LEVEL SECURITY;
ALTER TABLE effect FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON effect TO idemprobe_inside
  USING (province = (SELECT authz.province())) WITH CHECK (province = (SELECT authz.province()));
GRANT SELECT, INSERT ON effect TO idemprobe_inside;
-- +goose Down
DROP TABLE effect;
`)},
}}

const method = "/xunshi.scheduling.v1.BriefingService/CreateBriefing"

type fixture struct {
	db    *pg.DB
	admin *sql.DB
}

func newFixture(t *testing.T) fixture {
	d := pgtest.New(t, probe)
	return fixture{db: d.Open(t), admin: d.Admin(t)}
}

func office(subject string) context.Context {
	ctx := pgtest.As(context.Background(), principal.InspectionOffice, "provinces/51", subject)
	return policy.WithGrant(ctx, policy.Grant{
		Method: method, Scope: policy.ScopeProvince, Articles: []string{"12(3)"}, Object: "provinces/51",
	})
}

func request(id, content string) *schedulingv1.CreateBriefingRequest {
	return &schedulingv1.CreateBriefingRequest{
		Parent:    "provinces/51",
		Briefing:  &schedulingv1.Briefing{Content: content},
		RequestId: id,
	}
}

// insert writes an effect and answers with its name.
func insert(tx *pg.Tx, label string) (*schedulingv1.Briefing, error) {
	id := uuid.NewString()
	_, err := tx.SQL().ExecContext(tx.Context(), "INSERT INTO effect VALUES ($1, $2, $3)", tx.Principal().Province, id, label)
	if err != nil {
		return nil, err
	}
	return &schedulingv1.Briefing{Name: "provinces/51/briefings/" + id, Content: label}, nil
}

func (f fixture) write(ctx context.Context, req *schedulingv1.CreateBriefingRequest) (*schedulingv1.Briefing, error) {
	return idempotency.Write(ctx, f.db, req, func(tx *pg.Tx) (*schedulingv1.Briefing, error) {
		return insert(tx, req.GetBriefing().GetContent())
	})
}

func (f fixture) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	var n int
	if err := f.admin.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (f fixture) wantRows(t *testing.T, table string, want int) {
	t.Helper()
	if got := f.count(t, "SELECT count(*) FROM "+table); got != want {
		t.Errorf("%s has %d rows, want %d", table, got, want)
	}
}

func TestTwentyAtOnceHaveOneEffectAndOneAnswer(t *testing.T) {
	f := newFixture(t)
	req := request(uuid.NewString(), "a")
	answers := make([][]byte, 20)
	faults := make([]error, len(answers))
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			var answer *schedulingv1.Briefing
			if answer, faults[i] = f.write(office("clerk"), req); faults[i] == nil {
				answers[i], faults[i] = proto.MarshalOptions{Deterministic: true}.Marshal(answer)
			}
		})
	}
	wg.Wait()
	for i := range answers {
		if faults[i] != nil {
			t.Fatalf("call %d: %v", i, faults[i])
		}
		if diff := cmp.Diff(answers[0], answers[i]); diff != "" || len(answers[i]) == 0 {
			t.Errorf("call %d answered differently:\n%s", i, diff)
		}
	}
	f.wantRows(t, "effect", 1)
	f.wantRows(t, "audit_entry", 1)
	f.wantRows(t, "request_log", 1)
}

func TestOtherContentUnderTheSameRequestIDIsRefused(t *testing.T) {
	f := newFixture(t)
	id := uuid.NewString()
	if _, err := f.write(office("clerk"), request(id, "a")); err != nil {
		t.Fatal(err)
	}
	_, err := f.write(office("clerk"), request(id, "b"))
	if e, ok := fault.As(err); !ok || e.Reason != fault.ReasonRequestIDReused || e.Kind != fault.Invalid {
		t.Fatalf("got %v", err)
	}
	f.wantRows(t, "effect", 1)
	if _, err := f.write(office("clerk"), request(id, "a")); err != nil {
		t.Errorf("the first content is no longer answered: %v", err)
	}
}

// A hash of another version cannot be compared: the request is neither answered as
// another's repeat nor done again.
func TestHashOfAnotherVersionIsKnownForOne(t *testing.T) {
	f := newFixture(t)
	req := request(uuid.NewString(), "a")
	if _, err := f.write(office("clerk"), req); err != nil {
		t.Fatal(err)
	}
	if _, err := f.admin.Exec("UPDATE request_log SET request_hash = '\\x02' || substr(request_hash, 2)"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.write(office("clerk"), req); err == nil || fault.Is(err, fault.ReasonRequestIDReused) {
		t.Errorf("got %v", err)
	}
	f.wantRows(t, "effect", 1)
}

func TestAnotherPersonAndAnotherMethodHaveTheirOwnRequestIDs(t *testing.T) {
	f := newFixture(t)
	id := uuid.NewString()
	other := policy.WithGrant(office("clerk"), policy.Grant{Method: "/other"})
	for label, ctx := range map[string]context.Context{"a": office("clerk"), "b": office("chief"), "c": other} {
		if answer, err := f.write(ctx, request(id, label)); err != nil || answer.GetContent() != label {
			t.Errorf("%s: %v, %v", label, answer, err)
		}
	}
	f.wantRows(t, "effect", 3)
}

func TestRefusalIsRepeatedAndLeavesNoEffect(t *testing.T) {
	refusals := []*fault.Error{
		fault.Refuse("12(2)", "NOTICE_TOO_LATE", "days", "9"),
		fault.InvalidField("briefing.content", "TOO_LONG", "content is too long"),
		fault.Missing("provinces/51/briefings/x"),
		fault.New(fault.Exists, fault.ReasonAlreadyExists),
		fault.New(fault.Stale, fault.ReasonETagMismatch),
	}
	for _, refusal := range refusals {
		t.Run(refusal.Kind.String(), func(t *testing.T) {
			f := newFixture(t)
			req := request(uuid.NewString(), "a")
			runs := 0
			for range 2 {
				_, err := idempotency.Write(office("clerk"), f.db, req, func(tx *pg.Tx) (*schedulingv1.Briefing, error) {
					runs++
					if _, err := insert(tx, "a"); err != nil {
						return nil, err
					}
					return nil, refusal
				})
				got, ok := fault.As(err)
				if !ok {
					t.Fatalf("got %v", err)
				}
				if diff := cmp.Diff(refusal, got, cmpopts.IgnoreUnexported(fault.Error{}), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("refusal (-want +got):\n%s", diff)
				}
			}
			if runs != 1 {
				t.Errorf("ran %d times", runs)
			}
			f.wantRows(t, "effect", 0)
			if n := f.count(t, "SELECT count(*) FROM audit_entry WHERE outcome = $1", refusal.Reason); n != 1 {
				t.Errorf("%d audit entries of the refusal", n)
			}
		})
	}
}

func TestDatabaseRefusalIsStoredLikeOurOwn(t *testing.T) {
	f := newFixture(t)
	if _, err := f.write(office("clerk"), request(uuid.NewString(), "taken")); err != nil {
		t.Fatal(err)
	}
	req := request(uuid.NewString(), "taken")
	for range 2 {
		if _, err := f.write(office("clerk"), req); !fault.Is(err, fault.ReasonAlreadyExists) {
			t.Fatalf("got %v", err)
		}
	}
	f.wantRows(t, "request_log", 2)
}

func TestOutageIsNotAnAnswer(t *testing.T) {
	outages := []error{
		fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable),
		fault.New(fault.Timeout, fault.ReasonOutcomeUnknown),
		fault.New(fault.Contended, fault.ReasonConflict),
		fault.New(fault.Exhausted, fault.ReasonOverloaded),
		fault.New(fault.Denied, fault.ReasonMethodNotGranted),
		errors.New("a bug"),
	}
	f := newFixture(t)
	req := request(uuid.NewString(), "a")
	for _, outage := range outages {
		_, err := idempotency.Write(office("clerk"), f.db, req, func(tx *pg.Tx) (*schedulingv1.Briefing, error) {
			if _, err := insert(tx, "a"); err != nil {
				return nil, err
			}
			return nil, outage
		})
		if !errors.Is(err, outage) {
			t.Errorf("got %v, want %v", err, outage)
		}
	}
	f.wantRows(t, "effect", 0)
	f.wantRows(t, "request_log", 0)
	f.wantRows(t, "audit_entry", 0)
	if _, err := f.write(office("clerk"), req); err != nil {
		t.Errorf("the request cannot be repeated: %v", err)
	}
}

func TestSerializationFailureIsRunAgain(t *testing.T) {
	handlers := map[string]func(error) error{
		"as it came":             func(err error) error { return err },
		"taken for a stale etag": func(err error) error { return fault.New(fault.Stale, fault.ReasonETagMismatch).Wrap(err) },
	}
	for name, handle := range handlers {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			runs := 0
			_, err := idempotency.Write(office("clerk"), f.db, request(uuid.NewString(), "a"), func(tx *pg.Tx) (*schedulingv1.Briefing, error) {
				if runs++; runs == 1 {
					_, err := tx.SQL().ExecContext(tx.Context(), "DO $$ BEGIN RAISE 'clash' USING ERRCODE = '40001'; END $$")
					return nil, handle(err)
				}
				return insert(tx, "a")
			})
			if err != nil || runs != 2 {
				t.Errorf("%d runs, %v", runs, err)
			}
			f.wantRows(t, "effect", 1)
		})
	}
}

func TestAuditEntryNamesTheCreatedObjectAndTheArticle_Art12_3(t *testing.T) {
	f := newFixture(t)
	req := request(uuid.NewString(), "a")
	answer, err := f.write(office("clerk"), req)
	if err != nil {
		t.Fatal(err)
	}
	n := f.count(t, `SELECT count(*) FROM audit_entry
		WHERE object = $1 AND method = $2 AND request_id = $3 AND outcome = 'OK' AND articles = '{12(3)}'
		  AND subject = 'clerk' AND party = 'INSPECTION_OFFICE' AND jurisdiction = 'provinces/51' AND province = '51'`,
		answer.GetName(), method, req.GetRequestId())
	if n != 1 {
		t.Error("no such audit entry")
	}
}

func TestRequestIDMustBeAUUID(t *testing.T) {
	f := newFixture(t)
	for _, id := range []string{"", "1", "not-a-uuid"} {
		if _, err := f.write(office("clerk"), request(id, "a")); !fault.Is(err, fault.ReasonFieldInvalid) {
			t.Errorf("%q: got %v", id, err)
		}
	}
	f.wantRows(t, "effect", 0)
}
