package gateway

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
)

// download passes a file back, always to be saved and never to be shown: whatever it
// holds, no browser runs it in the name of this edge.
func (f *files) download(w http.ResponseWriter, r *http.Request, path map[string]string) {
	ctx, err := runtime.AnnotateContext(r.Context(), f.mux, r, documentv1.DocumentService_DownloadDocument_FullMethodName)
	if err == nil && r.URL.RawQuery != "" {
		err = status.Error(codes.InvalidArgument, "unknown query parameter")
	}
	if err != nil {
		f.fail(ctx, w, r, err)
		return
	}
	stream, err := f.to.DownloadDocument(ctx, &documentv1.DownloadDocumentRequest{Name: path["name"]})
	var first *documentv1.DownloadDocumentResponse
	if err == nil {
		first, err = stream.Recv()
	}
	if err != nil {
		f.fail(ctx, w, r, err)
		return
	}
	describe(w.Header(), first.GetDocument())
	w.WriteHeader(http.StatusOK)
	control := http.NewResponseController(w)
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			_ = control.SetWriteDeadline(f.patience()) // if it cannot be set, that of the server holds
			_, err = w.Write(piece.GetChunk())
		}
		if err != nil {
			panic(http.ErrAbortHandler) // so that the client does not take a part for the whole
		}
	}
}

func describe(h http.Header, d *documentv1.Document) {
	h.Set("Content-Type", d.GetMediaType())
	h.Set("Content-Length", strconv.FormatInt(d.GetSizeBytes(), 10))
	h.Set("Content-Disposition", disposition(d.GetDisplayName()))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	if sum, err := hex.DecodeString(d.GetSha256()); err == nil {
		h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":") // RFC 9530
	}
}

// disposition names the file for old programs in ASCII, and for all others as it is
// called (RFC 6266, RFC 8187).
func disposition(name string) string {
	plain := strings.Map(func(c rune) rune {
		if c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '%' {
			return '_'
		}
		return c
	}, name)
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}
