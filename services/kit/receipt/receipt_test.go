package receipt_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/receipt"
	"github.com/xunshi/xunshi/services/kit/receipt/receipttest"
)

const service = "receiptprobe"

func request() *rectificationv1.SubmitRectificationPlanRequest {
	return &rectificationv1.SubmitRectificationPlanRequest{
		Name: "provinces/51/rectifications/x/plan", Signer: "县委书记", Etag: `"1"`, RequestId: uuid.NewString(),
	}
}

// issue makes a receipt of a county that stopped a clock.
func issue(t *testing.T, req *rectificationv1.SubmitRectificationPlanRequest) (*receipt.Given, string) {
	t.Helper()
	db := pgtest.New(t, pgtest.Service{Name: service}).Open(t)
	issuer := receipttest.Issuer(t, service, clocktest.Fixed(time.Date(2013, 2, 18, 15, 59, 59, 0, time.UTC)))
	county := pgtest.As(context.Background(), principal.CountyCommittee, "provinces/51/counties/510104", "clerk")
	var given *receipt.Given
	err := db.Write(county, func(tx *pg.Tx) (err error) {
		receipt.AddStop(tx, receipt.Stop{Obligation: "provinces/51/obligations/x", Duty: "RECTIFICATION_PLAN", Article: "17", DueDate: "2013-02-18", MetDate: "2013-02-18"})
		given, err = issuer.Issue(tx, "/x/Submit", req.GetName(), req.GetRequestId(), req)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return given, receipttest.Key(t, service).Verifier()
}

func TestArt17AReceiptSaysWhatWasHandedInAndWhichClockItStopped(t *testing.T) {
	req := request()
	given, key := issue(t, req)
	got, err := receipt.Verify(given.Text, key)
	if err != nil {
		t.Fatal(err)
	}
	want := receipt.Statement{
		Version: 1, Log: service + ".xunshi", Name: "provinces/51/receipts/" + service + "-" + given.ID,
		Party: "COUNTY_COMMITTEE", Jurisdiction: "provinces/51/counties/510104", Method: "/x/Submit", Object: req.GetName(),
		RequestID: req.GetRequestId(), Time: "2013-02-18T15:59:59Z", ContentHash: got.ContentHash, Salt: got.Salt,
		Stopped: []receipt.Stop{{Obligation: "provinces/51/obligations/x", Duty: "RECTIFICATION_PLAN", Article: "17", DueDate: "2013-02-18", MetDate: "2013-02-18"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(got.Salt) != 32 {
		t.Errorf("the salt is %q", got.Salt)
	}
	// As a portal has it, in whatever order and spacing, with or without its keys.
	for content, holds := range map[string]error{
		`{"signer": "县委书记", "name":"provinces/51/rectifications/x/plan"}`:                                                  nil,
		`{"requestId":"0","etag":"\"9\"","name":"provinces/51/rectifications/x/plan","signer":"\u53bf\u59d4\u4e66\u8bb0"}`: nil,
		`{"name":"provinces/51/rectifications/x/plan","signer":"县委副书记"}`:                                                   receipt.ErrContent,
		`{"name":"provinces/51/rectifications/x/plan"}`:                                                                    receipt.ErrContent,
	} {
		if err := got.VerifyContent([]byte(content)); !errors.Is(err, holds) {
			t.Errorf("%s: %v", content, err)
		}
	}
}

// TestEveryChangedByteOfAReceiptIsFound: each bit of each byte.
func TestEveryChangedByteOfAReceiptIsFound(t *testing.T) {
	given, key := issue(t, request())
	for i := range len(given.Text) {
		for bit := range 8 {
			changed := []byte(given.Text)
			changed[i] ^= 1 << bit
			if _, err := receipt.Verify(string(changed), key); err == nil {
				t.Fatalf("bit %d of byte %d is not seen", bit, i)
			}
		}
	}
	for what, text := range map[string]string{
		"longer": given.Text + "A", "shorter": given.Text[:len(given.Text)-1], "with a line feed": given.Text + "\n", "nothing": "",
		"without its signature": given.Text[:strings.LastIndex(given.Text, ".")+1],
	} {
		if _, err := receipt.Verify(text, key); err == nil {
			t.Errorf("%s: it holds", what)
		}
	}
	stranger, err := auditlog.NewKey(auditlog.Origin(service), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := receipt.Verify(given.Text, stranger.Verifier()); !errors.Is(err, receipt.ErrSignature) {
		t.Errorf("by another key: %v", err)
	}
}

// TestContentHashIsCanonical fixes the form that clients compute.
func TestContentHashIsCanonical(t *testing.T) {
	got, err := receipt.ContentHash(request())
	if err != nil {
		t.Fatal(err)
	}
	// printf '{"name":"provinces/51/rectifications/x/plan","signer":"县委书记"}' | sha256sum
	const want = "5c4dbcc23d1e807e949c8ba981de109032e9cc02ad75098440707375bcd094ea"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, text := range []string{"", "[]", "{", `{"a":1}{"b":2}`} {
		if hash, err := receipt.HashJSON([]byte(text)); err == nil {
			t.Errorf("%q has the hash %s", text, hash)
		}
	}
	if got := fmt.Sprint(receipt.For(principal.CountyCommittee), receipt.For(principal.InspectionOffice), receipt.For(principal.DisciplineOrgan)); got != "true false false" {
		t.Errorf("receipts are for %s", got)
	}
}
