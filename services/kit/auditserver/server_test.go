package auditserver_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/grpc"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/auditserver"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const service = "auditsrvprobe"

// registrar keeps what is registered.
type registrar struct{ server auditv1.AuditLogServiceServer }

func (r *registrar) RegisterService(_ *grpc.ServiceDesc, impl any) {
	if server, ok := impl.(auditv1.AuditLogServiceServer); ok {
		r.server = server
	}
}

type world struct {
	t      *testing.T
	db     *pg.DB
	server auditv1.AuditLogServiceServer
	drain  func()
}

func newWorld(t *testing.T) *world {
	d := pgtest.New(t, pgtest.Service{Name: service})
	key := must(auditlog.NewKey(auditlog.Origin(service), bytes.Repeat([]byte{1}, 32)))(t)
	s := must(auditlog.NewSequencer(t.Context(), auditlog.SequencerConfig{
		DSN: d.DSNs.Job, Key: key, File: auditlog.NewFile(filepath.Join(t.TempDir(), "checkpoints")), Log: slog.New(slog.DiscardHandler),
	}))(t)
	t.Cleanup(s.Close)
	w := &world{t: t, db: d.Open(t), drain: func() {
		if err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}}
	var r registrar
	if err := auditserver.Register(&r, auditserver.Deps{
		Service: service, DB: w.db, PublicKey: key.Verifier(),
		Pager: must(page.New(make([]byte, 32), clocktest.Fixed(time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC))))(t),
	}); err != nil {
		t.Fatal(err)
	}
	w.server = r.server
	return w
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *world) act(province, object string) string {
	w.t.Helper()
	ctx := pgtest.As(w.t.Context(), principal.CountyCommittee, "provinces/"+province+"/counties/"+province+"0104", "clerk")
	e := audit.Entry{Method: "/x/Submit", Object: object, Outcome: audit.OutcomeOK, RequestID: uuid.NewString(), Articles: []string{"17", "12(2)"}}
	if err := w.db.Write(ctx, func(tx *pg.Tx) error { return audit.Stage(tx, e) }); err != nil {
		w.t.Fatal(err)
	}
	return e.RequestID
}

func (w *world) auditor(province string) context.Context {
	ctx := pgtest.As(w.t.Context(), principal.AuditAdministrator, "provinces/"+province, "auditor")
	return policy.WithGrant(ctx, policy.Grant{Method: "/x/Audit", Scope: policy.ScopeProvince, Province: province})
}

func logOf(province string) string { return "provinces/" + province + "/auditLogs/" + service }

// TestArt12_6_EntriesAreListedByPageWithoutContent of his province, to the auditor.
func TestArt12_6_EntriesAreListedByPageWithoutContent(t *testing.T) {
	w := newWorld(t)
	var requests []string
	for i := range 5 {
		requests = append(requests, w.act("51", fmt.Sprint("provinces/51/x/", i)))
		w.act("52", "provinces/52/x/1")
	}
	w.drain()
	req := &auditv1.ListAuditEntriesRequest{Parent: logOf("51"), PageSize: 2}
	var got []*auditv1.AuditEntry
	for range 3 {
		answer, err := w.server.ListAuditEntries(w.auditor("51"), req)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, answer.GetEntries()...)
		req.PageToken = answer.GetNextPageToken()
	}
	if len(got) != 5 || req.GetPageToken() != "" {
		t.Fatalf("%d entries, then %q", len(got), req.GetPageToken())
	}
	for i, e := range got {
		if e.GetObject() != fmt.Sprint("provinces/51/x/", i) || e.GetRequestId() != requests[i] || e.GetSubject() != "clerk" ||
			e.GetParty() != "COUNTY_COMMITTEE" || e.GetJurisdiction() != "provinces/51/counties/510104" || e.GetOutcome() != "OK" ||
			fmt.Sprint(e.GetArticles()) != "[17 12(2)]" || e.GetMethod() != "/x/Submit" || !e.GetOccurTime().IsValid() {
			t.Errorf("entry %d is %v", i, e)
		}
	}
	one, err := w.server.ListAuditEntries(w.auditor("51"), &auditv1.ListAuditEntriesRequest{
		Parent: logOf("51"), Filter: `object = "provinces/51/x/3" AND occur_time > "2020-01-01T00:00:00Z"`})
	if err != nil || len(one.GetEntries()) != 1 {
		t.Errorf("by a filter: %v, %v", one, err)
	}
}

