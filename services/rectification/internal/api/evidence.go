package api

import (
	"encoding/hex"
	"fmt"
	"path"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// documentsNamed gives the documents of a case that evidence names and the caller sees,
// by name, in one statement; where none is named it asks nothing.
func documentsNamed(tx *pg.Tx, rectification string, reported ...domain.Progress) (map[string]domain.Evidence, error) {
	var ids []string
	for _, p := range reported {
		for _, e := range p.Evidence {
			if e.Document != "" {
				ids = append(ids, path.Base(e.Document))
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := document.Among(tx, rectification, ids)
	if err != nil {
		return nil, err
	}
	known := make(map[string]domain.Evidence, len(found))
	for _, d := range found {
		name := documentName.Format(d.Place.Province, d.Place.Parent, d.ID)
		known[name] = domain.Evidence{
			Document: name, SHA256: hex.EncodeToString(d.SHA256), Date: d.DocumentDate, Uploaded: d.CreateTime,
		}
	}
	return known, nil
}

// decodeEvidence reads what is handed in. Whose document it names, the case tells: one
// elsewhere is as one that never was.
func decodeEvidence(at string, all []*rectificationv1.Evidence) (out []domain.Evidence, err error) {
	for n, e := range all {
		field := fmt.Sprintf("%sevidence[%d].", at, n)
		if e.GetDocument() != "" {
			if _, err := documentName.ParseField(field+"document", e.GetDocument()); err != nil {
				return nil, err
			}
		}
		day, err := wire.OptionalDay(field+"document_date", e.GetDocumentDate())
		if err != nil {
			return nil, err
		}
		out = append(out, domain.Evidence{Document: e.GetDocument(), SHA256: e.GetSha256(), Date: day, Title: e.GetTitle()})
	}
	return out, nil
}

func encodeEvidence(e domain.Evidence) *rectificationv1.Evidence {
	return &rectificationv1.Evidence{
		Document: e.Document, Sha256: e.SHA256, DocumentDate: wire.Date(e.Date), Title: e.Title, UploadTime: wire.Time(e.Uploaded),
	}
}
