package api_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
)

// ways are the methods that lead to a document; each gives how many came.
func ways() map[string]func(ctx context.Context, w *world, parent, name string) (int, error) {
	return map[string]func(ctx context.Context, w *world, parent, name string) (int, error){
		"GetDocument": func(ctx context.Context, w *world, _, name string) (int, error) {
			_, err := w.documents().GetDocument(ctx, &documentv1.GetDocumentRequest{Name: name})
			return 1, err
		},
		"ListDocuments": func(ctx context.Context, w *world, parent, _ string) (int, error) {
			r, err := w.documents().ListDocuments(ctx, &documentv1.ListDocumentsRequest{Parent: parent})
			return len(r.GetDocuments()), err
		},
		"DownloadDocument": func(ctx context.Context, w *world, _, name string) (int, error) {
			_, content, err := w.download(ctx, name)
			return len(content), err
		},
		"UploadDocument": func(ctx context.Context, w *world, parent, _ string) (int, error) {
			content := pdf(100)
			_, err := w.upload(ctx, declare(task{rectification: parent}, content), content)
			return 1, err
		},
	}
}

// TestArt17StrangersGetNoDocument, neither through both layers nor through row-level
// security alone, and a foreign document answers like one that never existed.
func TestArt17StrangersGetNoDocument(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	name := w.handIn(k.county, k, pdf(100)).GetName()
	absent := k.rectification[:strings.LastIndex(k.rectification, "/")+1] + uuid.NewString()
	for layer, at := range map[string]*world{"both layers": w, "row-level security alone": w.without()} {
		for _, token := range strangers() {
			for method, way := range ways() {
				n, err := way(at.as(token), at, k.rectification, name)
				if err == nil && n > 0 {
					t.Errorf("%s: %s gets %d by %s", layer, token, n, method)
				}
				if code := status.Code(err); err != nil && code != codes.NotFound && code != codes.PermissionDenied {
					t.Errorf("%s: %s by %s: %v", layer, token, method, err)
				}
				_, missing := way(at.as(token), at, absent, absent+"/documents/"+idOf(name))
				hide := func(err error) string {
					return strings.NewReplacer(k.rectification, "case", absent, "case").Replace(status.Convert(err).Proto().String())
				}
				if hide(err) != hide(missing) {
					t.Errorf("%s: %s by %s: foreign %v, missing %v", layer, token, method, err, missing)
				}
			}
		}
	}
	w.wantKept(1)
}

// TestArt17TheGrantAloneHidesDocuments: the other half of the drill, with row-level
// security off.
func TestArt17TheGrantAloneHidesDocuments(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	name := w.handIn(k.county, k, pdf(100)).GetName()
	_, hidden := w.received(w.authorize("510105", "510100", "chen")) // not copied to the city yet
	secret := w.handIn(hidden.county, hidden, pdf(100)).GetName()
	ofCity := w.handIn(k.city, k, pdf(100)).GetName()
	for _, table := range []string{"task_member", "rectification", "document"} {
		if _, err := w.db.Admin(t).Exec("ALTER TABLE " + table + " DISABLE ROW LEVEL SECURITY"); err != nil {
			t.Fatal(err)
		}
	}
	for method, way := range ways() {
		for _, token := range strangers()[2:] {
			if n, err := way(w.as(token), w, k.rectification, name); err == nil && n > 0 {
				t.Errorf("%s gets %d by %s", token, n, method)
			}
		}
		for _, token := range []string{k.city, k.liaison, k.county, k.group} {
			if n, err := way(w.as(token), w, hidden.rectification, secret); err == nil && n > 0 {
				t.Errorf("%s gets %d of another case by %s", token, n, method)
			}
		}
	}
	if _, err := w.documents().GetDocument(w.as(k.county), &documentv1.GetDocumentRequest{Name: ofCity}); status.Code(err) != codes.NotFound {
		t.Errorf("the county reads what its city verified: %v", err)
	}
}

