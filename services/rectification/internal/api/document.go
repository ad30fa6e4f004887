package api

import (
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/documentserver"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// Cases are what the documents of this service belong to (arts 15(3), 17).
func Cases() documentserver.Parents {
	return documentserver.Parents{
		Name: rectificationName, Variable: "rectification",
		See: func(tx *pg.Tx, id string) (document.Place, error) {
			r, err := store.Rectification(tx, id)
			if err != nil {
				return document.Place{}, err
			}
			p := r.Record().Place
			return document.Place{Province: p.Province, Parent: id, Inspection: p.Inspection, County: p.County, City: p.City}, nil
		},
		Take: func(tx *pg.Tx, id string) error {
			r, err := store.Rectification(tx, id)
			if err != nil {
				return err
			}
			return r.TakeDocument()
		},
	}
}
