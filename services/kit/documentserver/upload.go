package documentserver

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"slices"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/vault"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// maxChunk is the size of the largest piece.
const maxChunk = 256 << 10

type uploads = grpc.ClientStreamingServer[documentv1.UploadDocumentRequest, documentv1.Document]

// UploadDocument takes a file in pieces. The content is kept first and proven as it
// passes, then the document is entered; a repeat of what was entered is answered as then.
func (s *server) UploadDocument(stream uploads) error {
	ctx := stream.Context()
	upload, err := declaration(stream)
	if err != nil {
		return err
	}
	if answer, ok, err := idempotency.Stored[*documentv1.Document](ctx, s.DB, upload); ok || err != nil {
		return s.answer(stream, upload, answer, err)
	}
	record, err := s.accept(ctx, upload)
	if err != nil {
		return err
	}
	ref := vault.Ref{Province: record.Place.Province, Parent: record.Place.Parent, ID: record.ID}
	record.KeyID, err = s.Vault.Put(ctx, ref, func(w io.Writer) error {
		return s.prove(stream, record.Declaration, w)
	})
	if err != nil {
		return err
	}
	answer, err := s.enter(ctx, upload, record)
	if s.unused(answer, record, err) {
		if gone := s.Vault.Delete(context.WithoutCancel(ctx), ref); gone != nil {
			s.Log.WarnContext(ctx, "content without a document is left to the sweep", "error", gone)
		}
	}
	if err != nil {
		return err
	}
	return stream.SendAndClose(answer)
}

// declaration reads the first message.
func declaration(stream uploads) (*documentv1.DocumentUpload, error) {
	first, err := stream.Recv()
	switch {
	case errors.Is(err, io.EOF), err == nil && first.GetUpload() == nil:
		return nil, fault.New(fault.Invalid, document.ReasonUploadOrder)
	case err != nil:
		return nil, err
	}
	return first.GetUpload(), nil
}

// answer repeats an answer, when the file has come again: a caller that still sends may
// not hear it before.
func (s *server) answer(stream uploads, upload *documentv1.DocumentUpload, answer *documentv1.Document, refused error) error {
	if refused != nil {
		return refused
	}
	if err := s.pieces(stream, upload.GetSizeBytes(), io.Discard); err != nil {
		return err
	}
	return stream.SendAndClose(answer)
}

// accept judges the declaration, and whether there is something that takes the document,
// before the content comes. It gives the record that is to be entered.
func (s *server) accept(ctx context.Context, upload *documentv1.DocumentUpload) (document.Record, error) {
	ids, err := parse(ctx, s.Parents.Name, "upload.parent", upload.GetParent())
	if err != nil {
		return document.Record{}, err
	}
	date, err := wire.OptionalDay("upload.document_date", upload.GetDocumentDate())
	if err != nil {
		return document.Record{}, err
	}
	sum, err := hex.DecodeString(upload.GetSha256())
	if err != nil {
		return document.Record{}, fault.InvalidField("upload.sha256", "STRING_PATTERN", "must be 64 hexadecimal digits")
	}
	now := s.now()
	declared, err := document.Declaration{
		DisplayName: upload.GetDisplayName(), MediaType: upload.GetMediaType(), Size: upload.GetSizeBytes(),
		SHA256: sum, DocumentDate: date,
	}.Accept(s.MaxBytes, workday.DateOf(now))
	if err != nil {
		return document.Record{}, err
	}
	record := document.Record{ID: uuid.NewString(), Declaration: declared, CreateTime: now}
	return record, s.DB.Read(ctx, func(tx *pg.Tx) error {
		record.Party, record.Uploader = tx.Principal().Party, tx.Principal().Subject
		record.Place, err = s.takes(tx, s.parentOf(ids), upload.GetParent())
		return err
	})
}

// takes gives the place of a parent that the caller sees and that takes documents.
func (s *server) takes(tx *pg.Tx, id, name string) (document.Place, error) {
	place, err := s.Parents.See(tx, id)
	if err == nil {
		err = s.Parents.Take(tx, id)
	}
	return place, named(err, name)
}

// prove passes the content on, and holds it against the declaration.
func (s *server) prove(stream uploads, declared document.Declaration, w io.Writer) error {
	proof := declared.Prove()
	if err := s.pieces(stream, declared.Size, io.MultiWriter(proof, w)); err != nil {
		return err
	}
	return proof.Finish()
}

// pieces reads the content to its end.
func (s *server) pieces(stream uploads, size int64, w io.Writer) error {
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		chunk := message.GetChunk()
		switch {
		case message.GetUpload() != nil:
			return fault.New(fault.Invalid, document.ReasonUploadOrder)
		case len(chunk) == 0, len(chunk) > maxChunk:
			return document.TooLarge(s.MaxBytes)
		}
		if size -= int64(len(chunk)); size < -maxChunk { // a repeat may not send for ever
			return document.TooLarge(s.MaxBytes)
		}
		if _, err := w.Write(chunk); err != nil {
			return err
		}
	}
}

// enter makes the document, once: whether its parent takes it is asked again, since the
// content took its time.
func (s *server) enter(ctx context.Context, upload *documentv1.DocumentUpload, record document.Record) (*documentv1.Document, error) {
	return idempotency.Write(ctx, s.DB, upload, func(tx *pg.Tx) (*documentv1.Document, error) {
		if _, err := s.takes(tx, record.Place.Parent, upload.GetParent()); err != nil {
			return nil, err
		}
		if err := document.Add(tx, record); err != nil {
			return nil, err
		}
		return s.encode(record), nil
	})
}

// unused tells whether the content that was kept is surely nobody's: the document was
// refused, or a concurrent repeat was first. Where the outcome is not known, the sweep
// finds out.
func (s *server) unused(answer *documentv1.Document, record document.Record, err error) bool {
	if err == nil {
		return answer.GetName() != s.encode(record).GetName()
	}
	f, ok := fault.As(err)
	return ok && !slices.Contains([]fault.Kind{fault.Unavailable, fault.Timeout, fault.Internal}, f.Kind)
}