// TestArts11And15WhatTheCitySeesOfDocuments: nothing before the copy of the feedback, then
// what the county hands in; the county never sees what the city does.
func TestArts11And15WhatTheCitySeesOfDocuments(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	f, k := w.received(w.jinjiang())
	ofCounty := w.handIn(k.county, k, pdf(100)).GetName()
	drill := w.without()
	sees := func(token, name string) bool {
		t.Helper()
		var seen []bool
		for _, at := range []*world{w, drill} {
			for _, method := range []string{"GetDocument", "DownloadDocument", "ListDocuments"} {
				n, err := ways()[method](at.as(token), at, k.rectification, name)
				if method == "ListDocuments" && err == nil {
					list := do(at.documents().ListDocuments(at.as(token), &documentv1.ListDocumentsRequest{Parent: k.rectification}))(t)
					n = len(slices.DeleteFunc(list.GetDocuments(), func(d *documentv1.Document) bool { return d.GetName() != name }))
				}
				seen = append(seen, err == nil && n > 0)
			}
		}
		if slices.Contains(seen, !seen[0]) {
			t.Errorf("%s sees %s by some methods only: %v", token, name, seen)
		}
		return seen[0]
	}
	for _, token := range []string{k.city, k.liaison} {
		if sees(token, ofCounty) {
			t.Errorf("%s sees it before the copy", token)
		}
	}
	for _, at := range []*world{w, drill} {
		_, err := ways()["UploadDocument"](at.as(k.city), at, k.rectification, "")
		if status.Code(err) != codes.NotFound {
			t.Errorf("the city hands in before the copy: %v", err)
		}
	}
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(f)))(t)
	ofCity := w.handIn(k.city, k, pdf(200)).GetName()
	for _, token := range []string{k.city, k.liaison, k.group, office, leading} {
		if !sees(token, ofCounty) || !sees(token, ofCity) {
			t.Errorf("%s does not see both", token)
		}
	}
	if !sees(k.county, ofCounty) || sees(k.county, ofCity) {
		t.Error("the county sees what it should not, or not its own")
	}
}

// TestArt17OnlyCountyAndCityHandIn, and nobody for a case that is closed.
func TestArt17OnlyCountyAndCityHandIn(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	upload := ways()["UploadDocument"]
	for layer, at := range map[string]*world{"both layers": w, "row-level security alone": w.without()} {
		for _, token := range []string{k.group, k.liaison, office, leading} {
			if _, err := upload(at.as(token), at, k.rectification, ""); status.Code(err) != codes.PermissionDenied {
				t.Errorf("%s: %s: %v", layer, token, err)
			}
		}
	}
	name := w.handIn(k.county, k, pdf(100)).GetName()
	for _, state := range []string{"PLANNING", "RECTIFYING", "REPORTED", "CLOSED"} {
		w.force(k, state)
		_, err := upload(w.as(k.county), w, k.rectification, "")
		switch {
		case state != "CLOSED" && err != nil:
			t.Errorf("%s: %v", state, err)
		case state == "CLOSED":
			if refused(t, err, "DOCUMENT_CASE_CLOSED", "17"); status.Code(err) != codes.FailedPrecondition {
				t.Errorf("%s: %v", state, err)
			}
		}
	}
	w.wantKept(4)
	if _, _, err := w.download(w.as(k.county), name); err != nil {
		t.Errorf("of a closed case: %v", err)
	}
}

