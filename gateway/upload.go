package gateway

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
)

type uploadStream = grpc.ClientStreamingClient[documentv1.UploadDocumentRequest, documentv1.Document]

// upload passes a file on. Its type and size are those of the request; what else is said
// of it stands in the query.
func (f *files) upload(w http.ResponseWriter, r *http.Request, path map[string]string) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel() // a stream that was not ended is dropped, and keeps nothing
	answer, err := f.pass(ctx, w, r, path["upload.parent"])
	_ = http.NewResponseController(w).SetWriteDeadline(f.patience()) // that of the server began with the request
	if err != nil {
		f.fail(ctx, w, r, err)
		return
	}
	_, marshaler := runtime.MarshalerForRequest(f.mux, r)
	runtime.ForwardResponseMessage(ctx, f.mux, marshaler, w, r, answer, f.mux.GetForwardResponseOptions()...)
}

func (f *files) pass(ctx context.Context, w http.ResponseWriter, r *http.Request, parent string) (*documentv1.Document, error) {
	declared, err := declaration(r, parent)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	ctx, err = runtime.AnnotateContext(ctx, f.mux, r, documentv1.DocumentService_UploadDocument_FullMethodName)
	if err != nil {
		return nil, err
	}
	stream, err := f.to.UploadDocument(ctx)
	if err != nil {
		return nil, err
	}
	err = stream.Send(&documentv1.UploadDocumentRequest{Part: &documentv1.UploadDocumentRequest_Upload{Upload: declared}})
	if err == nil {
		err = f.pieces(stream, w, r)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return stream.CloseAndRecv() // after io.EOF, it says why the service heard enough
}

// pieces sends the body. io.EOF says that the service wants no more.
func (f *files) pieces(stream uploadStream, w http.ResponseWriter, r *http.Request) error {
	piece := make([]byte, maxPiece)
	for {
		n, err := f.gather(http.NewResponseController(w), r.Body, piece)
		if n > 0 {
			message := &documentv1.UploadDocumentRequest{Part: &documentv1.UploadDocumentRequest_Chunk{Chunk: piece[:n]}}
			if err := stream.Send(message); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return fault.New(fault.Timeout, fault.ReasonUploadStalled)
		case err != nil: // broken off
			return fault.New(fault.Invalid, reasonBodyInvalid)
		}
	}
}

// gather fills a piece, unless it takes so long that the service would wait for it.
func (f *files) gather(control *http.ResponseController, body io.Reader, piece []byte) (n int, err error) {
	for begun := f.edge.machine.Now(); n < len(piece) && err == nil; {
		if err := control.SetReadDeadline(f.patience()); err != nil {
			return n, err
		}
		var more int
		more, err = body.Read(piece[n:])
		n += more
		if f.edge.machine.Now().Sub(begun) > maxGathering {
			break
		}
	}
	return n, err
}

// declaration reads what is said of the file. As everywhere, an unknown parameter or one
// that comes twice is refused.
func declaration(r *http.Request, parent string) (*documentv1.DocumentUpload, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return nil, errors.New("Content-Type is not the type of a file, or has another charset than utf-8")
	}
	d := &documentv1.DocumentUpload{Parent: parent, MediaType: kind, SizeBytes: r.ContentLength}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, errors.New("the query is malformed")
	}
	for name, given := range query {
		_, field, known := fieldPath(d.ProtoReflect().Descriptor(), name)
		switch {
		case !known:
			return nil, errors.New("unknown query parameter")
		case len(given) > 1 || !utf8.ValidString(given[0]):
			return nil, errors.New("a query parameter is given more than once or is not UTF-8")
		}
		switch field.Name() {
		case "display_name":
			err = once(&d.DisplayName, given[0])
		case "sha256":
			err = once(&d.Sha256, given[0])
		case "document_date":
			if d.DocumentDate != nil {
				return nil, errors.New("documentDate is given more than once")
			}
			d.DocumentDate, err = dateOf(given[0])
		default: // what the path, the headers or the body say
			err = errors.New("a query parameter is part of the path, the headers or the body")
		}
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// once sets what was not set under its other name.
func once(field *string, value string) error {
	if *field != "" {
		return errors.New("a query parameter is given more than once")
	}
	*field = value
	return nil
}

func dateOf(text string) (*date.Date, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil, errors.New("documentDate is not a day like 2026-08-31")
	}
	return &date.Date{Year: int32(day.Year()), Month: int32(day.Month()), Day: int32(day.Day())}, nil
}