// TestLogIsOneOverAllProvinces: the tree of both, the entries of one.
func TestLogIsOneOverAllProvinces(t *testing.T) {
	w := newWorld(t)
	w.act("51", "provinces/51/x/1")
	w.act("52", "provinces/52/x/1")
	w.drain()
	foreign := must(w.server.ListAuditEntries(w.auditor("52"), &auditv1.ListAuditEntriesRequest{Parent: logOf("52")}))(t).GetEntries()[0]
	for _, province := range []string{"51", "52"} {
		log := must(w.server.GetAuditLog(w.auditor(province), &auditv1.GetAuditLogRequest{Name: logOf(province)}))(t)
		if log.GetCheckpoint().GetSize() != 2 {
			t.Errorf("%s sees a log of %d", province, log.GetCheckpoint().GetSize())
		}
	}
	id := foreign.GetName()[len(logOf("52")):]
	_, err := w.server.ProveInclusion(w.auditor("51"), &auditv1.ProveInclusionRequest{Name: logOf("51") + id})
	_, gone := w.server.ProveInclusion(w.auditor("51"), &auditv1.ProveInclusionRequest{Name: logOf("51") + "/entries/" + uuid.NewString()})
	if !fault.Is(err, fault.ReasonNotFound) || !fault.Is(gone, fault.ReasonNotFound) {
		t.Errorf("a foreign entry: %v; one that never was: %v", err, gone)
	}
	proof := must(w.server.ProveInclusion(w.auditor("52"), &auditv1.ProveInclusionRequest{Name: foreign.GetName()}))(t)
	var hashes []tlog.Hash
	for _, h := range proof.GetHashes() {
		hashes = append(hashes, tlog.Hash(h))
	}
	c := proof.GetCheckpoint()
	if err := tlog.CheckRecord(hashes, c.GetSize(), tlog.Hash(c.GetRootHash()), proof.GetIndex(), tlog.Hash(proof.GetLeafHash())); err != nil {
		t.Error(err)
	}
}

func TestBeforeTheFirstCheckpoint(t *testing.T) {
	w := newWorld(t)
	w.act("51", "provinces/51/x/1")
	log := must(w.server.GetAuditLog(w.auditor("51"), &auditv1.GetAuditLogRequest{Name: logOf("51")}))(t)
	if log.GetCheckpoint().GetSize() != 0 || log.GetCheckpoint().GetNote() != "" || log.GetPublicKey() == "" {
		t.Errorf("the log is %v", log)
	}
	var id string
	if err := w.db.Read(w.auditor("51"), func(tx *pg.Tx) error { return tx.SQL().QueryRow("SELECT id FROM audit_entry").Scan(&id) }); err != nil {
		t.Fatal(err)
	}
	_, err := w.server.ProveInclusion(w.auditor("51"), &auditv1.ProveInclusionRequest{Name: logOf("51") + "/entries/" + id})
	if !fault.Is(err, "AUDIT_ENTRY_WAITS") {
		t.Errorf("an entry that waits: %v", err)
	}
	_, err = w.server.ProveConsistency(w.auditor("51"), &auditv1.ProveConsistencyRequest{Name: logOf("51"), HeldSize: 1})
	if !fault.Is(err, "AUDIT_SIZE_UNKNOWN") {
		t.Errorf("a size that never was: %v", err)
	}
	_, err = w.server.GetAuditLog(w.auditor("51"), &auditv1.GetAuditLogRequest{Name: "provinces/51/auditLogs/another"})
	if !fault.Is(err, fault.ReasonNotFound) {
		t.Errorf("another service's log: %v", err)
	}
}
