package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
	"github.com/xunshi/xunshi/services/kit/auditlog"
)

const auditLog = sichuan + "/auditLogs/rectification"

// audited finds an entry that this life made in the log of rectification.
func (l *life) audited(t *testing.T) {
	t.Helper()
	l.submitted(t)
	auditor := as(t, "auditor", "AUDIT_ADMINISTRATOR", sichuan)
	logs := auditv1.NewAuditLogServiceClient(conn(t, "rectification"))
	eventually(t, func() error {
		found, err := logs.ListAuditEntries(auditor, &auditv1.ListAuditEntriesRequest{
			Parent: auditLog, Filter: fmt.Sprintf("object = %q AND outcome = \"OK\"", l.feedback), PageSize: 1})
		if err == nil && len(found.GetEntries()) == 0 {
			err = errors.New("not in the log yet")
		}
		if err == nil {
			l.auditEntry = found.GetEntries()[0].GetName()
		}
		return err
	})
}

// submitted finds a receipt of the county, at rectification, and one of the city, at
// scheduling.
func (l *life) submitted(t *testing.T) {
	t.Helper()
	l.receipts = map[string]string{}
	for _, at := range []struct{ party, area, service string }{
		{"COUNTY_COMMITTEE", l.county, "rectification"}, {"CITY_COMMITTEE", l.city, "scheduling"},
	} {
		found := must[*auditv1.ListReceiptsResponse](t)(auditv1.NewReceiptServiceClient(conn(t, at.service)).ListReceipts(
			as(t, "clerk", at.party, at.area), &auditv1.ListReceiptsRequest{Parent: sichuan}))
		if len(found.GetReceipts()) == 0 {
			t.Fatalf("%s of %s has no receipt", at.party, at.area)
		}
		l.receipts[at.party] = found.GetReceipts()[0].GetName()
	}
}

// cosign is what a witness does with a checkpoint that it believes.
func cosign(t *testing.T, checkpoint string) string {
	t.Helper()
	opened, err := note.Open([]byte(checkpoint), note.VerifierList(auditVerifier(t, "rectification").Key()))
	if err != nil {
		t.Fatal(err)
	}
	return string(must[[]byte](t)(note.Sign(opened, running.Witness())))
}

func auditVerifier(t *testing.T, service string) *auditlog.Verifier {
	t.Helper()
	return must[*auditlog.Verifier](t)(auditlog.NewVerifier(must[string](t)(running.AuditKey(service))))
}

// asked reads over REST.
func asked[M proto.Message](t *testing.T, token, path string, into M) M {
	t.Helper()
	resp, body := send(t, http.MethodGet, "/v1/"+path, token, nil, nil)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", path, resp.StatusCode, body)
	}
	if err := protojson.Unmarshal(body, into); err != nil {
		t.Fatal(err)
	}
	return into
}

// TestArt12_6_AuditLogIsProvenOverREST: a witness with nothing but the public key follows
// the log of each service over the edge, and the inclusion of an entry is proven to it.
func TestArt12_6_AuditLogIsProvenOverREST(t *testing.T) {
	own, _ := world(t)
	token := must[string](t)(running.Token(t.Context(), "auditor", "AUDIT_ADMINISTRATOR", sichuan))
	for _, service := range stack.Names() {
		name, v := sichuan+"/auditLogs/"+service, auditVerifier(t, service)
		first := asked(t, token, name, &auditv1.AuditLog{})
		held := opened(t, v, first.GetCheckpoint())
		// Reading the entries is an entry itself, so that the log grows.
		asked(t, token, name+"/entries?pageSize=1", &auditv1.ListAuditEntriesResponse{})
		var now auditlog.Checkpoint
		eventually(t, func() error {
			step := asked(t, token, fmt.Sprintf("%s:proveConsistency?heldSize=%d", name, held.Size), &auditv1.ConsistencyProof{})
			if now = opened(t, v, step.GetCheckpoint()); now.Size == held.Size {
				return errors.New("the log has not grown")
			}
			return tlog.CheckTree(hashes(step.GetHashes()), now.Size, now.Root, held.Size, held.Root)
		})
		resp, body := send(t, http.MethodGet, fmt.Sprintf("/v1/%s:proveConsistency?heldSize=%d", name, now.Size+1000), token, nil, nil)
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "AUDIT_SIZE_UNKNOWN") {
			t.Errorf("%s was never that long: %d %s", service, resp.StatusCode, body)
		}
	}
	proof := asked(t, token, own.auditEntry+":proveInclusion", &auditv1.InclusionProof{})
	at := opened(t, auditVerifier(t, "rectification"), proof.GetCheckpoint())
	if err := tlog.CheckRecord(hashes(proof.GetHashes()), at.Size, at.Root, proof.GetIndex(), tlog.Hash(proof.GetLeafHash())); err != nil {
		t.Error(err)
	}
}

