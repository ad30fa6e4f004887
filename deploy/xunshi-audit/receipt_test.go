package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protojson"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/receipt"
	"github.com/xunshi/xunshi/services/kit/receipt/receipttest"
)

// TestArt17AReceiptIsVerifiedOffline with its content and its proof, as a county does it
// that does not trust us.
func TestArt17AReceiptIsVerifiedOffline(t *testing.T) {
	const service = "clireceiptprobe"
	d := pgtest.New(t, pgtest.Service{Name: service})
	db, key := d.Open(t), receipttest.Key(t, service)
	call := &receipt.Call{Issuer: receipttest.Issuer(t, service, clocktest.Fixed(time.Date(2013, 2, 18, 0, 0, 0, 0, time.UTC)))}
	county := pgtest.As(t.Context(), principal.CountyCommittee, "provinces/51/counties/510104", "clerk")
	county = policy.WithGrant(county, policy.Grant{Method: "/x/Submit", Articles: []string{"17"}, Object: "provinces/51/x"})
	req := &rectificationv1.SubmitRectificationPlanRequest{Name: "provinces/51/x", Signer: "书记", RequestId: uuid.NewString()}
	_, err := idempotency.Write(receipt.WithCall(county, call), db, req, func(*pg.Tx) (*rectificationv1.RectificationPlan, error) {
		return &rectificationv1.RectificationPlan{Name: req.GetName()}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := auditlog.NewSequencer(t.Context(), auditlog.SequencerConfig{
		DSN: d.DSNs.Job, Key: key, File: auditlog.NewFile(filepath.Join(t.TempDir(), "checkpoints")), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	said, err := receipt.Read(call.Text)
	if err != nil {
		t.Fatal(err)
	}
	answer := &auditv1.Receipt{}
	err = db.Read(county, func(tx *pg.Tx) error {
		id := said.Name[strings.Index(said.Name, "-")+1:]
		p, err := auditlog.ProveEntry(tx, id)
		if err != nil {
			return err
		}
		entry, err := auditlog.ReadEntry(tx, id)
		answer.Inclusion = &auditv1.ReceiptInclusion{Leaf: entry.Leaf(), Proof: &auditv1.InclusionProof{
			Index: p.Index, Checkpoint: &auditv1.Checkpoint{Note: p.Note},
		}}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	proof, err := protojson.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	public := file("key", key.Verifier()+"\n")
	good := []string{"verify-receipt", "--key", public, "--receipt", file("receipt", call.Text+"\n")}
	content := file("content", `{"signer":"书记","name":"provinces/51/x"}`)
	says(t, 0, "COUNTY_COMMITTEE provinces/51/counties/510104", good...)
	says(t, 0, "OK: the content", append(good, "--content", content)...)
	says(t, 0, "OK: entry 0 of the 1 of "+service+".xunshi", append(good, "--proof", file("proof", string(proof)))...)

	says(t, 1, "not what was handed in", append(good, "--content", file("other", `{"name":"provinces/51/x"}`))...)
	says(t, 1, "not proven", append(good, "--proof", file("none", `{}`))...)
	last := call.Text[:len(call.Text)-2] + "AA"
	says(t, 1, "not", "verify-receipt", "--key", public, "--receipt", file("changed", last))
}
