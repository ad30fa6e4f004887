package idempotency_test

import (
	"context"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/uuid"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/receipt"
	"github.com/xunshi/xunshi/services/kit/receipt/receipttest"
)

// submitting is a call of a body to a method that gives receipts.
func submitting(t *testing.T, party principal.Party, area string) (context.Context, *receipt.Call) {
	t.Helper()
	call := &receipt.Call{Issuer: receipttest.Issuer(t, probe.Name, clocktest.Fixed(time.Date(2013, 2, 18, 0, 0, 0, 0, time.UTC)))}
	ctx := pgtest.As(context.Background(), party, area, "clerk")
	ctx = policy.WithGrant(ctx, policy.Grant{Method: "/x/Submit", Scope: policy.ScopeOwnJurisdiction, Articles: []string{"17"}, Object: "provinces/51/x"})
	return receipt.WithCall(ctx, call), call
}

const (
	ourCounty   = "provinces/51/counties/510104"
	theirCounty = "provinces/51/counties/510105"
)

func submission(id string) *rectificationv1.SubmitRectificationPlanRequest {
	return &rectificationv1.SubmitRectificationPlanRequest{Name: "provinces/51/x", Signer: "书记", RequestId: id}
}

func submit(ctx context.Context, db *pg.DB, req idempotency.Request, err error) error {
	_, got := idempotency.Write(ctx, db, req, func(*pg.Tx) (*rectificationv1.RectificationPlan, error) {
		return &rectificationv1.RectificationPlan{Name: "provinces/51/x"}, err
	})
	return got
}

func TestArt17ASubmissionGivesOneReceiptForEver(t *testing.T) {
	f := newFixture(t)
	req := submission(uuid.NewString())
	var first string
	for range 3 { // a repeat has a call of its own
		ctx, call := submitting(t, principal.CountyCommittee, ourCounty)
		if err := submit(ctx, f.db, req, nil); err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = call.Text
		}
		if call.Text == "" || call.Text != first {
			t.Fatalf("a repeat has the receipt %q, the first %q", call.Text, first)
		}
	}
	ctx, call := submitting(t, principal.CountyCommittee, ourCounty)
	if _, ok, err := idempotency.Stored[*rectificationv1.RectificationPlan](ctx, f.db, req); !ok || err != nil || call.Text != first {
		t.Errorf("stored is %q, %v, %v", call.Text, ok, err)
	}
	s, err := receipt.Verify(first, receipttest.Key(t, probe.Name).Verifier())
	if err != nil || s.RequestID != req.GetRequestId() || s.Jurisdiction != ourCounty {
		t.Errorf("%+v, %v", s, err)
	}
	var committed []byte
	if err := f.admin.QueryRow("SELECT commitment FROM audit_entry WHERE id::text = right($1, 36) AND request_id = $2", s.Name, s.RequestID).Scan(&committed); err != nil {
		t.Fatal(err)
	}
	if given := (receipt.Given{Text: first}); hex.EncodeToString(committed) != hex.EncodeToString(given.Commitment()) {
		t.Errorf("the entry is committed to %x", committed)
	}
	f.wantRows(t, "receipt", 1)
	f.wantRows(t, "audit_entry", 1)
}

func TestNoReceiptWithoutASubmission(t *testing.T) {
	f := newFixture(t)
	ctx, call := submitting(t, principal.CountyCommittee, ourCounty)
	if err := submit(ctx, f.db, submission(uuid.NewString()), fault.Refuse("17", "PLAN_INCOMPLETE")); !fault.Is(err, "PLAN_INCOMPLETE") {
		t.Fatal(err)
	}
	if call.Text != "" {
		t.Error("a refusal has a receipt")
	}
	rehearsal := submission(uuid.NewString())
	rehearsal.ValidateOnly = true
	ctx, call = submitting(t, principal.CountyCommittee, ourCounty)
	if err := submit(ctx, f.db, rehearsal, nil); err != nil || call.Text != "" {
		t.Errorf("a rehearsal has the receipt %q, %v", call.Text, err)
	}
	ctx, call = submitting(t, principal.InspectionOffice, "provinces/51")
	if err := submit(ctx, f.db, submission(uuid.NewString()), nil); err != nil || call.Text != "" {
		t.Errorf("the office has the receipt %q, %v", call.Text, err)
	}
	f.wantRows(t, "receipt", 0)
}

// TestAReceiptIsItsBodysAlone in plain SQL: row-level security without any policy.
func TestAReceiptIsItsBodysAlone(t *testing.T) {
	f := newFixture(t)
	ctx, _ := submitting(t, principal.CountyCommittee, ourCounty)
	if err := submit(ctx, f.db, submission(uuid.NewString()), nil); err != nil {
		t.Fatal(err)
	}
	city := "provinces/51/cities/510100"
	for _, tt := range []struct {
		party principal.Party
		area  string
		want  int
	}{
		{principal.CountyCommittee, ourCounty, 1}, {principal.CountyCommittee, theirCounty, 0}, {principal.CityCommittee, city, 0},
		{principal.CityLiaisonBody, city, 0}, {principal.DisciplineOrgan, ourCounty, 0}, {principal.InspectionOffice, "provinces/51", 1},
		{principal.InspectionOffice, "provinces/52", 0}, {principal.InspectionGroup, "provinces/51", 0}, {principal.LeadingGroup, "provinces/51", 0},
		{principal.SystemAdministrator, "provinces/51", 0},
	} {
		as := pgtest.As(context.Background(), tt.party, tt.area, "somebody")
		for _, table := range []string{"receipt", "audit_entry"} {
			var n int
			err := f.db.Read(as, func(tx *pg.Tx) error { return tx.SQL().QueryRow("SELECT count(*) FROM " + table).Scan(&n) })
			if err != nil || n != tt.want {
				t.Errorf("%s of %s sees %d of %s, want %d: %v", tt.party, tt.area, n, table, tt.want, err)
			}
		}
	}
	for _, statement := range []string{
		"UPDATE receipt SET text = 'x'", "DELETE FROM receipt",
		"INSERT INTO receipt VALUES ('51', gen_random_uuid(), 'COUNTY_COMMITTEE', '" + theirCounty + "', 'x', now())",
		"INSERT INTO receipt VALUES ('51', gen_random_uuid(), 'CITY_COMMITTEE', '" + ourCounty + "', 'x', now())",
	} {
		err := f.db.Write(ctx, func(tx *pg.Tx) error { _, err := tx.SQL().Exec(statement); return err })
		if e, ok := fault.As(err); !ok || e.Kind != fault.Denied {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
