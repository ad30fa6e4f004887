package document

import (
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Place is what a document belongs to: a resource of the service, and the inspection,
// county and city that this is about.
type Place struct{ Province, Parent, Inspection, County, City string }

// Record is what is known of a document.
type Record struct {
	ID    string
	Place Place
	Declaration
	Party      principal.Party // the body that handed it in
	Uploader   string
	KeyID      string
	CreateTime time.Time
}

type documentRow struct {
	Province     string
	ID           string
	ParentID     string
	InspectionID string
	CountyCode   string
	CityCode     string
	Party        string
	Uploader     string
	DisplayName  string
	MediaType    string
	Size         int64
	Sha256       []byte
	DocumentDate row.Day
	KeyID        string
	CreateTime   time.Time
}

func (documentRow) TableName() string { return "document" }

func (r documentRow) record() Record {
	return Record{
		ID:    r.ID,
		Place: Place{r.Province, r.ParentID, r.InspectionID, r.CountyCode, r.CityCode},
		Declaration: Declaration{
			DisplayName: r.DisplayName, MediaType: r.MediaType, Size: r.Size, SHA256: r.Sha256,
			DocumentDate: workday.Date(r.DocumentDate),
		},
		Party: principal.Party(r.Party), Uploader: r.Uploader, KeyID: r.KeyID, CreateTime: r.CreateTime,
	}
}

// Add keeps what is known of a document whose content is durable.
func Add(tx *pg.Tx, r Record) error {
	return row.Insert(tx, documentRow{
		Province: r.Place.Province, ID: r.ID, ParentID: r.Place.Parent, InspectionID: r.Place.Inspection,
		CountyCode: r.Place.County, CityCode: r.Place.City, Party: string(r.Party), Uploader: r.Uploader,
		DisplayName: r.DisplayName, MediaType: r.MediaType, Size: r.Size, Sha256: r.SHA256,
		DocumentDate: row.Day(r.DocumentDate), KeyID: r.KeyID, CreateTime: r.CreateTime,
	})
}

// mine finds what the caller may see of the documents of a parent; that it sees the
// parent, the service has made sure of. A county sees what counties handed in: what its
// city verified is not for it.
func mine(tx *pg.Tx, parent string) gorm.ChainInterface[documentRow] {
	of := clause.Expr{SQL: "true"}
	if tx.Principal().Party == principal.CountyCommittee {
		of = clause.Expr{SQL: "party = ?", Vars: []any{string(principal.CountyCommittee)}}
	}
	return gorm.G[documentRow](tx.Gorm()).
		Where(tx.Own(pg.Columns{City: "city_code", County: "county_code", Inspection: "inspection_id"})).Where(of).
		Where("province = ? AND parent_id = ?", tx.Principal().Province, parent)
}

// Get reads a document of a parent that the caller sees.
func Get(tx *pg.Tx, parent, id string) (Record, error) {
	found, err := row.One(tx, mine(tx, parent).Where("id = ?", id), row.Missing())
	return found.record(), err
}

// Among gives those documents of a parent that have one of the ids and that the caller
// sees.
func Among(tx *pg.Tx, parent string, ids []string) ([]Record, error) {
	found, err := mine(tx, parent).Where("id = ANY (?::uuid[])", row.Texts(ids)).Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("documents by id: %w", err)
	}
	return row.Convert(found, documentRow.record), nil
}

// List gives a page of the documents of a parent in the order in which they were handed
// in, with one more than its size if another follows.
func List(tx *pg.Tx, parent string, cursor page.Cursor, size int) ([]Record, error) {
	found, err := row.Page(tx, mine(tx, parent), cursor, size, "create_time", "id")
	return row.Convert(found, documentRow.record), err
}

// SortKey is the sort key of a document in a page token.
func SortKey(r Record) string { return r.CreateTime.UTC().Format(time.RFC3339Nano) }

// Known tells which of the ids are those of documents of the caller's province.
func Known(tx *pg.Tx, ids []string) (map[string]bool, error) {
	found, err := gorm.G[documentRow](tx.Gorm()).Select("id").
		Where("province = ? AND id IN ?", tx.Principal().Province, ids).Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("known documents: %w", err)
	}
	known := make(map[string]bool, len(found))
	for _, r := range found {
		known[r.ID] = true
	}
	return known, nil
}
