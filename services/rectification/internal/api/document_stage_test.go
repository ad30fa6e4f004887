package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	"github.com/xunshi/xunshi/services/kit/config"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/vault"
	"github.com/xunshi/xunshi/services/rectification"
)

// newContent is a place for the documents of a test, and their key.
func newContent(t *testing.T) document.Config {
	t.Helper()
	cfg := document.DefaultConfig()
	cfg.Directory, cfg.KeyFile, cfg.MaxBytes = t.TempDir(), config.SecretFile(filepath.Join(t.TempDir(), "keys")), 1<<20
	writeKeys(t, cfg, "k1 "+strings.Repeat("ab", 32))
	return cfg
}

func writeKeys(t *testing.T, cfg document.Config, text string) {
	t.Helper()
	if err := os.WriteFile(string(cfg.KeyFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w *world) openVault() *vault.Vault {
	w.t.Helper()
	return do(vault.Open(w.t.Context(), rectification.Name, w.content))(w.t)
}

func (w *world) documents() documentv1.DocumentServiceClient {
	return documentv1.NewDocumentServiceClient(w.people)
}

// pdf is a document of so many bytes.
func pdf(size int) string {
	return "%PDF-1.7\n" + strings.Repeat("整改佐证", size/12+1)[:size-9]
}

// declare says what is true of the content.
func declare(k task, content string) *documentv1.DocumentUpload {
	sum := sha256.Sum256([]byte(content))
	return &documentv1.DocumentUpload{
		Parent: k.rectification, DisplayName: "整改佐证.pdf", MediaType: "application/pdf",
		SizeBytes: int64(len(content)), Sha256: hex.EncodeToString(sum[:]), RequestId: requestID(),
	}
}

// upload sends a file in pieces as a client does.
func (w *world) upload(ctx context.Context, declared *documentv1.DocumentUpload, pieces ...string) (*documentv1.Document, error) {
	w.t.Helper()
	stream, err := w.documents().UploadDocument(ctx)
	if err != nil {
		return nil, err
	}
	messages := []*documentv1.UploadDocumentRequest{{Part: &documentv1.UploadDocumentRequest_Upload{Upload: declared}}}
	for _, piece := range pieces {
		messages = append(messages, &documentv1.UploadDocumentRequest{Part: &documentv1.UploadDocumentRequest_Chunk{Chunk: []byte(piece)}})
	}
	for _, m := range messages {
		if err := stream.Send(m); err != nil {
			break // the answer says why
		}
	}
	return stream.CloseAndRecv()
}

// handIn gives a document that the token handed in.
func (w *world) handIn(token string, k task, content string) *documentv1.Document {
	w.t.Helper()
	var pieces []string
	for rest := content; rest != ""; rest = rest[min(len(rest), 256<<10):] {
		pieces = append(pieces, rest[:min(len(rest), 256<<10)])
	}
	return do(w.upload(w.as(token), declare(k, content), pieces...))(w.t)
}

// download gives what is said of a document and its content.
func (w *world) download(ctx context.Context, name string) (*documentv1.Document, string, error) {
	stream, err := w.documents().DownloadDocument(ctx, &documentv1.DownloadDocumentRequest{Name: name})
	if err != nil {
		return nil, "", err
	}
	var d *documentv1.Document
	var content strings.Builder
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return d, content.String(), nil
		}
		if err != nil {
			return d, content.String(), err
		}
		if piece.GetDocument() != nil {
			d = piece.GetDocument()
		}
		content.Write(piece.GetChunk())
	}
}

// stored lists the files that hold content.
func (w *world) stored() (names []string) {
	w.t.Helper()
	err := filepath.WalkDir(w.content.Directory, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return names
}

// count gives a number from the database, above row-level security.
func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	if err := w.db.Admin(w.t).QueryRow(query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// wantKept fails unless there are so many documents, each with its content and no more.
func (w *world) wantKept(n int) {
	w.t.Helper()
	if rows, files := w.count("SELECT count(*) FROM document"), len(w.stored()); rows != n || files != n {
		w.t.Errorf("%d documents and %d files, want %d of each", rows, files, n)
	}
}
