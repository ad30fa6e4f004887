package e2e_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
	"github.com/xunshi/xunshi/services/kit/receipt"
)

// TestArt17TheReceiptOfAPlanIsVerifiedOffline: a county reads over REST what it got for
// its plan; with the public key alone the receipt holds, says which clock it stopped and
// what was handed in, and later that the audit log has it. One changed byte, and it holds
// no more.
func TestArt17TheReceiptOfAPlanIsVerifiedOffline(t *testing.T) {
	own, _ := world(t)
	token := must[string](t)(running.Token(t.Context(), "clerk", "COUNTY_COMMITTEE", own.county))
	key := must[string](t)(running.AuditKey("rectification"))
	listed := receiptOf(t, token, "/SubmitRectificationPlan")
	var whole *auditv1.Receipt
	eventually(t, func() error {
		if whole = asked(t, token, listed.GetName(), &auditv1.Receipt{}); whole.GetInclusion() == nil {
			return errors.New("not in the log yet")
		}
		return nil
	})
	said, err := receipt.Verify(whole.GetSignedReceipt(), key)
	if err != nil {
		t.Fatal(err)
	}
	if len(said.Stopped) != 1 || said.Stopped[0].Duty != "RECTIFICATION_PLAN" || said.Stopped[0].Article != "17" || said.Stopped[0].Late {
		t.Errorf("it stopped %+v", said.Stopped)
	}
	if said.Object != own.rectification+"/plan" || said.Jurisdiction != own.county {
		t.Errorf("it is of %+v", said)
	}
	content := must[[]byte](t)(json.Marshal(map[string]any{
		"name": own.rectification + "/plan", "signer": "王", "signerPost": "县委书记", "truthfulnessCommitment": true}))
	if err := said.VerifyContent(content); err != nil {
		t.Errorf("%v: %s", err, content)
	}
	proof := receipt.Proof{Leaf: whole.GetInclusion().GetLeaf(), Index: whole.GetInclusion().GetProof().GetIndex(),
		Note: whole.GetInclusion().GetProof().GetCheckpoint().GetNote(), Hashes: hashes(whole.GetInclusion().GetProof().GetHashes())}
	entry, _, err := receipt.VerifyInclusion(whole.GetSignedReceipt(), key, proof)
	if err != nil || entry.Object != said.Object || entry.Outcome != "OK" {
		t.Errorf("in the log is %+v, %v", entry, err)
	}
	text := []byte(whole.GetSignedReceipt())
	for i := range text {
		text[i] ^= 1
		if _, err := receipt.Verify(string(text), key); err == nil {
			t.Fatalf("byte %d is another and it holds", i)
		}
		text[i] ^= 1
	}
	for i := range proof.Leaf {
		proof.Leaf[i] ^= 1
		if _, _, err := receipt.VerifyInclusion(string(text), key, proof); !errors.Is(err, receipt.ErrProof) {
			t.Fatalf("byte %d of the leaf: %v", i, err)
		}
		proof.Leaf[i] ^= 1
	}
	proof.Hashes = append([]tlog.Hash{}, proof.Hashes[1:]...)
	if _, _, err := receipt.VerifyInclusion(string(text), key, proof); !errors.Is(err, receipt.ErrProof) {
		t.Errorf("with a hash too few: %v", err)
	}
}

func receiptOf(t *testing.T, token, method string) *auditv1.Receipt {
	t.Helper()
	for _, r := range asked(t, token, sichuan+"/receipts?pageSize=200", &auditv1.ListReceiptsResponse{}).GetReceipts() {
		if strings.HasSuffix(r.GetMethod(), method) {
			return r
		}
	}
	t.Fatalf("no receipt of %s", method)
	return nil
}

// TestReceiptsAreOneListOverTheServices: what a county handed in to scheduling and to
// rectification, page by page, and nothing of its neighbour.
func TestReceiptsAreOneListOverTheServices(t *testing.T) {
	own, foreign := world(t)
	token := must[string](t)(running.Token(t.Context(), "clerk", "COUNTY_COMMITTEE", own.county))
	all := asked(t, token, sichuan+"/receipts?pageSize=200", &auditv1.ListReceiptsResponse{}).GetReceipts()
	services := map[string]bool{}
	var paged []*auditv1.Receipt
	for next := ""; ; {
		page := asked(t, token, sichuan+"/receipts?pageSize=2&pageToken="+next, &auditv1.ListReceiptsResponse{})
		paged = append(paged, page.GetReceipts()...)
		if next = page.GetNextPageToken(); next == "" {
			break
		}
	}
	if len(paged) != len(all) {
		t.Errorf("%d by pages, %d at once", len(paged), len(all))
	}
	for i, r := range all {
		service, _, _ := strings.Cut(strings.TrimPrefix(r.GetName(), sichuan+"/receipts/"), "-")
		services[service] = true
		if r.GetJurisdiction() != own.county || r.GetName() != paged[i].GetName() {
			t.Errorf("receipt %d is %v", i, r)
		}
		if _, err := receipt.Verify(r.GetSignedReceipt(), must[string](t)(running.AuditKey(service))); err != nil {
			t.Errorf("%s: %v", r.GetName(), err)
		}
	}
	if !services["scheduling"] || !services["rectification"] {
		t.Errorf("receipts are of %v", services)
	}
	stranger := must[string](t)(running.Token(t.Context(), "clerk", "COUNTY_COMMITTEE", foreign.county))
	if resp, body := send(t, http.MethodGet, "/v1/"+all[0].GetName(), stranger, nil, nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a neighbour reads it: %d %s", resp.StatusCode, body)
	}
}

// TestASubmissionOverRESTBringsItsReceipt as a header, and a repeat brings the same.
func TestASubmissionOverRESTBringsItsReceipt(t *testing.T) {
	own, _ := world(t)
	token := must[string](t)(running.Token(t.Context(), "clerk", "CITY_COMMITTEE", own.city))
	body := map[string]any{"county": own.county, "content": "再次通报"}
	key := rid()
	var first string
	for range 2 {
		resp, answer := send(t, http.MethodPost, "/v1/"+sichuan+"/briefings", token, body, map[string]string{"Idempotency-Key": key})
		given := resp.Header.Get("Xunshi-Receipt")
		if resp.StatusCode != http.StatusOK || given == "" || first != "" && given != first {
			t.Fatalf("%d, receipt %q, before %q: %s", resp.StatusCode, given, first, answer)
		}
		first = given
	}
	said, err := receipt.Verify(first, must[string](t)(running.AuditKey("scheduling")))
	if err != nil {
		t.Fatal(err)
	}
	content := must[[]byte](t)(json.Marshal(map[string]any{"parent": sichuan, "briefing": body}))
	if err := said.VerifyContent(content); err != nil {
		t.Error(err)
	}
}
