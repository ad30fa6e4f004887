package store

import (
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
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

func (row itemRow) domain() *domain.Item {
	return domain.RehydrateItem(domain.ItemRecord{
		ID: row.ID, Rectification: row.RectificationID, Place: row.Place.domain(), CityMaySee: row.CityMaySee,
		Measure: fromMeasure(row.Measure), State: domain.ItemState(row.State), Percent: row.Percent,
		Progress: row.Progress, Version: row.Version, CreateTime: row.CreateTime, UpdateTime: row.UpdateTime,
	})
}

// AddItems keeps the items that the measures of a plan became.
func AddItems(tx *pg.Tx, items []*domain.Item) error {
	for _, i := range items {
		row := toItemRow(i.Record())
		if err := insert(tx, &row); err != nil {
			return fmt.Errorf("add item: %w", err)
		}
	}
	return nil
}

// Item gives an item of a case.
func Item(tx *pg.Tx, rectification, id string) (*domain.Item, error) {
	row, err := scoped[itemRow](tx, byPlace(), onceCopied).
		Where("rectification_id = ? AND id = ?", rectification, id).Take(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("item: %w", err)
	}
	return row.domain(), nil
}

// Items lists the items of a case by number.
func Items(tx *pg.Tx, rectification string, q Query) ([]*domain.Item, error) {
	q.Conditions = append(q.Conditions, Condition{"rectification_id = ?", []any{rectification}})
	rows, err := list[itemRow](tx, byPlace(), onceCopied, q, "number, id")
	if err != nil {
		return nil, fmt.Errorf("items: %w", err)
	}
	return mapped(rows, itemRow.domain), nil
}

// ItemNumbers gives the numbers of all items of a case.
func ItemNumbers(tx *pg.Tx, rectification string) ([]int32, error) {
	rows, err := scoped[itemRow](tx, byPlace(), onceCopied).Select("number").
		Where("rectification_id = ?", rectification).Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("item numbers: %w", err)
	}
	return mapped(rows, func(r itemRow) int32 { return r.Number }), nil
}

// SaveItem writes what the county reports.
func SaveItem(tx *pg.Tx, i *domain.Item) error {
	r := i.Record()
	old := r.Version
	r.Version++
	chain := scoped[itemRow](tx, byPlace(), onceCopied).Where("id = ? AND version = ?", r.ID, old)
	if err := update(tx, chain, toItemRow(r), "State", "Percent", "Progress", "Version", "UpdateTime"); err != nil {
		return fmt.Errorf("save item: %w", err)
	}
	*i = *domain.RehydrateItem(r)
	return nil
}
