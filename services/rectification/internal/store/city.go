package store

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type guidanceRow struct {
	ID              string
	RectificationID string
	Place           place `gorm:"embedded"`
	GuideDate       row.Day
	Content         string
	Signer          string
	AuthorParty     string
	CreateTime      time.Time
}

func (guidanceRow) TableName() string { return "city_guidance" }

func (r guidanceRow) domain() domain.Guidance {
	return domain.Guidance{
		ID: r.ID, Rectification: r.RectificationID, Place: r.Place.domain(), Date: workday.Date(r.GuideDate),
		Content: r.Content, Signer: r.Signer, AuthorParty: r.AuthorParty, CreateTime: r.CreateTime,
	}
}

// AddGuidance keeps a new entry of the guidance log.
func AddGuidance(tx *pg.Tx, g domain.Guidance) error {
	return row.Insert(tx, guidanceRow{
		ID: g.ID, RectificationID: g.Rectification, Place: toPlace(g.Place), GuideDate: row.Day(g.Date),
		Content: g.Content, Signer: g.Signer, AuthorParty: g.AuthorParty, CreateTime: g.CreateTime,
	})
}

// Guidance gives an entry on a case.
func Guidance(tx *pg.Tx, rectification, id string) (domain.Guidance, error) {
	query := scoped[guidanceRow](tx, byPlace(), always).Where("rectification_id = ? AND id = ?", rectification, id)
	found, err := row.One(tx, query, row.Missing())
	return found.domain(), err
}

// Guidances lists the entries on a case in order of creation.
func Guidances(tx *pg.Tx, rectification string, q Query) ([]domain.Guidance, error) {
	rows, err := list(tx, scoped[guidanceRow](tx, byPlace(), always).Where("rectification_id = ?", rectification), q, "id")
	return row.Convert(rows, guidanceRow.domain), err
}

type cityMeasureRow struct {
	ID              string
	RectificationID string
	Place           place `gorm:"embedded"`
	Body            string
	Description     string
	Problems        []int32 `gorm:"serializer:json"`
	DueDate         row.Day
	State           string
	Updates         []measureUpdateDoc `gorm:"serializer:json"`
	Version         int64
	CreateTime      time.Time
	UpdateTime      time.Time
}

func (cityMeasureRow) TableName() string { return "city_measure" }

type measureUpdateDoc struct {
	State domain.CityMeasureState `json:"state"`
	Text  string                  `json:"text"`
	Time  time.Time               `json:"time"`
}

func toMeasureUpdate(u domain.CityMeasureUpdate) measureUpdateDoc { return measureUpdateDoc(u) }
func fromMeasureUpdate(u measureUpdateDoc) domain.CityMeasureUpdate {
	return domain.CityMeasureUpdate(u)
}

func toCityMeasureRow(r domain.CityMeasureRecord) cityMeasureRow {
	return cityMeasureRow{
		ID: r.ID, RectificationID: r.Rectification, Place: toPlace(r.Place), Body: r.Body, Description: r.Description,
		Problems: r.Problems, DueDate: row.Day(r.Due), State: string(r.State),
		Updates: row.Convert(r.Updates, toMeasureUpdate),
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}

func (r cityMeasureRow) domain() *domain.CityMeasure {
	return domain.RehydrateCityMeasure(domain.CityMeasureRecord{
		ID: r.ID, Rectification: r.RectificationID, Place: r.Place.domain(), Body: r.Body, Description: r.Description,
		Problems: r.Problems, Due: workday.Date(r.DueDate), State: domain.CityMeasureState(r.State),
		Updates: row.Convert(r.Updates, fromMeasureUpdate),
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	})
}

// AddCityMeasure keeps a new measure of the city.
func AddCityMeasure(tx *pg.Tx, m *domain.CityMeasure) error {
	return row.Insert(tx, toCityMeasureRow(m.Record()))
}

// CityMeasure gives a measure on a case.
func CityMeasure(tx *pg.Tx, rectification, id string) (*domain.CityMeasure, error) {
	query := scoped[cityMeasureRow](tx, byPlace(), always).Where("rectification_id = ? AND id = ?", rectification, id)
	found, err := row.One(tx, query, row.Missing())
	if err != nil {
		return nil, err
	}
	return found.domain(), nil
}

// CityMeasures lists the measures on a case in order of creation.
func CityMeasures(tx *pg.Tx, rectification string, q Query) ([]*domain.CityMeasure, error) {
	rows, err := list(tx, scoped[cityMeasureRow](tx, byPlace(), always).Where("rectification_id = ?", rectification), q, "id")
	return row.Convert(rows, cityMeasureRow.domain), err
}

// SaveCityMeasure writes what a report changes.
func SaveCityMeasure(tx *pg.Tx, m *domain.CityMeasure) error {
	r := m.Record()
	old := r.Version
	r.Version++
	query := scoped[cityMeasureRow](tx, byPlace(), always).Where("id = ?", r.ID)
	if err := row.Update(tx, query, toCityMeasureRow(r), old, "state", "updates", "update_time"); err != nil {
		return err
	}
	*m = *domain.RehydrateCityMeasure(r)
	return nil
}
