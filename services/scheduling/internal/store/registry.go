package store

import (
	"fmt"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type provinceRow struct {
	Province    string `gorm:"primaryKey"`
	DisplayName string
	Cities      int `gorm:"->"`
	Counties    int `gorm:"->"`
}

// TableName implements gorm's Tabler.
func (provinceRow) TableName() string { return "province" }

type cityRow struct {
	Province    string `gorm:"primaryKey"`
	Code        string `gorm:"primaryKey"`
	DisplayName string
}

// TableName implements gorm's Tabler.
func (cityRow) TableName() string { return "city" }

func (r cityRow) city() domain.City {
	return domain.City{Province: r.Province, Code: r.Code, DisplayName: r.DisplayName}
}

// countyRow is a county with its relation of one day.
type countyRow struct {
	Province      string
	Code          string
	DisplayName   string
	TownshipCount int
	CityCode      row.Text
	FromDate      row.Day
}

// TableName implements gorm's Tabler.
func (countyRow) TableName() string { return "county" }

func (r countyRow) county() domain.County {
	return domain.County{
		Province: r.Province, Code: r.Code, DisplayName: r.DisplayName, Townships: r.TownshipCount,
		City: string(r.CityCode), SupervisedSince: workday.Date(r.FromDate),
	}
}

const selectProvince = `province.province, province.display_name,
  (SELECT count(*) FROM city c WHERE c.province = province.province) AS cities,
  (SELECT count(*) FROM county c WHERE c.province = province.province) AS counties`

// Province reads a province with the number of its divisions.
func Province(tx *pg.Tx, province string) (domain.Province, error) {
	query := gorm.G[provinceRow](tx.Gorm()).Where(tx.Own(pg.Columns{})).
		Where("province.province = ?", province).Select(selectProvince)
	stored, err := row.One(tx, query, fault.Missing(domain.ProvinceName(province)))
	return domain.Province{
		Province: stored.Province, DisplayName: stored.DisplayName, Cities: stored.Cities, Counties: stored.Counties,
	}, err
}

// Cities lists the cities of a province by code; a city sees itself.
func Cities(tx *pg.Tx, q Query) ([]domain.City, error) {
	rows, err := many[cityRow](tx, tx.Own(pg.Columns{City: "code"}), q, "code")
	return row.Convert(rows, cityRow.city), err
}

// countiesOn are the counties with the relation of a day. A county whose first
// relation lies ahead is there without one.
const countiesOn = `(
  SELECT c.province, c.code, c.display_name, c.township_count, s.city_code, s.from_date
  FROM county c LEFT JOIN county_supervision s ON s.province = c.province AND s.county_code = c.code
    AND s.from_date <= ? AND (s.to_date IS NULL OR s.to_date >= ?)
  WHERE c.province = ?) AS county`

func counties(tx *pg.Tx, province string, today workday.Date) gorm.ChainInterface[countyRow] {
	return gorm.G[countyRow](tx.Gorm()).Table(countiesOn, row.Day(today), row.Day(today), province).
		Where(tx.Own(pg.Columns{City: "city_code", County: "code"}))
}

// County reads a county with the city that supervises it today.
func County(tx *pg.Tx, province, code string, today workday.Date) (domain.County, error) {
	query := counties(tx, province, today).Where("code = ?", code)
	stored, err := row.One(tx, query, fault.Missing(domain.CountyName(province, code)))
	return stored.county(), err
}

// Counties lists the counties of a province by code; a city sees those that it
// supervises today, a county itself.
func Counties(tx *pg.Tx, q Query, today workday.Date) ([]domain.County, error) {
	rows, err := finish(tx, counties(tx, q.Province, today), q, "code")
	return row.Convert(rows, countyRow.county), err
}

// CountiesOn lists all counties of a province, each with the city that supervises it
// on the day.
func CountiesOn(tx *pg.Tx, province string, day workday.Date) ([]domain.County, error) {
	rows, err := counties(tx, province, day).Order("code").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("counties: %w", err)
	}
	return row.Convert(rows, countyRow.county), nil
}

// Supervises reports whether the city supervises the county today.
func Supervises(tx *pg.Tx, province, city, county string, today workday.Date) (bool, error) {
	const query = `
SELECT count(*) FROM county_supervision
WHERE province = ? AND county_code = ? AND city_code = ? AND from_date <= ? AND (to_date IS NULL OR to_date >= ?)`
	var n int
	if err := tx.Gorm().Raw(query, province, county, city, row.Day(today), row.Day(today)).Row().Scan(&n); err != nil {
		return false, fmt.Errorf("read supervision: %w", err)
	}
	return n == 1, nil
}
