package api_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	"github.com/xunshi/xunshi/services/kit/grpcserver/grpcservertest"
)

// TestArt17EvidenceIsHandedInAndRead: the county hands in evidence, and whoever follows
// its case reads it, byte by byte; each download is entered before it leaves.
func TestArt17EvidenceIsHandedInAndRead(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	content := pdf(700_000)
	declared := declare(k, content)
	declared.DocumentDate = day(t, "2024-02-20")
	got := do(w.upload(w.as(k.county), declared, content[:262144], content[262144:300000], content[300000:562144], content[562144:]))(t)
	want := &documentv1.Document{
		Name: got.GetName(), DisplayName: "整改佐证.pdf", MediaType: "application/pdf", SizeBytes: 700_000, Sha256: declared.GetSha256(),
		DocumentDate: declared.GetDocumentDate(), Uploader: policyv1.Party_PARTY_COUNTY_COMMITTEE, CreateTime: got.GetCreateTime(),
	}
	if !proto.Equal(got, want) || !strings.HasPrefix(got.GetName(), k.rectification+"/documents/") {
		t.Errorf("got %v, want %v", got, want)
	}
	w.wantKept(1)
	if sealed := do(os.ReadFile(w.stored()[0]))(t); strings.Contains(string(sealed), content[100:200]) {
		t.Error("the content lies open")
	}
	for i, token := range []string{k.county, k.city, k.liaison, k.group, office, leading} {
		if read := do(w.documents().GetDocument(w.as(token), &documentv1.GetDocumentRequest{Name: got.GetName()}))(t); !proto.Equal(read, want) {
			t.Errorf("%s reads %v", token, read)
		}
		list := do(w.documents().ListDocuments(w.as(token), &documentv1.ListDocumentsRequest{Parent: k.rectification}))(t)
		if len(list.GetDocuments()) != 1 || !proto.Equal(list.GetDocuments()[0], want) {
			t.Errorf("%s lists %v", token, list)
		}
		d, read, err := w.download(w.as(token), got.GetName())
		if err != nil || !proto.Equal(d, want) || read != content {
			t.Errorf("%s downloads %v, %d bytes, %v", token, d, len(read), err)
		}
		if n := w.count("SELECT count(*) FROM audit_entry WHERE method LIKE '%/DownloadDocument' AND object = $1 AND outcome = 'OK'", got.GetName()); n != i+1 {
			t.Errorf("after %d downloads %d are entered", i+1, n)
		}
	}
	if n := w.count("SELECT count(*) FROM audit_entry WHERE method LIKE '%/UploadDocument' AND object = $1 AND outcome = 'OK' AND '17' = ANY (articles)", got.GetName()); n != 1 {
		t.Errorf("the upload is entered %d times", n)
	}
}

