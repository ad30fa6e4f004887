package store

import (
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type itemRow struct {
	ID              string
	RectificationID string
	Place           place `gorm:"embedded"`
	Number          int32
	Measure         measureDoc `gorm:"serializer:json"`
	State           string
	Percent         int32
	Progress        string
	CityMaySee      bool
	Version         int64
	CreateTime      time.Time
	UpdateTime      time.Time
}

func (itemRow) TableName() string { return "item" }

func toItemRow(r domain.ItemRecord) itemRow {
	return itemRow{
		ID: r.ID, RectificationID: r.Rectification, Place: toPlace(r.Place), Number: r.Measure.Number,
		Measure: toMeasure(r.Measure), State: string(r.State), Percent: r.Percent, Progress: r.Progress,
		CityMaySee: r.CityMaySee, Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}

func (r itemRow) domain() *domain.Item {
	return domain.RehydrateItem(domain.ItemRecord{
		ID: r.ID, Rectification: r.RectificationID, Place: r.Place.domain(), CityMaySee: r.CityMaySee,
		Measure: fromMeasure(r.Measure), State: domain.ItemState(r.State), Percent: r.Percent,
		Progress: r.Progress, Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	})
}

// AddItems keeps the items that the measures of a plan became.
func AddItems(tx *pg.Tx, items []*domain.Item) error {
	return row.InsertAll(tx, row.Convert(items, func(i *domain.Item) itemRow { return toItemRow(i.Record()) }))
}

// Item gives an item of a case.
func Item(tx *pg.Tx, rectification, id string) (*domain.Item, error) {
	query := scoped[itemRow](tx, byPlace(), onceCopied).Where("rectification_id = ? AND id = ?", rectification, id)
	found, err := row.One(tx, query, row.Missing())
	if err != nil {
		return nil, err
	}
	return found.domain(), nil
}

// Items lists the items of a case by number.
func Items(tx *pg.Tx, rectification string, q Query) ([]*domain.Item, error) {
	query := scoped[itemRow](tx, byPlace(), onceCopied).Where("rectification_id = ?", rectification)
	rows, err := list(tx, query, q, "number", "id")
	return row.Convert(rows, itemRow.domain), err
}

// AllItems gives the items of a case by number.
func AllItems(tx *pg.Tx, rectification string) ([]*domain.Item, error) {
	rows, err := scoped[itemRow](tx, byPlace(), onceCopied).Where("rectification_id = ?", rectification).Order("number").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("items: %w", err)
	}
	return row.Convert(rows, itemRow.domain), nil
}

// ItemNumbers gives the numbers of all items of a case.
func ItemNumbers(tx *pg.Tx, rectification string) ([]int32, error) {
	rows, err := scoped[itemRow](tx, byPlace(), onceCopied).Select("number").
		Where("rectification_id = ?", rectification).Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("item numbers: %w", err)
	}
	return row.Convert(rows, func(r itemRow) int32 { return r.Number }), nil
}

// SaveItem writes what the county reports.
func SaveItem(tx *pg.Tx, i *domain.Item) error {
	r := i.Record()
	old := r.Version
	r.Version++
	query := scoped[itemRow](tx, byPlace(), onceCopied).Where("id = ?", r.ID)
	if err := row.Update(tx, query, toItemRow(r), old, "state", "percent", "progress", "update_time"); err != nil {
		return err
	}
	*i = *domain.RehydrateItem(r)
	return nil
}
