package store

import (
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
)

type petitionRow struct {
	Province     string `gorm:"primaryKey"`
	InspectionID string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	Number       int32
	Channel      string
	RealName     bool
	Content      string
	AccusedPosts row.Texts `gorm:"type:text[]"`
	State        string
	Outcome      row.Text
	CreateTime   time.Time
	Version      int64
}

// TableName implements gorm's Tabler.
func (petitionRow) TableName() string { return "petition" }

func rowOfPetition(r domain.PetitionRecord) petitionRow {
	return petitionRow{
		Province: r.Province, InspectionID: r.CaseFile, ID: r.ID, Number: r.Number, Channel: string(r.Channel),
		RealName: r.RealName, Content: r.Content, AccusedPosts: r.AccusedPosts, State: string(r.State),
		Outcome: row.Text(r.Outcome), CreateTime: r.CreateTime, Version: r.Version,
	}
}

func (r petitionRow) petition() *domain.Petition {
	return domain.RehydratePetition(domain.PetitionRecord{
		Key: domain.Key{Province: r.Province, CaseFile: r.InspectionID, ID: r.ID},
		Message: domain.Message{
			Channel: domain.Channel(r.Channel), RealName: r.RealName, Content: r.Content, AccusedPosts: r.AccusedPosts,
		},
		Number: r.Number, State: domain.PetitionState(r.State), Outcome: domain.Outcome(r.Outcome),
		CreateTime: r.CreateTime, Version: r.Version,
	})
}

// Petition reads a petition.
func Petition(tx *pg.Tx, k domain.Key) (*domain.Petition, error) {
	stored, err := oneIn[petitionRow](tx, k)
	if err != nil {
		return nil, err
	}
	return stored.petition(), nil
}

// Petitions lists the petitions of a case file by number.
func Petitions(tx *pg.Tx, q Query) ([]*domain.Petition, error) {
	rows, err := many[petitionRow](tx, inCaseFile(tx), q, "number", "id")
	return row.Convert(rows, petitionRow.petition), err
}

// NextPetitionNumber takes the next number of a case file. The counter's row is
// locked until the petition is stored with it or nothing is, so the numbers have
// no gap; who comes second fails with a serialization error and runs again.
func NextPetitionNumber(tx *pg.Tx, province, caseFile string) (int32, error) {
	const next = `
UPDATE petition_counter SET last = last + 1 WHERE province = ? AND inspection_id = ? RETURNING last`
	numbers, err := gorm.G[int32](tx.Gorm()).Raw(next, province, caseFile).Find(tx.Context())
	if err != nil {
		return 0, fmt.Errorf("next petition number: %w", err)
	}
	if len(numbers) != 1 {
		return 0, row.Missing()
	}
	return numbers[0], nil
}

// Overtaken reports that a concurrent transaction was quicker, and that the same
// one may go through if it runs again. kit/pg has tried a few times by then, which
// is enough but where many want the next number of one case file.
func Overtaken(err error) bool {
	const serializationFailure = "40001"
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.Code == serializationFailure
}

// InsertPetition stores a new petition.
func InsertPetition(tx *pg.Tx, p *domain.Petition) error {
	return row.Insert(tx, rowOfPetition(p.Record()))
}

// SavePetition stores a concluded petition.
func SavePetition(tx *pg.Tx, p *domain.Petition) error {
	r := p.Record()
	stored := rowOfPetition(r)
	stored.Version = r.Version + 1
	err := update(tx, stored, r.Version, []string{"state", "outcome"}, byKey, r.Province, r.CaseFile, r.ID)
	if err != nil {
		return err
	}
	p.Saved()
	return nil
}