func opened(t *testing.T, v *auditlog.Verifier, c *auditv1.Checkpoint) auditlog.Checkpoint {
	t.Helper()
	at := must[auditlog.Checkpoint](t)(auditlog.OpenCheckpoint(c.GetNote(), v.Key()))
	if at.Size != c.GetSize() || at.Root != tlog.Hash(c.GetRootHash()) {
		t.Errorf("the fields %v are not those of the note %v", c, at)
	}
	return at
}

func hashes(raw [][]byte) (all []tlog.Hash) {
	for _, h := range raw {
		all = append(all, tlog.Hash(h))
	}
	return all
}

// TestCosignatureIsKeptIfItHolds: that of the known witness on what the log signed, and
// no other.
func TestCosignatureIsKeptIfItHolds(t *testing.T) {
	world(t)
	token := must[string](t)(running.Token(t.Context(), "auditor", "AUDIT_ADMINISTRATOR", sichuan))
	log := asked(t, token, auditLog, &auditv1.AuditLog{})
	at := opened(t, auditVerifier(t, "rectification"), log.GetCheckpoint())
	at.Root[0] ^= 1
	stranger := must[*auditlog.Key](t)(auditlog.NewKey("witness.xunshi", make([]byte, 32)))
	for what, tt := range map[string]struct {
		note string
		code int
	}{
		"the log alone":  {log.GetCheckpoint().GetNote(), http.StatusBadRequest},
		"a stranger":     {must[string](t)(at.Sign(stranger)), http.StatusBadRequest},
		"another root":   {must[string](t)(at.Sign(running.Witness())), http.StatusBadRequest},
		"what is signed": {cosign(t, log.GetCheckpoint().GetNote()), http.StatusOK},
	} {
		body := map[string]string{"note": tt.note}
		resp, answer := send(t, http.MethodPost, "/v1/"+auditLog+":cosign", token, body, map[string]string{"Idempotency-Key": rid()})
		if resp.StatusCode != tt.code {
			t.Errorf("%s: %d %s", what, resp.StatusCode, answer)
		}
	}
	if shown := asked(t, token, auditLog, &auditv1.AuditLog{}).GetCosignatures(); len(shown) != 1 || shown[0].GetWitness() != "witness.xunshi" {
		t.Errorf("shown are %v", shown)
	}
}

// TestAuditLogsOfTheServicesVerifyOffline: after all that the tests did, every act of it
// is in the log of its service, and each log holds against its checkpoints outside.
func TestAuditLogsOfTheServicesVerifyOffline(t *testing.T) {
	world(t)
	db := openDatabases(t)
	db.rest(t)
	for _, service := range stack.Names() {
		v := auditVerifier(t, service)
		x := must[*auditlog.Export](t)(auditlog.ReadExport(t.Context(), running.JobDSN(service)))
		outside := must[[]auditlog.Checkpoint](t)(auditlog.NewFile(running.CheckpointFile(service)).ReadAll(v.Key()))
		holds, err := v.Verify(x, outside)
		if err != nil || holds.Size == 0 {
			t.Errorf("%s: %+v, %v", service, holds, err)
		}
		text := must[[]byte](t)(json.Marshal(x.Rows))
		if service == "casefile" && strings.Contains(string(text), "来信") {
			t.Error("content of a petition is in the log (art. 10)")
		}
	}
}

// TestNobodyButTheAuditAdministratorSeesALog holds for each service: the matrix asks one.
func TestNobodyButTheAuditAdministratorSeesALog(t *testing.T) {
	own, _ := world(t)
	for _, service := range stack.Names() {
		for party, area := range map[string]string{"COUNTY_COMMITTEE": own.county, "CITY_COMMITTEE": own.city, "INSPECTION_OFFICE": sichuan, "SYSTEM_ADMINISTRATOR": sichuan} {
			token := must[string](t)(running.Token(t.Context(), "somebody", party, area))
			for _, path := range []string{"", "/entries", ":proveConsistency"} {
				resp, body := send(t, http.MethodGet, "/v1/"+sichuan+"/auditLogs/"+service+path, token, nil, nil)
				if resp.StatusCode != http.StatusForbidden {
					t.Errorf("%s %s%s: %d %s", party, service, path, resp.StatusCode, body)
				}
			}
		}
	}
}
