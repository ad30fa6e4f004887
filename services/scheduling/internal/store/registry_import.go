package store

import (
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type supervisionRow struct {
	Province   string  `gorm:"primaryKey"`
	CountyCode string  `gorm:"primaryKey"`
	FromDate   row.Day `gorm:"primaryKey"`
	CityCode   row.Text
}

// TableName implements gorm's Tabler.
func (supervisionRow) TableName() string { return "county_supervision" }

// storedCounty is a county's own row, without its relation.
type storedCounty struct {
	Province      string `gorm:"primaryKey"`
	Code          string `gorm:"primaryKey"`
	DisplayName   string
	TownshipCount int
}

// TableName implements gorm's Tabler.
func (storedCounty) TableName() string { return "county" }

// Registered reads what a province has, with the latest relation of each county.
func Registered(tx *pg.Tx, province string) (domain.Registered, error) {
	now := domain.Registered{
		Cities:       map[string]domain.City{},
		Counties:     map[string]domain.County{},
		Supervisions: map[string]domain.Supervision{},
	}
	own := tx.Own(pg.Columns{})
	p, err := gorm.G[provinceRow](tx.Gorm()).Select("province", "display_name").
		Where(own).Where("province = ?", province).Take(tx.Context())
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return now, fmt.Errorf("read province: %w", err)
	}
	now.Name = p.DisplayName
	cities, err := gorm.G[cityRow](tx.Gorm()).Where(own).Where("province = ?", province).Find(tx.Context())
	if err != nil {
		return now, fmt.Errorf("read cities: %w", err)
	}
	for _, c := range cities {
		now.Cities[c.Code] = c.city()
	}
	counties, err := gorm.G[storedCounty](tx.Gorm()).Where(own).Where("province = ?", province).Find(tx.Context())
	if err != nil {
		return now, fmt.Errorf("read counties: %w", err)
	}
	for _, c := range counties {
		now.Counties[c.Code] = domain.County{
			Province: c.Province, Code: c.Code, DisplayName: c.DisplayName, Townships: c.TownshipCount,
		}
	}
	latest, err := gorm.G[supervisionRow](tx.Gorm()).Where(own).
		Where("province = ? AND to_date IS NULL", province).Find(tx.Context())
	if err != nil {
		return now, fmt.Errorf("read supervisions: %w", err)
	}
	for _, s := range latest {
		now.Supervisions[s.CountyCode] = domain.Supervision{
			County: s.CountyCode, City: string(s.CityCode), From: workday.Date(s.FromDate),
		}
	}
	return now, nil
}

// ApplyChanges stores an import, in a handful of statements whatever its size.
func ApplyChanges(tx *pg.Tx, c domain.Changes, now time.Time) error {
	if c.None() {
		return nil
	}
	for _, step := range []func(*pg.Tx, domain.Changes, time.Time) error{
		touchProvince, upsertCities, upsertCounties, closeSupervisions, openSupervisions,
	} {
		if err := step(tx, c, now); err != nil {
			return fmt.Errorf("import registry: %w", err)
		}
	}
	return nil
}

// touchProvince writes the province's row with every change, so that of two
// imports at once one runs again and sees what the other stored.
func touchProvince(tx *pg.Tx, c domain.Changes, now time.Time) error {
	if c.Name == "" {
		return tx.Gorm().Exec("UPDATE province SET update_time = ? WHERE province = ?", now, c.Province).Error
	}
	const upsert = `
INSERT INTO province (province, display_name, create_time, update_time) VALUES (?, ?, ?, ?)
ON CONFLICT ON CONSTRAINT province_pkey
DO UPDATE SET display_name = excluded.display_name, update_time = excluded.update_time`
	return tx.Gorm().Exec(upsert, c.Province, c.Name, now, now).Error
}

func upsertCities(tx *pg.Tx, c domain.Changes, _ time.Time) error {
	return upsertAll(tx, []string{"province", "code"}, []string{"display_name"},
		row.Convert(c.Cities, func(d domain.City) cityRow {
			return cityRow{Province: d.Province, Code: d.Code, DisplayName: d.DisplayName}
		}))
}

func upsertCounties(tx *pg.Tx, c domain.Changes, _ time.Time) error {
	return upsertAll(tx, []string{"province", "code"}, []string{"display_name", "township_count"},
		row.Convert(c.Counties, func(d domain.County) storedCounty {
			return storedCounty{
				Province: d.Province, Code: d.Code, DisplayName: d.DisplayName, TownshipCount: d.Townships,
			}
		}))
}

// closeSupervisions ends the open relations of counties that get another city.
func closeSupervisions(tx *pg.Tx, c domain.Changes, _ time.Time) error {
	if len(c.Closed) == 0 {
		return nil
	}
	return tx.Gorm().Exec(`
UPDATE county_supervision SET to_date = ? WHERE province = ? AND county_code IN ? AND to_date IS NULL`,
		row.Day(c.From.AddDays(-1)), c.Province, c.Closed).Error
}

// openSupervisions stores the relations that begin, and puts those right that
// began on the same day with another city.
func openSupervisions(tx *pg.Tx, c domain.Changes, _ time.Time) error {
	relation := func(s domain.Supervision) supervisionRow {
		return supervisionRow{
			Province: c.Province, CountyCode: s.County, FromDate: row.Day(s.From), CityCode: row.Text(s.City),
		}
	}
	if err := row.InsertAll(tx, row.Convert(c.Opened, relation)); err != nil {
		return err
	}
	return upsertAll(tx, []string{"province", "county_code", "from_date"}, []string{"city_code"},
		row.Convert(c.Corrected, relation))
}

func upsertAll[R any](tx *pg.Tx, key, columns []string, rows []R) error {
	conflict := clause.OnConflict{DoUpdates: clause.AssignmentColumns(columns)}
	for _, name := range key {
		conflict.Columns = append(conflict.Columns, clause.Column{Name: name})
	}
	return row.InsertAll(tx, rows, conflict)
}
