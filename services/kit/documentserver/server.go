package documentserver

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"

	"google.golang.org/grpc"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/resourcename"
	"github.com/xunshi/xunshi/services/kit/vault"
	"github.com/xunshi/xunshi/services/kit/wire"
)

// Parents are the resources of a service that documents belong to.
type Parents struct {
	// Name is the form of their names, provinces/{province}/…, and Variable the one of it
	// that is the id.
	Name     *resourcename.Pattern
	Variable string
	// See gives the place of one that the caller sees. One that is not there, or not
	// there for the caller, is fault.NotFound.
	See func(tx *pg.Tx, id string) (document.Place, error)
	// Take refuses a document for one that takes no more.
	Take func(tx *pg.Tx, id string) error
}

// Deps are what the server needs; all are required.
type Deps struct {
	DB       *pg.DB
	Vault    *vault.Vault
	Parents  Parents
	Pager    *page.Pager
	Clock    clock.Clock // of the business
	Log      *slog.Logger
	MaxBytes int64
}

// Register adds the server to a gRPC server.
func Register(r grpc.ServiceRegistrar, d Deps) error {
	if d.DB == nil || d.Vault == nil || d.Parents.Name == nil || d.Parents.Variable == "" || d.Parents.See == nil || d.Parents.Take == nil ||
		d.Pager == nil || d.Clock == nil || d.Log == nil || d.MaxBytes < 1 {
		return errors.New("documentserver: a dependency is missing")
	}
	name, err := resourcename.New(d.Parents.Name.String() + "/documents/{document}")
	if err != nil {
		return err
	}
	documentv1.RegisterDocumentServiceServer(r, &server{Deps: d, name: name})
	return nil
}

type server struct {
	documentv1.UnimplementedDocumentServiceServer
	Deps
	name *resourcename.Pattern
}

func (s *server) now() time.Time { return s.Clock.Now().UTC().Truncate(time.Microsecond) }

// parse reads the ids of a name. An object of another province is missing here even
// where no policy says so.
func parse(ctx context.Context, p *resourcename.Pattern, field, name string) (map[string]string, error) {
	ids, err := p.ParseField(field, name)
	if err != nil {
		return nil, err
	}
	if caller, _ := principal.From(ctx); caller.Province != ids["province"] {
		return nil, fault.Missing(name)
	}
	return ids, nil
}

// parentOf gives the id of the parent out of the ids of a name.
func (s *server) parentOf(ids map[string]string) string { return ids[s.Parents.Variable] }

// named tells what was asked for where nothing was found.
func named(err error, name string) error {
	if fault.Is(pg.Fault(err), fault.ReasonNotFound) {
		return fault.Missing(name).Wrap(err)
	}
	return err
}

// find reads a document whose parent the caller sees.
func (s *server) find(tx *pg.Tx, ids map[string]string) (document.Record, error) {
	if _, err := s.Parents.See(tx, s.parentOf(ids)); err != nil {
		return document.Record{}, err
	}
	return document.Get(tx, s.parentOf(ids), ids["document"])
}

// GetDocument reads what is known of a document.
func (s *server) GetDocument(ctx context.Context, req *documentv1.GetDocumentRequest) (*documentv1.Document, error) {
	ids, err := parse(ctx, s.name, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*documentv1.Document, error) {
		r, err := s.find(tx, ids)
		if err != nil {
			return nil, named(err, req.GetName())
		}
		return s.encode(r), nil
	})
}

// ListDocuments lists the documents of a case as they were handed in.
func (s *server) ListDocuments(ctx context.Context, req *documentv1.ListDocumentsRequest) (*documentv1.ListDocumentsResponse, error) {
	ids, err := parse(ctx, s.Parents.Name, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	cursor, err := s.Pager.Parse(ctx, req)
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*documentv1.ListDocumentsResponse, error) {
		if _, err := s.Parents.See(tx, s.parentOf(ids)); err != nil {
			return nil, named(err, req.GetParent())
		}
		found, err := document.List(tx, s.parentOf(ids), cursor, size)
		if err != nil {
			return nil, err
		}
		found, more := page.Cut(found, size)
		answer := &documentv1.ListDocumentsResponse{}
		for _, r := range found {
			answer.Documents = append(answer.Documents, s.encode(r))
		}
		if more {
			last := found[len(found)-1]
			answer.NextPageToken, err = s.Pager.Next(ctx, req, last.ID, document.SortKey(last))
		}
		return answer, err
	})
}

func (s *server) encode(r document.Record) *documentv1.Document {
	return &documentv1.Document{
		Name:         s.name.Format(r.Place.Province, r.Place.Parent, r.ID),
		DisplayName:  r.DisplayName,
		MediaType:    r.MediaType,
		SizeBytes:    r.Size,
		Sha256:       hex.EncodeToString(r.SHA256),
		DocumentDate: wire.Date(r.DocumentDate),
		Uploader:     policyv1.Party(policyv1.Party_value["PARTY_"+string(r.Party)]),
		CreateTime:   wire.Time(r.CreateTime),
	}
}
