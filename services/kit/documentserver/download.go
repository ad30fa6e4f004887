package documentserver

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/requestid"
	"github.com/xunshi/xunshi/services/kit/vault"
)

// pieceSize fits, with its frame, the buffers of 32 KiB that gRPC uses again; the next size
// is a mebibyte.
const pieceSize = 32<<10 - 64

type downloads = grpc.ServerStreamingServer[documentv1.DownloadDocumentResponse]

// DownloadDocument gives the file in pieces, once the reading is entered. Every piece is
// authentic; the stream ends well only if nothing is missing.
func (s *server) DownloadDocument(req *documentv1.DownloadDocumentRequest, stream downloads) error {
	ctx := stream.Context()
	ids, err := parse(ctx, s.name, "name", req.GetName())
	if err != nil {
		return err
	}
	var record document.Record
	known, err := audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*documentv1.Document, error) {
		if record, err = s.find(tx, ids); err != nil {
			return nil, named(err, req.GetName())
		}
		return s.encode(record), nil
	})
	if err != nil {
		return err
	}
	if err := s.give(ctx, record, known, stream); err != nil {
		s.alarm(ctx, err)
		return err
	}
	return nil
}

// give sends what is known of the document with the first piece of its content, so that
// what cannot be opened is refused before anything left.
func (s *server) give(ctx context.Context, r document.Record, known *documentv1.Document, stream downloads) error {
	content, err := s.Vault.Get(ctx, vault.Ref{Province: r.Place.Province, Parent: r.Place.Parent, ID: r.ID})
	if err != nil {
		return err
	}
	defer content.Close()
	proof := r.Declaration.Recall()
	piece := make([]byte, pieceSize)
	for first := true; ; first = false {
		n, err := io.ReadFull(content, piece)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		proof.Write(piece[:n])
		if last && !proof.Holds() { // before its last piece leaves
			return fault.New(fault.Precondition, document.ReasonDamaged)
		}
		if first {
			if err := stream.Send(&documentv1.DownloadDocumentResponse{Part: &documentv1.DownloadDocumentResponse_Document{Document: known}}); err != nil {
				return err
			}
		}
		if n > 0 {
			if err := stream.Send(&documentv1.DownloadDocumentResponse{Part: &documentv1.DownloadDocumentResponse_Chunk{Chunk: piece[:n]}}); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

// alarm tells the operator of a document that is no longer what was handed in.
func (s *server) alarm(ctx context.Context, err error) {
	if fault.Is(err, document.ReasonDamaged) {
		s.Log.ErrorContext(ctx, "security alarm: a document is damaged or was changed",
			"request_id", requestid.From(ctx), "error", err)
	}
}