// force sets the state of a case past all rules.
func (w *world) force(k task, state string) {
	w.t.Helper()
	_, err := w.db.Admin(w.t).Exec(`
		ALTER TABLE rectification DISABLE TRIGGER USER;
		UPDATE rectification SET state = '` + state + `', plan_submit_date = receive_date, report_submit_date = CASE WHEN '` + state + `' <> 'PLANNING' THEN receive_date END,
		  close_date = CASE WHEN '` + state + `' = 'CLOSED' THEN receive_date END,
		  decision_id = CASE WHEN '` + state + `' = 'CLOSED' THEN id END WHERE id = '` + idOf(k.rectification) + `';
		ALTER TABLE rectification ENABLE TRIGGER USER`)
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestArt17TheTablesKeepDocuments in plain SQL, as an injected statement would try.
func TestArt17TheTablesKeepDocuments(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	_, other := w.received(w.authorize("510105", "510100", "chen"))
	w.handIn(k.county, k, pdf(100))
	const insert = `INSERT INTO document SELECT d.province, gen_random_uuid(), %PARENT%, r.inspection_id, r.county_code, r.city_code, %PARTY%, %WHO%,
		d.display_name, d.media_type, d.size, d.sha256, NULL, d.key_id, now() FROM document d, rectification r WHERE r.id = d.parent_id`
	fill := func(parent, party, who string) string {
		return strings.NewReplacer("%PARENT%", parent, "%PARTY%", party, "%WHO%", who).Replace(insert)
	}
	w.mustRefuse(t, "open", []write{
		{"changed", k.county, "UPDATE document SET display_name = 'x'"},
		{"removed", k.county, "DELETE FROM document"},
		{"in the city's name", k.county, fill("d.parent_id", "'CITY_COMMITTEE'", "authz.subject()")},
		{"in another's name", k.county, fill("d.parent_id", "d.party", "'somebody'")},
		{"for another case", k.county, fill("'"+idOf(other.rectification)+"'", "d.party", "d.uploader")},
		{"by the liaison body", k.liaison, fill("d.parent_id", "authz.party()", "authz.subject()")},
		{"by the office", office, fill("d.parent_id", "authz.party()", "authz.subject()")},
		{"by the group", k.group, fill("d.parent_id", "authz.party()", "authz.subject()")},
		{"changed by the office", office, "UPDATE document SET sha256 = sha256"},
	})
	lawful := write{"in its own name", k.county, fill("d.parent_id", "authz.party()", "authz.subject()")}
	w.mustTake(t, "open", lawful)
	w.force(k, "CLOSED")
	w.mustRefuse(t, "closed", []write{lawful})
}

// TestArt17ADamagedDocumentIsNotGiven: whatever is done to what is stored, the answer is
// a clear refusal, and an alarm.
func TestArt17ADamagedDocumentIsNotGiven(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	content := pdf(600_000)
	name := w.handIn(k.county, k, content).GetName()
	file := w.stored()[0]
	whole := do(os.ReadFile(file))(t)
	other := w.handIn(k.county, k, content).GetName()
	flip := func(at int) []byte {
		bad := slices.Clone(whole)
		bad[at] ^= 1
		return bad
	}
	refuses := func(what, reason string) {
		t.Helper()
		_, got, err := w.download(w.as(k.county), name)
		if status.Code(err) != codes.FailedPrecondition || !strings.HasPrefix(content, got) || got == content {
			t.Errorf("%s: %d bytes, %v", what, len(got), err)
		}
		refused(t, err, reason, "")
	}
	for what, bad := range map[string][]byte{
		"version": flip(0), "algorithm": flip(1), "key id": flip(3), "wrapped key": flip(10), "salt": flip(120),
		"first segment": flip(1000), "a middle segment": flip(300_000), "the last byte": flip(len(whole) - 1),
		"cut short": whole[:len(whole)-1], "cut at a segment": whole[:len(whole)/2], "empty": {}, "longer": append(slices.Clone(whole), 0),
		"segments exchanged": slices.Concat(whole[:200], whole[65736:131272], whole[200:65736], whole[131272:]),
		"of another":         do(os.ReadFile(strings.Replace(file, idOf(name), idOf(other), 1)))(t),
	} {
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if what == "key id" { // a key that the file of keys does not have may come back
			if _, _, err := w.download(w.as(k.county), name); status.Code(err) != codes.Unavailable {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		refuses(what, "DOCUMENT_DAMAGED")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	refuses("gone", "DOCUMENT_DAMAGED")
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, got, err := w.download(w.as(k.county), name); err != nil || got != content {
		t.Errorf("as it was: %v", err)
	}
}

// TestArt17ADestroyedKeyEndsItsDocuments, and a new key leaves the old ones readable.
func TestArt17ADestroyedKeyEndsItsDocuments(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	name := w.handIn(k.county, k, pdf(100)).GetName()
	restart := func(keys string) {
		writeKeys(t, w.content, keys)
		w.addr = w.serve()
		w.connect()
	}
	restart("k2 " + strings.Repeat("cd", 32) + "\nk1 " + strings.Repeat("ab", 32))
	if _, _, err := w.download(w.as(k.county), name); err != nil {
		t.Errorf("under the old key: %v", err)
	}
	second := w.handIn(k.county, k, pdf(100)).GetName()
	if n := w.count("SELECT count(*) FROM document WHERE key_id = 'k2'"); n != 1 {
		t.Errorf("%d documents under the new key", n)
	}
	restart("k2 " + strings.Repeat("cd", 32) + "\nk1 destroyed")
	_, _, err := w.download(w.as(k.county), name)
	if refused(t, err, "DOCUMENT_KEY_DESTROYED", ""); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("under a destroyed key: %v", err)
	}
	if _, _, err := w.download(w.as(k.county), second); err != nil {
		t.Errorf("under the new key: %v", err)
	}
	do(w.documents().GetDocument(w.as(k.county), &documentv1.GetDocumentRequest{Name: name}))(t)
}
