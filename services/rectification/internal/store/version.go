package store

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type versionRow struct {
	ID              string
	RectificationID string
	Kind            Kind
	Number          int32
	Place           place        `gorm:"embedded"`
	Measures        []measureDoc `gorm:"serializer:json"`
	Accounts        []accountDoc `gorm:"serializer:json"`
	Signer          string
	SignerPost      string
	Truthful        bool
	SubmitTime      time.Time
	SubmitDate      row.Day
}

func (versionRow) TableName() string { return "submission_version" }

func (r versionRow) domain() domain.Version {
	return domain.Version{
		ID: r.ID, Rectification: r.RectificationID, Place: r.Place.domain(),
		Signature:  domain.Signature{Name: r.Signer, Post: r.SignerPost, Truthful: r.Truthful},
		SubmitTime: r.SubmitTime, SubmitDate: workday.Date(r.SubmitDate),
		Content: domain.Content{
			Submission: r.Number, Measures: row.Convert(r.Measures, fromMeasure), Accounts: row.Convert(r.Accounts, fromAccount),
		},
	}
}

// AddVersion keeps what was submitted, as the submission has it by now: the table takes
// nothing else.
func AddVersion(tx *pg.Tx, kind Kind, v domain.Version) error {
	return row.Insert(tx, versionRow{
		ID: v.ID, RectificationID: v.Rectification, Kind: kind, Number: v.Content.Submission, Place: toPlace(v.Place),
		Measures: row.Convert(v.Content.Measures, toMeasure), Accounts: row.Convert(v.Content.Accounts, toAccount),
		Signer: v.Signature.Name, SignerPost: v.Signature.Post, Truthful: v.Signature.Truthful,
		SubmitTime: v.SubmitTime, SubmitDate: row.Day(v.SubmitDate),
	})
}

// Version gives a version of the plan or report of a case that the caller may read.
func Version(tx *pg.Tx, kind Kind, rectification, id string) (domain.Version, error) {
	query := scoped[versionRow](tx, byPlace(), always).Where("rectification_id = ? AND kind = ? AND id = ?", rectification, kind, id)
	found, err := row.One(tx, query, row.Missing())
	return found.domain(), err
}

// Versions lists them by number.
func Versions(tx *pg.Tx, kind Kind, rectification string, q Query) ([]domain.Version, error) {
	query := scoped[versionRow](tx, byPlace(), always).Where("rectification_id = ? AND kind = ?", rectification, kind)
	rows, err := list(tx, query, q, "number", "id")
	return row.Convert(rows, versionRow.domain), err
}

// LastVersion gives the newest; the zero version where nothing was submitted.
func LastVersion(tx *pg.Tx, kind Kind, rectification string) (domain.Version, error) {
	rows, err := scoped[versionRow](tx, byPlace(), always).
		Where("rectification_id = ? AND kind = ?", rectification, kind).Order("number DESC").Limit(1).Find(tx.Context())
	if err != nil || len(rows) == 0 {
		return domain.Version{}, err
	}
	return rows[0].domain(), nil
}
