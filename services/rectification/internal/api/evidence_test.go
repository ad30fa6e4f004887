package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

// dated gives a document of the county that bears a day.
func (w *world) dated(k task, content, on string) *documentv1.Document {
	w.t.Helper()
	declared := declare(k, content)
	declared.DocumentDate = day(w.t, on)
	return do(w.upload(w.as(k.county), declared, content))(w.t)
}

// TestArt17EvidenceNamesADocumentOfItsCase: what is left out is the document's; one of
// another case, or of the city, is as one that never was, whoever reports how.
func TestArt17EvidenceNamesADocumentOfItsCase(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k, other := w.rectifying(w.jinjiang()), w.rectifying(w.authorize("510105", "510100", "chen"))
	own, undated := w.dated(k, pdf(100), "2024-02-20"), w.handIn(k.county, k, pdf(200))
	foreign, ofCity := w.handIn(other.county, other, pdf(100)), w.handIn(k.city, k, pdf(300))
	w.clock.Set(w.clock.Now().Add(time.Hour))
	const unknown, differs = "EVIDENCE_DOCUMENT_UNKNOWN", "EVIDENCE_DOCUMENT_DIFFERS"
	named := func(name string) *rectificationv1.Evidence {
		return &rectificationv1.Evidence{Document: name, Title: "名册"}
	}
	absent := k.rectification + "/documents/" + uuid.NewString()
	before := w.fingerprint()
	// both gives the answers of the two ways to report, on the second item, with the
	// evidence after one that is in order.
	both := func(e *rectificationv1.Evidence) map[string]error {
		i := w.itemAs(k.county, k, 1)
		req := progress(i, rectificationv1.RectificationItem_STATE_DONE, 100)
		req.Evidence = []*rectificationv1.Evidence{named(own.GetName()), e}
		_, alone := w.items.ReportItemProgress(w.as(k.county), req)
		several := batch(k, w.itemAs(k.county, k, 0), i)
		several.Updates[1].Evidence = req.GetEvidence()
		_, all := w.items.BatchReportItemProgress(w.as(k.county), several)
		return map[string]error{"alone": alone, "among several": all}
	}
	missing := both(named(absent))
	for name, tt := range map[string]struct {
		evidence        *rectificationv1.Evidence
		reason, article string
		field           string
	}{
		"one that never was":               {named(absent), unknown, "17", ""},
		"another county's":                 {named(foreign.GetName()), unknown, "17", ""},
		"another county's as its own":      {named(k.rectification + "/documents/" + idOf(foreign.GetName())), unknown, "17", ""},
		"its own as another county's":      {named(other.rectification + "/documents/" + idOf(own.GetName())), unknown, "17", ""},
		"another province's":               {named(strings.Replace(own.GetName(), sichuan, "provinces/50", 1)), unknown, "17", ""},
		"what the city verified":           {named(ofCity.GetName()), unknown, "17", ""},
		"another hash":                     {&rectificationv1.Evidence{Document: own.GetName(), Sha256: hash(1), Title: "名册"}, differs, "17", "sha256"},
		"another date":                     {&rectificationv1.Evidence{Document: own.GetName(), DocumentDate: day(t, "2024-02-21"), Title: "名册"}, differs, "17", "document_date"},
		"a date where there is none":       {&rectificationv1.Evidence{Document: undated.GetName(), DocumentDate: day(t, "2024-02-20"), Title: "名册"}, differs, "17", "document_date"},
		"no name":                          {named("documents/1"), "NAME_INVALID", "", ""},
		"neither a document nor its hash":  {named(""), "FIELD_INVALID", "", ""},
		"a hash that is none, with a name": {&rectificationv1.Evidence{Document: own.GetName(), Sha256: "AB", Title: "名册"}, "FIELD_INVALID", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for way, err := range both(tt.evidence) {
				f := refused(t, err, tt.reason, tt.article)
				if tt.article != "" && (f.Meta["item"] != "2" || f.Meta["evidence"] != "2" || f.Meta["field"] != tt.field) {
					t.Errorf("%s: refused of %v", way, f.Meta)
				}
				if tt.reason == unknown && status.Convert(err).Proto().String() != status.Convert(missing[way]).Proto().String() {
					t.Errorf("%s: refused as %v, missing as %v", way, err, missing[way])
				}
			}
		})
	}
	if w.fingerprint() != before {
		t.Error("something changed")
	}

	want := &rectificationv1.Evidence{
		Document: own.GetName(), Title: "名册", Sha256: own.GetSha256(), DocumentDate: own.GetDocumentDate(), UploadTime: own.GetCreateTime(),
	}
	for n, e := range []*rectificationv1.Evidence{named(own.GetName()), {Document: own.GetName(), Title: "名册", Sha256: own.GetSha256(), DocumentDate: own.GetDocumentDate()}} {
		i := w.evidenced(k, n, e, named(undated.GetName()), &rectificationv1.Evidence{Sha256: hash(1), Title: "纸质"})
		got := w.updates(office, i)[0].GetEvidence()
		for m, answered := range i.GetEvidence() {
			if !proto.Equal(got[m], answered) {
				t.Errorf("the history has %v, the item %v", got[m], answered)
			}
		}
		if !proto.Equal(got[0], want) || got[1].GetDocumentDate() != nil || got[1].GetSha256() != undated.GetSha256() ||
			!got[2].GetUploadTime().AsTime().Equal(w.clock.Now()) {
			t.Errorf("got %v, want %v first", got, want)
		}
	}
}

// TestArt17TablesHoldWhatEvidenceNames: without the service, too, evidence is a document
// of its case as it was handed in.
func TestArt17TablesHoldWhatEvidenceNames(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k, other := w.rectifying(w.jinjiang()), w.rectifying(w.authorize("510105", "510100", "chen"))
	own, foreign := w.dated(k, pdf(100), "2024-02-20"), w.handIn(other.county, other, pdf(100))
	db := w.db.Open(t)
	defer db.Close()
	report := func(document, sum, on, uploaded string) bool {
		return takes(t, db, k.county, `UPDATE item SET state = 'IN_PROGRESS', percent = 10, progress = 'x', implementer = 'clerk', version = version + 1,
update_time = now(), evidence = jsonb_build_array(jsonb_build_object('document', '`+document+`', 'sha256', '`+sum+`', 'document_date', '`+on+`',
'title', 'x', 'upload_time', '`+uploaded+`')) WHERE number = 1 AND rectification_id = '`+idOf(k.rectification)+`'`)
	}
	name, sum, on := own.GetName(), own.GetSha256(), "2024-02-20"
	at := own.GetCreateTime().AsTime().Format(time.RFC3339Nano)
	for what, taken := range map[string]bool{
		"one that never was":          report(k.rectification+"/documents/"+uuid.NewString(), sum, on, at),
		"another county's":            report(foreign.GetName(), sum, on, at),
		"another county's as its own": report(k.rectification+"/documents/"+idOf(foreign.GetName()), sum, on, at),
		"its own as another county's": report(other.rectification+"/documents/"+idOf(name), sum, on, at),
		"another hash":                report(name, hash(1), on, at),
		"another date":                report(name, sum, "2024-02-21", at),
		"another time":                report(name, sum, on, "2024-02-26T00:00:00Z"),
	} {
		if taken {
			t.Errorf("the tables take %s", what)
		}
	}
	if !report(name, sum, on, at) {
		t.Error("no evidence is lawful, so that the refusals prove nothing")
	}
}
