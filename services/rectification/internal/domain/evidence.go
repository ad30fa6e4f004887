package domain

import (
	"slices"
	"strconv"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Evidence is a document that proves what was done (佐证材料).
type Evidence struct {
	Document string // its resource name; empty: it is on paper
	SHA256   string
	Date     workday.Date // that it bears, if any
	Title    string
	Uploaded time.Time
}

// Prove holds the evidence of an item against the documents of its case, known by their
// names: what names none of them is no evidence, and what is left out is the document's
// (art. 17).
func (p Progress) Prove(item int32, known map[string]Evidence) (Progress, error) {
	p.Evidence = slices.Clone(p.Evidence)
	for n, e := range p.Evidence {
		if e.Document == "" {
			continue
		}
		of := []string{"item", strconv.Itoa(int(item)), "evidence", strconv.Itoa(n + 1)}
		d, ok := known[e.Document]
		switch {
		case !ok:
			return Progress{}, fault.Refuse(artPlan, "EVIDENCE_DOCUMENT_UNKNOWN", of...)
		case e.SHA256 != "" && e.SHA256 != d.SHA256:
			return Progress{}, fault.Refuse(artPlan, "EVIDENCE_DOCUMENT_DIFFERS", append(of, "field", "sha256")...)
		case !e.Date.IsZero() && e.Date != d.Date:
			return Progress{}, fault.Refuse(artPlan, "EVIDENCE_DOCUMENT_DIFFERS", append(of, "field", "document_date")...)
		}
		d.Title = e.Title
		p.Evidence[n] = d
	}
	return p, nil
}
