package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
)

// Limits of a request whose body, or whose answer, is a file: it lasts as long as the
// file takes, but nobody is waited for longer than others are.
const (
	maxFileDuration = 55 * time.Minute // less than the hour that a service allows a stream
	maxSilence      = 30 * time.Second
	maxPiece        = 32<<10 - 64     // with its frame, fits the buffers of 32 KiB that gRPC uses again; the next size is a mebibyte
	maxGathering    = 5 * time.Second // then a piece goes on as it is
	defaultUpload   = 1 << 30
)

// files answers the methods whose body or answer is a file. Such a file is never held as
// a whole: it passes in pieces.
type files struct {
	edge *edge
	mux  *runtime.ServeMux
	to   documentv1.DocumentServiceClient
}

// registerFiles puts both methods in front of what was generated for the service.
func (e *edge) registerFiles(ctx context.Context, mux *runtime.ServeMux, conn *grpc.ClientConn) error {
	if err := documentv1.RegisterDocumentServiceHandler(ctx, mux, conn); err != nil {
		return err
	}
	f := &files{e, mux, documentv1.NewDocumentServiceClient(conn)}
	for _, r := range e.files {
		handler, known := map[string]runtime.HandlerFunc{
			documentv1.DocumentService_UploadDocument_FullMethodName:   f.upload,
			documentv1.DocumentService_DownloadDocument_FullMethodName: f.download,
		}[r.fullMethod()]
		if !known {
			return fmt.Errorf("%s: nothing passes its file on", r.method)
		}
		if err := mux.HandlePath(r.verb, r.pattern, handler); err != nil {
			return err
		}
	}
	return nil
}

// file gives the route of a request whose body or answer is a file.
func (e *edge) file(r *http.Request) (route, bool) {
	slashes := strings.Count(r.URL.Path, "/")
	for _, candidate := range e.files {
		if candidate.verb == r.Method && candidate.slashes == slashes && candidate.match.MatchString(r.URL.Path) {
			return candidate, true
		}
	}
	return route{}, false
}

// uploadObjection judges an upload by its headers, before a byte of the body is read.
func (e *edge) uploadObjection(r *http.Request) (int, *fault.Error) {
	switch {
	case r.Header.Get("Content-Encoding") != "" || r.Header.Get("Content-Type") == "":
		return http.StatusUnsupportedMediaType, fault.New(fault.Invalid, reasonMediaType)
	case r.ContentLength < 0:
		return http.StatusLengthRequired, fault.InvalidField("Content-Length", "REQUIRED", "the size has to be known before the file comes")
	case r.ContentLength > e.maxUpload:
		return http.StatusRequestEntityTooLarge, fault.New(fault.Exhausted, reasonFileTooLarge, "max_bytes", strconv.FormatInt(e.maxUpload, 10))
	}
	return 0, nil
}

// fail answers what went wrong before an answer was begun.
func (f *files) fail(ctx context.Context, w http.ResponseWriter, r *http.Request, err error) {
	if r.ProtoMajor == 1 {
		w.Header().Set("Connection", "close") // the rest of the body is not waited for
	}
	f.edge.serviceError(ctx, f.mux, nil, w, r, err)
}

// patience is how long the client is waited for, each time anew.
func (f *files) patience() time.Time { return f.edge.machine.Now().Add(maxSilence) }