// TestArt17PagesInTheOrderOfHandingIn.
func TestArt17PagesInTheOrderOfHandingIn(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	var want, got []string
	for range 5 {
		w.clock.Set(w.clock.Now().Add(time.Second))
		want = append(want, w.handIn(k.county, k, pdf(100)).GetName())
	}
	req := &documentv1.ListDocumentsRequest{Parent: k.rectification, PageSize: 2}
	for {
		list := do(w.documents().ListDocuments(w.as(k.county), req))(t)
		for _, d := range list.GetDocuments() {
			got = append(got, d.GetName())
		}
		if req.PageToken = list.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestArt17AWrongDeclarationKeepsNothing (security.md §5.2, inputs 79 to 84): neither a
// document nor content.
func TestArt17AWrongDeclarationKeepsNothing(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	content := pdf(1000)
	for name, tt := range map[string]struct {
		code   codes.Code
		reason string
		change func(d *documentv1.DocumentUpload)
		pieces []string
	}{
		"another hash":        {codes.InvalidArgument, "DOCUMENT_HASH_DIFFERS", func(d *documentv1.DocumentUpload) { d.Sha256 = strings.Repeat("0", 64) }, nil},
		"less than declared":  {codes.InvalidArgument, "DOCUMENT_SIZE_DIFFERS", func(d *documentv1.DocumentUpload) { d.SizeBytes++ }, nil},
		"more than declared":  {codes.InvalidArgument, "DOCUMENT_SIZE_DIFFERS", func(d *documentv1.DocumentUpload) { d.SizeBytes-- }, nil},
		"nothing":             {codes.InvalidArgument, "DOCUMENT_SIZE_DIFFERS", nil, []string{}},
		"another type":        {codes.InvalidArgument, "DOCUMENT_TYPE_DIFFERS", func(d *documentv1.DocumentUpload) { d.MediaType, d.DisplayName = "image/png", "佐证.png" }, nil},
		"a type that runs":    {codes.InvalidArgument, "DOCUMENT_TYPE_REFUSED", func(d *documentv1.DocumentUpload) { d.MediaType = "application/x-msdownload" }, nil},
		"a web page":          {codes.InvalidArgument, "DOCUMENT_TYPE_REFUSED", func(d *documentv1.DocumentUpload) { d.MediaType = "text/html" }, nil},
		"larger than allowed": {codes.ResourceExhausted, "DOCUMENT_TOO_LARGE", func(d *documentv1.DocumentUpload) { d.SizeBytes = 1<<20 + 1 }, nil},
		"a piece too large":   {codes.ResourceExhausted, "DOCUMENT_TOO_LARGE", func(d *documentv1.DocumentUpload) { d.SizeBytes = 1 << 20 }, []string{pdf(256<<10 + 1)}},
		"an empty piece":      {codes.ResourceExhausted, "DOCUMENT_TOO_LARGE", nil, []string{content[:10], ""}},
		"a path":              {codes.InvalidArgument, "FIELD_INVALID", func(d *documentv1.DocumentUpload) { d.DisplayName = "../../佐证.pdf" }, nil},
		"a device":            {codes.InvalidArgument, "FIELD_INVALID", func(d *documentv1.DocumentUpload) { d.DisplayName = "con.pdf" }, nil},
		"from right to left":  {codes.InvalidArgument, "FIELD_INVALID", func(d *documentv1.DocumentUpload) { d.DisplayName = "佐证\u202efdp.pdf" }, nil},
		"NUL":                 {codes.InvalidArgument, "FIELD_INVALID", func(d *documentv1.DocumentUpload) { d.DisplayName = "佐证\x00.pdf" }, nil},
		"300 characters":      {codes.InvalidArgument, "FIELD_INVALID", func(d *documentv1.DocumentUpload) { d.DisplayName = strings.Repeat("证", 300) + ".pdf" }, nil},
		"a name that runs":    {codes.InvalidArgument, "FIELD_INVALID", func(d *documentv1.DocumentUpload) { d.DisplayName = "佐证.pdf.exe" }, nil},
		"a hash that is none": {codes.InvalidArgument, "FIELD_INVALID", func(d *documentv1.DocumentUpload) { d.Sha256 = "00" }, nil},
		"no request_id":       {codes.InvalidArgument, "FIELD_INVALID", func(d *documentv1.DocumentUpload) { d.RequestId = "" }, nil},
		"a day to come":       {codes.InvalidArgument, "FIELD_INVALID", func(d *documentv1.DocumentUpload) { d.DocumentDate = day(t, "2024-02-27") }, nil},
		"a day that is none":  {codes.InvalidArgument, "FIELD_INVALID", func(d *documentv1.DocumentUpload) { d.DocumentDate = day(t, "2024-02-20"); d.DocumentDate.Day = 30 }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			declared, pieces := declare(k, content), tt.pieces
			if tt.change != nil {
				tt.change(declared)
			}
			if pieces == nil {
				pieces = []string{content[:100], content[100:]}
			}
			_, err := w.upload(w.as(k.county), declared, pieces...)
			if status.Code(err) != tt.code {
				t.Errorf("got %v, want %v", err, tt.code)
			}
			refused(t, err, tt.reason, "")
			w.wantKept(0)
		})
	}
}

// TestArt17AnUploadDeclaresFirstAndOnce (input 79).
func TestArt17AnUploadDeclaresFirstAndOnce(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	declared := &documentv1.UploadDocumentRequest{Part: &documentv1.UploadDocumentRequest_Upload{Upload: declare(k, pdf(1000))}}
	chunk := &documentv1.UploadDocumentRequest{Part: &documentv1.UploadDocumentRequest_Chunk{Chunk: []byte(pdf(1000))}}
	for name, tt := range map[string]struct {
		messages []*documentv1.UploadDocumentRequest
		code     codes.Code
	}{
		"content first":  {[]*documentv1.UploadDocumentRequest{chunk, declared}, codes.InvalidArgument},
		"declared twice": {[]*documentv1.UploadDocumentRequest{declared, declared}, codes.InvalidArgument},
		"nothing":        {nil, codes.InvalidArgument},
		"neither":        {[]*documentv1.UploadDocumentRequest{declared, {}}, codes.InvalidArgument},
	} {
		stream := do(w.documents().UploadDocument(w.as(k.county)))(t)
		for _, m := range tt.messages {
			if err := stream.Send(m); err != nil {
				break // the answer says why
			}
		}
		if _, err := stream.CloseAndRecv(); status.Code(err) != tt.code {
			t.Errorf("%s: got %v, want %v", name, err, tt.code)
		}
	}
	w.wantKept(0)
}

// TestArt17AStalledUploadEnds (input 82), and one that breaks off keeps nothing.
func TestArt17AStalledUploadEnds(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	impatient := *w
	impatient.addr = w.serve(grpcservertest.WithStall(200 * time.Millisecond))
	impatient.connect()
	content := pdf(1000)
	declared := &documentv1.UploadDocumentRequest{Part: &documentv1.UploadDocumentRequest_Upload{Upload: declare(k, content)}}
	piece := &documentv1.UploadDocumentRequest{Part: &documentv1.UploadDocumentRequest_Chunk{Chunk: []byte(content[:600])}}
	for _, sent := range [][]*documentv1.UploadDocumentRequest{{}, {declared}, {declared, piece}} {
		stream := do(impatient.documents().UploadDocument(w.as(k.county)))(t)
		for _, m := range sent {
			if err := stream.Send(m); err != nil {
				t.Fatal(err)
			}
		}
		err := stream.RecvMsg(&documentv1.Document{})
		if status.Code(err) != codes.DeadlineExceeded {
			t.Errorf("after %d messages: %v", len(sent), err)
		}
		refused(t, err, "UPLOAD_STALLED", "")
	}
	ctx, cancel := context.WithCancel(w.as(k.county))
	stream := do(w.documents().UploadDocument(ctx))(t)
	for _, m := range []*documentv1.UploadDocumentRequest{declared, piece} {
		if err := stream.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	for range 100 {
		if len(w.stored()) == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.wantKept(0)
}

// TestArt17ADocumentIsHandedInOnce: a repeat has the first answer, and another content
// under the same request_id is refused; the same file under another is another document.
func TestArt17ADocumentIsHandedInOnce(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	content := pdf(1000)
	declared := declare(k, content)
	first := do(w.upload(w.as(k.county), declared, content))(t)
	w.clock.Set(w.clock.Now().Add(time.Hour))
	for range 2 {
		if again := do(w.upload(w.as(k.county), declared, content))(t); !proto.Equal(again, first) {
			t.Errorf("the repeat is %v, want %v", again, first)
		}
	}
	w.wantKept(1)
	other := declare(k, pdf(999))
	other.RequestId = declared.GetRequestId()
	_, err := w.upload(w.as(k.county), other, pdf(999))
	refused(t, err, "REQUEST_ID_REUSED", "")
	second := w.handIn(k.county, k, content)
	if second.GetName() == first.GetName() || second.GetSha256() != first.GetSha256() {
		t.Errorf("the same file again is %v", second)
	}
	w.wantKept(2)
	// What did not come whole decides nothing: the same request may come again.
	torn := declare(k, content)
	_, err = w.upload(w.as(k.county), torn, content[:900])
	refused(t, err, "DOCUMENT_SIZE_DIFFERS", "")
	do(w.upload(w.as(k.county), torn, content))(t)
	w.wantKept(3)
}

// TestArt17TwentyUploadsOneDocument: of twenty at once under one request_id one is kept.
func TestArt17TwentyUploadsOneDocument(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	content := pdf(50_000)
	declared := declare(k, content)
	names := make(chan string, 20)
	for range 20 {
		go func() {
			for {
				d, err := w.upload(w.as(k.county), declared, content)
				if code := status.Code(err); code == codes.ResourceExhausted || code == codes.Aborted {
					time.Sleep(20 * time.Millisecond)
					continue // busy; as a client library does
				}
				if err != nil {
					t.Error(err)
				}
				names <- d.GetName()
				return
			}
		}()
	}
	first := <-names
	for range 19 {
		if name := <-names; name != first {
			t.Errorf("got %s and %s", first, name)
		}
	}
	w.wantKept(1)
}

// TestArt17WhatACrashLeftIsSwept, when it is old enough, and nothing else.
func TestArt17WhatACrashLeftIsSwept(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	kept := w.handIn(k.county, k, pdf(1000))
	lost := w.handIn(k.county, k, pdf(1000))
	if _, err := w.db.Admin(t).Exec("DELETE FROM document WHERE id = $1", idOf(lost.GetName())); err != nil { // as if the crash came before
		t.Fatal(err)
	}
	if err := os.WriteFile(w.content.Directory+"/51/unfinished.17.tmp", []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	sweeper := *w.service.Sweeper()
	if n := do(sweeper.Round(t.Context()))(t); n != 0 {
		t.Errorf("of what is young, %d were removed", n)
	}
	sweeper.Age = -time.Hour
	if n := do(sweeper.Round(t.Context()))(t); n != 2 {
		t.Errorf("%d were removed, want 2", n)
	}
	w.wantKept(1)
	if _, read, err := w.download(w.as(k.county), kept.GetName()); err != nil || read != pdf(1000) {
		t.Errorf("what is kept: %v", err)
	}
	_, _, err := w.download(w.as(k.county), lost.GetName())
	if status.Code(err) != codes.NotFound {
		t.Errorf("what is lost: %v", err)
	}
}
